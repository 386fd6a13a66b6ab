"""Distances between an image and its target, by name."""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

BETTER_HIGH = {"PSNR", "SSIM"}  # of all others, less is better


def measure(output: np.ndarray, target: np.ndarray, *, lpips: bool = False) -> dict[str, float]:
    """Metrics of one image: `output` and `target` HxWxC uint8.

    L1: mean absolute difference on the networks' scale of -1..1. PSNR in dB, of equal images 100. SSIM -1..1 (Wang et al. 2004, Gaussian
    window of 11). LPIPS (Zhang et al. 2018, AlexNet) when asked for and its weights are on this disk.
    Raises ValueError when the shapes differ.
    """
    if output.shape != target.shape:
        raise ValueError(f"output of shape {output.shape} beside a target of shape {target.shape}: expected the same")
    a, b = _tensor(output), _tensor(target)
    values = {"L1": 2 * (a - b).abs().mean().item(), "PSNR": _psnr(a, b), "SSIM": _ssim(a, b)}
    if lpips and (distance := _lpips()) is not None:
        values["LPIPS"] = distance(a.expand(-1, 3, -1, -1), b.expand(-1, 3, -1, -1)).item()
    return values


def lpips_ready() -> bool:
    """True when LPIPS can be computed without a download."""
    return bool(list((Path(torch.hub.get_dir()) / "checkpoints").glob("alexnet-owt-*.pth")))


def fid_ready() -> bool:
    """True when FID can be computed without a download: torch-fidelity is installed and its weights are on this disk."""
    weights = Path(torch.hub.get_dir()) / "checkpoints" / "weights-inception-2015-12-05-6726825d.pth"
    return find_spec("torch_fidelity") is not None and weights.is_file()


def frechet_distance(outputs: list[np.ndarray], targets: list[np.ndarray]) -> float:
    """FID (Heusel et al. 2017) between two sets of HxWx3 uint8 images, two or more in each."""
    from torchmetrics.image.fid import FrechetInceptionDistance
    fid = FrechetInceptionDistance(feature=2048, normalize=True)
    for images, real in ((targets, True), (outputs, False)):
        for image in images:
            fid.update(_tensor(image).expand(-1, 3, -1, -1), real=real)
    return float(fid.compute())


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


@lru_cache(1)
def _lpips() -> Callable[[Tensor, Tensor], Tensor] | None:
    if not lpips_ready():
        return None
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity
    return LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)
