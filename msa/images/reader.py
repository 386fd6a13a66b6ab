"""From the bytes of an image file to an image: upright, 8 bits, sRGB, without transparency. What is damaged is refused by name."""

import io
import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from msa.content import HEAD, READABLE, content

from . import colour
from .complaints import complaints
from .damage import damage, deflated_wrongly, ended, inflated
from .header import Header, read_header
from .heic import prepared

log = logging.getLogger(__name__)

MAX_PIXELS = 178_956_970  # half a gigabyte of RGB; Pillow's limit against decompression bombs
BY_PILLOW = {"AVIF", "HEIC", "JPEG 2000"}
DARK = 63  # the highest of 255 levels in an image of 16 bits that uses 14 of them, or fewer


@dataclass(frozen=True)
class Decoded:
    """An image file, read."""

    pixels: np.ndarray  # HxWx3 RGB uint8
    remark: str = ""  # what people should know of it, such as that it uses 12 of its 16 bits


def read_image(path: str | os.PathLike, ground: tuple[int, int, int] = colour.GROUND) -> np.ndarray:
    """The image in `path` as HxWx3 RGB uint8, as decode() gives it. Raises OSError with one line naming the file."""
    path = Path(path)
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: there is no such file; give the name of an image")
    return decode_image(path.read_bytes(), str(path), ground)


def decode_image(data: bytes, name: str, ground: tuple[int, int, int] = colour.GROUND) -> np.ndarray:
    """`read_image` for the bytes of a file; `name` stands in the messages. What people should know of it goes to the log."""
    decoded = decode(data, name, ground)
    if decoded.remark:
        log.warning("%s: %s", name, decoded.remark)
    return decoded.pixels


def decode(data: bytes, name: str, ground: tuple[int, int, int] = colour.GROUND) -> Decoded:
    """The image in the bytes of an image file.

    What it is is told by its content. It is turned upright by its EXIF orientation; 16 bits are reduced to 8 by value, grey becomes
    three equal channels; an ICC profile is followed to sRGB; what is transparent shows `ground`. Data after the end are left alone.
    Raises OSError with one line naming the file when it is empty, damaged, cut short, of a kind that cannot be read, or larger than
    MAX_PIXELS.
    """
    if not data:
        raise OSError(f"{name}: empty file, expected an image")
    kind = _checked_kind(data, name)
    header = _checked_header(data, name, kind)
    if header.transparent and kind == "PNG" and header.bits == 8 and not (header.exif or header.profile):
        pixels = _png_on_ground(data, name, header, ground)
    elif header.transparent or kind in BY_PILLOW or (header.mode == "CMYK" and header.profile):
        if kind == "JPEG":  # Pillow says nothing of holes
            _by_opencv(data, name, kind, header)
        _check_deflated(data, name, header)
        pixels = _by_pillow(data, name, kind, header, ground)
    else:
        pixels = _by_opencv(data, name, kind, header)
        if header.profile:
            pixels = _in_srgb(pixels, header)
    return Decoded(pixels, _remark(pixels) if header.bits == 16 else "")


def _by_opencv(data: bytes, name: str, kind: str, header: Header, flags: int = cv2.IMREAD_COLOR_RGB) -> np.ndarray:
    if header.rows and flags == cv2.IMREAD_COLOR_RGB:
        try:
            return inflated(data, header)
        except ValueError as error:
            raise OSError(f"{name}: damaged {kind} image ({error})") from None
    data, had_end = ended(data, header.scan) if kind == "JPEG" else (data, True)
    with complaints(opencv=kind == "TIFF") as said:
        try:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error as error:
            raise OSError(f"{name}: not a readable {kind or 'image'} ({error.err or 'damaged'})") from None
    if image is None:
        raise OSError(f"{name}: damaged {kind} image".replace("  ", " "))
    if said and (harm := damage(kind, data, said, header.scan, had_end)):
        raise OSError(f"{name}: damaged {kind} image ({harm})" if had_end else f"{name}: the file is cut short, its end is missing")
    _check_deflated(data, name, header)
    return image


def _check_deflated(data: bytes, name: str, header: Header) -> None:
    if header.deflated and deflated_wrongly(data, header.deflated):
        raise OSError(f"{name}: damaged TIFF image (a checksum does not fit)")


