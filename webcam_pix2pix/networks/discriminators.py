"""Discriminators: PatchGAN and PixelGAN. NCHW in (input and output image concatenated); a map of logits out, no sigmoid."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from webcam_pix2pix.specs import PatchDiscriminator, PixelDiscriminator

from .layers import norm_layer


class PatchGAN(nn.Module):
    """256x256 in gives 30x30 logits with 3 layers."""

    def __init__(self, spec: PatchDiscriminator) -> None:
        super().__init__()
        self.spec = spec
        bias = spec.norm in ("instance", "spectral")
        layers: list[nn.Module] = [_conv(spec, spec.in_channels, spec.ndf, 4, 2), nn.LeakyReLU(0.2, inplace=True)]
        channels = spec.ndf
        for n in range(1, spec.n_layers + 1):
            wider = spec.ndf * min(2 ** n, 8)
            layers += [_conv(spec, channels, wider, 4, 2 if n < spec.n_layers else 1, bias), norm_layer(spec.norm, wider),
                       nn.LeakyReLU(0.2, inplace=True)]
            channels = wider
        self.model = nn.Sequential(*layers, _conv(spec, channels, 1, 4, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class PixelGAN(nn.Module):
    """One logit per pixel."""

    def __init__(self, spec: PixelDiscriminator) -> None:
        super().__init__()
        self.spec = spec
        bias, ndf = spec.norm in ("instance", "spectral"), spec.ndf
        self.net = nn.Sequential(_conv(spec, spec.in_channels, ndf, 1, 1), nn.LeakyReLU(0.2, inplace=True),
                                 _conv(spec, ndf, 2 * ndf, 1, 1, bias), norm_layer(spec.norm, 2 * ndf), nn.LeakyReLU(0.2, inplace=True),
                                 _conv(spec, 2 * ndf, 1, 1, 1, bias))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


def _conv(spec: PatchDiscriminator | PixelDiscriminator, in_channels: int, out_channels: int, kernel: int, stride: int,
          bias: bool = True) -> nn.Module:
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride=stride, padding=kernel // 4, bias=bias)
    return spectral_norm(conv) if spec.norm == "spectral" else conv
