"""Picture: shows one image, scaled smoothly, with a zoom of its own."""

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import theme

PIXELS = 8.0  # device pixels per image pixel from which the pixels are shown as squares
ZOOMS = 1 / 8, 32.0


def shared_image(image: np.ndarray) -> QImage:
    """HxWx3 RGB uint8, contiguous, as a QImage on the same memory: the array must outlive it and never be written to."""
    height, width = image.shape[:2]
    return QImage(image.data, width, height, image.strides[0], QImage.Format.Format_RGB888)


class Picture(QWidget):
    """Fitted to the widget until the user zooms (wheel, Ctrl +, Ctrl -); dragging moves a zoomed picture, double click fits it again.

    Signals:
        zoomed(): the zoom or the image size changed.
    """

    zoomed = Signal()

    def __init__(self, name: str, empty: str, background: str | None = None, zoomable: bool = True) -> None:
        super().__init__(accessibleName=f"{name} picture")
        self.image: np.ndarray | None = None  # HxWx3 RGB uint8, read-only
        self.empty = empty
        self.zoom: float | None = None  # device pixels per image pixel; None: fit
        self._centre = QPointF(0.5, 0.5)  # of the view, as shares of the image
        self._background, self._zoomable = background, zoomable
        self._scaled: tuple | None = None  # (key, array, QImage, top left)
        self._grip: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 72)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if zoomable else Qt.FocusPolicy.NoFocus)

    def show_image(self, image: np.ndarray | None) -> None:
        """Show `image`, sharing its memory; None shows the empty text."""
        resized = (None if image is None else image.shape) != (None if self.image is None else self.image.shape)
        self.image = image
        if resized:
            self.zoomed.emit()
        self.update()

    def set_zoom(self, zoom: float | None, anchor: QPointF | None = None) -> None:
        """Device pixels per image pixel around `anchor` (widget coordinates; None: the middle); None fits the picture."""
        if zoom is not None and self.image is not None:
            zoom = min(max(zoom, ZOOMS[0]), ZOOMS[1])
            anchor = anchor or QPointF(self.width() / 2, self.height() / 2)
            before = self._share_at(anchor)
            self.zoom = zoom
            offset = self._share_at(anchor) - before
            self._centre -= offset
            self._keep_inside()
        else:
            self.zoom, self._centre = None, QPointF(0.5, 0.5)
        self.zoomed.emit()
        self.update()

    def scale(self) -> float:
        """Device pixels per image pixel as shown."""
        if self.image is None:
            return 1.0
        size, (height, width) = self._device_size(), self.image.shape[:2]
        return self.zoom or min(size.width() / width, size.height() / height)

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    # ---- geometry, in device pixels

    def _device_size(self) -> QSize:
        ratio = self.devicePixelRatioF()
        return QSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def _origin(self) -> tuple[float, float]:
        """Where the image's top left corner is."""
        size, scale, (height, width) = self._device_size(), self.scale(), self.image.shape[:2]
        return size.width() / 2 - self._centre.x() * width * scale, size.height() / 2 - self._centre.y() * height * scale

    def _share_at(self, point: QPointF) -> QPointF:
        """The place under `point` (widget coordinates) as shares of the image."""
        (left, top), scale, ratio, (height, width) = self._origin(), self.scale(), self.devicePixelRatioF(), self.image.shape[:2]
        return QPointF((point.x() * ratio - left) / (width * scale), (point.y() * ratio - top) / (height * scale))

    def _keep_inside(self) -> None:
        self._centre = QPointF(min(max(self._centre.x(), 0.0), 1.0), min(max(self._centre.y(), 0.0), 1.0))

    # ---- painting

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._background or theme.current().panel))
        if self.image is None:
            painter.setPen(QColor(theme.current().dim))
            margins = self.rect().adjusted(theme.L, theme.L, -theme.L, -theme.L)
            painter.drawText(margins, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
            return
        key = id(self.image), self._device_size().toTuple(), self.zoom, self._centre.toTuple()
        if self._scaled is None or self._scaled[0] != key or self._scaled[1] is not self.image:
            self._scaled = (key, self.image, *self._view())
        _, _, image, place = self._scaled
        painter.drawImage(place, image)

    def _view(self) -> tuple[QImage, QPointF]:
        """The visible part, scaled to device pixels, and where it goes (widget coordinates)."""
        assert self.image is not None  # else nothing is drawn
        scale, (left, top), size, (height, width) = self.scale(), self._origin(), self._device_size(), self.image.shape[:2]
        x0, y0 = max(0, int(-left / scale)), max(0, int(-top / scale))
        x1, y1 = min(width, int((size.width() - left) / scale) + 1), min(height, int((size.height() - top) / scale) + 1)
        part = self.image[y0:max(y1, y0 + 1), x0:max(x1, x0 + 1)]
        h, w = max(1, round(part.shape[0] * scale)), max(1, round(part.shape[1] * scale))
        if (h, w) != part.shape[:2]:
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC if scale < PIXELS else cv2.INTER_NEAREST
            part = cv2.resize(part, (w, h), interpolation=how)
        part = np.ascontiguousarray(part)  # QImage reads past the end of anything else
        image = shared_image(part)
        self._kept = part  # QImage does not keep it alive
        ratio = self.devicePixelRatioF()
        image.setDevicePixelRatio(ratio)
        return image, QPointF(round(left + x0 * scale) / ratio, round(top + y0 * scale) / ratio)

    # ---- mouse and keys

    def wheelEvent(self, event) -> None:
        if not self._zoomable or self.image is None:
            return event.ignore()
        self.set_zoom(self.scale() * 1.0015 ** event.angleDelta().y(), event.position())

    def mousePressEvent(self, event) -> None:
        if self._zoomable and self.zoom and event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            event.ignore()

    def mouseMoveEvent(self, event) -> None:
        if self._grip is not None and self.image is not None:
            self._centre += self._share_at(self._grip) - self._share_at(event.position())
            self._grip = event.position()
            self._keep_inside()
            self.update()

    def mouseReleaseEvent(self, event) -> None:
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event) -> None:
        if self._zoomable:
            self.set_zoom(None)
        else:
            event.ignore()

    def keyPressEvent(self, event) -> None:
        factor = {Qt.Key.Key_Plus: 1.25, Qt.Key.Key_Equal: 1.25, Qt.Key.Key_Minus: 0.8}.get(event.key())
        if self._zoomable and factor and self.image is not None:
            self.set_zoom(self.scale() * factor)
        else:
            super().keyPressEvent(event)

    def image_rect(self) -> QRect:
        """Where the image is shown, in widget coordinates."""
        if self.image is None:
            return QRect()
        (left, top), scale, ratio, (height, width) = self._origin(), self.scale(), self.devicePixelRatioF(), self.image.shape[:2]
        return QRect(round(left / ratio), round(top / ratio), round(width * scale / ratio), round(height * scale / ratio))
