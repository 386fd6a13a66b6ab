"""Differentiable augmentation of what the discriminator sees (Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GANs).

The same change is made to real and to fake pairs, so the generator does not learn it.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Draw = Callable[..., Tensor]  # draw(*shape): uniform 0..1, the first dimension is that of the batch


def augment(pair: Tensor, policy: str, draw: Draw) -> Tensor:
    """`pair` (NxCxHxW, -1..1) changed by the parts of `policy` (any of color,translation,cutout), each image on its own."""
    for name in filter(None, policy.split(",")):
        pair = PARTS[name](pair, draw)
    return pair


def _color(x: Tensor, draw: Draw) -> Tensor:
    brightness, saturation, contrast = draw(x.shape[0], 3).to(x.device).sub(0.5).view(-1, 3, 1, 1, 1).unbind(1)
    x = x + brightness
    mean = x.mean(1, keepdim=True)
    x = (x - mean) * (saturation * 2 + 1) + mean
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (contrast + 1) + mean


def _translation(x: Tensor, draw: Draw, share: float = 0.125) -> Tensor:
    n, _, h, w = x.shape
    shift = draw(n, 2).to(x.device) * 2 - 1
    rows = _moved(shift[:, 0] * h * share, h)
    columns = _moved(shift[:, 1] * w * share, w)
    padded = F.pad(x, (1, 1, 1, 1))
    batch = torch.arange(n, device=x.device).view(n, 1, 1)
    return padded.permute(0, 2, 3, 1)[batch, rows.view(n, h, 1), columns.view(n, 1, w)].permute(0, 3, 1, 2)


def _moved(shift: Tensor, size: int) -> Tensor:
    """Indices into a padded axis for each shift: NxS, 0 and size+1 are the padding."""
    return (torch.arange(size, device=shift.device) + shift.round().long().view(-1, 1) + 1).clamp(0, size + 1)


def _cutout(x: Tensor, draw: Draw, share: float = 0.5) -> Tensor:
    n, _, h, w = x.shape
    middle = draw(n, 2).to(x.device)
    rows = (torch.arange(h, device=x.device) - (middle[:, :1] * h).floor()).abs() < h * share / 2
    columns = (torch.arange(w, device=x.device) - (middle[:, 1:] * w).floor()).abs() < w * share / 2
    return x * ~(rows.view(n, 1, h, 1) & columns.view(n, 1, 1, w))


PARTS = {"color": _color, "translation": _translation, "cutout": _cutout}
