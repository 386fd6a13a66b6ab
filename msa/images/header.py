"""What stands in front of the pixels of an image file: size, bits, colours, profile, transparency. Reads no pixel."""

import io
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image

ALPHA = {"RGBA", "LA", "PA", "RGBa", "La"}
MAX_PROFILE = 4 << 20  # bytes of an ICC profile, unpacked
FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # markers of a JPEG that give its size
PNG_MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
TIFF_MODES = {0: "L", 1: "L", 3: "P", 5: "CMYK", 8: "LAB"}  # by PhotometricInterpretation; all others are RGB
PLACES, LENGTHS = (273, 324), (279, 325)  # of the strips, or tiles, of a TIFF
DEFLATE = (8, 32946)  # compressions that end in a checksum, which libtiff does not compare
# of a TIFF
UNPROCESSED = {258: (1, (8,)), 259: (1, DEFLATE), 274: (1, (1,)), 284: (1, (1,)), 317: (1, (1, 2)), 338: (0, (0,)), 339: (1, (1,))}
TIFF_SIZES = {1: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8}  # bytes of a value, by type
NUMBERS = {1: "whole numbers", 2: "signed whole numbers", 3: "floats"}


@dataclass(frozen=True)
class Header:
    """mode: as Pillow calls it. profile: ICC, empty when there is none."""

    width: int
    height: int
    mode: str
    profile: bytes = b""
    transparent: bool = False
    bits: int = 8  # of one channel
    numbers: str = NUMBERS[1]
    preview: bool = False  # the first image is a small version of another, as in the raw files of cameras
    exif: bool = False  # there may be an orientation that only Pillow reads
    scan: int = 0  # JPEG: where the first compressed data begin; what lies before may hold a thumbnail with an end of its own
    deflated: tuple[tuple[int, int], ...] = ()  # TIFF: place and length of its pieces, where each ends in a checksum
    rows: int = 0  # TIFF: of each piece, where it is deflated and plain RGB or grey of 8 bits; 0 elsewhere
    predicted: bool = False  # TIFF: differences from pixel to pixel are stored


def read_header(data: bytes, kind: str) -> Header:
    """kind: as msa.content calls it, "" for what only Pillow may know. Raises ValueError for a header that makes no sense."""
    reader = {"JPEG": _jpeg, "PNG": _png, "WebP": _webp, "TIFF": _tiff, "BMP": _bmp}.get(kind, _any)
    try:
        return reader(data)
    except (IndexError, KeyError, zlib.error):
        raise ValueError("its header is damaged") from None


def _jpeg(data: bytes) -> Header:
    place, pieces, found = 2, {}, None
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            break
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        length = 0 if 0xD0 <= marker <= 0xD8 or marker == 1 else (data[place + 2] << 8) + data[place + 3]
        if marker in FRAMES and found is None:
            found = data[place + 4:place + 10]
        elif marker == 0xE2 and data[place + 4:place + 16] == b"ICC_PROFILE\0":
            pieces[data[place + 16]] = data[place + 18:place + 2 + length]
        place += 2 + length
    else:
        place = max(0, data.find(b"\xff\xda"))
    if found is None:
        raise ValueError("no size in its header")
    profile = b"".join(pieces[i] for i in sorted(pieces)) if pieces else b""
    return Header((found[3] << 8) + found[4], (found[1] << 8) + found[2], {1: "L", 4: "CMYK"}.get(found[5], "RGB"), profile, scan=place)


def _png(data: bytes) -> Header:
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    bits, mode = data[24], PNG_MODES[data[25]]
    place, profile, transparent, exif, before = 33, b"", mode in ALPHA, False, True
    while (name := data[place + 4:place + 8]) not in (b"IEND", b""):
        length = int.from_bytes(data[place:place + 4], "big")
        if length > len(data) - place:  # OpenCV would take that much memory before it looks
            raise ValueError("a part of it claims more bytes than the file has")
        before = before and name != b"IDAT"  # what follows the pixels says nothing about them
        if before and name == b"tRNS":
            transparent = True
        elif before and name == b"eXIf":
            exif = True
        elif before and name == b"iCCP":
            stored = data[place + 8:place + 8 + length].partition(b"\0")[2][1:]
            profile = zlib.decompressobj().decompress(stored, MAX_PROFILE)
        place += 12 + length
    return Header(width, height, mode, profile, transparent, bits, exif=exif)


