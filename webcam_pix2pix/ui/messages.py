"""Messages: a problem is one line with what to do; it shows for a while over the foot of the window and stays in a list."""

import time
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QToolButton, QVBoxLayout, QWidget

from . import theme

SHOWN_S = {"problem": 12.0, "note": 5.0}
KEPT = 100


@dataclass(frozen=True)
class Message:
    """One line for people."""

    text: str
    kind: str  # "problem" or "note"
    time: float = field(default_factory=time.time)  # seconds


class Messages(QObject):
    """Shows messages in `window`; `button` belongs into the status line and counts the problems not looked at yet."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.all: list[Message] = []
        self.unread = 0
        self._window = window
        self.button = QToolButton(accessibleName="problems")
        self.button.clicked.connect(self.open_list)
        self._toast = _Toast(window)
        self._until = 0.0
        window.installEventFilter(self)
        self._count()

    def problem(self, text: str) -> None:
        """Something went wrong: one line with what to do."""
        if not (self.all and self.all[-1].text == text and time.time() - self.all[-1].time < 2.0):
            self.unread += 1
            self._add(Message(text, "problem"))

    def note(self, text: str) -> None:
        """Something to know that is not a problem."""
        self._add(Message(text, "note"))

    def tick(self) -> None:
        """Called a few times a second: takes the line away when its time is over."""
        if self._toast.isVisible() and time.monotonic() > self._until:
            self._toast.hide()

    def tell(self, text: str, problem: bool = False) -> None:
        """For the docks: a problem, or else a note."""
        (self.problem if problem else self.note)(text)

    def open_list(self) -> None:
        """The list behind the button."""
        self.unread = 0
        self._count()
        self._list = _List(self._window, self.all)
        self._list.adjustSize()
        corner = self.button.mapToGlobal(QPoint(self.button.width(), 0))
        self._list.move(corner - QPoint(self._list.width(), self._list.height() + theme.S))
        self._list.show()

    def retheme(self) -> None:
        """Colours of the theme."""
        self._toast.retheme()
        self._count()

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._toast.place()
        return False

    def _add(self, message: Message) -> None:
        self.all = [*self.all, message][-KEPT:]
        self._toast.show_message(message)
        self._until = time.monotonic() + SHOWN_S[message.kind]
        self._count()

    def _count(self) -> None:
        t = theme.current()
        self.button.setIcon(theme.icon("warning" if self.unread else "chat-text", t.amber if self.unread else t.dim))
        self.button.setText(str(self.unread) if self.unread else "")
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if self.unread else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.button.setToolButtonStyle(style)
        self.button.setIconSize(theme.icon_size())
        self.button.setToolTip(f"{self.unread} new problems" if self.unread else "Messages")
        self.button.setAccessibleDescription(self.button.toolTip())


class _Toast(QFrame):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window, objectName="toast")
        self._mark, self._text = QLabel(), QLabel(wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton(objectName="flat", accessibleName="close message", toolTip="Close", focusPolicy=Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
        self._kind = "note"
        self.hide()

    def show_message(self, message: Message) -> None:
        self._kind = message.kind
        self._text.setText(message.text)
        self.setAccessibleName(message.text)
        self.retheme()
        self.place()
        self.show()
        self.raise_()

    def retheme(self) -> None:
        t = theme.current()
        problem = self._kind == "problem"
        color = t.amber if problem else t.accent
        border = f"border: 1px solid {t.line}; border-left: 3px solid {color}; border-radius: 4px;"
        self.setStyleSheet(f"#toast {{ background: {t.raised}; {border} }}")
        self._mark.setPixmap(theme.icon("warning" if problem else "info", color).pixmap(theme.icon_size()))
        self._close.setIcon(theme.icon("x", t.dim))
        self._close.setIconSize(QSize(13, 13))

    def place(self) -> None:
        window = self.parentWidget()
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 110
        width = min(wanted, window.width() - 2 * theme.L, 900)
        self.resize(width, self.layout().totalHeightForWidth(width))
        self.move((window.width() - width) // 2, window.height() - self.height() - 44)


class _List(QFrame):
    def __init__(self, parent: QWidget, messages: list[Message]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = QListWidget(wordWrap=True, accessibleName="messages", selectionMode=QListWidget.SelectionMode.ExtendedSelection)
        for message in reversed(messages):
            when = time.strftime("%H:%M:%S", time.localtime(message.time))
            t = theme.current()
            mark = theme.icon("warning", t.amber) if message.kind == "problem" else theme.icon("info", t.dim)
            rows.addItem(QListWidgetItem(mark, f"{when}  {message.text}"))
        if not messages:
            rows.addItem("Nothing to report.")
        copy = QPushButton("Copy")
        text = "\n".join(f"{time.strftime('%H:%M:%S', time.localtime(m.time))} {m.text}" for m in messages)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.addWidget(rows)
        layout.addWidget(copy, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumSize(520, 260)
        rows.setFocus()
