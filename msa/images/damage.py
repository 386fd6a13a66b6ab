"""Is an image whole? Data after its end is no damage; a hole before its end is."""

import re
import zlib

import cv2
import numpy as np

from .header import Header

END = b"\xff\xd9"
PORTION = 1 << 20  # bytes
HARMLESS = 2  # bytes between the last block and the end: some cameras pad


def ended(data: bytes, scan: int) -> tuple[bytes, bool]:
    """A JPEG with an end marker, and whether it had one. Without one it may still be whole, such as the panoramas of some phones: a
    decoder that comes upon the added end too early complains. scan: see header.Header."""
    return (data, True) if data.find(END, scan) >= 0 else (data + END, False)


def damage(kind: str, data: bytes, complaints: list[str], scan: int = 0, had_end: bool = True) -> str:
    """What the codecs' complaints mean for the image, "" when it is whole all the same. scan, had_end: of a JPEG,
    see ended()."""
    for line in complaints:
        if kind == "JPEG" and _harms_jpeg(line, data, scan, had_end):
            return _bare(line)
        if kind == "TIFF" and (re.search(r"ERROR|Corrupt JPEG", line) or re.match(r"\w*Decode\w*:", line)):
            return _bare(line)
        if kind == "PNG" and re.search(r"error|CRC|Not enough|Too much", line):
            return _bare(line)
    return ""


def deflated_wrongly(data: bytes, pieces: tuple[tuple[int, int], ...]) -> bool:
    """Whether one of the deflated pieces of a TIFF does not fit its checksum."""
    for place, length in pieces:
        stream = zlib.decompressobj()
        try:
            rest = data[place:place + length]
            while rest:  # in portions: what a hostile stream unpacks to takes no memory
                stream.decompress(rest, PORTION)
                rest = stream.unconsumed_tail
        except zlib.error:
            return True
    return False


def inflated(data: bytes, header: Header) -> np.ndarray:
    """The pixels of a plain deflated TIFF (see Header.rows), HxWx3 RGB uint8, every checksum compared. Raises ValueError for damage."""
    channels = 1 if header.mode == "L" else 3
    image = np.empty((header.height, header.width, channels), np.uint8)
    if len(header.deflated) != -(-header.height // header.rows):
        raise ValueError("pieces are missing")
    for number, (place, length) in enumerate(header.deflated):
        part = image[number * header.rows:(number + 1) * header.rows]
        stream = zlib.decompressobj()
        try:
            raw = stream.decompress(data[place:place + length], part.size)
            stream.decompress(stream.unconsumed_tail, 1)  # the checksum
        except zlib.error:
            raise ValueError("a checksum does not fit") from None
        if len(raw) != part.size or not stream.eof:
            raise ValueError("the file is cut short")
        values = np.frombuffer(raw, np.uint8).reshape(part.shape)
        if header.predicted:
            np.cumsum(values, axis=1, dtype=np.uint8, out=part)
        else:
            part[...] = values
    return image if channels == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)


def _harms_jpeg(line: str, data: bytes, scan: int, had_end: bool) -> bool:
    if extra := re.search(r"(\d+) extraneous bytes before marker 0x(\w\w)", line):
        count, marker = int(extra[1]), int(extra[2], 16)
        if marker == 0xD9:  # the rest of an image whose beginning took too few bytes, or nothing but padding?
            end = data.find(END, scan)
            return had_end and count > HARMLESS and len(set(data[max(0, end - count):end])) > 1
        return marker in (0xC4, 0xDA) or 0xD0 <= marker <= 0xD7
    return line.startswith(("Corrupt JPEG data", "Inconsistent progression"))


def _bare(line: str) -> str:
    """A complaint without the place in OpenCV's source, or the library, that it comes from."""
    return re.sub(r"^\[.*?\] global \S+ (?:TIFF_\w+ )?|^Corrupt JPEG data: |^libpng \w+: ", "", line)[:100]
