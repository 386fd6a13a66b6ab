"""OutputView: the painting as it is projected, a test pattern, a blackout, and the corners while they are moved."""

import time

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from webcam_pix2pix.projection import BACKGROUNDS, SQUARE, Corners, Screen, corners_of, is_convex, pattern, projected, text_of

from ..panels.image_item import shared_image
from ..panels.image_view import ImageView

FADE_MS = 16
GRAB_PX = 40.0  # from a corner, to take hold of it
STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
TURNS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
CORNER_KEYS = (*STEPS, *ENDS, *TURNS, Qt.Key.Key_Backspace)
HANDLE_PX = 22
HELP = "Tab: next corner · arrows: 1 pixel · Shift: 10 · Backspace: the whole screen · Enter: done"


class OutputView(ImageView):
    """What the audience sees; nothing else is ever drawn on it, except handles while the corners are moved.

    Attributes:
        placing: how the painting is shown.
        black: share of the blackout, 0..1.
        moving: number of the corner that the keys move; None: the corners are not being moved.

    Signals:
        corners_moved(str): they are elsewhere, as Screen.corners says it.
        done(): the corners are where they belong.
    """

    corners_moved = Signal(str)
    done = Signal()

    def __init__(self) -> None:
        super().__init__("prediction, full screen", "", background="#000000", zoomable=False)
        self.placing = Screen()
        self.black = 0.0
        self.moving: int | None = None
        self._pattern: np.ndarray | None = None
        self._drawn: tuple | None = None  # (image, size, placing), what was made of them
        self._held: int | None = None  # corner that the mouse has
        self._fade: tuple[float, float, float] | None = None  # from, to, when it began
        self._timer = QTimer(self, interval=FADE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    def place(self, placing: Screen) -> None:
        """Show the painting as `placing` says from now on."""
        if placing != self.placing:
            self.placing = placing
            self.viewport().update()

    def fade(self, black: bool) -> None:
        """To black or back, from wherever it is."""
        self._fade = self.black, float(black), time.monotonic()
        self._timer.start()
        self._step()

    def show_pattern(self, name: str | None) -> None:
        """The test pattern instead of the painting, with the name of its screen; None: the painting again."""
        ratio = self.devicePixelRatioF()
        self._pattern = None if name is None else pattern(round(self.width() * ratio), round(self.height() * ratio), name)
        self.viewport().update()

    @property
    def shows_pattern(self) -> bool:
        return self._pattern is not None

    def move_corners(self, on: bool) -> None:
        """Begin or end to move the corners."""
        self.moving = 0 if on else None
        for part in (self, self.viewport()):
            part.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.BlankCursor)
        self.viewport().update()

    def stop(self) -> None:
        """Nothing goes on by itself after this."""
        self._timer.stop()
        self.moving = None

    # ---- corners

    def takes(self, event: QKeyEvent) -> bool:
        """Use a key to move the corners, if they are being moved; whether it was used."""
        if self.moving is None:
            return False
        key = Qt.Key(event.key())
        if key in ENDS:
            self.done.emit()
        elif key in TURNS:
            self.moving = (self.moving + (1 if key == Qt.Key.Key_Tab else 3)) % 4
            self.viewport().update()
        elif key == Qt.Key.Key_Backspace:
            self.corners_moved.emit("")
        elif key in STEPS:
            pixels = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            (x, y), (dx, dy) = self._corners()[self.moving], STEPS[key]
            ratio = self.devicePixelRatioF()
            self._move(self.moving, x + dx * pixels / (self.width() * ratio), y + dy * pixels / (self.height() * ratio))
        else:
            return False
        return True

    def _corners(self) -> Corners:
        return corners_of(self.placing.corners)

    def _move(self, number: int, x: float, y: float) -> None:
        corners = list(self._corners())
        corners[number] = (round(x, 5), round(y, 5))
        if is_convex(tuple(corners)):
            self.corners_moved.emit(text_of(SQUARE if tuple(corners) == SQUARE else tuple(corners)))

    def _places(self) -> list[QPointF]:
        return [QPointF(x * self.width(), y * self.height()) for x, y in self._corners()]

    def mousePressEvent(self, event) -> None:
        if self.moving is None:
            return super().mousePressEvent(event)
        away = [(place - event.position()).manhattanLength() for place in self._places()]
        nearest = min(range(4), key=away.__getitem__)
        if away[nearest] <= 2 * GRAB_PX:
            self._held = self.moving = nearest
            self.viewport().update()

    def mouseMoveEvent(self, event) -> None:
        if self._held is None:
            return super().mouseMoveEvent(event)
        self._move(self._held, event.position().x() / self.width(), event.position().y() / self.height())

    def mouseReleaseEvent(self, event) -> None:
        if self.moving is None:
            return super().mouseReleaseEvent(event)
        self._held = None

    # ---- painting

    def paintEvent(self, event) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.rect(), QColor(*BACKGROUNDS[self.placing.background]))
        image, ratio = self.image if self._pattern is None else self._pattern, self.devicePixelRatioF()
        if image is not None and self.black < 1:
            size = round(self.width() * ratio), round(self.height() * ratio)
            made_of = image, size, self.placing
            if self._drawn is None or self._drawn[0][0] is not image or self._drawn[0][1:] != made_of[1:]:
                self._drawn = made_of, projected(image, size, self.placing)
            part, left, top = self._drawn[1]
            shown = shared_image(part)
            shown.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(left / ratio, top / ratio), shown)
        if self.black > 0:
            painter.fillRect(self.rect(), QColor(0, 0, 0, round(255 * self.black)))
        if self.moving is not None:
            self._draw_handles(painter)
        painter.end()

    def _draw_handles(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        painter.setPen(QPen(QColor("#e0a050"), 2))
        painter.drawPolygon(QPolygonF(places))
        for number, place in enumerate(places):
            painter.setBrush(QColor("#e0a050") if number == self.moving else QColor(0, 0, 0, 120))
            painter.drawEllipse(place, HANDLE_PX, HANDLE_PX)
        area = QRect(0, 0, self.width(), self.height()).adjusted(24, 24, -24, -24)
        painter.setPen(QColor("#e0e0e0"))
        box = painter.boundingRect(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, HELP)
        painter.fillRect(box.adjusted(-12, -8, 12, 8), QColor(0, 0, 0, 170))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, HELP)

    def _step(self) -> None:
        if self._fade is None:
            return self._timer.stop()
        start, end, began = self._fade
        share = 1.0 if self.placing.fade_s <= 0 else min(1.0, (time.monotonic() - began) / self.placing.fade_s)
        self.black = start + (end - start) * share
        if share >= 1:
            self._fade = None
            self._timer.stop()
        self.viewport().update()
