"""Histogram: how often each brightness occurs in an image, drawn over its foot."""

import cv2
import numpy as np
from pyqtgraph import PlotWidget, mkPen
from PySide6.QtCore import QRect, Qt

from ..foundation import theme

COLORS = ("#c8605a", "#6aa84f", "#5a8ac8")  # red, green, blue; dim enough for a stage
BINS = 64
LEAST = 80  # px


class Histogram(PlotWidget):
    """One curve for each channel, on a square-root scale so that rare values can be seen; a child of the image's widget."""

    def __init__(self, parent) -> None:
        super().__init__(parent)
        self.setAccessibleName("histogram")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.setXRange(0, BINS - 1, padding=0)
        self.setYRange(0, 1, padding=0.02)
        self._curves = [self.plot(pen=mkPen(color, width=1)) for color in COLORS]
        self.retheme()

    def show_image(self, image: np.ndarray | None) -> None:
        """Show the distribution of an HxWx3 RGB uint8 image; None empties the curves."""
        for channel, curve in enumerate(self._curves):
            if image is None:
                curve.setData([], [])
                continue
            counts = cv2.calcHist([image], [channel], None, [BINS], [0, 256]).ravel()
            curve.setData(np.arange(BINS), np.sqrt(counts / max(float(counts.max()), 1.0)))

    def place(self, image: QRect) -> None:
        """At the foot of the part of the image that is seen, a quarter of its height. image: where it lies in its widget."""
        room = image.intersected(self.parentWidget().rect())
        if room.width() < LEAST or room.height() < LEAST:  # next to nothing of it is seen
            room = self.parentWidget().rect()
        height = min(max(48, room.height() // 4), 120)
        width = min(room.width() - 2 * theme.M, 260)
        self.setGeometry(room.left() + theme.M, room.bottom() - height - theme.M, width, height)

    def retheme(self) -> None:
        """Colours of the theme."""
        self.setBackground(theme.current().panel)
