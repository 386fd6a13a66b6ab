"""Fields: one editor per kind of setting. Each shows a value without emitting and emits only what the user did."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter

from params import Row

from ..foundation import theme
from .field import Field
from .numbers import NumberField


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
    """A check box drawn as a switch: the knob's place tells the state, the colour only repeats it. Tab gives it the keys, not the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

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
        self._box.addItems([self.row.word(choice) for choice in self._choices])
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
    """A box that neither the wheel nor a letter changes. Tab gives it the keys, not the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event) -> None:
        if event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event) -> None:
        event.ignore()

    def paintEvent(self, event) -> None:
        option, painter = QStyleOptionComboBox(), QStylePainter(self)
        self.initStyleOption(option)
        field = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self)
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, field.width() - theme.S)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setPen(QColor(theme.current().dim))
        painter.drawText(self.rect().adjusted(0, 0, -theme.S - 2, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "▾")


class TextEdit(QLineEdit):
    """Free text. Enter and Esc leave it, Esc with the old text, `kept`."""

    kept = ""

    def give_up(self) -> None:
        """Back to the text that it had."""
        self.setText(self.kept)

    def keyPressEvent(self, event) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()  # the next key is for the show again


class TextField(Field):
    """Free text, taken at Enter."""

    def _build(self) -> None:
        self._edit = TextEdit(placeholderText="default model" if self.row.name == "Model.model_name" else "")
        self._edit.editingFinished.connect(self._finished)
        self._add(self._edit, 1)

    def _show(self, value: str) -> None:
        self._edit.kept = value
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
