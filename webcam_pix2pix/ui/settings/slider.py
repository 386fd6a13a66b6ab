"""Slider for a value with limits: always visible, does not quantise, hard to move by accident."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from ..foundation import theme

STEPS = 10000  # of the QSlider beneath, which screen readers see
HANDLE = 6.0  # radius, px


class Slider(QSlider):
    """Holds a float of its own; the integer position of QSlider only mirrors it.

    Shift makes dragging and keys ten times finer; double click, Delete or Backspace ask for the reset; the wheel is left to the tree.

    Signals:
        moved(float): the user moved it.
        reset(): the user wants the model's or the default value.
    """

    moved = Signal(float)
    reset = Signal()

    def __init__(self, low: float, high: float, whole: bool = False, curve: float = 1.0) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.low, self.high, self.whole, self.curve = low, high, whole, curve
        self.value_now = low
        self.trained: tuple[float, float] | None = None
        self.mark: float | None = None
        self.moving: float | None = None  # where modulation has moved it
        self._grip: tuple[float, float] | None = None  # x and way where the drag began
        self._mirroring = False
        self.setRange(*((int(low), int(high)) if whole else (0, STEPS)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(48)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.valueChanged.connect(self._from_outside)

    def show_value(self, value: float) -> None:
        """Show `value`; nothing is emitted."""
        self.value_now = value
        self._mirroring = True
        self.setValue(round(value if self.whole else self._travel(value) * STEPS))
        self._mirroring = False
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(96, 20)

    def _travel(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return share ** (1 / self.curve)

    def _at(self, travel: float) -> float:
        span = self.high - self.low
        value = self.low + span * min(max(travel, 0.0), 1.0) ** self.curve
        if self.whole:
            return round(value)
        digits = 3 if span <= 1 else 2 if span <= 30 else 1  # what a hand can place; values from elsewhere keep all theirs
        return min(max(round(value, digits), self.low), self.high)

    def _move(self, value: float) -> None:
        value = min(max(value, self.low), self.high)
        value = round(value) if self.whole else value
        if value != self.value_now:
            self.show_value(value)
            self.moved.emit(value)

    def _from_outside(self, position: int) -> None:
        if not self._mirroring:  # assistive technology
            self._move(position if self.whole else self._at(position / STEPS))

    # ---- mouse and keys

    def mousePressEvent(self, event) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return event.ignore()
        x = event.position().x()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not fine and abs(x - self._x(self.value_now)) > 2 * HANDLE:
            self._move(self._at(self._share(x)))
        self._grip = x, self._travel(self.value_now)
        self.update()

    def mouseMoveEvent(self, event) -> None:
        if self._grip is None:
            return
        x = event.position().x()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        travel = self._grip[1] + (x - self._grip[0]) / self._length() * (0.1 if fine else 1.0)
        self._move(self._at(travel))
        self._grip = x, min(max(travel, 0.0), 1.0)

    def mouseReleaseEvent(self, event) -> None:
        self._grip = None
        self.update()

    def mouseDoubleClickEvent(self, event) -> None:
        self._grip = None
        self.reset.emit()

    def wheelEvent(self, event) -> None:
        event.ignore()

    def keyPressEvent(self, event) -> None:
        key, fine = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = 1.0 if self.whole else (self.high - self.low) * (0.001 if fine else 0.01)
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Plus: 1, Qt.Key.Key_Minus: -1}
        if key in steps:
            value = self.value_now + steps[key] * step
            self._move(value if self.whole else round(value, 6))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move(self.low if key == Qt.Key.Key_Home else self.high)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset.emit()
        else:
            event.ignore()  # up and down move between the rows, page keys between the models

    # ---- painting

    def _length(self) -> float:
        return max(1.0, self.width() - 2 * HANDLE - 2)

    def _x(self, value: float) -> float:
        return HANDLE + 1 + self._travel(value) * self._length()

    def _share(self, x: float) -> float:
        return (x - HANDLE - 1) / self._length()

    def paintEvent(self, event) -> None:
        t, painter, y = theme.current(), QPainter(self), self.height() / 2
        live = self.isEnabled() and not self.property("idle")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        x = self._x(self.value_now)
        if self.trained:
            band = QColor(t.accent)
            band.setAlphaF(0.30)
            painter.setBrush(band)
            left, right = self._x(self.trained[0]), self._x(self.trained[1])
            painter.drawRoundedRect(QRectF(left - 1, y - 5, right - left + 2, 10), 2, 2)
        painter.setBrush(QColor(t.line))
        painter.drawRoundedRect(QRectF(HANDLE, y - 1.5, self.width() - 2 * HANDLE, 3), 1.5, 1.5)
        painter.setBrush(QColor(t.accent if live else t.dim))
        painter.drawRoundedRect(QRectF(HANDLE, y - 1.5, x - HANDLE, 3), 1.5, 1.5)
        if self.mark is not None and self.mark != self.value_now:
            painter.setBrush(QColor(t.dim))
            painter.drawRect(QRectF(self._x(self.mark) - 0.75, y - 5, 1.5, 10))
        if self.moving is not None:
            end = self._x(self.moving)
            painter.setBrush(QColor(t.amber))
            painter.drawRoundedRect(QRectF(min(x, end), y - 1.5, abs(end - x), 3), 1.5, 1.5)
            painter.drawRoundedRect(QRectF(end - 2, y - 7, 4, 14), 2, 2)
        focus = self.hasFocus()
        painter.setPen(QPen(QColor(t.accent if focus or self._grip else t.panel), 1.5))
        painter.setBrush(QColor(t.text if live else t.dim))
        painter.drawEllipse(QPointF(x, y), HANDLE - 1, HANDLE - 1)
        if focus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

