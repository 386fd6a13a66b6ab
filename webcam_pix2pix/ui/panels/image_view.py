"""Image: a pyqtgraph view of one image: zoom, pan, fit, pixel values, copy, save, histogram."""

import numpy as np
from pyqtgraph import GraphicsView, ViewBox
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QLabel, QSizePolicy

from ..foundation import theme
from .histogram import Histogram
from .image_item import StageImage
from .image_menu import image_menu

ZOOMS = 1 / 8, 32.0  # device pixels per image pixel


class ImageView(GraphicsView):
    """Fitted to the widget until the user zooms (wheel, + and -); dragging moves a zoomed image, double click fits it again.

    Attributes:
        image: HxWx3 RGB uint8, read-only, shared with the item; None while there is nothing to show.
        item, view: pyqtgraph's ImageItem and the ViewBox it lies in.
        zoom: device pixels per image pixel; None: fitted.
        pointer: image pixel (x, y) under the mouse; None when it is elsewhere.

    Signals:
        zoomed(): the zoom or the image size changed.
        pointed(): the mouse is over another pixel.
        note(str), problem(str): what came of copying and saving.
        saved(str, str): a file was written: what to say, and the file.
    """

    zoomed = Signal()
    pointed = Signal()
    note = Signal(str)
    problem = Signal(str)
    saved = Signal(str, str)

    def __init__(self, name: str, empty: str, background: str | None = None, zoomable: bool = True) -> None:
        super().__init__(background=background or theme.current().panel)
        self.setAccessibleName(f"{name} image")
        self.name = name
        self.image: np.ndarray | None = None
        self.zoom: float | None = None
        self.pointer: tuple[int, int] | None = None
        self.histogram: Histogram | None = None  # once it is asked for
        self._background_, self._zoomable = background, zoomable
        self.item = StageImage()
        self.view = _View(self)
        self.view.addItem(self.item, ignoreBounds=True)
        self.setCentralItem(self.view)
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        fast = QGraphicsView.OptimizationFlag
        self.setOptimizationFlags(fast.DontSavePainterState | fast.DontAdjustForAntialiasing)
        for part in (self, self.viewport()):
            part.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing of the window is painted beneath
        self._words = QLabel(empty, self, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 72)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if zoomable else Qt.FocusPolicy.NoFocus)
        self.setInteractive(zoomable)
        self.retheme()

    @property
    def empty(self) -> str:
        """What is said where there is no image."""
        return self._words.text()

    @empty.setter
    def empty(self, text: str) -> None:
        if text != self._words.text():
            self._words.setText(text)

    def show_image(self, image: np.ndarray | None) -> None:
        """Show `image`, sharing its memory; None shows the empty text."""
        resized = (None if image is None else image.shape) != (None if self.image is None else self.image.shape)
        self.image = image
        self.item.show_array(image)
        if resized:
            self._words.setVisible(image is None)
            self._place()
            self.zoomed.emit()
        self.viewport().update()  # at once; by way of the scene it would be a turn of the event loop later

    def set_zoom(self, zoom: float | None, anchor: QPointF | None = None) -> None:
        """Device pixels per image pixel around `anchor` (widget coordinates; None: the middle); None fits the image."""
        if zoom is not None and self.image is not None:
            zoom = min(max(zoom, ZOOMS[0]), ZOOMS[1])
            anchor = anchor or QPointF(self.width() / 2, self.height() / 2)
            still, factor = self.at(anchor), self.scale() / zoom
            seen = self.view.viewRect()
            centre = still + (seen.center() - still) * factor
            self.zoom = zoom
            self._place(centre)
        else:
            self.zoom = None
            self._place()
        self.zoomed.emit()

    def scale(self) -> float:
        """Device pixels per image pixel as shown."""
        seen = self.view.viewRect()
        return 1.0 if self.image is None or not seen.width() else self.view.width() * self.devicePixelRatioF() / seen.width()

    def at(self, point: QPointF) -> QPointF:
        """The place in the image under `point` (widget coordinates), in image pixels."""
        return self.view.mapSceneToView(point)

    def image_rect(self) -> QRect:
        """Where the image is shown, in widget coordinates."""
        if self.image is None:
            return QRect()
        height, width = self.image.shape[:2]
        corner, other = self.view.mapViewToScene(QPointF(0, 0)), self.view.mapViewToScene(QPointF(width, height))
        return QRect(round(corner.x()), round(corner.y()), round(other.x() - corner.x()), round(other.y() - corner.y()))

    def under_pointer(self) -> str:
        """Place and colour of the pixel under the mouse, such as "12,40: 200 41 30"; empty when there is none."""
        if self.pointer is None or self.image is None:
            return ""
        (x, y), (height, width) = self.pointer, self.image.shape[:2]
        return f"{x},{y}: " + " ".join(f"{v:3d}" for v in self.image[y, x]) if x < width and y < height else ""

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def tick(self) -> None:
        """Called a few times a second: the histogram follows the image."""
        if self.histogram is not None and self.histogram.isVisible():
            self.histogram.show_image(self.image)
            self.histogram.place(self.image_rect())

    def show_histogram(self, on: bool) -> None:
        """Show or hide how often each brightness occurs, over the foot of the image."""
        if on and self.histogram is None:
            self.histogram = Histogram(self)
        if self.histogram is not None:
            self.histogram.setVisible(on)
            self.histogram.place(self.image_rect())
            self.tick()

    def retheme(self) -> None:
        """Colours of the theme."""
        color = self._background_ or theme.current().panel
        self.setBackground(color)
        self.item.around = QColor(color)
        self._words.setStyleSheet(f"color: {theme.current().dim};")
        if self.histogram is not None:
            self.histogram.retheme()

    def _place(self, centre: QPointF | None = None) -> None:
        """Bring the view to the zoom, around `centre` (image pixels; None: where it is)."""
        if self.image is None:
            return
        height, width = self.image.shape[:2]
        if self.zoom is None:
            self.view.setRange(QRectF(0, 0, width, height), padding=0)
        else:
            per_pixel = self.devicePixelRatioF() / self.zoom
            centre = centre or self.view.viewRect().center()
            x, y = min(max(centre.x(), 0.0), float(width)), min(max(centre.y(), 0.0), float(height))
            w, h = self.view.width() * per_pixel, self.view.height() * per_pixel
            self.view.setRange(QRectF(x - w / 2, y - h / 2, w, h), padding=0)

    # ---- events

    def close(self) -> bool:
        """Hide; pyqtgraph's own would take the scene apart, but a panel that was closed is opened again."""
        return QGraphicsView.close(self)

    def paintEvent(self, event) -> None:
        self.view.prepareForPaint()  # by itself, not by a signal to all that is in the scene
        QGraphicsView.paintEvent(self, event)

    def drawBackground(self, painter, rect) -> None:
        if not self.item.covers():  # else the item paints all of the viewport, each place once
            super().drawBackground(painter, rect)

    def resizeEvent(self, event) -> None:
        centre = self.view.viewRect().center() if hasattr(self, "view") else None
        super().resizeEvent(event)
        if hasattr(self, "_words"):
            self._words.setGeometry(self.rect().adjusted(theme.L, theme.L, -theme.L, -theme.L))
            self._place(centre)
            if self.histogram is not None:
                self.histogram.place(self.image_rect())

    def mouseMoveEvent(self, event) -> None:
        super().mouseMoveEvent(event)
        self._point(event.position())

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self._point(None)

    def _point(self, position: QPointF | None) -> None:
        pixel = None
        if position is not None and self.image is not None and self._zoomable:
            place, (height, width) = self.at(position), self.image.shape[:2]
            if 0 <= place.x() < width and 0 <= place.y() < height:
                pixel = int(place.x()), int(place.y())
        if pixel != self.pointer:
            self.pointer = pixel
            self.pointed.emit()

    def mouseDoubleClickEvent(self, event) -> None:
        if self._zoomable:
            self.set_zoom(None)
        else:
            event.ignore()

    def contextMenuEvent(self, event) -> None:
        if self._zoomable:
            image_menu(self).popup(event.globalPos())

    def keyPressEvent(self, event) -> None:
        factor = {Qt.Key.Key_Plus: 1.25, Qt.Key.Key_Equal: 1.25, Qt.Key.Key_Minus: 0.8}.get(event.key())
        if self._zoomable and factor and self.image is not None:
            self.set_zoom(self.scale() * factor)
        else:
            event.ignore()


class _View(ViewBox):
    """Zooms around the pointer and moves what is zoomed; square pixels, y downwards."""

    def __init__(self, view: ImageView) -> None:
        super().__init__(lockAspect=1.0, invertY=True, enableMenu=False, defaultPadding=0.0)
        self._image = view
        self.disableAutoRange()
        self.setFlag(self.GraphicsItemFlag.ItemClipsChildrenToShape, False)  # it fills the widget
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)
        for frame in (self.background, self.borderRect):
            frame.hide()

    def wheelEvent(self, ev, axis=None) -> None:
        view = self._image
        if view.image is None or not view._zoomable:
            return ev.ignore()
        ev.accept()
        view.set_zoom(view.scale() * 1.0015 ** ev.delta(), ev.scenePos())

    def mouseDragEvent(self, ev, axis=None) -> None:
        view = self._image
        if view.zoom is None or ev.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return ev.ignore()
        ev.accept()
        view._place(self.viewRect().center() + self.mapSceneToView(ev.lastScenePos()) - self.mapSceneToView(ev.scenePos()))
        view.viewport().setCursor(Qt.CursorShape.ArrowCursor if ev.isFinish() else Qt.CursorShape.ClosedHandCursor)
