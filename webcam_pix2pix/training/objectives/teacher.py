"""Teachers: any model that opens, as a frozen function of the network's inputs."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from webcam_pix2pix.dataset.loading.pair_dataset import to_images
from webcam_pix2pix.model import ModelInfo, resolve_model
from webcam_pix2pix.predictor import predictor_for
from webcam_pix2pix.predictor.loading import load_network
from webcam_pix2pix.settings import Model
from webcam_pix2pix.specs import Generator

from .maps import Maps

CHANNELS = (1, 3)  # that inputs and targets can have


class Teacher(nn.Module):
    """A frozen model: inputs NxCxHxW -1..1 -> what it paints, likewise.

    Attributes:
        info: the model, complete as far as it is known.
        multiple: heights and widths that it can take are multiples of this; 0: only its own size.
        maps: of the network inside it; None where there is none to look into.
    """

    maps: Maps | None = None
    multiple = 0

    def __init__(self, info: ModelInfo) -> None:
        super().__init__()
        self.info = info
        channels = [port.shape[2] if port else 3 for port in (info.input, info.output)]
        if not set(channels) <= set(CHANNELS):
            raise ValueError(f"{info.path}: {channels[0]} channels in and {channels[1]} out; a teacher can have 3, or 1 for grey")
        self.channels = channels[0], channels[1]

    def check(self, size: tuple[int, int]) -> None:
        """Raises ValueError when it cannot take images of `size` (height, width)."""
        if size != size_of(self.info) and not (self.multiple and size[0] % self.multiple == size[1] % self.multiple == 0):
            other = f" or a multiple of {self.multiple}" if self.multiple else ""
            height, width = size_of(self.info)
            raise ValueError(f"--teacher {self.info.name}: cannot take images of {size[1]}x{size[0]}, expected {width}x{height}{other}")

    def train(self, mode: bool = True) -> "Teacher":
        return super().train(False)


class NetworkTeacher(Teacher):
    """A network that runs on the device of the training. The maps inside of those of ours can be compared."""

    def __init__(self, net: nn.Module, spec: Generator, info: ModelInfo) -> None:
        super().__init__(info)
        self.net = net.requires_grad_(False)
        assert info.input is not None and info.output is not None
        self.ranges = info.input.range, info.output.range
        self.maps = Maps(self.net)
        self.multiple = 0 if getattr(spec, "fixed", False) else spec.multiple

    def forward(self, a: Tensor) -> Tensor:
        (low, high), (black, white) = self.ranges
        y = self.net((a + 1) * ((high - low) / 2) + low)
        if y.shape[2:] != a.shape[2:]:  # an upscaler teaches what it paints, at the size that it is given
            y = F.interpolate(y, a.shape[2:], mode="area")
        return (y - black) * (2 / (white - black)) - 1


class ImageTeacher(Teacher):
    """Any other model that the show can run: image by image, in 8 bits."""

    def __init__(self, info: ModelInfo, device: str) -> None:
        super().__init__(info)
        self.predictor = predictor_for(info, Model(device=device))

    @torch.no_grad()
    def forward(self, a: Tensor) -> Tensor:
        predicted = np.stack([self.predictor(np.ascontiguousarray(np.repeat(x, 3 // x.shape[2], 2))) for x in to_images(a)])
        y = torch.from_numpy(predicted).permute(0, 3, 1, 2).to(a.device, a.dtype) / 127.5 - 1
        return y if self.channels[1] == 3 else y.mean(1, keepdim=True)


@lru_cache(1)  # the estimate of a run, its validation and its steps use the same one
def load_teacher(model: str, device: torch.device) -> Teacher:
    """The teacher of that name or path on `device`. Raises OSError or ValueError with one line."""
    info = resolve_model(model)
    try:
        net, spec, info = load_network(info)
    except ValueError:
        teacher: Teacher = ImageTeacher(info, device.type)  # raises what is wrong with a model that nothing opens
    else:
        teacher = NetworkTeacher(net, spec, info)
    return teacher.to(device).eval()


def size_of(info: ModelInfo) -> tuple[int, int]:
    """(height, width) that a model runs at."""
    return info.input.shape[:2] if info.input else (256, 256)


def common_scales(one: Maps, other: Maps, scales: Sequence[int]) -> list[int]:
    """Those of `scales` at which both networks have a map."""
    return [scale for scale in scales if scale in one.modules and scale in other.modules]
