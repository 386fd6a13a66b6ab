"""StageKeys: who gets the keys. They are the stage's, except while text is being edited; Escape always gives them back."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
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
    QToolButton,
    QWidget,
)

CONTROLS = (QAbstractButton, QComboBox, QAbstractSlider)
CLICK = Qt.FocusPolicy.ClickFocus
RELEASE_MS = 20  # between two looks at the mouse


class StageKeys(QObject):
    """Controls in `window` take no focus by mouse, a click beside a text or on its x ends its editing, Escape leaves everything.

    stage: the widget that has the keys when nothing else does.
    """

    def __init__(self, window: QMainWindow, stage: QWidget) -> None:
        super().__init__(window)
        self._window, self._stage = window, stage
        self._handle: QObject | None = None
        for kind in CONTROLS:
            for widget in window.findChildren(kind):
                _by_tab_only(widget)
        for search in (edit for edit in window.findChildren(QLineEdit) if edit.isClearButtonEnabled()):
            search.findChild(QToolButton).clicked.connect(self.give_back)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), window, self._escape)
        QApplication.instance().focusChanged.connect(self._focus_changed)

    def start(self) -> None:
        """Called once the window is shown: look at its mouse events before its widgets do."""
        self._handle = self._window.windowHandle()
        self._handle.installEventFilter(self)

    def give_back(self) -> None:
        """The keys are the stage's."""
        focus = QApplication.focusWidget()
        if self._stage.isVisibleTo(self._window):
            self._stage.setFocus()
        elif focus is not None:
            focus.clearFocus()

    def pressed_instead(self) -> bool:
        """The space bar: whether it was for a button or a drop-down that Tab has reached, and has been used there."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()
        elif isinstance(focus, QComboBox):
            focus.showPopup()
        return isinstance(focus, QAbstractButton | QComboBox)

    def close(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self._handle.removeEventFilter(self)
        QApplication.instance().focusChanged.disconnect(self._focus_changed)

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            self._before_press(self._window.childAt(event.position().toPoint()))
            focus = QApplication.focusWidget()
            if focus is not None and edits_text(focus) and self._window.isAncestorOf(focus):
                under = self._window.childAt(event.position().toPoint())
                if under is None or not (under is focus or focus.isAncestorOf(under) or under.focusPolicy() & CLICK):
                    self.give_back()
        return False

    def _before_press(self, under: QWidget | None) -> None:
        """A button of a dock that was built late: if the press gave it the focus and that was taken back, Qt would drop the click."""
        while under is not None and under is not self._window:
            if isinstance(under, CONTROLS):
                _by_tab_only(under)
            under = under.parentWidget()

    def _escape(self) -> None:
        focus = QApplication.focusWidget()
        if hasattr(focus, "give_up"):  # a text that goes back to what it was
            focus.give_up()
        self.give_back()

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is None:
            if old is not None and self._window.isActiveWindow():
                self.give_back()
        elif old is not None and not old.isVisible() and self._window.isAncestorOf(new):
            self.give_back()  # its panel was hidden: Qt hands the keys to whatever comes next, such as a search
        elif isinstance(new, CONTROLS) and new.focusPolicy() & CLICK and self._window.isAncestorOf(new) and not edits_text(new):
            _by_tab_only(new)  # of a dock that was built late
            if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
                self._after_release()

    def _after_release(self) -> None:
        """Give the keys back once no button of the mouse is held: a button that loses the focus under the mouse loses its click."""
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            QTimer.singleShot(RELEASE_MS, self, self._after_release)
        else:
            self.give_back()


def edits_text(widget: QWidget | None) -> bool:
    """Whether keys are text for this widget."""
    return isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox) or (
        isinstance(widget, QComboBox) and widget.isEditable())


def _by_tab_only(widget: QWidget) -> None:
    if widget.focusPolicy() & CLICK and not edits_text(widget):
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
