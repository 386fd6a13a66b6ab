"""Toast: one message as a line over the window, with what can be done about it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QToolBar, QToolButton, QWidget

from ..foundation import theme
from ..foundation.desktop import show_folder

BELOW = 44  # px: the status line and some air
COMFORTABLE = 310  # px: where the image is narrower, the line may stand over its neighbours too
LONG = 24  # letters: a longer word, such as a path, may be broken


@dataclass(frozen=True)
class Message:
    """One line for people."""

    text: str
    kind: str  # "problem", "note" or "hint"
    time: float = field(default_factory=time.time)  # seconds
    place: str = ""  # file, folder or page that it is about
    over: bool = False  # it was true, and is no longer
    read: bool = field(default=False, compare=False)  # the list with it was opened

    def replaces(self, other: "Message") -> bool:
        """Whether `other` is worth nothing now: an answer to a key of the same kind, such as the preset before this one."""
        passing = self.kind == other.kind == "note" and not self.place and not other.place
        return passing and self.text.split()[:1] == other.text.split()[:1]


class Toast(QFrame):
    """Stands at the foot of the image that `over` gives, or of the window. message: the one that is shown."""

    def __init__(self, window: QWidget, over: Callable[[bool], QWidget | None]) -> None:
        super().__init__(window, objectName="toast")
        self._over, self.window_ = over, window
        self.message = Message("", "note")
        self._mark, self._text = QLabel(), QLabel(wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._open = QPushButton(accessibleName="open", visible=False, focusPolicy=Qt.FocusPolicy.TabFocus)
        self._open.clicked.connect(self._show_place)
        self._close = QToolButton(objectName="flat", accessibleName="close message", toolTip="Close", focusPolicy=Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.hide)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        self._grid.setSpacing(theme.M)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._mark, 0, 0)
        self._grid.addWidget(self._text, 0, 1)
        self._grid.addWidget(self._open, 0, 2)
        self._grid.addWidget(self._close, 0, 3)
        self.hide()

    def _show_place(self) -> None:
        show_folder(self.message.place, self._not_opened)

    def _not_opened(self, text: str) -> None:
        self._open.hide()
        self._text.setText(breakable(text))
        self.place()

    def show_message(self, message: Message) -> None:
        """Show another one."""
        self.message = message
        self._text.setText(breakable(message.text))
        self._open.setVisible(bool(message.place))
        self._open.setText(what_opens(message))
        self.setAccessibleName(message.text)
        self.retheme()
        self.place()
        self.show()
        self.raise_()

    def retheme(self) -> None:
        """Colours of the theme."""
        t = theme.current()
        problem = self.message.kind == "problem"
        color = t.amber if problem else t.dim if self.message.kind == "hint" else t.accent
        border = f"border: 1px solid {t.line}; border-left: 3px solid {color}; border-radius: 4px;"
        self.setStyleSheet(f"#toast {{ background: {t.raised}; {border} }}")
        self._mark.setPixmap(theme.icon("warning" if problem else "info", color).pixmap(theme.icon_size()))
        self._close.setIcon(theme.icon("x", t.dim))
        self._close.setIconSize(QSize(13, 13))

    def place(self) -> None:
        """Where there is room; docks move. In a narrow place the button stands under the text."""
        hint = self.message.kind == "hint"
        window, over = self.window_, self._over(hint)
        whole = window.rect().adjusted(0, 0, 0, -self._below())
        room = whole
        if over is not None:
            room = QRect(over.mapTo(window, QPoint(0, 0)), over.size())
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 110
        button = self._open.sizeHint().width() + theme.M if not self._open.isHidden() else 0
        least = 0 if hint else min(wanted + button, COMFORTABLE, whole.width() - 2 * theme.M)
        width = max(least, min(wanted + button, room.width() - 2 * theme.M, 900))
        below = bool(button) and width - button < COMFORTABLE and wanted + button > width
        self._grid.addWidget(self._open, int(below), 1 if below else 2, Qt.AlignmentFlag.AlignLeft if below else Qt.AlignmentFlag(0))
        place = QRect(0, 0, width, self._grid.totalHeightForWidth(width))
        left = max(theme.M, min(room.center().x() - width // 2, whole.width() - width - theme.M))
        place.moveBottomLeft(QPoint(left, room.bottom() - theme.M))
        if place != self.geometry():
            self.setGeometry(place)

    def _below(self) -> int:
        bar = self.window_.findChild(QToolBar, "transport")
        return BELOW + (bar.height() if bar is not None and bar.isVisible() else 0)


def breakable(text: str) -> str:
    """Long paths with places where a line may end, so that they do not decide how wide the line is."""
    return " ".join("\u200b".join(_parts(word)) if len(word) > LONG else word for word in text.split(" "))


def _parts(word: str) -> list[str]:
    for letter in "/\\_-":
        word = word.replace(letter, f"{letter}\0")
    return word.split("\0")


def what_opens(message: Message) -> str:
    """The word on the button."""
    return "Open page" if message.place.endswith(".html") else "Show in folder"
