"""Samples of a training by epoch: a slider chooses the epoch, scrolling shows all rows."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QScrollArea, QSlider, QVBoxLayout, QWidget

from ..foundation import theme


class Samples(QWidget):
    """The sample grids `epoch_*.png` of one folder; the newest, until another one is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[Path] = []
        self._whole = QPixmap()
        self.image = QLabel(accessibleName="samples")
        self.area = QScrollArea(frameShape=QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # one that comes and goes changes the width
        self.area.setWidget(self.image)
        self.area.setMinimumHeight(200)  # more than the chart: what people look at most
        self.epoch = QSlider(Qt.Orientation.Horizontal, accessibleName="epoch of the samples")
        self.epoch.setRange(0, 0)
        self.epoch.setToolTip("Samples by epoch: input, output, target")
        self.epoch.valueChanged.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.area)
        layout.addWidget(self.epoch)

    def refresh(self, folder: Path) -> None:
        """Show what is in the folder now."""
        paths = sorted(folder.glob("epoch_*.png"))
        if paths == self._paths:
            return
        newest = self.epoch.value() == self.epoch.maximum()
        self._paths = paths
        self.epoch.setEnabled(len(paths) > 1)
        self.epoch.blockSignals(True)
        self.epoch.setRange(0, max(0, len(paths) - 1))
        if newest:
            self.epoch.setValue(self.epoch.maximum())
        self.epoch.blockSignals(False)
        self._choose()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()

    def _choose(self) -> None:
        path = self._paths[self.epoch.value()] if self._paths else None
        self._whole = QPixmap(str(path)) if path else QPixmap()
        self.image.setToolTip(f"{path.stem.replace('_', ' ')}: input, output, target" if path else "")
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            self.image.clear()
        else:
            ratio = self.devicePixelRatioF()
            width = max(1, round(ratio * self.area.viewport().width()))
            wide = self._whole.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            wide.setDevicePixelRatio(ratio)
            self.image.setPixmap(wide)
        self.image.adjustSize()
