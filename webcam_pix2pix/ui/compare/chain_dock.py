"""The chain dock: the image after each step of the preprocessing that is on. While it is closed, nothing is kept for it."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Pipeline

from ..foundation import theme
from ..panels.image_item import shared_image

SMALLEST = 110  # px, side of an image


class ChainStrip(QWidget):
    """Thumbnails in the order of the chain, from the camera to the painting."""

    def __init__(self, pipeline: Pipeline, notify: Callable[..., None]) -> None:
        super().__init__(accessibleName="image after each step")
        self._pipeline = pipeline
        self._frame: Frame | None = None
        self.setMinimumSize(SMALLEST, SMALLEST)

    def tick(self) -> None:
        """A few times a second: show the newest frame."""
        self._pipeline.keeps_steps = self.isVisible() and not self.visibleRegion().isEmpty()
        if self._pipeline.keeps_steps:
            self._frame = getattr(self.window(), "frame", None) or self._frame
            self.update()

    def shut(self) -> None:
        """The window closes."""
        self._pipeline.keeps_steps = False

    def steps(self) -> list[tuple[str, np.ndarray]]:
        """(name, image) of what is shown."""
        frame = self._frame
        if frame is None:
            return []
        shown = [("camera", frame.captured), *frame.steps]
        shown += [("network input", frame.processed)] if frame.processed is not None else []
        return shown + ([("painting", frame.predicted)] if frame.predicted is not None else [])

    def paintEvent(self, event) -> None:
        t, painter, steps = theme.current(), QPainter(self), self.steps()
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.setPen(QColor(t.dim))
        if not steps:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Waiting for an image")
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line = self.fontMetrics().height() + theme.S
        columns, width, height = fitting(len(steps), self.width(), self.height(), line, steps[0][1].shape[1] / steps[0][1].shape[0])
        for number, (name, image) in enumerate(steps):
            x, y = number % columns * width, number // columns * (height + line)
            place = QRectF(x + 2, y + 2, width - 4, height - 4)
            painter.drawImage(place, shared_image(np.ascontiguousarray(image)))
            painter.setPen(QColor(t.text if name == "painting" else t.dim))
            box = QRect(round(x), round(y + height), round(width), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{number + 1} {name}" if 0 < number < len(steps) - 2 else name)


def fitting(count: int, width: int, height: int, line: int, aspect: float) -> tuple[int, float, float]:
    """(columns, width, height of an image) so that `count` images with a line of text below each are as large as they can be."""
    best = 1, 1.0, 1.0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        wide = min(width / columns, max(1.0, height / rows - line) * aspect)
        if wide > best[1]:
            best = columns, wide, wide / aspect
    return best
