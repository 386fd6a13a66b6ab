"""Images -> thumbnails, and the bytes of an image file."""

from collections.abc import Sequence

import cv2
import numpy as np


def encode_image(image: np.ndarray, suffix: str = ".png", options: Sequence[int] = ()) -> bytes:
    """HxWx3 RGB or HxWx1 uint8 -> a file of the kind of `suffix`, such as .png. options: of cv2.imencode.

    Raises ValueError with one line.
    """
    try:
        good, data = cv2.imencode(suffix, image if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    except cv2.error:  # such as a WebP of more than 16383 pixels
        good = False
    if not good:
        raise ValueError(f"an image of {image.shape[1]}x{image.shape[0]} cannot be written as {suffix.removeprefix('.')}")
    return data.tobytes()


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """HxWx3 RGB uint8 -> a JPEG of `quality` 0..100. Raises ValueError with one line."""
    return encode_image(image, ".jpg", (cv2.IMWRITE_JPEG_QUALITY, quality))


def shrunk(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """HxWx3 uint8 in its own shape, as large as fits into `width` x `height`; never larger than it is."""
    scale = min(width / image.shape[1], height / image.shape[0], 1.0)
    if scale == 1.0:
        return image
    size = max(1, round(scale * image.shape[1])), max(1, round(scale * image.shape[0]))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
