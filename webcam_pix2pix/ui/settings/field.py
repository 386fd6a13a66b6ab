"""Field: what all editors of settings share: an editor, a reset arrow, what the user did."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from params import Row

from ..foundation import theme
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
        self._back = QToolButton(objectName="flat", icon=theme.icon("arrow-counter-clockwise"), accessibleName=f"reset {row.spoken}",
                                 focusPolicy=Qt.FocusPolicy.TabFocus)
        self._back.setIconSize(QSize(13, 13))
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self._back.clicked.connect(lambda: self.reset.emit())
        self.layout_.addWidget(self._back)

    def show_state(self, value: Any, reference: Any, trained: tuple[float, float] | None, tip: str, idle: bool) -> None:
        """Show the value, what a reset would return to, the trained range. idle: the setting does nothing now."""
        if self.slider:
            self.slider.mark, self.slider.trained = float(reference), trained
            self.slider.setProperty("idle", idle)
        self._show(value)
        changed = value != reference
        self._back.setVisible(changed)
        self._back.setToolTip(f"Back to {self.row.shown(reference)}")
        if self.toolTip() != tip:
            self.setToolTip(tip)

    def show_moved(self, value: float | None) -> None:
        """Where modulation has moved the value to; None: nothing moves it."""
        if self.slider and self.slider.moving != value:
            self.slider.moving = value
            self.slider.update()

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self._back.setIcon(theme.icon("arrow-counter-clockwise"))

    def _build(self) -> None:
        raise NotImplementedError

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _add(self, widget: QWidget, stretch: int = 0) -> None:
        widget.setAccessibleName(self.row.spoken)
        widget.setAccessibleDescription(self.row.effect)
        self.layout_.addWidget(widget, stretch)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)
