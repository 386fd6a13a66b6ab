"""Layers that torch lacks: norms and dropout that can be switched while running, convolutions that grow the image."""

from typing import Protocol, TypeVar, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from webcam_pix2pix.specs import NORM_MODES

Network = TypeVar("Network", bound=nn.Module)


@runtime_checkable
class PerImage(Protocol):
    """A module whose norms can use the statistics of each image outside of training."""

    per_image: bool


@runtime_checkable
class ForSizes(Protocol):
    """A network that is another one for each size of the image, (height, width)."""

    def at(self, size: tuple[int, int]) -> nn.Module: ...


def at_size(net: nn.Module, size: tuple[int, int]) -> nn.Module:
    """The network for images of `size` (height, width): the graph of an ONNX file is worked out for each."""
    return net.at(size) if isinstance(net, ForSizes) else net


def set_norm_mode(net: Network, mode: str, seed: int | None = None) -> Network:
    """How a network runs outside of training; returns the network, set to eval().

    eval: running statistics, no dropout. batch: statistics of each image, no dropout. paper: statistics of each image and dropout,
    with one fixed mask when a `seed` is given, else a new mask at each call (from torch's random state).
    Networks without running statistics have only those of the image.
    """
    if mode not in NORM_MODES:
        raise ValueError(f"norm mode: {mode!r} is not one of {', '.join(NORM_MODES)}")
    net.eval()
    dropouts = 0
    for module in net.modules():
        if isinstance(module, PerImage):
            module.per_image = mode != "eval"
        elif isinstance(module, Dropout):
            module.set_active(mode == "paper", None if seed is None else seed + dropouts)
            dropouts += 1
    return net


def norm_layer(norm: str, channels: int, eps: float = 1e-5, running_stats: bool = True) -> nn.Module:
    """The norm of that name; `none` and `spectral` (which acts on weights) keep their place in the order of layers."""
    if norm == "batch":
        return BatchNorm(channels, eps=eps, track_running_stats=running_stats)
    if norm == "sync":
        return SyncBatchNorm(channels, eps=eps, track_running_stats=running_stats)
    if norm == "instance":
        return InstanceNorm(channels, eps=eps)
    return nn.Identity()


def image_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """Batch norm with the mean and biased variance of each image by itself; also on 1x1 maps, where the result is `bias`."""
    if x.shape[2] == x.shape[3] == 1:  # exactly: the kernels scale first and subtract the mean after, with an error of 316 * eps * x
        return x - x if weight is None or bias is None else (x - x) * weight[:, None, None] + bias[:, None, None]
    # torch.instance_norm is F.instance_norm without the refusal of 1x1 maps
    return torch.instance_norm(x, weight, bias, None, None, True, 0.0, eps, torch.backends.cudnn.enabled)


class BatchNorm(nn.BatchNorm2d):
    """Batch norm that can use the statistics of each image outside of training too."""

    per_image = False

    def forward(self, x: Tensor) -> Tensor:
        alone = x.shape[0] * x.shape[2] * x.shape[3] == 1  # one value per channel: torch refuses to train on it
        if alone if self.training else self.per_image or self.running_mean is None:
            return image_norm(x, self.weight, self.bias, self.eps)
        return super().forward(x)


class SyncBatchNorm(nn.SyncBatchNorm):
    """Batch norm over all processes in training."""

    per_image = False

    def forward(self, x: Tensor) -> Tensor:
        if not self.training and (self.per_image or self.running_mean is None):
            return image_norm(x, self.weight, self.bias, self.eps)
        return super().forward(x)


class InstanceNorm(nn.InstanceNorm2d):
    """Instance norm without affine parameters and without running statistics."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, eps=eps, affine=False, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        return image_norm(x, None, None, self.eps)


class Dropout(nn.Dropout):
    """Dropout of one half that can stay active outside of training, with a fresh mask at each call or one fixed mask."""

    def __init__(self) -> None:
        super().__init__(0.5)
        self.set_active(False)

    def set_active(self, active: bool, seed: int | None = None) -> None:
        self._active, self._seed = active, seed
        self._mask: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.training or not self._active:
            return super().forward(x)
        if self._seed is None:
            return F.dropout(x, self.p, training=True)
        shape = (1, *x.shape[1:])  # every image of a batch meets the same mask
        mask = self._mask
        if mask is None or mask.shape != shape or mask.device != x.device or mask.dtype != x.dtype:
            generator = torch.Generator().manual_seed(self._seed)  # on the CPU: the same mask on every device
            keep = torch.rand(shape, generator=generator) >= self.p
            mask = self._mask = (keep / (1 - self.p)).to(x.device, x.dtype)
        return x * mask


class ResizeConv(nn.Conv2d):
    """Nearest x2, then a 3x3 convolution: grows the image without checkerboards."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class ResizeConv4(nn.Conv2d):
    """Nearest x2, then a 4x4 convolution padded 2 left and top, 1 right and bottom: the last layer of cryer/pix2pix."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 4, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(F.interpolate(x, scale_factor=2.0, mode="nearest"), (2, 1, 2, 1)))


class SeparableDown(nn.Module):
    """Halves the image: depthwise 4x4 stride 2, then pointwise."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, 4, stride=2, padding=1, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class SeparableUp(nn.Module):
    """Doubles the image: nearest x2, depthwise 4x4 padded 1 left and top, 2 right and bottom (SAME of TensorFlow), then pointwise."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, 4, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(F.pad(F.interpolate(x, scale_factor=2.0, mode="nearest"), (1, 2, 1, 2))))
