"""The style of one image: fast neural style (Johnson et al. 2016), by the features of any trained network."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from msa.images import read_image
from webcam_pix2pix.evaluation.backbone import INSTALL, Backbone, lite0_weights
from webcam_pix2pix.evaluation.weights import find_weights

from .objective import Objective

CONTENT_STAGE = 2  # whose map says what is to be seen: relu3_3 of VGG-16
STYLE_STAGES = 4  # whose Gram matrices say how it is painted


class Style(Objective):
    """Content from the target, brush and colours from the style image, and smoothness. All are relative to what they compare with, so
    that the same weights suit any backbone."""

    def __init__(self, style: Tensor, backbone: Backbone, style_weight: float, content_weight: float, smooth_weight: float) -> None:
        """style: 1x3xHxW, -1..1."""
        super().__init__()
        self._backbone = [backbone]  # in a list: it is no part of the state of a run
        self.weights = {"style": style_weight, "content": content_weight, "tv": smooth_weight}
        with torch.no_grad():
            self.grams = [gram(x) for x in backbone(style)[:STYLE_STAGES]]

    def losses(self, fake: Tensor, b: Tensor) -> dict[str, Tensor]:
        backbone, (fake, b) = self._backbone[0], (x.float().expand(-1, 3, -1, -1) for x in (fake, b))
        maps = [x.float() for x in backbone(fake)]
        with torch.no_grad():
            expected = backbone(b)[CONTENT_STAGE].float()
        style = torch.stack([(gram(x) - g).square().sum((1, 2)).mean() / g.square().sum() for x, g in zip(maps, self.grams, strict=False)])
        content = F.mse_loss(maps[CONTENT_STAGE], expected) / expected.square().mean().clamp(min=1e-6)
        rough = (fake[..., 1:, :] - fake[..., :-1, :]).abs().mean() + (fake[..., 1:] - fake[..., :-1]).abs().mean()
        found = {"style": style.mean(), "content": content, "tv": rough}
        return {f"G_{name}": self.weights[name] * value for name, value in found.items()}


def weights_for_style() -> str:
    """What there is on this disk to know a style by: VGG in torch's cache, else EfficientNet-Lite0 (""). Raises FileNotFoundError."""
    for name in ("vgg16", "vgg19"):
        with suppress(FileNotFoundError):
            return str(find_weights(name))
    if lite0_weights() is None:
        raise FileNotFoundError("--style: needs a network that was trained on photographs, and there is none on this disk; "
                                f"{INSTALL}; or add --perceptual_weights vgg16 --download_weights, or --perceptual_weights FILE")
    return ""


def gram(x: Tensor) -> Tensor:
    """NxCxHxW -> NxCxC: which features go together, wherever they are."""
    flat = x.float().flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def read_style(path: str, size: tuple[int, int]) -> Tensor:
    """The image at `path` as 1x3xHxW -1..1, as large as what is trained on: its shorter side is that of `size` (height, width).

    Raises OSError or ValueError with one line.
    """
    image = read_image(Path(path))
    scale = min(size) / min(image.shape[:2])
    shape = [max(round(side * scale), min(size)) for side in image.shape[1::-1]]
    image = cv2.resize(image, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
