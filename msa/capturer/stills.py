"""Images and folders of images as sources."""

import contextlib
import io
import time
from pathlib import Path

import cv2
import numpy as np

from msa.utils import list_images

from .source import Pace

LARGEST = 20000  # pixels a side
EIGHT_BIT = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV")  # modes that Pillow decodes; OpenCV the deeper ones
SLIDE_S = 2.0  # that each image of a folder stays when live


class Stills:
    """Live: each image stays for SLIDE_S seconds, given again at `fps`, for ever. Not live: each once, in order.

    An image in the middle of a folder that cannot be read is left out when live.
    """

    note = camera = ""
    skipped = 0

    def __init__(self, name: str, paths: list[Path], fps: float, live: bool) -> None:
        """paths: at least one. Raises ValueError or OSError naming the first if it cannot be read."""
        self.name, self.fps, self.live, self.finite = name, float(fps), live, not live
        self._paths, self._index = paths, 0
        self._image = read_image(paths[0])
        self.size = (self._image.shape[1], self._image.shape[0])
        self._pace = Pace(fps)
        self._until = float("inf")  # perf_counter() when the next slide comes

    @classmethod
    def folder(cls, path: Path, fps: float, live: bool) -> "Stills":
        """The images of a folder in natural order. Raises ValueError when there are none."""
        paths = list_images(path)
        if not paths:
            raise ValueError(f"{path}: no images in this folder")
        return cls(f'folder "{path.resolve().name}"', paths, fps, live)

    @classmethod
    def file(cls, path: Path, fps: float, live: bool) -> "Stills":
        return cls(f'image "{path.name}"', [path], fps, live)

    def read(self) -> np.ndarray | None:
        return self._read_live() if self.live else self._read_next()

    def close(self) -> None:
        """Nothing is held."""

    def _read_next(self) -> np.ndarray | None:
        if self._index == len(self._paths):
            return None
        if self._index > 0:  # the first was read on opening
            self._image = read_image(self._paths[self._index])
        self._index += 1
        return self._image

    def _read_live(self) -> np.ndarray:
        self._pace.wait()
        now = time.perf_counter()
        if self._until == float("inf"):
            self._until = now + SLIDE_S
        if now >= self._until and len(self._paths) > 1:
            self._until = now + SLIDE_S
            self._index = (self._index + 1) % len(self._paths)
            with contextlib.suppress(OSError, ValueError):
                self._image = read_image(self._paths[self._index])
        return self._image


def read_image(path: Path) -> np.ndarray:
    """An image file as HxWx3 RGB uint8, upright as its EXIF says; deeper ones are scaled to 8 bits, transparency shows white.

    Raises ValueError naming `path` when it is no image or larger than 20000 px a side, OSError when it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file") from None
    except OSError as error:
        raise OSError(f"{path}: cannot be read ({error.strerror})") from None
    return decode_image(data, str(path))


def decode_image(data: bytes, name: str) -> np.ndarray:
    """The content of an image file as HxWx3 RGB uint8; see read_image(). Raises ValueError naming `name`."""
    header = _header(data)
    if header is not None and max(header.size) > LARGEST:
        raise ValueError(f"{name}: {header.width}x{header.height} pixels are too many, at most {LARGEST} a side")
    try:
        if header is not None and header.mode in EIGHT_BIT:
            return _upright_on_white(header)
        deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH)
    except cv2.error:
        deep = None
    except Exception as error:  # Pillow's: each format has its own
        raise ValueError(f"{name}: not an image that can be read ({_one_line(error)})") from None
    if deep is None:
        raise ValueError(f"{name}: not an image that can be read")
    return _to_uint8(deep)


def _header(data: bytes):
    """A PIL image that knows size and kind but has decoded nothing; None when Pillow does not know the format."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the caller looks at the size itself
    try:
        return Image.open(io.BytesIO(data))
    except Exception:  # broken headers raise all sorts; OpenCV may know the format
        return None


def _upright_on_white(header) -> np.ndarray:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(header)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__


def _to_uint8(image: np.ndarray) -> np.ndarray:
    """uint16 by its upper byte, floating point from 0..1."""
    if image.dtype == np.uint8:
        return image
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    return cv2.convertScaleAbs(np.clip(np.nan_to_num(image.astype(np.float32)), 0, 1), alpha=255)
