"""Swatches: the colours of a palette to choose from, with their names where names are what counts."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from msa.sketch import Palette
from msa.sketch.palettes import Color

from ..foundation import theme

NAMED, UNNAMED = 3, 13  # columns of colours with names, and of those that speak for themselves


class Swatches(QWidget):
    """Buttons, one for each colour.

    Signals:
        chosen(object): the colour (RGB) of the button that was used.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__(accessibleName="colours")
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self._colors: list[Color] = []

    def offer(self, palette: Palette) -> None:
        """Show the colours of `palette`."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.deleteLater()
        self._colors = [color for _, color in palette.colors]
        columns = NAMED if palette.hard else UNNAMED
        for number, (name, color) in enumerate(palette.colors):
            button = QToolButton(objectName="flat", checkable=True, toolTip=name, accessibleName=f"colour {name}",
                                 focusPolicy=Qt.FocusPolicy.TabFocus, icon=_swatch(color), iconSize=QSize(16, 16))
            if palette.hard:
                button.setText(name)
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(button.sizePolicy().Policy.Ignored if palette.hard else button.sizePolicy().Policy.Fixed,
                                 button.sizePolicy().Policy.Fixed)
            button.clicked.connect(lambda _=False, color=color: self.chosen.emit(color))
            self._group.addButton(button, number)
            self._layout.addWidget(button, number // columns, number % columns)
        self._layout.setColumnStretch(UNNAMED, 0 if palette.hard else 1)

    def show_chosen(self, color: Color) -> None:
        """Mark the colour in use; none where it is not of the palette."""
        self._group.setExclusive(False)
        for number, known in enumerate(self._colors):
            self._group.button(number).setChecked(known == color and self._colors.index(known) == number)
        self._group.setExclusive(True)


def _swatch(color: Color) -> QIcon:
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.current().dim))
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(1, 1, 30, 30, 6, 6)
    painter.end()
    return QIcon(pixmap)
