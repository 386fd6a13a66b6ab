"""Generators of other well-known programs, from their specs. NCHW; their weights are named as those programs name them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from webcam_pix2pix.specs import AnimeGAN, ResNetVariant, StyleNet

from .layers import Dropout, image_norm, norm_layer


class AffineNorm(nn.InstanceNorm2d):
    """Instance norm with gain and offset."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return image_norm(x, self.weight, self.bias, self.eps)


class MirroredConv(nn.Module):
    """A convolution over mirrored borders, before which the image may be doubled."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, doubled: bool = False) -> None:
        super().__init__()
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest") if doubled else nn.Identity()
        self.pad = nn.ReflectionPad2d(kernel // 2)
        self.conv2d = nn.Conv2d(in_channels, out_channels, kernel, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2d(self.pad(self.upsample(x)))


class StyleBlock(nn.Module):
    """One residual block of fast neural style."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.in1 = MirroredConv(channels, channels, 3), AffineNorm(channels)
        self.conv2, self.in2 = MirroredConv(channels, channels, 3), AffineNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.in2(self.conv2(torch.relu(self.in1(self.conv1(x)))))


class StyleGenerator(nn.Module):
    """TransformerNet of a StyleNet spec: NxCxHxW, 0..255 (what it gives may leave that range)."""

    def __init__(self, spec: StyleNet) -> None:
        super().__init__()
        self.spec, n = spec, spec.ngf
        self.conv1, self.in1 = MirroredConv(spec.in_channels, n, 9), AffineNorm(n)
        self.conv2, self.in2 = MirroredConv(n, 2 * n, 3, 2), AffineNorm(2 * n)
        self.conv3, self.in3 = MirroredConv(2 * n, 4 * n, 3, 2), AffineNorm(4 * n)
        for block in range(1, spec.blocks + 1):
            self.add_module(f"res{block}", StyleBlock(4 * n))
        self.deconv1, self.in4 = MirroredConv(4 * n, 2 * n, 3, doubled=True), AffineNorm(2 * n)
        self.deconv2, self.in5 = MirroredConv(2 * n, n, 3, doubled=True), AffineNorm(n)
        self.deconv3 = MirroredConv(n, spec.out_channels, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.in1(self.conv1(x)))
        x = torch.relu(self.in2(self.conv2(x)))
        x = torch.relu(self.in3(self.conv3(x)))
        for block in range(1, self.spec.blocks + 1):
            x = getattr(self, f"res{block}")(x)
        x = torch.relu(self.in4(self.deconv1(x)))
        return self.deconv3(torch.relu(self.in5(self.deconv2(x))))


def _anime(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, groups: int = 1, bias: bool = False) -> nn.Sequential:
    """Mirrored border, convolution, layer norm, leaky ReLU. Where it halves the image only right and below are padded."""
    side = kernel // 2
    border = (0, 1, 0, 1) if stride == 2 else (side,) * 4
    return nn.Sequential(nn.ReflectionPad2d(border), nn.Conv2d(in_channels, out_channels, kernel, stride, groups=groups, bias=bias),
                         nn.GroupNorm(1, out_channels), nn.LeakyReLU(0.2))


