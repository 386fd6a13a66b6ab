"""Losses of the two networks."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from webcam_pix2pix.evaluation.stability import moved

DIVERGED = ("the last good checkpoint is kept; try a lower --lr, --precision fp32, --gan_mode lsgan or --spectral_norm in a run of another "
            "--name")


def gan_loss(mode: str, opinion: Tensor, real: bool) -> Tensor:
    """How far the discriminator's `opinion` (logits of any shape) is from "all real" or "all fake"."""
    opinion = opinion.float()
    if mode == "wgangp":
        return -opinion.mean() if real else opinion.mean()
    target = torch.ones_like(opinion) if real else torch.zeros_like(opinion)
    if mode == "lsgan":
        return F.mse_loss(opinion, target)
    return F.binary_cross_entropy_with_logits(opinion, target)


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """(|dD/dx| - 1)^2 between `real` and `fake`, both NxCxHxW, at the share `alpha` (Nx1x1x1, 0..1) of real (Gulrajani et al. 2017)."""
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_(True)
    opinion = discriminator(between).float()
    gradient, = torch.autograd.grad(opinion.sum(), between, create_graph=True)
    return ((gradient.float().flatten(1) + 1e-16).norm(2, dim=1) - 1).square().mean()


def features(discriminator: nn.Module, pair: Tensor) -> list[Tensor]:
    """Outputs of each activation of a discriminator, its opinion last."""
    found, x = [], pair
    for layer in discriminator.get_submodule("model" if hasattr(discriminator, "model") else "net").children():
        x = layer(x)
        if isinstance(layer, nn.LeakyReLU):
            found.append(x)
    return [*found, x]


def feature_matching(fake: list[Tensor], real: list[Tensor]) -> Tensor:
    """Mean L1 distance between the discriminator's layers on fake and on real (pix2pixHD, Wang et al. 2018); opinions left out."""
    return torch.stack([(f - r.detach()).abs().mean(dtype=torch.float32) for f, r in zip(fake[:-1], real[:-1], strict=True)]).mean()


def instability(fake: Tensor, again: Tensor, shifts: Tensor) -> Tensor:
    """How far the images of second shots (NxCxHxW) are from those of the first, moved as what they show has moved (Nx2 pixels)."""
    return F.l1_loss(again.float(), moved(fake.float(), shifts))
