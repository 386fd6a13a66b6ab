"""Messages: a problem is one line with what to do. It shows for a while at the bottom of the window and stays in a list.

A message about a file can be clicked: its folder opens. A problem that is no longer true is withdrawn.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..foundation import theme
from ..foundation.desktop import show_folder
from .toast import Message, Toast, what_opens

SHOWN_S = {"problem": 12.0, "file": 8.0, "note": 5.0, "hint": 11.0}  # a note about a file can be clicked
READ_S = 4.0  # enough to read a message when another one waits
KEPT = 100


class Messages(QObject):
    """Shows messages in `window`; `button` belongs into the status line and counts the problems not looked at yet.

    over: gives the widget over which the line is shown, so that it covers no tab and no button; the window where that is None. A hint
    asks for one aside (True): it is not worth a part of the painting.
    """

    def __init__(self, window: QWidget, over: Callable[[bool], QWidget | None] = lambda aside: None) -> None:
        super().__init__(window)
        self._waiting: list[Message] = []  # to be shown after the one that is being read
        self.all: list[Message] = []
        self._added = 0.0  # when the last one came, time.monotonic(): the clock of the day may jump
        self._window = window
        self.button = QToolButton(accessibleName="problems")
        self.button.clicked.connect(self.open_list)
        self._toast = Toast(window, over)
        self._since = self._until = 0.0
        window.installEventFilter(self)
        self._count()

    def problem(self, text: str, place: str = "") -> None:
        """Something went wrong: one line with what to do. place: file, folder or page to open with a click."""
        if not (self.all and self.all[-1].text == text and time.monotonic() - self._added < 2.0):
            self._add(Message(text, "problem", place=place))

    def note(self, text: str, place: str = "") -> None:
        """Something to know that is not a problem."""
        self._add(Message(text, "note", place=place))

    def hint(self, text: str) -> None:
        """Something for newcomers: not kept in the list."""
        self._show(Message(text, "hint"))

    @property
    def unread(self) -> int:
        """Problems that came after the list was opened last and are not over."""
        return sum(m.kind == "problem" and not m.over and not m.read for m in self.all)

    @property
    def free(self) -> bool:
        """Whether nothing is being told."""
        return not self._toast.isVisible() and not self._waiting

    @property
    def quiet(self) -> bool:
        """Whether nothing is being told and no dialog, page or menu is open."""
        return self.free and not _others_open()

    def withdraw(self, text: str) -> None:
        """The problem `text` is solved: its line goes, and in the list it is marked as over."""
        known = [m for m in self.all if m.text == text and m.kind == "problem" and not m.over]
        if not known:
            return
        self._waiting = [m for m in self._waiting if m not in known]
        self.all = [replace(m, over=True) if m in known else m for m in self.all]
        if self._toast.isVisible() and self._toast.message in known:
            self._toast.hide()
        self._count()

    def tick(self) -> None:
        """Called a few times a second: takes the line away when its time is over, and shows the next."""
        if self._toast.isVisible() and self._toast.message.kind == "hint" and _others_open():
            self._toast.hide()
        if self._toast.isVisible() and time.monotonic() > min(self._until, self._since + READ_S if self._waiting else self._until):
            self._toast.hide()
        if self._waiting and not self._toast.isVisible():
            self._tell(self._waiting.pop(0))
        elif self._toast.isVisible():
            self._toast.place()  # docks move

    def notify(self, text: str, problem: bool = False, place: str = "") -> None:
        """For the docks: a problem, or else a note."""
        (self.problem if problem else self.note)(text, place)

    def open_list(self) -> None:
        """The list behind the button."""
        self.all = [replace(m, read=True) for m in self.all]
        self._count()
        self._list = _List(self._window, self)
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
        self.all, self._added = [*self.all, message][-KEPT:], time.monotonic()
        self._show(message)
        self._count()

    def _show(self, message: Message) -> None:
        if self._toast.isVisible() and not (message.replaces(self._toast.message)):
            self._waiting = [m for m in self._waiting if not message.replaces(m)] + [message]
        else:
            self._tell(message)

    def _tell(self, message: Message) -> None:
        self._toast.show_message(message)
        self._since = time.monotonic()
        self._until = self._since + SHOWN_S["file" if message.place and message.kind == "note" else message.kind]

    def _count(self) -> None:
        t = theme.current()
        self.button.setIcon(theme.icon("warning" if self.unread else "chat-text", t.amber if self.unread else t.dim))
        self.button.setText(str(self.unread) if self.unread else "")
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if self.unread else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.button.setToolButtonStyle(style)
        self.button.setIconSize(theme.icon_size())
        self.button.setToolTip(f"{self.unread} new problems" if self.unread else "Messages")
        self.button.setAccessibleDescription(self.button.toolTip())


class _List(QFrame):
    def __init__(self, parent: QWidget, source: Messages) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        messages = source.all
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = QListWidget(wordWrap=True, accessibleName="messages", selectionMode=QListWidget.SelectionMode.ExtendedSelection)
        for message in reversed(messages):
            when = time.strftime("%H:%M:%S", time.localtime(message.time))
            t = theme.current()
            open_ = message.kind == "problem" and not message.over
            mark = theme.icon("warning", t.amber) if open_ else theme.icon("check" if message.over else "info", t.dim)
            row = QListWidgetItem(mark, f"{when}  {message.text}{' (over)' if message.over else ''}")
            if message.place:
                row.setToolTip(f"Double click: {what_opens(message).lower()}")
            row.setData(Qt.ItemDataRole.UserRole, message)
            rows.addItem(row)
        show = QPushButton("Show in folder", enabled=False)
        rows.itemActivated.connect(lambda row: _open(row.data(Qt.ItemDataRole.UserRole), source))
        rows.currentItemChanged.connect(lambda row, _: self._offer(show, row.data(Qt.ItemDataRole.UserRole)))
        show.clicked.connect(lambda: _open(rows.currentItem().data(Qt.ItemDataRole.UserRole), source))
        if not messages:
            rows.addItem("Nothing to report.")
        copy = QPushButton("Copy")
        text = "\n".join(f"{time.strftime('%H:%M:%S', time.localtime(m.time))} {m.text}" for m in messages)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.addWidget(rows)
        buttons = QHBoxLayout()
        buttons.addWidget(show)
        buttons.addStretch(1)
        buttons.addWidget(copy)
        layout.addLayout(buttons)
        self.setMinimumSize(520, 260)
        rows.setCurrentRow(0)
        rows.setFocus()

    @staticmethod
    def _offer(show: QPushButton, message: Message | None) -> None:
        show.setEnabled(message is not None and bool(message.place))
        if message is not None and message.place:
            show.setText(what_opens(message))


def _others_open() -> bool:
    """Whether a dialog, a page or a menu is open."""
    dialogs = any(widget.isVisible() and isinstance(widget, QDialog) for widget in QApplication.topLevelWidgets())
    return dialogs or QApplication.activePopupWidget() is not None


def _open(message: Message | None, messages: Messages) -> None:
    if message is not None and message.place:
        show_folder(message.place, messages.note)
