"""StageKeys: who gets the keys. They are the stage's, except while text is being edited; Escape always gives them back."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

SEEN = frozenset((QEvent.Type.Polish, QEvent.Type.MouseButtonPress, QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress))
OWN = frozenset((Qt.Key.Key_Space, Qt.Key.Key_Select))  # what a button reached with Tab is pressed with
CLICK = Qt.FocusPolicy.ClickFocus


class StageKeys(QObject):
    """Watches the events of `window`: controls take no focus by mouse, a click beside a text ends its editing, Escape leaves everything.

    A button or a drop-down that was reached with Tab keeps the space bar; it shows that it has the focus.
    stage: the widget that has the keys when nothing else does.
    """

    def __init__(self, window: QMainWindow, stage: QWidget) -> None:
        super().__init__(window)
        self._window, self._stage = window, stage
        for kind in (QAbstractButton, QComboBox, QAbstractSlider):
            for widget in window.findChildren(kind):
                _by_tab_only(widget)
        app = QApplication.instance()
        app.installEventFilter(self)
        app.focusChanged.connect(self._focus_changed)

    def give_back(self) -> None:
        """The keys are the stage's."""
        focus = QApplication.focusWidget()
        if self._stage.isVisible():
            self._stage.setFocus()
        elif focus is not None:
            focus.clearFocus()

    def close(self) -> None:
        """Stop watching."""
        app = QApplication.instance()
        app.removeEventFilter(self)
        app.focusChanged.disconnect(self._focus_changed)

    def eventFilter(self, watched, event) -> bool:
        kind = event.type()
        if kind not in SEEN or not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if kind == QEvent.Type.Polish:  # docks that are built late
            _by_tab_only(watched)
        elif kind == QEvent.Type.MouseButtonPress:
            focus = QApplication.focusWidget()
            if edits_text(focus) and watched is not focus and not focus.isAncestorOf(watched) and not watched.focusPolicy() & CLICK:
                self.give_back()
        elif watched is QApplication.focusWidget():
            if kind == QEvent.Type.ShortcutOverride:
                if event.key() in OWN and not event.modifiers() and isinstance(watched, QAbstractButton | QComboBox):
                    event.accept()
                    return True
            elif event.key() == Qt.Key.Key_Escape:
                if edits_text(watched):
                    QTimer.singleShot(0, self._leave_text)  # when it has put its old text back
                else:
                    self.give_back()
        return False

    def _leave_text(self) -> None:
        if edits_text(QApplication.focusWidget()):
            self.give_back()

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is None and old is not None and self._window.isActiveWindow():
            self.give_back()


def edits_text(widget: QWidget | None) -> bool:
    """Whether keys are text for this widget."""
    return isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox) or (
        isinstance(widget, QComboBox) and widget.isEditable())


def _by_tab_only(widget: QWidget) -> None:
    if isinstance(widget, QAbstractButton | QComboBox | QAbstractSlider) and not edits_text(widget) and widget.focusPolicy() & CLICK:
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
