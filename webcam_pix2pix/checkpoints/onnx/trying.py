"""Which values a network takes and gives, found by trying: with the right ones a test image comes back plausible.

Plausible means: edges stay where they are, contrast and brightness are those of images, and little is cut off at black and white.
Where several are as good, a network is taken to give the range that it takes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from msa.capturer.sources.testscene import draw

from .hints import USUAL, Range

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIDE = 192  # of the test image, where sizes are free
LEAST_CONTRAST = 2.0  # of 255
SAME = 0.2  # what it is worth that both ranges are alike
USUALLY = 0.1  # what -1..1 is worth where nothing else tells: most GANs


@dataclass(frozen=True)
class Values:
    """How values are read: a range, and mean and std within it."""

    range: Range
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.range[0]:g} to {self.range[1]:g}" + (" less the mean of ImageNet" if self.mean else "")


def choices(channels: int, known: Range | None) -> list[Values]:
    """What may go in."""
    if known is not None:
        return [Values(known)]
    found = [Values(usual) for usual in USUAL]
    return [*found, Values((0.0, 1.0), IMAGENET_MEAN, IMAGENET_STD)] if channels == 3 else found


def tried(run: Callable[[np.ndarray], np.ndarray], size: tuple[int, int], channels: int, taken: Range | None,
          given: Range | None) -> tuple[Values, Range, float]:
    """(what goes in, the range of what comes out, how plausible). taken, given: ranges that are known already.

    run: HxWxC float32, values as chosen -> HxWxC float32. Raises whatever `run` raises.
    """
    image = test_image(size, channels)
    best: tuple[Values, Range, float] | None = None
    for values in choices(channels, taken):
        low, high = values.range
        x = image.astype(np.float32) / 255 * (high - low) + low
        if values.mean:
            x = (x - np.array(values.mean, np.float32)) / np.array(values.std, np.float32)
        y = run(x)
        if not np.isfinite(y).all():
            continue
        for limits in (given,) if given is not None else _possible(y):
            score = plausible(image, y, limits) + SAME * (limits == values.range)
            score += USUALLY * (values.range == (-1.0, 1.0) and taken is None and given is None)
            if best is None or score > best[2] + 1e-6:
                best = values, limits, score
    if best is None:
        raise ValueError("what it gives is not finite")
    return best


def test_image(size: tuple[int, int], channels: int) -> np.ndarray:
    """The drawn scene, HxWxC uint8 of `size` (height, width)."""
    image = cv2.resize(draw(40), size[::-1], interpolation=cv2.INTER_AREA)
    if channels == 3:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    return np.dstack([image, np.full_like(grey, 255)]) if channels == 4 else np.repeat(grey, channels, 2)


def plausible(image: np.ndarray, y: np.ndarray, limits: Range) -> float:
    """How much an output, read as `limits`, is an image made of `image`: about 0 to 2."""
    low, high = limits
    shown = (y - low) / (high - low) * 255
    outside = float(np.mean((shown < -13) | (shown > 268)))
    shown = np.clip(shown, 0, 255)
    grey, seen = (_grey(x) for x in (shown, image.astype(np.float32)))
    grey = cv2.resize(grey, seen.shape[::-1], interpolation=cv2.INTER_AREA)
    spread = float(grey.std())
    if spread < LEAST_CONTRAST:
        return -1.0 - outside
    contrast = float(np.exp(-abs(np.log(spread / float(seen.std())))))
    bright = 1 - abs(float(grey.mean()) - 127.5) / 127.5
    return _likeness(_edges(grey), _edges(seen)) + 0.5 * contrast + 0.2 * bright - outside


def _possible(y: np.ndarray) -> list[Range]:
    """The ranges that the values of an output may be meant in."""
    low, high = (float(v) for v in np.quantile(y, (0.01, 0.99)))
    found: list[Range] = []
    if low > -0.5 and high < 1.6:
        found.append((0.0, 1.0))
    if low > -2.0 and high < 2.0:
        found.append((-1.0, 1.0))
    if high > 3.0:
        found.append((0.0, 255.0))
    return found or [(-1.0, 1.0) if low < 0 else (0.0, 255.0)]


def _grey(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x[..., :3].mean(2), np.float32)


def _edges(grey: np.ndarray) -> np.ndarray:
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5)
    return cv2.magnitude(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))


def _likeness(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