def _png_on_ground(data: bytes, name: str, header: Header, ground: tuple[int, int, int]) -> np.ndarray:
    """The usual transparent images, fast: most of them are opaque, such as screenshots."""
    image = _by_opencv(data, name, "PNG", header, cv2.IMREAD_UNCHANGED)
    if image.ndim != 3 or image.shape[2] != 4:  # one colour of it is transparent
        return _by_pillow(data, name, "PNG", header, ground)
    pixels = cv2.cvtColor(image, cv2.COLOR_BGRA2RGB)
    alpha = cv2.extractChannel(image, 3)
    if cv2.minMaxLoc(alpha)[0] == 255:
        return pixels
    layer = Image.fromarray(pixels)
    layer.putalpha(Image.fromarray(alpha))
    return np.array(colour.on_ground(layer, ground))


def _by_pillow(data: bytes, name: str, kind: str, header: Header, ground: tuple[int, int, int]) -> np.ndarray:
    """For what OpenCV cannot do: transparency, CMYK by its profile, kinds that it may have been built without."""
    try:
        with warnings.catch_warnings(), complaints():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as opened:
                image = ImageOps.exif_transpose(opened)
                if header.transparent:
                    image = image.convert("RGBA")
                elif image.mode not in ("L", "CMYK"):
                    image = image.convert("RGB")
    except Exception as error:  # Pillow's plugins raise whatever their parsing stumbles over
        raise OSError(f"{name}: damaged {kind} image ({str(error).splitlines()[0][:80] if str(error) else 'unreadable'})") from None
    if image.mode == "RGBA":
        opaque = colour.to_srgb(image.convert("RGB"), header.profile)
        opaque.putalpha(image.getchannel("A"))
        image = colour.on_ground(opaque, ground)
    else:
        image = colour.to_srgb(image, header.profile)
    return np.array(image.convert("RGB"))


def _in_srgb(pixels: np.ndarray, header: Header) -> np.ndarray:
    grey = header.mode == "L"
    if colour.transform(header.profile, "L" if grey else "RGB") is None:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0]) if grey else pixels)
    return np.array(colour.to_srgb(image, header.profile))


def _checked_kind(data: bytes, name: str) -> str:
    """The kind of image by content; "" for what only Pillow may know. Raises OSError for films, and for images that nobody reads."""
    found = content(data[:HEAD] if len(data) > HEAD else data)
    if found is None:
        return ""
    if not found.image and found.kind != "GIF":
        raise OSError(f"{name}: this is a film ({found.kind}), not an image; give an image")
    if found.kind not in READABLE:
        raise OSError(f"{name}: {found.kind} cannot be read; convert it to PNG, JPEG or TIFF first")
    if found.kind == "HEIC":
        prepared(name)
    return found.kind


def _checked_header(data: bytes, name: str, kind: str) -> Header:
    """Raises OSError for what is no image, too large to decode safely, or in numbers that are no image."""
    try:
        header = read_header(data, kind)
    except ValueError as error:
        if str(error) == "too large":
            raise OSError(f"{name}: more than {MAX_PIXELS // 1_000_000} million pixels, too large to open") from None
        raise OSError(f"{name}: damaged {kind} image ({error})" if kind else f"{name}: not an image") from None
    if header.width * header.height > MAX_PIXELS:
        raise OSError(f"{name}: more than {MAX_PIXELS // 1_000_000} million pixels, too large to open")
    if header.preview:
        raise OSError(f"{name}: this file has only a preview image, as camera raw files do; convert it to PNG, JPEG or TIFF first")
    if header.bits > 16 or (header.bits > 8 and header.numbers != "whole numbers"):
        raise OSError(f"{name}: {header.bits}-bit {header.numbers}, expected 8 or 16 bits per channel; scale them and save as 16-bit first")
    return header


def _remark(pixels: np.ndarray) -> str:
    if (highest := int(pixels.max())) > DARK:
        return ""
    return (f"nearly black: 16 bits, but no value above {100 * (highest + 1) / 256:.0f} % of white, as when 10, 12 or 14 bits are stored "
            "in 16; scale the values first")
