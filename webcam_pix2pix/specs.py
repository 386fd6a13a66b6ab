"""Networks described by frozen values: what a generator or discriminator looks like, without torch.

A spec is all that is needed to build a network (networks.build) and to read or write its weights; it travels as JSON in
descriptors and checkpoints.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

NORMS = ("batch", "instance", "sync", "none")
NORM_MODES = ("eval", "batch", "paper")


@dataclass(frozen=True)
class UNet:
    """U-Net generator of 4x4 stride-2 convolutions. The defaults are unet_256 of pytorch-CycleGAN-and-pix2pix.

    Level 0 is the outermost; level `depth` - 1 reduces an image of 2**depth pixels to one.
    """

    type: ClassVar[str] = "unet"

    depth: int = 8  # number of halvings: 6 for 64 px .. 8 for 256 px .. 10 for 1024 px
    ngf: int = 64  # channels of level 0; doubled at each level up to `widest`
    in_channels: int = 3
    out_channels: int = 3
    norm: str = "batch"  # batch, instance (no affine), sync, none
    dropout: bool = True
    upsample: str = "conv_transpose"  # or resize_conv: nearest x2 and a 3x3 convolution, free of checkerboards
    widest: int = 0  # 0: 8 * ngf
    order: str = "skip_first"  # or up_first: which comes first in the concatenated channels of the decoder
    activation: str = "before"  # the convolutions, or after the norms: then the skips carry activated values
    slope: float = 0.2  # of the leaky ReLU
    norm_eps: float = 1e-5
    running_stats: bool = True  # False: the norms know no running statistics, every image brings its own
    bottleneck_norm: bool = False  # a norm on the innermost (1x1) map: with statistics of one image its output is constant
    bias: bool | None = None  # of all convolutions but the last; None: with instance norm only
    last_bias: bool = True
    last_resize: bool = False  # the last layer is nearest x2 and a 4x4 convolution padded 2 left/top, 1 right/bottom
    separable: bool = False  # depthwise and pointwise convolutions; going up after nearest x2
    dropout_levels: tuple[int, ...] | None = None  # None: the middle ones, 4..depth-2

    def __post_init__(self) -> None:
        _check(self, depth=(2, 12), ngf=(1, 4096), in_channels=(1, 64), out_channels=(1, 64), widest=(0, 32768), slope=(0, 1),
               norm_eps=(1e-12, 1), norm=NORMS, upsample=("conv_transpose", "resize_conv"), order=("skip_first", "up_first"),
               activation=("before", "after"))
        if self.widest == min(8, 2 ** (self.depth - 1)) * self.ngf:  # says nothing new: equal networks have equal specs
            object.__setattr__(self, "widest", 0)
        if self.dropout_levels is not None:
            object.__setattr__(self, "dropout_levels", tuple(self.dropout_levels))
            for level in self.dropout_levels:
                if not isinstance(level, int) or not 0 <= level < self.depth:
                    raise ValueError(f"dropout_levels: {level!r} is not a level of this network, expected 0 to {self.depth - 1}")

    @property
    def multiple(self) -> int:
        """Height and width of the input must be multiples of this."""
        return 2 ** self.depth

    @property
    def default_size(self) -> int:
        """Side of the square image the network was most likely trained with."""
        return self.multiple

    def channels(self, level: int) -> int:
        """Channels that the encoder gives at `level`."""
        return min(self.ngf * 2 ** level, self.widest or 8 * self.ngf)

    def has_dropout(self, level: int) -> bool:
        levels = range(4, self.depth - 1) if self.dropout_levels is None else self.dropout_levels
        return self.dropout and level in levels

    def has_bias(self) -> bool:
        return self.norm == "instance" if self.bias is None else self.bias

    def layers(self, level: int) -> list[str]:
        """The layers of one level in order; their positions name the weights, as in pytorch-CycleGAN-and-pix2pix."""
        innermost = level == self.depth - 1
        down_norm = ["down_norm"] if self.bottleneck_norm or not innermost else []
        inner = [] if innermost else ["inner"]
        dropout = ["dropout"] if self.has_dropout(level) else []
        if self.activation == "before":
            if level == 0:
                return ["down", "inner", "up_relu", "up", "tanh"]
            return ["down_relu", "down", *down_norm, *inner, "up_relu", "up", "up_norm", *dropout]
        if level == 0:
            return ["down", "down_relu", "inner", "up", "tanh"]
        return ["down", *down_norm, "down_relu", *inner, "up", "up_norm", "up_relu", *dropout]

    def names(self) -> list[dict[str, str]]:
        """Per level, the name of each layer in the state dict: names()[2]["down"] == "model.model.1.model.3.model.1"."""
        result, prefix = [], "model.model"
        for level in range(self.depth):
            layers = {layer: f"{prefix}.{i}" for i, layer in enumerate(self.layers(level))}
            result.append(layers)
            prefix = f"{layers.get('inner')}.model"
        return result


@dataclass(frozen=True)
class ResNet:
    """ResNet generator: two halvings, `blocks` residual blocks, two doublings; any size that is a multiple of 4.

    With four halvings it is the global generator of pix2pixHD, and sizes are multiples of 16.
    """

    type: ClassVar[str] = "resnet"
    default_size: ClassVar[int] = 256

    blocks: int = 9
    ngf: int = 64
    in_channels: int = 3
    out_channels: int = 3
    norm: str = "instance"
    dropout: bool = False
    bias: bool | None = None  # of all convolutions but the last; None: with instance norm only
    running_stats: bool = True
    halvings: int = 2

    def __post_init__(self) -> None:
        _check(self, blocks=(0, 64), ngf=(1, 4096), in_channels=(1, 64), out_channels=(1, 64), norm=NORMS, halvings=(1, 6))

    @property
    def multiple(self) -> int:
        """Height and width of the input must be multiples of this."""
        return int(2 ** self.halvings)

    @property
    def first_block(self) -> int:
        """Number of the first residual block in the sequence of layers, as the names of the weights have it."""
        return 4 + 3 * self.halvings

    @property
    def last(self) -> int:
        """Number of the last convolution."""
        return self.first_block + self.blocks + 3 * self.halvings + 1

    def has_bias(self) -> bool:
        return self.norm == "instance" if self.bias is None else self.bias


@dataclass(frozen=True)
class PatchDiscriminator:
    """PatchGAN: judges overlapping patches of 70x70 pixels with 3 layers (1: 16, 2: 34, 4: 142, 5: 286)."""

    type: ClassVar[str] = "patch"

    in_channels: int = 6  # input and output image together
    ndf: int = 64
    n_layers: int = 3
    norm: str = "batch"  # or spectral, on the weights of the convolutions

    def __post_init__(self) -> None:
        _check(self, in_channels=(1, 128), ndf=(1, 4096), n_layers=(1, 8), norm=(*NORMS, "spectral"))


@dataclass(frozen=True)
class PixelDiscriminator:
    """1x1 convolutions: judges every pixel by itself."""

    type: ClassVar[str] = "pixel"

    in_channels: int = 6
    ndf: int = 64
    norm: str = "batch"

    def __post_init__(self) -> None:
        _check(self, in_channels=(1, 128), ndf=(1, 4096), norm=(*NORMS, "spectral"))


Generator = UNet | ResNet
Discriminator = PatchDiscriminator | PixelDiscriminator
Spec = Generator | Discriminator
TYPES: dict[str, type] = {spec.type: spec for spec in (UNet, ResNet, PatchDiscriminator, PixelDiscriminator)}


def describe(spec: Spec) -> str:
    """What the network is, in one line for people: "U-Net, 8 levels, 64 filters, batch norm, dropout"."""
    if isinstance(spec, UNet):
        parts = [f"U-Net, {spec.depth} levels, {spec.ngf} filters", "separable convolutions" if spec.separable else "",
                 "resize-convolutions" if spec.upsample == "resize_conv" else ""]
    elif isinstance(spec, ResNet):
        parts = [f"ResNet, {spec.blocks} blocks, {spec.ngf} filters",
                 f"{spec.halvings} halvings" if spec.halvings != 2 else ""]
    else:
        return f"{spec.type} discriminator, {spec.ndf} filters, {spec.norm} norm"
    parts += [f"{spec.norm} norm" if spec.norm != "none" else "no norm", "" if spec.running_stats else "statistics of the image only",
              "dropout" if spec.dropout else "no dropout"]
    return ", ".join(part for part in parts if part)


def to_json(spec: Spec) -> dict[str, Any]:
    """The form stored in descriptors and checkpoints: {"type": "unet", "depth": 8, ...}."""
    return {"type": spec.type} | {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(spec).items()}


def from_json(data: Any, where: str = "network") -> Spec:
    """Read and check the stored form; fields left out keep their defaults.

    Raises ValueError naming `where`, the key, its value and what was expected.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: {data!r:.60} is not an object")
    kind: Any = TYPES.get(str(data.get("type")))
    if kind is None:
        raise ValueError(f"{where}: type: {data.get('type')!r:.60} is not one of {', '.join(TYPES)}")
    known = {f.name for f in fields(kind)}
    for key in data:
        if key != "type" and key not in known:
            raise ValueError(f"{where}: {key!r:.60}: a {kind.type} has no such property")
    try:
        return kind(**{k: v for k, v in data.items() if k != "type"})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None


def _check(spec: Any, **expected: tuple) -> None:
    """Types by the defaults; `expected` gives (low, high) of a number or the choices of a text."""
    for f in fields(spec):
        value, kind = getattr(spec, f.name), type(f.default)
        if f.name in ("bias", "dropout_levels"):
            if value is not None and not isinstance(value, bool if f.name == "bias" else list | tuple):
                raise ValueError(f"{f.name}: {value!r:.60} is not what was expected")
            continue
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise ValueError(f"{f.name}: {value!r:.60} is not of type {kind.__name__}")
        if kind is str and value not in expected[f.name]:
            raise ValueError(f"{f.name}: {value!r:.60} is not one of {', '.join(expected[f.name])}")
        if kind in (int, float) and not expected[f.name][0] <= value <= expected[f.name][1]:
            raise ValueError(f"{f.name}: {value!r:.60} is out of range, expected {expected[f.name][0]} to {expected[f.name][1]}")
