"""Fidelity: how much an image differs from the fp32 image, and how much it may differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LEAST_SSIM = 0.97  # structural similarity of the worst image
MOST_ERROR = 3.0  # mean absolute difference of the worst image, of 255


@dataclass(frozen=True)
class Fidelity:
    """Fidelity of the worst of several images."""

    ssim: float  # structural similarity, 1: the same
    error: float  # mean absolute difference, of 255

    @property
    def good(self) -> bool:
        return self.ssim >= LEAST_SSIM and self.error <= MOST_ERROR

    def __str__(self) -> str:
        return f"SSIM {self.ssim:.4f}, mean error {self.error:.2f} of 255"


def fidelity(images: Sequence[np.ndarray], exact: Sequence[np.ndarray]) -> Fidelity:
    """Compare images (HxWxC uint8) with those of fp32, one by one; the worst counts."""
    return Fidelity(min(ssim(a, b) for a, b in zip(images, exact, strict=True)),
                     max(float(cv2.absdiff(a, b).mean()) for a, b in zip(images, exact, strict=True)))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity of two HxWxC uint8 images, mean over pixels and channels (Wang et al. 2004: Gaussian window, sigma 1.5)."""
    def blurred(image: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(image, (11, 11), 1.5)

    x, y = a.astype(np.float32), b.astype(np.float32)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = blurred(x), blurred(y)
    var_x, var_y = blurred(x * x) - mean_x ** 2, blurred(y * y) - mean_y ** 2
    covariance = blurred(x * y) - mean_x * mean_y
    return float(np.mean((2 * mean_x * mean_y + c1) * (2 * covariance + c2)
                         / ((mean_x ** 2 + mean_y ** 2 + c1) * (var_x + var_y + c2))))
