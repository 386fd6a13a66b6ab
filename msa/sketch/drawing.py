"""Drawing: an image that is drawn on, with its undo."""

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np

from .palettes import Color

Point = tuple[float, float]  # x, y in pixels of the drawing, from the corner of the first pixel

LARGEST = 2048  # px a side
REMEMBERED = 96 << 20  # bytes of steps back, at most
FINE = 4  # binary digits of a pixel that OpenCV draws with


class Drawing:
    """Paper of one colour, and ink on it. Not for several threads at once.

    Attributes:
        image: HxWx3 RGB uint8, what was drawn; written to, so hand out copies.
        ink: HxW uint8, 255 where something was drawn: the ground may show something else to trace.
        ground: the colour of the empty paper.
        hard: edges are one colour or the other; else they are smooth.
    """

    def __init__(self, size: tuple[int, int] = (256, 256), ground: Color = (255, 255, 255), hard: bool = False) -> None:
        """size: (width, height) in pixels."""
        self.ground, self.hard = ground, hard
        self.image, self.ink = _paper(size, ground)
        self._before: deque[tuple[np.ndarray, np.ndarray, Color]] = deque()
        self._after: list[tuple[np.ndarray, np.ndarray, Color]] = []

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.image.shape[1], self.image.shape[0]

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    # ---- drawing

    def begin(self) -> None:
        """What is drawn from now on is one step of undo."""
        self._before.append(self._state())
        self._after.clear()
        room = max(1, REMEMBERED // (self.image.nbytes + self.ink.nbytes))
        while len(self._before) > room:
            self._before.popleft()

    def stroke(self, points: Sequence[Point], color: Color | None, width: float) -> None:
        """A line through `points` with round ends, `width` pixels wide; one point is a dot. color None: the eraser."""
        mask = self._mask()
        corners = np.rint((np.array(points, np.float32) - 0.5) * (1 << FINE)).astype(np.int32).reshape(-1, 1, 2)
        kind = cv2.LINE_8 if self.hard or color is None else cv2.LINE_AA  # what is erased leaves no rim
        thickness = max(1, round(width))
        if thickness > 1 or len(points) == 1:  # cv2's thick lines have round ends, dots have to be drawn
            for x, y in corners[:, 0].tolist() if len(points) < 3 else corners[[0, -1], 0].tolist():
                cv2.circle(mask, (x, y), max(0, round((thickness - 1) / 2 * (1 << FINE))), 255, -1, kind, FINE)
        if len(points) > 1:
            cv2.polylines(mask, [corners], False, 255, 1 if thickness == 1 else max(2, thickness - 2), kind, FINE)  # its rim comes on top
        self._lay(mask, color)

    def rectangle(self, corner: Point, other: Point, color: Color | None, width: float | None = None) -> None:
        """From corner to corner; filled, or with a line of `width` pixels. color None: the eraser."""
        mask = self._mask()
        (left, right), (top, bottom) = (sorted((int(a), int(b))) for a, b in zip(corner, other, strict=True))
        cv2.rectangle(mask, (left, top), (right, bottom), 255, -1 if width is None else max(1, round(width)))
        self._lay(mask, color)

    def fill(self, point: Point, color: Color | None) -> None:
        """Colour what has one colour around `point`; a point beside the paper does nothing."""
        x, y = int(point[0]), int(point[1])
        if not (0 <= x < self.size[0] and 0 <= y < self.size[1]):
            return
        mask = np.zeros((self.size[1] + 2, self.size[0] + 2), np.uint8)
        slack = (0, 0, 0) if self.hard else (24, 24, 24)  # smooth edges are filled up to their middle
        cv2.floodFill(self.image.copy(), mask, (x, y), (0, 0, 0), slack, slack, 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8))
        self._lay(np.ascontiguousarray(mask[1:-1, 1:-1]), color)

    def color_at(self, point: Point) -> Color | None:
        """The colour under `point`; None beside the paper."""
        x, y = int(point[0]), int(point[1])
        if not (0 <= x < self.size[0] and 0 <= y < self.size[1]):
            return None
        red, green, blue = (int(v) for v in self.image[y, x])
        return red, green, blue

    def clear(self, ground: Color | None = None) -> None:
        """Empty paper, in the colour `ground` if one is given. One step of undo, unless it is the first thing that is done."""
        if self.ink.any() or self.can_undo:
            self.begin()
        self.ground = self.ground if ground is None else ground
        self.image, self.ink = _paper(self.size, self.ground)

    def put(self, image: np.ndarray) -> None:
        """`image` (HxWx3 RGB uint8, of any size) becomes the drawing, its middle cropped to the shape of the paper. One step of undo."""
        self.begin()
        self.image = fitted(image, self.size)
        self.ink = np.full(self.image.shape[:2], 255, np.uint8)

    def resize(self, size: tuple[int, int]) -> None:
        """Paper of another `size` (width, height); what was drawn is stretched, its colours stay what they are. Forgets the undo."""
        size = (min(max(1, size[0]), LARGEST), min(max(1, size[1]), LARGEST))
        if size != self.size:
            how = cv2.INTER_NEAREST if self.hard else cv2.INTER_LINEAR if size[0] >= self.size[0] else cv2.INTER_AREA
            self.image = cv2.resize(self.image, size, interpolation=how)
            self.ink = cv2.resize(self.ink, size, interpolation=cv2.INTER_NEAREST)
            self._before.clear()
            self._after.clear()

    # ---- undo

    def undo(self) -> bool:
        """One step back; whether there was one."""
        return self._step(self._before, self._after)

    def redo(self) -> bool:
        """The step that was taken back; whether there was one."""
        return self._step(self._after, self._before)

    def restart(self) -> None:
        """Back to how it was at begin(), within the same step: a line follows the mouse until it is let go."""
        image, ink, self.ground = self._before[-1]
        self.image, self.ink = image.copy(), ink.copy()

    # ---- inside

    def _step(self, of, to) -> bool:
        if not of:
            return False
        to.append(self._state())
        image, ink, self.ground = of.pop()
        self.image, self.ink = image.copy(), ink.copy()
        return True

    def _state(self) -> tuple[np.ndarray, np.ndarray, Color]:
        return self.image.copy(), self.ink.copy(), self.ground

    def _mask(self) -> np.ndarray:
        return np.zeros(self.image.shape[:2], np.uint8)

    def _lay(self, mask: np.ndarray, color: Color | None) -> None:
        """Colour what the mask (0..255) covers; None: back to the ground."""
        inside = mask == 255
        self.image[inside] = self.ground if color is None else color
        soft = (mask > 0) & ~inside
        if soft.any():
            share = mask[soft, None].astype(np.float32) / 255
            self.image[soft] = np.rint(self.image[soft] * (1 - share) + np.array(self.ground if color is None else color) * share)
        self.ink[mask > 0] = 0 if color is None else 255


def fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest middle part of `image` (HxWx3 RGB uint8) with the shape of `size` (width, height), at that size; a fresh array."""
    height, width = image.shape[:2]
    part_w, part_h = min(width, max(1, round(height * size[0] / size[1]))), min(height, max(1, round(width * size[1] / size[0])))
    left, top = (width - part_w) // 2, (height - part_h) // 2
    part = image[top:top + part_h, left:left + part_w]
    how = cv2.INTER_AREA if part_w > size[0] else cv2.INTER_CUBIC
    return part.copy() if (part_w, part_h) == size else cv2.resize(part, size, interpolation=how)


def _paper(size: tuple[int, int], ground: Color) -> tuple[np.ndarray, np.ndarray]:
    width, height = size
    return np.full((height, width, 3), ground, np.uint8), np.zeros((height, width), np.uint8)
