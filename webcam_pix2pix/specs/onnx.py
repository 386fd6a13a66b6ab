"""A network from an ONNX file, as far as it must be known to run it: what is found out when the file is opened."""

from dataclasses import dataclass
from typing import Any, ClassVar

from .checking import check

LAYOUTS = ("NCHW", "NHWC", "CHW", "HWC", "NHW", "HW")
ORDERS = ("RGB", "BGR")
LISTS = ("mean", "std", "output_mean", "output_std")


@dataclass(frozen=True)
class OnnxSpec:
    """Layouts and values of image in and image out. The range of values is that of the ports of the model.

    With mean and std, the file takes (x - mean) / std of what is in the range of the port, and gives back what x * std + mean brings there.
    """

    type: ClassVar[str] = "onnx"
    norm: ClassVar[str] = "none"
    dropout: ClassVar[bool] = False
    running_stats: ClassVar[bool] = True

    in_channels: int = 3
    out_channels: int = 3
    multiple: int = 1  # height and width of the input must be multiples of this
    fixed: bool = False  # height and width are those of `height` and `width` alone
    height: int = 256
    width: int = 256
    scale: float = 1.0  # how many times as high and wide the output is
    layout: str = "NCHW"
    output_layout: str = "NCHW"
    order: str = "RGB"
    output_order: str = "RGB"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    output_mean: tuple[float, ...] = ()
    output_std: tuple[float, ...] = ()
    classes: int = 0  # of a segmentation: shown as colours
    input_name: str = ""
    output_name: str = ""
    parameters: tuple[tuple[str, float, float, float], ...] = ()  # inputs of one number: name, lowest, highest, default
    steps: int = 0
    weights: int = 0

    def __post_init__(self) -> None:
        for name in LISTS:
            object.__setattr__(self, name, _floats(name, getattr(self, name)))
        object.__setattr__(self, "parameters", _parameters(self.parameters))
        check(self, in_channels=(1, 64), out_channels=(1, 64), multiple=(1, 4096), height=(1, 8192), width=(1, 8192), scale=(1 / 64, 64),
              layout=LAYOUTS, output_layout=("", *LAYOUTS), order=ORDERS, output_order=ORDERS, classes=(0, 4096), input_name=None,
              output_name=None, steps=(0, 1 << 20), weights=(0, 1 << 40))
        for name, count in (("mean", self.in_channels), ("std", self.in_channels), ("output_mean", self.out_channels),
                            ("output_std", self.out_channels)):
            if getattr(self, name) and len(getattr(self, name)) != count:
                raise ValueError(f"{name}: {list(getattr(self, name))} is not one number for each of {count} channels")
        for name in ("std", "output_std"):
            if any(value == 0 for value in getattr(self, name)):
                raise ValueError(f"{name}: {list(getattr(self, name))}: no value may be 0")

    @property
    def default_size(self) -> int:
        """The shorter side of the image that it runs at unless something else is asked for."""
        return min(self.height, self.width)


def _floats(name: str, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not all(type(v) in (int, float) and abs(v) < 1e6 for v in value):
        raise ValueError(f"{name}: {value!r:.60} is not a list of numbers")
    return tuple(float(v) for v in value)


def _parameters(value: Any) -> tuple[tuple[str, float, float, float], ...]:
    found: list[tuple[str, float, float, float]] = []
    for row in value if isinstance(value, list | tuple) else [None]:
        if not isinstance(row, list | tuple) or len(row) != 4 or not isinstance(row[0], str) or not all(
                type(v) in (int, float) and abs(v) < 1e6 for v in row[1:]) or not row[1] < row[2] or not row[1] <= row[3] <= row[2]:
            raise ValueError(f"parameters: {row!r:.80} is not [name, lowest, highest, default]")
        found.append((row[0], float(row[1]), float(row[2]), float(row[3])))
    return tuple(found)
