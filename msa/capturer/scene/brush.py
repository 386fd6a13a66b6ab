"""Drawing: smooth curves, filled shapes, tapered strokes, soft light. Points are float arrays Nx2 (x right, y down, pixels)."""

from functools import lru_cache

import cv2
import numpy as np

SHIFT = 4  # bits of sub-pixel precision
Colour = tuple[float, ...]  # RGB 0..255


@lru_cache(maxsize=64)
def _basis(n: int, closed: bool, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrices that turn n points into the points of the Catmull-Rom curve through them, and into its directions there."""
    t = np.append(np.arange(steps) / steps, 1.0)
    weights = 0.5 * np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], 1)
    slopes = 0.5 * np.stack([-1 + 4 * t - 3 * t**2, -10 * t + 9 * t**2, 1 + 8 * t - 9 * t**2, -2 * t + 3 * t**2], 1)
    spans = n if closed else n - 1
    matrices = np.zeros((2, spans * steps + 1, n))
    for span in range(spans):
        for k in range(4):
            point = (span + k - 1) % n if closed else min(max(span + k - 1, 0), n - 1)
            last = span == spans - 1  # the end of the curve
            rows = slice(span * steps, (span + 1) * steps + last)
            matrices[0, rows, point] += weights[:steps + last, k]
            matrices[1, rows, point] += slopes[:steps + last, k]
    return (matrices[0, :-1], matrices[1, :-1]) if closed else (matrices[0], matrices[1])


def curve(points, closed: bool = True, steps: int = 6) -> np.ndarray:
    """The smooth curve through `points` (NxD, any D)."""
    return _basis(len(points), closed, steps)[0] @ points


def _fixed(points) -> np.ndarray:
    return (np.asarray(points)[:, :2] * (1 << SHIFT) + 0.5).astype(np.int32)


def fill(image: np.ndarray, points, colour: Colour | int) -> None:
    """Fill the shape; an int is for masks."""
    cv2.fillPoly(image, [_fixed(points)], colour, cv2.LINE_AA, SHIFT)


def line(image: np.ndarray, points, colour: Colour, thickness: int = 1, closed: bool = False) -> None:
    """Draw a line through the points, `thickness` pixels wide."""
    cv2.polylines(image, [_fixed(points)], closed, colour, thickness, cv2.LINE_AA, SHIFT)


def lines(image: np.ndarray, many, colour: Colour, thickness: int = 1) -> None:
    """Several open lines of one colour at once."""
    cv2.polylines(image, [_fixed(points) for points in many], False, colour, thickness, cv2.LINE_AA, SHIFT)


def disc(image: np.ndarray, centre, radius: float, colour: Colour) -> None:
    """Draw a filled circle."""
    x, y = (round(float(v) * (1 << SHIFT)) for v in centre[:2])
    cv2.circle(image, (x, y), round(radius * (1 << SHIFT)), colour, -1, cv2.LINE_AA, SHIFT)


ROUND = np.linspace(0, np.pi, 7)[1:-1, None]
COS, SIN = np.cos(ROUND), np.sin(ROUND)


class Spine:
    """The smooth open curve through `points` with its breadth `widths` at each, from which bands around it are drawn."""

    def __init__(self, points, widths, steps: int = 5) -> None:
        points = np.asarray(points, float)[:, :2]
        places, directions = _basis(len(points), False, steps)
        self._path, ahead = places @ points, directions @ points
        self._half = places @ np.asarray(widths, float)[:, None] / 2
        self._ahead = ahead / np.sqrt(np.einsum("ij,ij->i", ahead, ahead) + 1e-9)[:, None]
        self._side = np.empty_like(ahead)
        self._side[:, 0], self._side[:, 1] = -self._ahead[:, 1], self._ahead[:, 0]

    def band(self, share: float = 1.0, grow: float = 0.0, shift: float = 0.0, tip: bool = True) -> np.ndarray:
        """Outline of the band of `share` of the breadth, `grow` pixels more at each side, `shift` pixels to the right; round at its end."""
        path = np.add(self._path, (shift, 0.0)) if shift else self._path
        half = self._half * share + grow
        side = self._side * half
        left, right = path + side, (path - side)[::-1]
        if not tip:
            return np.concatenate([left, right])
        return np.concatenate([left, path[-1] + COS * side[-1] + SIN * (self._ahead[-1] * half[-1]), right])


def limb(points, widths, steps: int = 5, tip: bool = True) -> np.ndarray:
    """Outline of a band along the smooth open curve through `points`, `widths` wide at each; with a round end if `tip`."""
    return Spine(points, widths, steps).band(tip=tip)


@lru_cache(maxsize=512)
def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """From `a` to `b` by `amount` 0..1."""
    return tuple(x + (y - x) * amount for x, y in zip(a, b, strict=True))


def shine(image: np.ndarray, outline: np.ndarray, patches, rest: int = 128, sigma: float = 2.0) -> None:
    """Lay soft light and shadow over what is within `outline`.

    patches: (points, colour), each multiplies the image by colour / 128; `rest` is for what they leave. Their edges are blurred by
    `sigma` times four pixels, because they are painted at a quarter of the size.
    """
    x0, y0 = (max(0, int(v)) for v in outline.min(0))
    x1, y1 = min(image.shape[1], int(outline[:, 0].max()) + 2), min(image.shape[0], int(outline[:, 1].max()) + 2)
    if x1 - x0 < 8 or y1 - y0 < 8:
        return
    small = np.full((-(-(y1 - y0) // 4), -(-(x1 - x0) // 4), 3), rest, np.uint8)
    for points, colour in patches:
        fill(small, (points - (x0, y0)) / 4, colour)
    light = cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma), (x1 - x0, y1 - y0))
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    fill(mask, outline - (x0, y0), 255)
    part = image[y0:y1, x0:x1]
    cv2.copyTo(cv2.multiply(part, light, scale=1 / 128), mask, part)
