"""The size, shape and sharpness of images that leave the program: snapshots, recordings, streams, the full screen."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np

from msa.knob import checked, knob

SHAPES = ("as painted", "16:9 cropped", "16:9 filled")
SCALES = ("x1", "x2", "x4")
RECORDS = ("painting", "input beside painting", "all three")
SHARP_SIGMA = 0.6  # of the detail that is made stronger, pixels


@dataclass(frozen=True)
class Output:
    """What snapshots, recordings, streams and the full screen look like beside the painting in the window."""

    scale: str = knob("x1", "Size of snapshots, recordings and streams. x1: as the network paints; x4: four times as wide", choices=SCALES)
    size: int = knob(0, "Height of snapshots, recordings and streams in pixels, such as 720. 0: as Output.scale says", limits=(0, 4320),
                     unit="px")
    sharpen: float = knob(0.5, "Make details sharper in an enlarged image and on the full screen. 0: off", limits=(0.0, 2.0))
    shape: str = knob("as painted", "16:9 cropped: only the middle. 16:9 filled: the whole image, with a soft dark copy at its sides",
                      choices=SHAPES)
    record: str = knob("painting", "What recordings show: the painting, what the network sees beside it, or the camera image too",
                       choices=RECORDS)
    flashes: int = knob(0, "For audiences with photosensitive people: at most so many flashes a second; what would be one too many changes "
                        "slowly instead. 3 is the limit of WCAG 2.3.1. 0: off", limits=(0, 10))
    sharp_screen: bool = knob(True, "Sharpen the painting on the full screen, where it is larger than it was painted")


def output_of(values: Mapping[str, Any]) -> Output:
    """The Output among settings by dotted name; what is missing has its default. Raises ValueError."""
    given = {f.name: values[f"Output.{f.name}"] for f in fields(Output) if f"Output.{f.name}" in values}
    return Output(**{name: checked(Output, name, value, f"Output.{name}") for name, value in given.items()})


def outgoing(image: np.ndarray, output: Output) -> np.ndarray:
    """HxWx3 RGB uint8 -> the image as it leaves: another shape, another size; the sides of a changed shape are even numbers."""
    if output.shape != "as painted":
        image = _wide(image, filled=output.shape == "16:9 filled")
    if output.size:
        return _of_height(image, max(2, output.size // 2 * 2), output.sharpen)
    return enlarged(image, int(output.scale[1:]), output.sharpen)


def outgoing_size(size: tuple[int, int], output: Output) -> tuple[int, int]:
    """(height, width) that outgoing() gives an image of `size`."""
    height, width = size if output.shape == "as painted" else _wide_size(*size, filled=output.shape == "16:9 filled")
    if not output.size:
        factor = int(output.scale[1:])
        return height * factor, width * factor
    wanted = max(2, output.size // 2 * 2)
    return (height, width) if height == wanted else (wanted, _even(width * wanted / height))


def enlarged(image: np.ndarray, factor: int, sharpen: float) -> np.ndarray:
    """Sharpened, then bicubic: at 0.5 nearer to the original painting than Lanczos, with more of its detail, in less time."""
    if factor == 1:
        return image
    return cv2.resize(sharpened(image, sharpen), None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def _of_height(image: np.ndarray, height: int, sharpen: float) -> np.ndarray:
    h, w = image.shape[:2]
    if h == height:
        return image
    size = _even(w * height / h), height
    if height < h:
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(sharpened(image, sharpen), size, interpolation=cv2.INTER_CUBIC)


def sharpened(image: np.ndarray, amount: float) -> np.ndarray:
    """Unsharp masking of HxWx3 uint8; 0: the image itself. Before an image is enlarged it takes a fraction of the time as after it."""
    if amount <= 0:
        return image
    return cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), SHARP_SIGMA), -amount, 0)


def _wide(image: np.ndarray, filled: bool) -> np.ndarray:
    """16:9: the middle part of the image, or all of it before a soft, darker copy that fills the sides."""
    height, width = image.shape[:2]
    size = _wide_size(height, width, filled)[::-1]
    top, left = max(0, (height - size[1]) // 2), (width - size[0]) // 2
    if width >= size[0]:
        return np.ascontiguousarray(image[top:top + size[1], left:left + size[0]])
    rows = max(1, round(width * 9 / 16))
    middle = image[(height - rows) // 2:(height - rows) // 2 + rows]
    wide = cv2.resize(middle, size, interpolation=cv2.INTER_LINEAR)
    wide = cv2.convertScaleAbs(cv2.GaussianBlur(wide, (0, 0), height / 24), alpha=0.6)
    start = (size[0] - width) // 2
    wide[:, start:start + width] = image[:size[1]]
    return wide


def _wide_size(height: int, width: int, filled: bool) -> tuple[int, int]:
    size = height - height % 2, _even(height * 16 / 9)
    return size if filled and width < size[1] else (min(_even(width * 9 / 16), size[0]), min(_even(width), size[1]))


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
