"""Flash limiter: no more flashes a second than allowed, for audiences in which somebody may have photosensitive epilepsy.

After WCAG 2.3.1, "Three Flashes or Below Threshold": a flash is a pair of opposing changes of relative luminance by 10 % of its range or
more, where the darker side is below 80 %. What would be one too many is shown as a slower change. Flashes of saturated red by themselves
are not looked for, and what others add to the image afterwards is not seen here.
"""

import cv2
import numpy as np

CELLS = 8  # along each side of the image
FEWEST = 2  # cells that flash together: of 64, about a quarter of the ten degrees of sight that WCAG counts, on a wide screen
CHANGE, DARK = 0.1, 0.8  # relative luminance
PERIOD_S = 1.0
SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08, 0.04)  # of the new image that are tried
_LINEAR = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255], np.float32)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)  # of red, green, blue


class FlashLimiter:
    """Sees every image that is shown, in order, and remembers what it let through."""

    def __init__(self) -> None:
        self._shown: np.ndarray | None = None
        self._small: np.ndarray = np.zeros((0, 0, 3), np.uint8)  # of the image shown
        self._extreme = np.zeros((CELLS, CELLS), np.float32)  # luminance where each cell turned last, or has come to since
        self._direction = np.zeros((CELLS, CELLS), np.int8)  # 1 brighter, -1 darker, 0 not known yet
        self._turns = np.zeros((0, CELLS, CELLS))  # times of the last turns, oldest first

    def __call__(self, image: np.ndarray, seconds: float, flashes: int) -> np.ndarray:
        """HxWx3 RGB uint8 that was to be shown at `seconds` -> what is shown: the same, or nearer to the image before.

        flashes: allowed in each second.
        """
        small: np.ndarray = cv2.resize(image, (4 * CELLS, 4 * CELLS), interpolation=cv2.INTER_AREA)
        if self._shown is None or len(self._turns) != 2 * flashes or seconds < self._turns.max():  # the first, or another film
            self._turns = np.full((2 * flashes, CELLS, CELLS), -np.inf)
            self._extreme, self._direction[:] = _luminance(small), 0
            self._shown, self._small = image, small
            return image
        if self._shown.shape != image.shape:
            self._shown = cv2.resize(self._shown, image.shape[1::-1], interpolation=cv2.INTER_AREA)  # another model
        full = seconds - self._turns[0] < PERIOD_S  # cells that have had their flashes
        for share in SHARES:
            luminance = _luminance(cv2.addWeighted(self._small, 1 - share, small, share, 0))
            turned = self._turned(luminance)
            if np.count_nonzero(turned & full) < FEWEST:
                break
        else:
            share, luminance = 0.0, _luminance(self._small)
            turned = self._turned(luminance) & ~full
        self._note(luminance, turned, seconds)
        if share < 1:
            image = cv2.addWeighted(self._shown, 1 - share, image, share, 0)
            small = cv2.resize(image, (4 * CELLS, 4 * CELLS), interpolation=cv2.INTER_AREA)
        self._shown, self._small = image, small
        return image

    def _turned(self, luminance: np.ndarray) -> np.ndarray:
        change = luminance - self._extreme
        dark = np.minimum(luminance, self._extreme) < DARK
        return (np.abs(change) >= CHANGE) & (np.sign(change) != self._direction) & dark

    def _note(self, luminance: np.ndarray, turned: np.ndarray, seconds: float) -> None:
        change = luminance - self._extreme
        further = change * self._direction > 0
        self._direction = np.where(turned, np.sign(change), self._direction).astype(np.int8)
        self._extreme = np.where(turned | further, luminance, self._extreme)
        later = np.concatenate([self._turns[1:], np.full((1, CELLS, CELLS), seconds)])
        self._turns = np.where(turned, later, self._turns)


def _luminance(small: np.ndarray) -> np.ndarray:
    """Relative luminance of each cell, 0..1."""
    return cv2.resize(_LINEAR[small] @ _WEIGHTS, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
