"""State dicts of other well-known programs: found by content, and their images are those of the original code, written here from its
definition."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from webcam_pix2pix import checkpoints
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import read_model
from webcam_pix2pix.predictor import PyTorchPredictor

X = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1


def mirrored(x, conv, side):
    return conv(F.pad(x, (side,) * 4, mode="reflect"))


class Layer(nn.Module):  # pytorch/examples: ConvLayer and UpsampleConvLayer
    def __init__(self, a, b, kernel, stride=1, up=0):
        super().__init__()
        self.conv2d, self.up = nn.Conv2d(a, b, kernel, stride), up

    def forward(self, x):
        x = F.interpolate(x, scale_factor=2, mode="nearest") if self.up else x
        return mirrored(x, self.conv2d, self.conv2d.kernel_size[0] // 2)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.conv2 = Layer(c, c, 3), Layer(c, c, 3)
        self.in1, self.in2 = nn.InstanceNorm2d(c, affine=True), nn.InstanceNorm2d(c, affine=True)

    def forward(self, x):
        return self.in2(self.conv2(F.relu(self.in1(self.conv1(x))))) + x


class TransformerNet(nn.Module):
    def __init__(self, n=32):
        super().__init__()
        sizes = [(3, n, 9, 1, 0), (n, 2 * n, 3, 2, 0), (2 * n, 4 * n, 3, 2, 0), (4 * n, 2 * n, 3, 1, 1), (2 * n, n, 3, 1, 1)]
        for name, norm, (a, b, kernel, stride, up) in zip(
            ("conv1", "conv2", "conv3", "deconv1", "deconv2"), range(1, 6), sizes, strict=True
        ):
            setattr(self, name, Layer(a, b, kernel, stride, up))
            setattr(self, f"in{norm}", nn.InstanceNorm2d(b, affine=True))
        for i in range(1, 6):
            setattr(self, f"res{i}", Block(4 * n))
        self.deconv3 = Layer(n, 3, 9)

    def forward(self, x):
        for i in (1, 2, 3):
            x = F.relu(getattr(self, f"in{i}")(getattr(self, f"conv{i}")(x)))
        for i in range(1, 6):
            x = getattr(self, f"res{i}")(x)
        for i in (1, 2):
            x = F.relu(getattr(self, f"in{i + 3}")(getattr(self, f"deconv{i}")(x)))
        return self.deconv3(x)


def anime(a, b, kernel=3, stride=1, groups=1, bias=False, pad=None):  # bryandlee/animegan2-pytorch: ConvNormLReLU
    pad = kernel // 2 if pad is None else pad
    return nn.Sequential(
        nn.ReflectionPad2d(pad), nn.Conv2d(a, b, kernel, stride, groups=groups, bias=bias), nn.GroupNorm(1, b), nn.LeakyReLU(0.2)
    )


class Inverted(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.same = a == b
        self.layers = nn.Sequential(
            anime(a, 2 * a, 1), anime(2 * a, 2 * a, groups=2 * a, bias=True), nn.Conv2d(2 * a, b, 1, bias=False), nn.GroupNorm(1, b)
        )

    def forward(self, x):
        return self.layers(x) + x if self.same else self.layers(x)


class Anime(nn.Module):
    def __init__(self, n=32):
        super().__init__()
        self.block_a = nn.Sequential(anime(3, n, 7), anime(n, 2 * n, stride=2, pad=(0, 1, 0, 1)), anime(2 * n, 2 * n))
        self.block_b = nn.Sequential(anime(2 * n, 4 * n, stride=2, pad=(0, 1, 0, 1)), anime(4 * n, 4 * n))
        self.block_c = nn.Sequential(
            anime(4 * n, 4 * n), Inverted(4 * n, 8 * n), *[Inverted(8 * n, 8 * n) for _ in range(3)], anime(8 * n, 4 * n)
        )
        self.block_d = nn.Sequential(anime(4 * n, 4 * n), anime(4 * n, 4 * n))
        self.block_e = nn.Sequential(anime(4 * n, 2 * n), anime(2 * n, 2 * n), anime(2 * n, n, 7))
        self.out_layer = nn.Sequential(nn.Conv2d(n, 3, 1, bias=False), nn.Tanh())

    def forward(self, x):
        half = self.block_a(x)
        y = F.interpolate(self.block_c(self.block_b(half)), half.shape[-2:], mode="bilinear", align_corners=True)
        return self.out_layer(self.block_e(F.interpolate(self.block_d(y), x.shape[-2:], mode="bilinear", align_corners=True)))


class Blur(nn.Module):  # CUT: Downsample and Upsample
    def __init__(self, channels, up):
        super().__init__()
        row = np.array([1.0, 3.0, 3.0, 1.0] if up else [1.0, 2.0, 1.0], np.float32)
        filt = torch.from_numpy(row[:, None] * row[None, :])
        self.up = up
        self.register_buffer("filt", (filt / filt.sum() * (4 if up else 1))[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x):
        if not self.up:
            return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.filt, stride=2, groups=x.shape[1])
        y = F.conv_transpose2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), self.filt, stride=2, padding=2, groups=x.shape[1])
        return y[:, :, 1:, 1:][:, :, :-1, :-1]


class Added(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


def cut(n=8, blocks=2, antialias=True, antialias_up=True, norm=nn.InstanceNorm2d, dropout=False):
    bias = norm is nn.InstanceNorm2d
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, n, 7, bias=bias), norm(n), nn.ReLU()]
    for c in (n, 2 * n):
        layers += [
            nn.Conv2d(c, 2 * c, 3, 1 if antialias else 2, 1, bias=bias),
            norm(2 * c),
            nn.ReLU(),
            *([Blur(2 * c, False)] if antialias else []),
        ]
    for _ in range(blocks):
        inner = [
            nn.ReflectionPad2d(1),
            nn.Conv2d(4 * n, 4 * n, 3, bias=bias),
            norm(4 * n),
            nn.ReLU(),
            *([nn.Dropout(0.5)] if dropout else []),
        ]
        layers.append(Added(*inner, nn.ReflectionPad2d(1), nn.Conv2d(4 * n, 4 * n, 3, bias=bias), norm(4 * n)))
    for c in (4 * n, 2 * n):
        grow = (
            [Blur(c, True), nn.Conv2d(c, c // 2, 3, 1, 1, bias=bias)]
            if antialias_up
            else [nn.ConvTranspose2d(c, c // 2, 3, 2, 1, 1, bias=bias)]
        )
        layers += [*grow, norm(c // 2), nn.ReLU()]
    return nn.ModuleDict({"model": nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(n, 3, 7), nn.Tanh())})


class Separable(nn.Module):  # GAN Compression: SeparableConv2d
    def __init__(self, a, b):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(a, a, 3, groups=a), nn.InstanceNorm2d(a), nn.Conv2d(a, b, 1))

    def forward(self, x):
        return self.conv(x)


def mobile(widths=(8, 12, 20, 24, 16, 12, 10, 6), norm=nn.InstanceNorm2d):
    """With widths as a search found them; the plain mobile ResNet is the case where each doubles the last."""
    first, one, two, *inner, up, last = widths
    bias = norm is nn.InstanceNorm2d
    layers = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, first, 7, bias=bias),
        norm(first),
        nn.ReLU(),
        nn.Conv2d(first, one, 3, 2, 1, bias=bias),
        norm(one),
        nn.ReLU(),
        nn.Conv2d(one, two, 3, 2, 1, bias=bias),
        norm(two),
        nn.ReLU(),
    ]
    layers += [
        Added(
            nn.ReflectionPad2d(1), Separable(two, n), norm(n), nn.ReLU(), nn.Dropout(0), nn.ReflectionPad2d(1), Separable(n, two), norm(two)
        )
        for n in inner
    ]
    layers += [
        nn.ConvTranspose2d(two, up, 3, 2, 1, 1, bias=bias),
        norm(up),
        nn.ReLU(),
        nn.ConvTranspose2d(up, last, 3, 2, 1, 1, bias=bias),
        norm(last),
        nn.ReLU(),
    ]
    return nn.ModuleDict({"model": nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(last, 3, 7), nn.Tanh())})


FAMILIES = {
    "fast neural style": (lambda: TransformerNet(4), 255.0),
    "AnimeGANv2": (lambda: Anime(4), 1.0),
    "CUT": (cut, 1.0),
    "CUT, blurred down only, dropout": (lambda: cut(antialias_up=False, dropout=True), 1.0),
    "CUT, blurred up only": (lambda: cut(antialias=False), 1.0),
    "CUT, batch norm": (lambda: cut(norm=nn.BatchNorm2d), 1.0),
    "GAN Compression": (mobile, 1.0),
    "GAN Compression, batch norm": (lambda: mobile(norm=nn.BatchNorm2d), 1.0),
    "GAN Compression, not searched": (lambda: mobile((8, 16, 32, *(32,) * 3, 16, 8)), 1.0),
}


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    net = FAMILIES[name][0]()
    for module in net.modules():  # weights that let every layer matter
        for key, value in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
            if key == "running_var":
                value.data.uniform_(0.5, 2)
            elif key == "running_mean" or (value.dim() == 1 and key in ("weight", "bias")):
                value.data.uniform_(-0.5, 1.5)
    return net.eval()


@pytest.mark.parametrize("name", FAMILIES)
def test_the_output_is_that_of_the_original_code(tmp_path, name):
    net, unit = made(name), FAMILIES[name][1]
    torch.save({"G": net.state_dict()} if name == "CUT" else net.state_dict(), tmp_path / "net.pth")
    checkpoint = checkpoints.load(tmp_path / "net.pth")
    assert checkpoint.format.split(",")[0] == name.split(",")[0]
    x = (X + 1) * 127.5 if unit == 255 else X
    with torch.inference_mode():
        expected = (net["model"] if isinstance(net, nn.ModuleDict) else net)(x)
        assert (checkpoint.build()(x) - expected).abs().max() / unit < 1e-4
    predictor = PyTorchPredictor(tmp_path / "net.pth", precision="fp32", size=(32, 48), compared=False)
    assert predictor.info.input.range == ((0.0, 255.0) if unit == 255 else (-1.0, 1.0))
    found = torch.from_numpy(predictor.raw(x.permute(0, 2, 3, 1).numpy())).permute(0, 3, 1, 2)
    assert (found - expected).abs().max() / unit < 1e-4


def test_values_stay_with_the_weights(tmp_path):
    torch.save(made("fast neural style").state_dict(), tmp_path / "mosaic.pth")
    assert main(["export", "--model", str(tmp_path / "mosaic.pth"), "--output", str(tmp_path / "mosaic.safetensors")]) == 0
    info = read_model(tmp_path / "mosaic.safetensors")
    assert checkpoints.ports(info, checkpoints.load(info))[0].range == (0.0, 255.0)


def test_commands_take_them(tmp_path, capsys):
    torch.save(made("fast neural style").state_dict(), tmp_path / "mosaic.pth")
    np.save(tmp_path / "in.npy", X.permute(0, 2, 3, 1).numpy())
    assert (
        main(
            ["predict", "--model", str(tmp_path / "mosaic.pth"), "--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / "out.npy")]
        )
        == 0
    )
    with torch.inference_mode():
        expected = made("fast neural style")((X + 1) * 127.5) / 127.5 - 1
    assert np.abs(np.load(tmp_path / "out.npy") - expected.permute(0, 2, 3, 1).numpy()).max() < 1e-3
    assert main(["models", "info", str(tmp_path / "mosaic.pth")]) == 0
    text = capsys.readouterr().out
    assert "fast neural style, 5 blocks, 4 filters" in text and "256x256 RGB, 0 to 255" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("res3.in1.weight"), "res3.in1.weight is missing"),
        (lambda s: s.pop("deconv3.conv2d.weight"), "deconv3.conv2d.weight: missing"),
        (lambda s: s.update({"more.weight": torch.zeros(2)}), "more.weight is in no generator of this kind"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, change, words):
    state = made("fast neural style").state_dict()
    change(state)
    torch.save(state, tmp_path / "net.pth")
    with pytest.raises(ValueError, match=words) as error:
        checkpoints.load(tmp_path / "net.pth")
    assert "\n" not in str(error.value)
