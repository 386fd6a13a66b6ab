"""HoldKey: a key that does something as long as it is held down."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from ..shell.keys import edits_text

KEY = Qt.Key.Key_V


class HoldKey(QObject):
    """held(True) when KEY goes down, held(False) when it is let go or the window is left. Not while text is edited."""

    def __init__(self, parent: QObject, held: Callable[[bool], object]) -> None:
        super().__init__(parent)
        self._held, self._down = held, False

    def follow(self, window: QWidget) -> None:
        """Take the keys of `window`, once it is shown."""
        handle = window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and event.key() == KEY:
            if self._down and event.isAutoRepeat():
                return True
            free = not edits_text(QApplication.focusWidget()) and event.modifiers() == Qt.KeyboardModifier.NoModifier
            if self._down or (kind == QEvent.Type.KeyPress and free):
                self._set(kind == QEvent.Type.KeyPress)
                return True
        elif kind == QEvent.Type.FocusOut and self._down:
            self._set(False)
        return False

    def _set(self, down: bool) -> None:
        if down != self._down:
            self._down = down
            self._held(down)
