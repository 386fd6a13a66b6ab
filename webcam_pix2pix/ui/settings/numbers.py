"""NumberField: a slider and the value as text."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLineEdit

from params import Row

from ..foundation import theme
from .field import Field
from .slider import Slider


class NumberField(Field):
    """Slider and typed value."""

    def _build(self) -> None:
        row = self.row
        if row.slider:
            assert row.knob.limits is not None
            low, high = row.knob.limits
            self.slider = Slider(low, high, whole=row.kind == "whole", curve=row.curve)
            self.slider.moved.connect(self._moved)
            self.slider.reset.connect(self.reset)
            self._add(self.slider, 1)
        else:
            self.layout_.addStretch(1)
        self._edit = ValueEdit(row)
        self._edit.typed.connect(self._typed)
        self._add(self._edit)

    def _show(self, value: float) -> None:
        if self.slider:
            self.slider.show_value(value)
        self._edit.show_value(value)

    def _moved(self, value: float) -> None:
        value = int(value) if self.row.kind == "whole" else value
        self._edit.show_value(value)
        self.edited.emit(value)

    def _typed(self, text: str) -> None:
        try:
            value = typed_number(self.row, text)
        except ValueError as error:
            self.refused.emit(str(error))
            return self._edit.show_value(self._edit.value)
        self._show(value)
        self.edited.emit(value)


def typed_number(row: Row, text: str) -> float:
    """What was typed, with its unit or without. Raises ValueError with one line for people."""
    limits = row.knob.limits
    try:
        value = float(text.replace(",", ".").removesuffix(row.knob.unit).strip())
        value = round(value) if row.kind == "whole" else value
        low, high = limits or (value, value)
        if low <= value <= high:
            return value
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{row.label} takes a number" + (f" from {limits[0]:g} to {limits[1]:g}." if limits else "."))


def _longest(row: Row) -> int:
    """Characters of the longest value that a slider gives."""
    assert row.knob.limits is not None
    inside = 0.01 if isinstance(row.default, float) else 0  # sliders round to two decimals
    return max(6, *(len(row.shown(type(row.default)(limit))) for limit in (row.knob.limits[0] + inside, row.knob.limits[1] - inside)))


class ValueEdit(QLineEdit):
    """A number as text: unit while at rest, digits alone while typing. Enter and Esc leave it, Esc with the old value.

    Signals:
        typed(str): Enter, or the focus left after a change.
    """

    typed = Signal(str)

    def __init__(self, row: Row) -> None:
        super().__init__(objectName="value")
        self.row, self.value = row, row.default
        self.setFont(theme.mono())
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._clicked = False  # the mouse has just brought the focus
        self.setFixedWidth(QFontMetrics(theme.mono()).horizontalAdvance("0" * (_longest(row) if row.slider else 9)) + 10)
        self.editingFinished.connect(self._finished)

    def show_value(self, value: float) -> None:
        """Show `value`, unless the user is typing."""
        self.value = value
        if not (self.hasFocus() and self.isModified()):
            self._rest()

    def _rest(self) -> None:
        text = f"{self.value:.10g}" if self.hasFocus() else self.row.shown(self.value)
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)

    def _finished(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.typed.emit(self.text())

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_for_the_stage(event):
            event.ignore()
            return False
        return super().event(event)

    def _is_for_the_stage(self, event) -> bool:
        """Whether a key is none of a number: while nothing was typed yet, letters are shortcuts as everywhere."""
        commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
        text = event.text()
        if self.isModified() or not text or event.modifiers() & commands:
            return False
        return text.isprintable() and text not in "0123456789.,+-"

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self._rest()
        self.selectAll()
        self._clicked = event.reason() == Qt.FocusReason.MouseFocusReason

    def mousePressEvent(self, event) -> None:
        if not self._clicked:  # else all stays selected, so that typing replaces it; the next click sets the cursor
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event) -> None:
        if not self._clicked:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event) -> None:
        self._clicked = False
        super().mouseReleaseEvent(event)

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self._rest()

    def give_up(self) -> None:
        """Back to the value that it had."""
        self._rest()

    def keyPressEvent(self, event) -> None:
        if self._is_for_the_stage(event):
            return event.ignore()
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()  # the next key is for the show again