class InvertedBlock(nn.Module):
    """Widened, convolved channel by channel, and narrowed again; added to what came in where the channels allow it."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        wide = 2 * in_channels
        self.same = in_channels == out_channels
        self.layers = nn.Sequential(_anime(in_channels, wide, 1), _anime(wide, wide, groups=wide, bias=True),
                                    nn.Conv2d(wide, out_channels, 1, bias=False), nn.GroupNorm(1, out_channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.same else y


class AnimeGenerator(nn.Module):
    """The generator of an AnimeGAN spec: NxCxHxW, -1..1."""

    def __init__(self, spec: AnimeGAN) -> None:
        super().__init__()
        self.spec, n = spec, spec.ngf
        self.block_a = nn.Sequential(_anime(spec.in_channels, n, 7), _anime(n, 2 * n, stride=2), _anime(2 * n, 2 * n))
        self.block_b = nn.Sequential(_anime(2 * n, 4 * n, stride=2), _anime(4 * n, 4 * n))
        self.block_c = nn.Sequential(_anime(4 * n, 4 * n), InvertedBlock(4 * n, 8 * n), *(InvertedBlock(8 * n, 8 * n) for _ in range(3)),
                                     _anime(8 * n, 4 * n))
        self.block_d = nn.Sequential(_anime(4 * n, 4 * n), _anime(4 * n, 4 * n))
        self.block_e = nn.Sequential(_anime(4 * n, 2 * n), _anime(2 * n, 2 * n), _anime(2 * n, n, 7))
        self.out_layer = nn.Sequential(nn.Conv2d(n, spec.out_channels, 1, bias=False), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        x = self.block_c(self.block_b(self.block_a(x)))
        x = self.block_d(F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=True))
        return self.out_layer(self.block_e(F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=True)))


class BlurDown(nn.Module):
    """Blurs with 1 2 1 and takes every second pixel."""

    filt: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pad = nn.ReflectionPad2d(1)
        self.register_buffer("filt", _binomial(3).expand(channels, 1, 3, 3).clone())

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(self.pad(x), self.filt, stride=2, groups=len(self.filt))


class BlurUp(nn.Module):
    """Doubles the image and blurs it with 1 3 3 1."""

    filt: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pad = nn.ReplicationPad2d(1)
        self.register_buffer("filt", 4 * _binomial(4).expand(channels, 1, 4, 4).clone())

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(self.pad(x), self.filt, stride=2, padding=2, groups=len(self.filt))[:, :, 1:-1, 1:-1]


def _binomial(taps: int) -> Tensor:
    row = torch.tensor({3: [1.0, 2.0, 1.0], 4: [1.0, 3.0, 3.0, 1.0]}[taps])
    return torch.outer(row, row) / row.sum() ** 2


class SeparableConv(nn.Module):
    """Depthwise and pointwise, with an instance norm between."""

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(in_channels, in_channels, 3, groups=in_channels, bias=bias),
                                  norm_layer("instance", in_channels), nn.Conv2d(in_channels, out_channels, 1, bias=bias))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class VariantBlock(nn.Module):
    """One residual block of a ResNetVariant."""

    def __init__(self, spec: ResNetVariant, channels: int, inner: int) -> None:
        super().__init__()

        def conv(a: int, b: int) -> nn.Module:
            return SeparableConv(a, b, True) if spec.separable else nn.Conv2d(a, b, 3, bias=spec.has_bias())

        layers = [nn.ReflectionPad2d(1), conv(channels, inner), _norm(spec, inner), nn.ReLU()]
        layers += [Dropout() if spec.dropout else nn.Identity()] if spec.dropout or spec.separable else []
        self.conv_block = nn.Sequential(*layers, nn.ReflectionPad2d(1), conv(inner, channels), _norm(spec, channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class VariantGenerator(nn.Module):
    """The generator of a ResNetVariant spec: NxCxHxW, -1..1."""

    def __init__(self, spec: ResNetVariant) -> None:
        super().__init__()
        self.spec, bias = spec, spec.has_bias()
        first, *downs, wide = spec.widths[:3]
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(spec.in_channels, first, 7, bias=bias), _norm(spec, first), nn.ReLU()]
        for before, after in ((first, downs[0]), (downs[0], wide)):
            layers += [nn.Conv2d(before, after, 3, 1 if spec.blur_down else 2, 1, bias=bias), _norm(spec, after), nn.ReLU()]
            layers += [BlurDown(after)] if spec.blur_down else []
        layers += [VariantBlock(spec, wide, inner) for inner in spec.widths[3:-2]]
        for before, after in ((wide, spec.widths[-2]), spec.widths[-2:]):
            layers += [BlurUp(before), nn.Conv2d(before, after, 3, padding=1, bias=bias)] if spec.blur_up else [
                nn.ConvTranspose2d(before, after, 3, 2, 1, 1, bias=bias)]
            layers += [_norm(spec, after), nn.ReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(spec.widths[-1], spec.out_channels, 7), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x.clamp(-1, 1) if self.spec.separable else x)


def _norm(spec: ResNetVariant, channels: int) -> nn.Module:
    return norm_layer(spec.norm, channels, running_stats=spec.running_stats)
