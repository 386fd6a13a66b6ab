"""What a file is, by its first bytes: an image, a film, or neither. The name decides only where the content cannot."""

import re
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096  # bytes that are looked at
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".bmp", ".dib", ".ppm", ".pgm", ".pnm", ".tif", ".tiff", ".webp",
                  ".avif", ".jp2", ".heic", ".heif"}
VIDEO_SUFFIXES = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".vob", ".3gp", ".3g2",
                  ".wmv", ".asf", ".flv", ".ogv", ".mxf", ".gif", ".h264", ".264", ".h265", ".265", ".hevc"}
RAW_SUFFIXES = {".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw"}  # of cameras: TIFF outside, a preview first
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"mif1": "HEIC",
          b"msf1": "HEIC", b"crx ": "camera raw"}
STARTS = ((b"BM", "BMP"), (b"II*\0\x10\0\0\0CR", "camera raw"), (b"II*\0", "TIFF"),
          (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
          (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"), (b"\xff\x4f\xff\x51", "JPEG 2000"),
          (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"), (b"FUJIFILMCCD-RAW", "camera raw"), (b"IIRO", "camera raw"),
          (b"IIU\0", "camera raw"))
FILMS = ((b"\x1a\x45\xdf\xa3", "Matroska"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"), (b"FLV\x01", "Flash video"), (b"OggS", "Ogg"),
         (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"), (b"\0\0\x01\xba", "MPEG"), (b"\0\0\x01\xb3", "MPEG"),
         (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "MXF"))
READABLE = {"JPEG", "PNG", "BMP", "PNM", "TIFF", "WebP", "AVIF", "JPEG 2000", "GIF", "HEIC"}


@dataclass(frozen=True)
class Content:
    """What a file holds, told by its first bytes."""

    image: bool  # a still image, else a film
    kind: str  # for people: "JPEG", "HEIC", "MP4"


USUAL = {b"\xff\xd8\xff": Content(True, "JPEG"), b"\x89PN": Content(True, "PNG")}  # told at once


def content(head: bytes) -> Content | None:
    """What a file is that begins with `head` (HEAD bytes, or all of a shorter one); None for what is neither image nor film."""
    if (usual := USUAL.get(head[:3])) is not None:
        return usual
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"AVI "):
        return Content(True, "WebP") if head[8:12] == b"WEBP" else Content(False, "AVI")
    for start, kind in STARTS:
        if head.startswith(start):
            return Content(True, kind)
    if re.match(rb"P[1-6]\s", head):
        return Content(True, "PNM")
    for start, kind in FILMS:
        if head.startswith(start):
            return Content(False, kind)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"pnot"):  # QuickTime before it had brands
        return Content(False, "QuickTime")
    for first, step in ((0, 188), (4, 192)):  # packets of a transport stream; with time codes in front on cameras and discs
        if head[first::step][:5] == b"\x47" * 5:
            return Content(False, "MPEG transport stream")
    if re.match(rb"\0{2,3}\x01[\x27\x47\x67\x09]", head):
        return Content(False, "H.264")
    if re.match(rb"\0{2,3}\x01[\x40\x46]\x01", head):
        return Content(False, "H.265")
    return None


def content_of(path: Path) -> Content | None:
    """`content` of a file. Raises OSError when it cannot be read."""
    with path.open("rb") as file:
        return content(file.read(HEAD))


def is_image(path: Path) -> bool:
    """Whether a file is a still image: by content, and by name where the content says nothing (damaged) or cannot be read."""
    found = _found(path)
    return found.image if found is not None else path.suffix.lower() in IMAGE_SUFFIXES


def is_video(path: Path) -> bool:
    """Whether a file is a film, told likewise."""
    found = _found(path)
    return not found.image if found is not None else path.suffix.lower() in VIDEO_SUFFIXES


def listed_as(path: Path) -> str:
    """What a file in a folder counts as: "image", "film", or "" for neither. The usual names of images are believed, which keeps long
    folders fast; what such a file really holds is found out when it is read."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return "image"
    return "image" if is_image(path) else "film" if is_video(path) else ""


def _found(path: Path) -> Content | None:
    try:
        return content_of(path)
    except OSError:
        return None


def _of_brands(head: bytes) -> Content:
    """An ISO file names its main brand, and then those it is compatible with."""
    end = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[i:i + 4] for i in range(16, max(end, 16), 4))]
    if brands[0] in (b"mif1", b"msf1") and b"avif" in brands:
        return Content(True, "AVIF")
    if brands[0] in BRANDS:
        return Content(True, BRANDS[brands[0]])
    return Content(False, "3GP" if brands[0].startswith(b"3g") else "QuickTime" if brands[0] == b"qt  " else "MP4")
