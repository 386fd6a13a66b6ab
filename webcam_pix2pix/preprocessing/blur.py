"""A wide Gaussian blur of bytes: the bytes of cv2.GaussianBlur in less than half of its time.

OpenCV blurs bytes in whole numbers: weights are 256ths, sums are exact and rounded once at the end. In float32 these sums are exact too
(they fit into its 24 bits), and its float32 filter is the faster one. Moved to -128..127 there is a bit left over, which makes what is
exactly between two whole numbers go up, as OpenCV does with bytes.
"""

from functools import lru_cache

import cv2
import numpy as np

NARROW = 7  # smaller kernels are fast enough in OpenCV
LARGE = 2 ** 17  # pixels; in larger images OpenCV is as fast or faster
MOVED = 128
UP = 2 ** -17  # half of the last bit of what two passes of 256ths give


def gaussian(image: np.ndarray, sigma: float) -> np.ndarray:
    """`cv2.GaussianBlur(image, (0, 0), sigma)`, bit for bit: HxW or HxWx3 uint8."""
    weights = _weights(sigma) if image.shape[0] * image.shape[1] <= LARGE else None
    return cv2.GaussianBlur(image, (0, 0), sigma) if weights is None else _blurred(image, weights)


def _blurred(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    blurred = cv2.sepFilter2D(image, cv2.CV_16S, weights, weights, delta=UP - MOVED)
    return cv2.convertScaleAbs(blurred, alpha=1, beta=MOVED)


@lru_cache(maxsize=64)
def _weights(sigma: float) -> np.ndarray | None:
    """Multiples of 1/256 as float32, n of them; None where OpenCV has to do it: narrow, or of other weights than ours."""
    size = round(sigma * 3 * 2 + 1) | 1
    if size < NARROW:
        return None
    half = size // 2
    exact = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    exact *= 256 / exact.sum()
    weights, carried = np.zeros(size), 0.0
    for i in range(half):  # from the end to the middle, what rounding takes from one weight goes to the next
        weights[i] = weights[-1 - i] = np.rint(exact[i] + carried)
        carried += exact[i] - weights[i]
    weights[half] = 256 - weights.sum()
    weights = (weights / 256).astype(np.float32)
    probe = np.random.default_rng(0).integers(0, 256, (32, 3 * size), np.uint8)
    return weights if np.array_equal(_blurred(probe, weights), cv2.GaussianBlur(probe, (0, 0), sigma)) else None
