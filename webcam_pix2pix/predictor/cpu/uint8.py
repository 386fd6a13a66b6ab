"""Operations on uint8 feature maps (1xCxHxW, channels last) with a zero point."""

import cv2
import numpy as np
import torch
from torch import Tensor

from ..graph.shapes import Shape


class Bordered:
    """A buffer of 1xCxHxW bytes, channels last, with a border of zero points.

    Attributes:
        whole: the bytes with the border.
        inside: those without it.
        shape: of the whole, (C, H, W).
    """

    def __init__(self, shape: Shape, padding: tuple[int, int], zero: int) -> None:
        (channels, height, width), (y, x) = shape, padding
        self.shape = channels, height + 2 * y, width + 2 * x
        self.whole = torch.full((1, *self.shape), zero, dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
        self.inside = self.whole[:, :, y:y + height, x:x + width]


def leaky(x: Tensor, slope: float, zero: int, into: Tensor) -> Tensor:
    """leaky_relu of 1xCxHxW bytes, channels last, whose `zero` is 0; slope: 0..1. `into` may be x."""
    source, result = rows(x), rows(into)
    cv2.max(source, cv2.convertScaleAbs(source, alpha=slope, beta=(1 - slope) * zero), result)
    return into


def rows(x: Tensor) -> np.ndarray:
    """1xCxHxW, channels last -> its memory as H x WC."""
    pixels = x[0].permute(1, 2, 0)
    return pixels.view(len(pixels), -1).numpy()  # never a copy
