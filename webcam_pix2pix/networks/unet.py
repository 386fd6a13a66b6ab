"""The U-Net generator in all its dialects. NCHW; height and width multiples of spec.multiple; -1..1 in and out."""

import torch
from torch import Tensor, nn

from webcam_pix2pix.specs import UNet

from .layers import Dropout, ResizeConv, ResizeConv4, SeparableDown, SeparableUp, norm_layer
from .products import Down, Up


class UNetGenerator(nn.Module):
    """The generator of a UNet spec: NxCxHxW, -1..1."""

    def __init__(self, spec: UNet) -> None:
        super().__init__()
        self.spec = spec
        self.model = Level(spec, 0)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class Level(nn.Module):
    """One level with all levels inside it. Gives its input (the skip) and what came up from below, in the order of the spec."""

    def __init__(self, spec: UNet, level: int) -> None:
        super().__init__()
        self.outermost = level == 0
        self.skip_first = spec.order == "skip_first"
        self.model = nn.Sequential(*(_layer(spec, level, layer) for layer in spec.layers(level)))

    def forward(self, x: Tensor) -> Tensor:
        up = self.model(x)
        if self.outermost:
            return up
        if isinstance(up, Tensor) and up.requires_grad:  # not what stands for it while a tracer looks on
            up.register_hook(_dense)
        # the first layer may have activated x in place: harmless, a ReLU follows
        return torch.cat([x, up] if self.skip_first else [up, x], 1)


def _dense(gradient: Tensor) -> Tensor:
    """In channels_last a part of the channels has gaps, with which batch norm learns up to 15 times as slowly."""
    return gradient.contiguous(memory_format=torch.channels_last) if gradient.stride(1) == 1 else gradient


def _layer(spec: UNet, level: int, layer: str) -> nn.Module:
    outer = spec.channels(level - 1) if level else spec.out_channels
    inner = spec.channels(level)
    if layer == "down":
        return _down(spec, outer if level else spec.in_channels, inner)
    if layer == "up":
        return _up(spec, level, inner if level == spec.depth - 1 else 2 * inner, outer)
    if layer == "inner":
        return Level(spec, level + 1)
    if layer.endswith("_norm"):
        return norm_layer(spec.norm, inner if layer == "down_norm" else outer, spec.norm_eps, spec.running_stats)
    return {"down_relu": lambda: nn.LeakyReLU(spec.slope, inplace=True), "up_relu": lambda: nn.ReLU(inplace=True),
            "dropout": Dropout, "tanh": nn.Tanh}[layer]()


def _down(spec: UNet, in_channels: int, out_channels: int) -> nn.Module:
    if spec.separable:
        return SeparableDown(in_channels, out_channels, spec.has_bias())
    return Down(in_channels, out_channels, spec.has_bias())


def _up(spec: UNet, level: int, in_channels: int, out_channels: int) -> nn.Module:
    bias = spec.has_bias() if level else spec.last_bias
    if level == 0 and spec.last_resize:
        return ResizeConv4(in_channels, out_channels, bias)
    if spec.separable:
        return SeparableUp(in_channels, out_channels, bias)
    if spec.upsample == "resize_conv":
        return ResizeConv(in_channels, out_channels, bias)
    return Up(in_channels, out_channels, bias)
