"""Fields: one editor per kind of setting. Each shows a value without emitting and emits only what the user did."""

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from params import Row

from . import theme
from .slider import Slider


class Field(QWidget):
    """The right half of a row: editor and reset arrow.

    Signals:
        edited(object): the new value, as the user set it.
        reset(): back to the model's or the default value.
        refused(str): what was typed is not a value.
    """

    edited = Signal(object)
    reset = Signal()
    refused = Signal(str)

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row
        self.layout_ = QHBoxLayout(self)
        self.layout_.setContentsMargins(0, 1, theme.S, 1)
        self.layout_.setSpacing(theme.S)
        self.slider: Slider | None = None
        self._build()
        self._back = QToolButton(objectName="flat", icon=theme.icon("arrow-counter-clockwise"), accessibleName=f"reset {row.spoken}")
        self._back.setIconSize(QSize(13, 13))
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self._back.clicked.connect(lambda: self.reset.emit())
        self.layout_.addWidget(self._back)

    def show_state(self, value: Any, reference: Any, trained: tuple[float, float] | None, tip: str, effective: bool) -> None:
        """Show the value, what a reset would return to, the trained range, and whether the setting does anything now."""
        if self.slider:
            self.slider.mark, self.slider.trained = float(reference), trained
            self.slider.setProperty("idle", not effective)
        self._show(value)
        changed = value != reference
        self._back.setVisible(changed)
        self._back.setToolTip(f"Back to {self.row.shown(reference)}")
        if self.toolTip() != tip:
            self.setToolTip(tip)

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self._back.setIcon(theme.icon("arrow-counter-clockwise"))

    def _build(self) -> None:
        raise NotImplementedError

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _add(self, widget: QWidget, stretch: int = 0) -> None:
        widget.setAccessibleName(self.row.spoken)
        widget.setAccessibleDescription(self.row.knob.help)
        self.layout_.addWidget(widget, stretch)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)


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
            value = float(text.replace(",", ".").removesuffix(self.row.knob.unit).strip())
            if self.row.kind == "whole":
                value = round(value)
            low, high = self.row.knob.limits or (value, value)
            if not low <= value <= high:
                raise ValueError
        except (ValueError, OverflowError):
            limits = self.row.knob.limits
            self.refused.emit(f"{self.row.name}: {text!r} is not " + (f"{limits[0]:g} to {limits[1]:g}" if limits else "a number"))
            return self._edit.show_value(self._edit.value)
        self._show(value)
        self.edited.emit(value)


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

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self._rest()
        self.selectAll()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self._rest()

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._rest()
            self.clearFocus()
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.clearFocus()  # the next key is for the show again


class SwitchField(Field):
    """On or off."""

    def _build(self) -> None:
        self._box = Switch()
        self._box.clicked.connect(lambda on: self.edited.emit(on))
        self._add(self._box)
        self.layout_.addStretch(1)

    def _show(self, value: bool) -> None:
        self._box.setChecked(value)


class Switch(QCheckBox):
    """A check box drawn as a switch: the knob's place tells the state, the colour only repeats it."""

    def sizeHint(self) -> QSize:
        return QSize(34, 20)

    def hitButton(self, position) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event) -> None:
        t, painter, on = theme.current(), QPainter(self), self.isChecked()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(2, self.height() / 2 - 7, 28, 14)
        painter.setPen(QPen(QColor(t.accent if self.hasFocus() or on else t.dim), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(t.accent if on else t.panel))
        painter.drawRoundedRect(groove, 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.on_accent if on else t.dim))
        painter.drawEllipse(QRectF(groove.right() - 12 if on else groove.left() + 2, groove.top() + 2, 10, 10))


class ChoiceField(Field):
    """One of several words."""

    def _build(self) -> None:
        self._box, self._choices = Choice(), self.row.knob.choices or ()
        self._box.addItems([choice.replace("_", " ") for choice in self._choices])
        self._box.activated.connect(lambda index: self.edited.emit(self._choices[index]))
        self._box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._add(self._box, 1)

    def _show(self, value: str) -> None:
        self._box.setCurrentIndex(self._choices.index(value))


class SizeField(Field):
    """One of the sizes that the running network can take; 0 is its own."""

    def _build(self) -> None:
        self._box = Choice()
        self._box.activated.connect(lambda index: self.edited.emit(self._box.itemData(index)))
        self._box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._add(self._box, 1)
        self.offer([])

    def offer(self, sizes: list[int]) -> None:
        """Short sides to choose from, in pixels."""
        value = self._box.currentData()
        self._box.clear()
        for size in [0, *sizes]:
            self._box.addItem(self.row.shown(size) if size else "as the model", size)
        self._show(value or 0)

    def _show(self, value: int) -> None:
        if self._box.findData(value) < 0:  # asked for elsewhere
            self._box.addItem(self.row.shown(value), value)
        self._box.setCurrentIndex(self._box.findData(value))


class Choice(QComboBox):
    """A box that the wheel does not change."""

    def wheelEvent(self, event) -> None:
        event.ignore()

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().dim))
        painter.drawText(self.rect().adjusted(0, 0, -theme.S - 2, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "▾")


class TextField(Field):
    """Free text, taken at Enter."""

    def _build(self) -> None:
        self._edit = QLineEdit(placeholderText="default model" if self.row.name == "Model.model_name" else "")
        self._edit.editingFinished.connect(self._finished)
        self._add(self._edit, 1)

    def _show(self, value: str) -> None:
        if not (self._edit.hasFocus() and self._edit.isModified()) and self._edit.text() != value:
            self._edit.setText(value)
            self._edit.setCursorPosition(0)

    def _finished(self) -> None:
        if self._edit.isModified() and self._edit.text().strip():
            self._edit.setModified(False)
            self.edited.emit(self._edit.text().strip())


def field(row: Row) -> Field:
    """The editor for a row."""
    return {"switch": SwitchField, "choice": ChoiceField, "size": SizeField, "text": TextField}.get(row.kind, NumberField)(row)
