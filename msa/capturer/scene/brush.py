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
    cv2.polylines(image, [_fixed(points)], closed, colour, thickness, cv2.LINE_AA, SHIFT)


def disc(image: np.ndarray, centre, radius: float, colour: Colour) -> None:
    x, y = (round(float(v) * (1 << SHIFT)) for v in centre[:2])
    cv2.circle(image, (x, y), round(radius * (1 << SHIFT)), colour, -1, cv2.LINE_AA, SHIFT)


ROUND = np.linspace(0, np.pi, 7)[1:-1, None]
COS, SIN = np.cos(ROUND), np.sin(ROUND)


def limb(points, widths, steps: int = 5, tip: bool = True) -> np.ndarray:
    """Outline of a band along the smooth open curve through `points`, `widths` wide at each; with a round end if `tip`."""
    points = np.asarray(points, float)[:, :2]
    places, directions = _basis(len(points), False, steps)
    path, ahead = places @ points, directions @ points
    half = places @ np.asarray(widths, float)[:, None] / 2
    ahead *= half / np.sqrt(np.einsum("ij,ij->i", ahead, ahead) + 1e-9)[:, None]
    side = np.empty_like(ahead)
    side[:, 0], side[:, 1] = -ahead[:, 1], ahead[:, 0]
    left, right = path + side, (path - side)[::-1]
    if not tip:
        return np.concatenate([left, right])
    return np.concatenate([left, path[-1] + COS * side[-1] + SIN * ahead[-1], right])


@lru_cache(maxsize=512)
def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """From `a` to `b` by `amount` 0..1."""
    return tuple(x + (y - x) * amount for x, y in zip(a, b, strict=True))


def lit(image: np.ndarray, light: np.ndarray, mask: np.ndarray) -> None:
    """Multiply `image` in place by `light` (same shape, 128 leaves it as it is) where `mask` (0 or 255) is set."""
    cv2.copyTo(cv2.multiply(image, light, scale=1 / 128), mask, image)
