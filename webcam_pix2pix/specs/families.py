"""Generators of other well-known programs: fast neural style, AnimeGANv2, CUT, GAN Compression."""

from dataclasses import dataclass
from typing import Any, ClassVar

from .checking import check


@dataclass(frozen=True)
class StyleNet:
    """TransformerNet of fast neural style (pytorch/examples): two halvings, residual blocks, two doublings; affine instance norm.

    It takes and gives 0..255.
    """

    type: ClassVar[str] = "style"
    multiple: ClassVar[int] = 4
    default_size: ClassVar[int] = 256
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False
    range: ClassVar[tuple[float, float]] = (0.0, 255.0)  # of the values that it takes and gives
    norm: ClassVar[str] = "instance"
    dropout: ClassVar[bool] = False
    running_stats: ClassVar[bool] = False

    blocks: int = 5
    ngf: int = 32
    in_channels: int = 3
    out_channels: int = 3

    def __post_init__(self) -> None:
        check(self, blocks=(1, 64), ngf=(1, 1024), in_channels=(1, 64), out_channels=(1, 64))


@dataclass(frozen=True)
class AnimeGAN:
    """The generator of AnimeGANv2 as its PyTorch port has it: inverted residual blocks, layer norm, bilinear doublings."""

    type: ClassVar[str] = "animegan"
    multiple: ClassVar[int] = 4
    default_size: ClassVar[int] = 256
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False
    norm: ClassVar[str] = "layer"
    dropout: ClassVar[bool] = False
    running_stats: ClassVar[bool] = False

    ngf: int = 32
    in_channels: int = 3
    out_channels: int = 3

    def __post_init__(self) -> None:
        check(self, ngf=(1, 1024), in_channels=(1, 64), out_channels=(1, 64))


@dataclass(frozen=True)
class ResNetVariant:
    """A ResNet generator as CUT has it, which blurs where it halves and doubles, or as GAN Compression has it, with blocks of depthwise and
    pointwise convolutions whose widths were searched for.

    widths: channels after the first convolution, after each halving, inside of each block, and after each doubling.
    """

    type: ClassVar[str] = "resnet_variant"
    multiple: ClassVar[int] = 4
    default_size: ClassVar[int] = 256
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False

    widths: tuple[int, ...] = (64, 128, 256, *(256,) * 9, 128, 64)
    in_channels: int = 3
    out_channels: int = 3
    norm: str = "instance"  # without weights, or batch
    bias: bool | None = None  # of all convolutions but the last; None: with instance norm only
    dropout: bool = False
    separable: bool = False
    blur_down: bool = False
    blur_up: bool = False
    running_stats: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", _widths(self.widths))
        check(self, in_channels=(1, 64), out_channels=(1, 64), norm=("instance", "batch"))

    @property
    def blocks(self) -> int:
        """Number of residual blocks."""
        return len(self.widths) - 5

    @property
    def ngf(self) -> int:
        """Channels of the first convolution."""
        return self.widths[0]

    def has_bias(self) -> bool:
        return self.norm == "instance" if self.bias is None else self.bias


def _widths(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not 6 <= len(value) <= 69 or not all(type(n) is int and 1 <= n <= 8192 for n in value):
        raise ValueError(f"widths: {value!r:.60} is not a list of 6 to 69 whole numbers")
    return tuple(value)
