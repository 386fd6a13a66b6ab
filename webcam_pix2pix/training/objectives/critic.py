"""Critic: a discriminator that looks through a trained network.

A discriminator of its own needs thousands of steps before it sees what sets generated images apart, on a few hundred images often for
ever. Small heads on the maps of a trained network see it within some dozen steps (Sauer et al. 2021, Projected GANs Converge Faster;
Kumari et al. 2022, Ensembling Off-the-shelf Models for GAN Training).
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from webcam_pix2pix.evaluation.backbone import Backbone, unit

from ..losses import gan_loss

FINEST = 4  # finer maps than a quarter of the image's sides tell nothing
LEAST = 2  # places of a map that a head needs, each way
WIDTH = 64  # channels of a head


class Critic(nn.Module):
    """Judges images by themselves, without their inputs, on several scales: one head for each stage of a backbone."""

    def __init__(self, backbone: Backbone, shape: tuple[int, int]) -> None:
        """shape: height and width of the images, in pixels."""
        super().__init__()
        with torch.no_grad():
            maps = backbone(torch.zeros(1, 3, *shape, device=next(backbone.parameters()).device))
        self.stages = [i for i, x in enumerate(maps) if x.shape[-1] * FINEST <= shape[1] and min(x.shape[-2:]) >= LEAST] or [len(maps) - 1]
        self.heads = nn.ModuleList(_head(maps[i].shape[1]) for i in self.stages)

    def maps(self, backbone: Backbone, images: Tensor) -> list[Tensor]:
        """What the heads see of Nx3xHxW in -1..1: at each place a vector of the same length, a number of it about 1."""
        maps = backbone(images)
        return [unit(maps[i]) * maps[i].shape[1] ** 0.5 for i in self.stages]

    def loss(self, maps: list[Tensor], real: bool) -> Tensor:
        """How far the opinions on `maps` are from "all real" or "all generated": least squares, mean over the heads."""
        return torch.stack([gan_loss("lsgan", head(x), real) for head, x in zip(self.heads, maps, strict=True)]).mean()


def _head(channels: int) -> nn.Module:
    """Looks at 3x3 and then 6x6 places."""
    return nn.Sequential(spectral_norm(nn.Conv2d(channels, WIDTH, 3, padding=1)), nn.LeakyReLU(0.2),
                         spectral_norm(nn.Conv2d(WIDTH, WIDTH, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
                         spectral_norm(nn.Conv2d(WIDTH, 1, 3, padding=1)))
