"""StageImage: pyqtgraph's ImageItem, scaled by OpenCV: smoother than Qt's scaling and a third of its time."""

import cv2
import numpy as np
from pyqtgraph import ImageItem
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QTransform

PIXELS = 8.0  # device pixels per image pixel from which the pixels are shown as squares
IDENTITY = QTransform()


def shared_image(image: np.ndarray) -> QImage:
    """HxWx3 RGB uint8, contiguous, as a QImage on the same memory: the array must outlive it and never be written to."""
    height, width = image.shape[:2]
    return QImage(image.data, width, height, image.strides[0], QImage.Format.Format_RGB888)


class StageImage(ImageItem):
    """Row-major, no levels. `show_array` is the way of every image; setImage and all else of ImageItem work as anywhere.

    HxWx3 uint8 images without levels or lookup table are scaled here, once per image; anything else is drawn by pyqtgraph.
    """

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.image: np.ndarray | None = None
        self.setAutoLevels(False)
        self.around = QColor("black")  # what is painted beside the image
        self._scaled: tuple | None = None  # (array, geometry, QImage, top left, array of the QImage)

    def show_array(self, image: np.ndarray | None) -> None:
        """Show HxWx3 RGB uint8, sharing its memory; None shows nothing. The caller has the view painted."""
        if image is None or self.image is None or image.shape != self.image.shape or self.image.dtype != np.uint8:
            self.clear() if image is None else self.setImage(image, autoLevels=False)
            self._scaled = None
        else:
            self.image = image
            self._renderRequired = True

    def covers(self) -> bool:
        """Whether the image is painted here, with what is around it."""
        image = self.image
        return (image is not None and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and self.levels is None
                and self.lut is None)

    def paint(self, painter, option, widget=None) -> None:
        """Draw the visible part, pixel for pixel of the device."""
        if widget is None or self.image is None or not self.covers():
            return super().paint(painter, option, widget)
        to_view, ratio = painter.worldTransform(), widget.devicePixelRatioF()
        width, height = widget.width(), widget.height()
        geometry = to_view.m11() * ratio, to_view.dx() * ratio, to_view.dy() * ratio, round(width * ratio), round(height * ratio)
        if self._scaled is None or self._scaled[0] is not self.image or self._scaled[1] != geometry:
            self._scaled = (self.image, geometry, *_visible(self.image, *geometry, ratio))
        _, _, shown, place, _ = self._scaled
        painter.setWorldTransform(IDENTITY)
        painter.drawImage(place, shown)
        left, top = place.x(), place.y()
        right, bottom = left + shown.width() / ratio, top + shown.height() / ratio
        for x, y, w, h in ((0, 0, width, top), (0, bottom, width, height - bottom), (0, top, left, bottom - top),
                           (right, top, width - right, bottom - top)):
            if w > 0 and h > 0:
                painter.fillRect(QRectF(x, y, w, h), self.around)


def _visible(image: np.ndarray, scale: float, left: float, top: float, room_width: int, room_height: int,
             ratio: float) -> tuple[QImage, QPointF, np.ndarray]:
    """The part of `image` inside the room, scaled to device pixels; where it goes (widget coordinates); the memory it lies in.

    scale: device pixels per image pixel. left, top: place of the image's corner, device pixels.
    """
    height, width = image.shape[:2]
    x0, y0 = max(0, int(-left / scale)), max(0, int(-top / scale))
    x1, y1 = min(width, int((room_width - left) / scale) + 1), min(height, int((room_height - top) / scale) + 1)
    part = image[y0:max(y1, y0 + 1), x0:max(x1, x0 + 1)]
    w, h = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    if (h, w) != part.shape[:2]:
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC if scale < PIXELS else cv2.INTER_NEAREST
        part = cv2.resize(part, (w, h), interpolation=how)
    part = np.ascontiguousarray(part)  # QImage reads past the end of anything else
    shown = shared_image(part)
    shown.setDevicePixelRatio(ratio)
    return shown, QPointF(round(left + x0 * scale) / ratio, round(top + y0 * scale) / ratio), part