def _webp(data: bytes) -> Header:
    form = data[12:16]
    if form == b"VP8 ":
        return Header((data[26] + (data[27] << 8)) & 0x3FFF, (data[28] + (data[29] << 8)) & 0x3FFF, "RGB")
    if form == b"VP8L":
        stored = int.from_bytes(data[21:25], "little")
        return Header((stored & 0x3FFF) + 1, (stored >> 14 & 0x3FFF) + 1, "RGB", transparent=bool(stored >> 28 & 1))
    flags, profile = data[20], b""
    if flags & 0x20 and data[30:34] == b"ICCP":
        profile = data[38:38 + int.from_bytes(data[34:38], "little")]
    return Header(int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1, "RGB", profile, bool(flags & 0x10))


def _bmp(data: bytes) -> Header:
    if data[14] == 12:
        return Header(int.from_bytes(data[18:20], "little"), int.from_bytes(data[20:22], "little"), "RGB")
    width, height = (abs(int.from_bytes(data[i:i + 4], "little", signed=True)) for i in (18, 22))
    return Header(width, height, "RGB")


def _tiff(data: bytes) -> Header:
    """The first directory. Of a BigTIFF all numbers are wider."""
    order = "little" if data[0] == 0x49 else "big"

    def number(place: int, size: int) -> int:
        if place + size > len(data):
            raise IndexError
        return int.from_bytes(data[place:place + size], order)  # type: ignore[arg-type]

    big = number(2, 2) == 43
    start, head, step, width = (number(8, 8), 8, 20, 8) if big else (number(4, 4), 2, 12, 4)
    found, lists, profile = {}, {}, b""
    for place in range(start + head, start + head + step * min(number(start, head), 500), step):
        tag, size, count = number(place, 2), TIFF_SIZES.get(number(place + 2, 2)), number(place + 4, width)
        if size is not None and (tag < 340 or tag == 34675):
            where = place + 4 + width if size * count <= width else number(place + 4 + width, width)
            if tag == 34675:
                profile = data[where:where + min(count, MAX_PROFILE)]
            else:
                found[tag] = number(where, size)
            if tag in PLACES or tag in LENGTHS:
                lists[tag] = [number(where + size * i, size) for i in range(count)]
    pieces = [lists.get(tag) or lists.get(other, []) for tag, other in (PLACES, LENGTHS)] if found.get(259) in DEFLATE else [(), ()]
    unprocessed = all(found.get(tag, usual) in good for tag, (usual, good) in UNPROCESSED.items()) and 273 in lists and not big
    unprocessed = unprocessed and (found.get(262), found.get(277, 1)) in ((2, 3), (1, 1))  # RGB, or grey where white is the highest
    mode = TIFF_MODES.get(found.get(262, 1), "RGB")
    transparent = found.get(338, 0) in (1, 2) and found.get(277, 1) in (2, 4) and mode in ("L", "RGB")
    return Header(found[256], found[257], mode, profile, transparent, found.get(258, 1), NUMBERS.get(found.get(339, 1), "unknown values"),
                  bool(found.get(254, 0) & 1), deflated=tuple(zip(*pieces, strict=False)),
                  rows=min(found.get(278, found[257]), found[257]) if unprocessed else 0,
                  predicted=found.get(317, 1) == 2)


def _any(data: bytes) -> Header:
    """What Pillow knows of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                transparent = image.mode in ALPHA or "transparency" in image.info
                return Header(*image.size, image.mode, image.info.get("icc_profile") or b"", transparent, exif=True)
    except Exception as error:  # Pillow's plugins raise whatever their parsing stumbles over
        raise ValueError("too large" if isinstance(error, Image.DecompressionBombError) else "not an image") from None
