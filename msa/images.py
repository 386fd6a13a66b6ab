"""Image files -> RGB pictures: one reader for the live source, the dataset tools and prediction, so that all see the same bytes."""

import io
import os
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

MAX_PIXELS = 178_956_970  # Pillow's limit against decompression bombs: half a gigabyte of RGB


def read_image(path: str | os.PathLike) -> np.ndarray:
    """The picture in `path` as HxWx3 RGB uint8.

    Turned upright by its EXIF orientation; 16 bits are reduced to 8 by value, grey becomes three equal channels, CMYK is converted,
    alpha is dropped. Raises OSError with one line naming the file when it is missing, damaged, cut short or larger than MAX_PIXELS.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: no file, expected an image")
    return decode_image(path.read_bytes(), str(path))


def decode_image(data: bytes, name: str) -> np.ndarray:
    """`read_image` for the bytes of a file; `name` stands in the messages."""
    if not data:
        raise OSError(f"{name}: empty file, expected an image")
    kind = _checked_kind(data, name)
    if kind == "JPEG" and b"\xff\xd9" not in data[len(data) // 2:]:  # libjpeg would paint the missing rest grey and say nothing
        raise OSError(f"{name}: the file is cut short, its end is missing")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise OSError(f"{name}: not a readable {kind} image ({error.err or 'damaged'})") from None
    if image is None:
        raise OSError(f"{name}: damaged {kind} image")
    return image


def _checked_kind(data: bytes, name: str) -> str:
    """The file format by content, such as PNG; raises OSError for what is no image or too large to decode safely."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as header:
                return header.format or "unknown"
    except Image.DecompressionBombError:
        raise OSError(f"{name}: more than {MAX_PIXELS // 1_000_000} million pixels, too large to open") from None
    except Exception:  # Pillow's plugins raise whatever their parsing stumbles over
        raise OSError(f"{name}: not an image") from None
