"""Flicker: how much an image changes when nothing but noise, light and a shift of less than a pixel changes in front of the camera.

As a loss (Eilertsen, Mantiuk, Unger 2019, Single-frame Regularization for Temporally Stable CNNs) and as a metric.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

BORDER = 8  # px at the edges that are left out: what comes from outside of the image is unknown there


def moved(images: Tensor, shifts: Tensor) -> Tensor:
    """`images` (NxCxHxW float) each moved by its row of `shifts` (Nx2: down, right, in pixels, less than one), cubic."""
    n, channels, height, width = images.shape
    down, right = _taps(shifts.to(images)).unbind(1)
    kernel = (down[:, :, None] * right[:, None, :]).repeat_interleave(channels, 0)[:, None]
    padded = F.pad(images, (2, 2, 2, 2), mode="replicate").reshape(1, n * channels, height + 4, width + 4)
    return F.conv2d(padded, kernel, groups=n * channels).view(n, channels, height, width)


def flicker(before: np.ndarray, after: np.ndarray, shift: tuple[float, float]) -> float:
    """Mean absolute difference, on the scale of -1..1, between the images (HxWxC uint8) that a model gives for two shots of the same
    thing, the first one moved by `shift` (down, right, in pixels) as the second shot was. 0: as still as can be."""
    shifted = moved(torch.from_numpy(before.astype(np.float32)).permute(2, 0, 1)[None], torch.tensor([shift]))[0].permute(1, 2, 0)
    inside = (slice(BORDER, -BORDER),) * 2 if min(before.shape[:2]) > 3 * BORDER else (slice(None),) * 2
    return float(np.abs(after.astype(np.float32) - shifted.numpy())[inside].mean() / 127.5)


def _taps(shifts: Tensor) -> Tensor:
    """Nx2 -> Nx2x5, the weights that shots.taps() gives."""
    d = (torch.arange(-2, 3, device=shifts.device) + shifts[..., None]).abs()
    near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return torch.where(d < 1, near, torch.where(d < 2, far, torch.zeros_like(d)))
