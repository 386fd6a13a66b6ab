"""Images -> the bytes of an image file."""

from collections.abc import Sequence

import cv2
import numpy as np


def encode_image(image: np.ndarray, suffix: str = ".png", options: Sequence[int] = ()) -> bytes:
    """HxWx3 RGB uint8 -> a file of the kind of `suffix`, such as .png. options: of cv2.imencode. Raises ValueError with one line."""
    good, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not good:
        raise ValueError(f"an image of {image.shape[1]}x{image.shape[0]} cannot be written as {suffix.removeprefix('.')}")
    return data.tobytes()


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """HxWx3 RGB uint8 -> a JPEG of `quality` 0..100. Raises ValueError with one line."""
    return encode_image(image, ".jpg", (cv2.IMWRITE_JPEG_QUALITY, quality))
