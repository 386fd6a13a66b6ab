"""The generators of pix2pix programs: U-Net and ResNet."""

from dataclasses import dataclass
from typing import ClassVar

from .checking import NORMS, check


@dataclass(frozen=True)
class UNet:
    """U-Net generator of 4x4 stride-2 convolutions. The defaults are unet_256 of pytorch-CycleGAN-and-pix2pix.

    Level 0 is the outermost; level `depth` - 1 reduces an image of 2**depth pixels to one.
    """

    type: ClassVar[str] = "unet"
    scale: ClassVar[float] = 1.0  # the output is as large as the input
    fixed: ClassVar[bool] = False  # any size that is a multiple

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
        check(self, depth=(2, 12), ngf=(1, 4096), in_channels=(1, 64), out_channels=(1, 64), widest=(0, 32768), slope=(0, 1),
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
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False
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
        check(self, blocks=(0, 64), ngf=(1, 4096), in_channels=(1, 64), out_channels=(1, 64), norm=NORMS, halvings=(1, 6))

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
