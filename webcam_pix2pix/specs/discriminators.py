"""The discriminators that training uses."""

from dataclasses import dataclass
from typing import ClassVar

from .checking import NORMS, check


@dataclass(frozen=True)
class PatchDiscriminator:
    """PatchGAN: judges overlapping patches of 70x70 pixels with 3 layers (1: 16, 2: 34, 4: 142, 5: 286)."""

    type: ClassVar[str] = "patch"

    in_channels: int = 6  # input and output image together
    ndf: int = 64
    n_layers: int = 3
    norm: str = "batch"  # or spectral, on the weights of the convolutions

    def __post_init__(self) -> None:
        check(self, in_channels=(1, 128), ndf=(1, 4096), n_layers=(1, 8), norm=(*NORMS, "spectral"))


@dataclass(frozen=True)
class PixelDiscriminator:
    """1x1 convolutions: judges every pixel by itself."""

    type: ClassVar[str] = "pixel"

    in_channels: int = 6
    ndf: int = 64
    norm: str = "batch"

    def __post_init__(self) -> None:
        check(self, in_channels=(1, 128), ndf=(1, 4096), norm=(*NORMS, "spectral"))
