"""Canvas: the paper of the sketch pad. Mouse, pen and keys become strokes on a Drawing."""

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from msa.sketch import Drawing
from msa.sketch.drawing import fitted

from ..foundation import theme
from ..panels.image_item import shared_image

TOOLS = {  # name -> (icon, for people)
    "pen": ("pencil-simple", "Freehand. Shift: straight on from the last point"), "line": ("line-segment", "Line. Shift: steps of 45°"),
    "box": ("selection", "Rectangle, filled. Shift: a square"), "frame": ("rectangle", "Rectangle, its outline. Shift: a square"),
    "fill": ("paint-bucket", "Fill an area of one colour"), "eraser": ("eraser", "Eraser: back to the empty paper"),
    "pick": ("eyedropper", "Take up a colour (or right click, with any tool)")}
FAINT = 0.35  # share of the width of a stroke at no pressure
UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


class Canvas(QWidget):
    """Attributes:
        drawing: what is drawn on.
        tool: one of TOOLS. color: RGB. stroke_width: in pixels of the drawing.
        underlay: HxWx3 RGB uint8 to trace, shown where the paper is empty; no part of the drawing. None: none. strength: 0 to 1.

    Signals:
        changed(): the drawing is another one.
        picked(): `color` was taken up from the drawing.
        dropped(str): an image file was dropped.
    """

    changed = Signal()
    picked = Signal()
    dropped = Signal(str)

    def __init__(self) -> None:
        super().__init__(accessibleName="sketch pad", acceptDrops=True)
        self.drawing = Drawing()
        self.tool, self.color, self.stroke_width = "pen", (0, 0, 0), 4.0
        self.underlay: np.ndarray | None = None
        self.strength = 0.5
        self._points: list[tuple[float, float]] = []  # of the stroke that is being drawn
        self._last: tuple[float, float] | None = None  # where the stroke before ended
        self._widths = 1.0  # by pressure
        self._chosen = ""  # the tool to go back to when the pen is lifted
        self._shown: np.ndarray | None = None  # with the underlay; None: to be made
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def drawing_now(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return bool(self._points)

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def touch(self) -> None:
        """The drawing was changed from outside, or how it is to be shown."""
        self._shown = None
        self.update()

    def undo(self) -> None:
        """One step back."""
        if not self._points and self.drawing.undo():
            self._tell()

    def redo(self) -> None:
        """The step that was taken back."""
        if not self._points and self.drawing.redo():
            self._tell()

    def place(self) -> QRectF:
        """Where the paper lies, in widget coordinates."""
        width, height = self.drawing.size
        scale = min((self.width() - 2) / width, (self.height() - 2) / height)
        return QRectF((self.width() - scale * width) / 2, 1, scale * width, scale * height)

    # ---- drawing

    def _at(self, position: QPointF) -> tuple[float, float]:
        place = self.place()
        scale = place.width() / self.drawing.size[0]
        return (position.x() - place.x()) / scale, (position.y() - place.y()) / scale

    def _begin(self, at: tuple[float, float], pressure: float, straight: bool) -> None:
        if self.tool == "pick":
            return self._pick(at)
        self._widths = pressure
        self.drawing.begin()
        if self.tool == "fill":
            self.drawing.fill(at, self.color)
            return self._tell()
        start = self._last if straight and self._last is not None and self.tool in ("pen", "eraser") else at
        self._points = [start]
        self._draw_to(at, False)

    def _draw_to(self, at: tuple[float, float], straight: bool) -> None:
        start, color, width = self._points[0], None if self.tool == "eraser" else self.color, self.stroke_width * self._widths
        if self.tool in ("pen", "eraser"):
            self.drawing.stroke([self._points[-1], at] if at != self._points[-1] else [at], color, width)
            self._points.append(at)
        else:
            self.drawing.restart()
            at = _straight(start, at, self.tool == "line") if straight else at
            if self.tool == "line":
                self.drawing.stroke([start, at] if at != start else [at], color, width)
            else:
                self.drawing.rectangle(start, at, color, None if self.tool == "box" else width)
        self._last = at
        self._tell()

    def _pick(self, at: tuple[float, float]) -> None:
        color = self.drawing.color_at(at)
        if color is not None:
            self.color = color
            self.picked.emit()

    def _tell(self) -> None:
        self.touch()
        self.changed.emit()

    # ---- events

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._pick(self._at(event.position()))
        elif event.button() == Qt.MouseButton.LeftButton and not self._points:
            self._begin(self._at(event.position()), 1.0, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event) -> None:
        self._pointer = event.position()
        self.update()
        if self._points and event.buttons() & Qt.MouseButton.LeftButton:
            self._draw_to(self._at(event.position()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseReleaseEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._points = []

    def tabletEvent(self, event) -> None:
        """A pen: the harder it is pressed, the wider the stroke; its other end is an eraser."""
        kind, at = event.type(), self._at(event.position())
        self._pointer = event.position()
        width = FAINT + (1 - FAINT) * event.pressure()
        if kind == QEvent.Type.TabletPress and event.button() == Qt.MouseButton.LeftButton and not self._points:
            self._chosen = self.tool
            if event.pointerType() == event.pointingDevice().PointerType.Eraser:
                self.tool = "eraser"
            self._begin(at, width, False)
        elif kind == QEvent.Type.TabletMove and self._points:
            self._widths = width
            self._draw_to(at, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif kind == QEvent.Type.TabletRelease:
            self._points = []
            self.tool, self._chosen = self._chosen or self.tool, ""
        self.update()
        event.accept()  # else it comes again as a mouse

    def leaveEvent(self, event) -> None:
        self._pointer = None
        self.update()

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and (event.matches(UNDO) or event.matches(REDO)):
            event.accept()  # while one draws, it is the drawing that is taken back
            return True
        return super().event(event)

    def keyPressEvent(self, event) -> None:
        if event.matches(UNDO):
            self.undo()
        elif event.matches(REDO):
            self.redo()
        else:
            event.ignore()

    def dragEnterEvent(self, event) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event) -> None:
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData().urls()[0].toLocalFile())

    def paintEvent(self, event) -> None:
        if self._shown is None:
            self._shown = np.ascontiguousarray(self._composed())
        painter, place = QPainter(self), self.place()
        painter.fillRect(self.rect(), QColor(theme.current().panel))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.drawing.hard and place.width() < 3 * self.drawing.size[0])
        painter.drawImage(place, shared_image(self._shown))
        painter.setPen(QPen(QColor(theme.current().line), 1))
        painter.drawRect(place)
        if self._pointer is not None and place.contains(self._pointer) and self.tool not in ("fill", "pick", "box"):
            radius = max(1.5, self.stroke_width / 2 * place.width() / self.drawing.size[0])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for color, more in (("#000000", 0.5), ("#ffffff", -0.5)):  # seen on any colour
                painter.setPen(QPen(QColor(color), 1))
                painter.drawEllipse(self._pointer, radius + more, radius + more)

    def _composed(self) -> np.ndarray:
        drawing = self.drawing
        if self.underlay is None:
            return drawing.image
        below = cv2.addWeighted(drawing.image, 1 - self.strength, fitted(self.underlay, drawing.size), self.strength, 0)
        return np.where(drawing.ink[..., None] > 0, drawing.image, below)


def _straight(start: tuple[float, float], at: tuple[float, float], is_line: bool) -> tuple[float, float]:
    """`at`, moved so that a line goes in a step of 45°, or a rectangle is a square."""
    dx, dy = at[0] - start[0], at[1] - start[1]
    longer = max(abs(dx), abs(dy))
    if is_line and min(abs(dx), abs(dy)) < 0.41 * longer:  # nearer to an axis than to a diagonal
        return (at[0], start[1]) if abs(dx) > abs(dy) else (start[0], at[1])
    return start[0] + (longer if dx >= 0 else -longer), start[1] + (longer if dy >= 0 else -longer)
