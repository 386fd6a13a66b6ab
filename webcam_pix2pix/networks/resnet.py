"""The ResNet generator of CycleGAN and of pix2pixHD. NCHW; height and width multiples of spec.multiple; -1..1 in and out."""

from torch import Tensor, nn

from webcam_pix2pix.specs import ResNet

from .layers import Dropout, norm_layer


class ResNetGenerator(nn.Module):
    """The generator of a ResNet spec: NxCxHxW, -1..1."""

    def __init__(self, spec: ResNet) -> None:
        super().__init__()
        self.spec = spec
        ngf, bias = spec.ngf, spec.has_bias()
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(spec.in_channels, ngf, 7, bias=bias), _norm(spec, ngf), nn.ReLU(inplace=True)]
        for channels in (ngf * 2 ** level for level in range(spec.halvings)):
            layers += [nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=bias), _norm(spec, 2 * channels),
                       nn.ReLU(inplace=True)]
        layers += [ResNetBlock(spec) for _ in range(spec.blocks)]
        for channels in (ngf * 2 ** level for level in range(spec.halvings, 0, -1)):
            layers += [nn.ConvTranspose2d(channels, channels // 2, 3, stride=2, padding=1, output_padding=1, bias=bias),
                       _norm(spec, channels // 2), nn.ReLU(inplace=True)]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, spec.out_channels, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class ResNetBlock(nn.Module):
    """One residual block."""

    def __init__(self, spec: ResNet) -> None:
        super().__init__()
        channels, bias = spec.ngf * 2 ** spec.halvings, spec.has_bias()
        layers = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), _norm(spec, channels), nn.ReLU(inplace=True)]
        layers += [Dropout()] if spec.dropout else []
        layers += [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), _norm(spec, channels)]
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


def _norm(spec: ResNet, channels: int) -> nn.Module:
    return norm_layer(spec.norm, channels, running_stats=spec.running_stats)
