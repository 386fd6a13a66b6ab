"""Images of any size through networks that take only multiples of some number: padded or resized, and undone."""

from collections.abc import Callable

import cv2
import numpy as np

FITS = ("pad", "resize")


def with_short_side(size: tuple[int, int], short: int) -> tuple[int, int]:
    """(height, width) of the same shape whose shorter side has so many pixels."""
    height, width = size
    return round(height * short / min(size)), round(width * short / min(size))


def widescreen(size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the shape 16:9, as high as the shorter side of `size`; the width is even."""
    short = min(size)
    return short, 2 * round(short * 8 / 9)


def legal(size: tuple[int, int], multiple: int, fit: str = "pad") -> tuple[int, int]:
    """The (height, width) that a network can take: the next larger one for `pad`, the nearest one for `resize`."""
    height, width = (-(-side // multiple) if fit == "pad" else max(1, round(side / multiple)) for side in size)
    return height * multiple, width * multiple


def fitted(image: np.ndarray, multiple: int, fit: str = "pad", scale: float = 1.0) -> tuple[
        np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """HxWxC (uint8 or float32) brought to legal sides, and the function that brings the network's HxWxC result back to HxW.

    pad mirrors the image around its borders and cuts them off again: nothing is scaled. resize scales there and back.
    scale: how many times as high and wide the result is as what went in; it comes back so many times as large.
    """
    height, width = image.shape[:2]
    size = legal((height, width), multiple, fit)
    if size == (height, width):
        return image, lambda result: result
    if fit == "resize":
        return scaled(image, size), lambda result: scaled(result, times((height, width), scale))
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    borders = ((top, size[0] - height - top), (left, size[1] - width - left), (0, 0))
    (first, start), (high, wide) = times((top, left), scale), times((height, width), scale)
    return np.pad(image, borders, mode="reflect"), lambda result: result[first:first + high, start:start + wide]


def times(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """(height, width) so many times as large."""
    return (round(size[0] * scale), round(size[1] * scale)) if scale != 1 else size


def scaled(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """HxWxC resized to `size` (height, width): by area when it shrinks, else bicubic. Any number of channels."""
    if image.shape[:2] == size:
        return image
    shrinks = image.shape[0] * image.shape[1] > size[0] * size[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    channels = [cv2.resize(np.ascontiguousarray(image[..., c]), size[::-1], interpolation=how) for c in range(image.shape[2])]
    return np.stack(channels, axis=2)
