"""Distances between an image and its target, by name."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .lpips import Distance, load_lpips

BETTER_HIGH = {"PSNR", "SSIM"}  # of all others, less is better


def measure(output: np.ndarray, target: np.ndarray, *, lpips: Distance | None = None) -> dict[str, float]:
    """Metrics of one image: `output` and `target` HxWxC uint8.

    L1: mean absolute difference on the networks' scale of -1..1. PSNR in dB, of equal images 100. SSIM -1..1 (Wang et al. 2004, Gaussian
    window of 11). LPIPS by `lpips`, when that is given.
    Raises ValueError when the shapes differ.
    """
    if output.shape != target.shape:
        raise ValueError(f"output of shape {output.shape} beside a target of shape {target.shape}: expected the same")
    a, b = _tensor(output), _tensor(target)
    values = {"L1": 2 * (a - b).abs().mean().item(), "PSNR": _psnr(a, b), "SSIM": _ssim(a, b)}
    if lpips is not None:
        values["LPIPS"] = lpips(*((2 * x - 1).expand(-1, 3, -1, -1) for x in (a, b))).item()
    return values


@lru_cache(1)
def cached_lpips() -> Distance | None:
    """LPIPS by AlexNet, where its weights are in torch's cache."""
    found = sorted((Path(torch.hub.get_dir()) / "checkpoints").glob("alexnet-owt-*.pth"))
    return load_lpips(found[0]) if found else None


def _tensor(image: np.ndarray) -> Tensor:
    """HxWxC uint8 -> 1xCxHxW float 0..1"""
    return torch.from_numpy(np.ascontiguousarray(np.atleast_3d(image)).astype(np.float32)).permute(2, 0, 1)[None] / 255


def _psnr(a: Tensor, b: Tensor) -> float:
    from torchmetrics.functional.image import peak_signal_noise_ratio
    return min(100.0, peak_signal_noise_ratio(a, b, data_range=1.0).item())


def _ssim(a: Tensor, b: Tensor) -> float:
    from torchmetrics.functional.image import structural_similarity_index_measure
    found = structural_similarity_index_measure(a, b, data_range=1.0)
    return float(found[0] if isinstance(found, tuple) else found)
