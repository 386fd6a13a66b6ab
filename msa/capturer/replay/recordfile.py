"""Records in a file that only grows: length, kind, checksum, content."""

import contextlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"webcam-pix2pix replay 1\n"
HEAD = struct.Struct("<IBI")  # bytes of the content, kind, CRC-32 of kind and content
HEADER, FRAME, IMAGE, EVENT, END = 1, 2, 3, 4, 5
LONGEST = {HEADER: 1 << 20, FRAME: 1 << 20, IMAGE: 1 << 26, EVENT: 1 << 16, END: 0}  # bytes of the content


class RecordFile:
    """A new file to which records are added; each is handed to the system at once, so that a killed program loses none."""

    def __init__(self, path: Path) -> None:
        """Raises OSError naming `path`; a file of that name stays what it is."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        except FileExistsError:
            raise FileExistsError(f"{path}: exists already; choose another name, or move it away") from None
        except OSError as error:
            raise OSError(f"{path}: {error.strerror or error}") from None
        self.path = path
        self._put(MAGIC)

    def add(self, kind: int, content: bytes | dict[str, Any]) -> None:
        """Add a record; a dict becomes JSON. Raises OSError naming the file when the disk is full, ValueError for one that is too long."""
        data = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
        if len(data) > LONGEST[kind]:
            raise ValueError(f"{self.path}: a record of {len(data)} bytes, expected at most {LONGEST[kind]}")
        self._put(HEAD.pack(len(data), kind, zlib.crc32(data, kind)) + data)

    def close(self) -> None:
        """Close the file, with its end marked where there is room for that."""
        with contextlib.suppress(OSError):
            self.add(END, b"")
        os.close(self._file)

    def _put(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data):]
        except OSError as error:
            raise OSError(f"{self.path}: {error.strerror or error}") from None


def records(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """(kind, place of the content in the file, content) of each whole record; of images the content is left out, and not checked.

    Ends where the file ends or is damaged.
    """
    end = os.fstat(file.fileno()).st_size
    place = len(MAGIC)
    while place + HEAD.size <= end:
        file.seek(place)
        length, kind, checksum = HEAD.unpack(file.read(HEAD.size))
        place += HEAD.size
        if length > LONGEST.get(kind, -1) or place + length > end:
            return
        data = b"" if kind == IMAGE else file.read(length)
        if kind != IMAGE and zlib.crc32(data, kind) != checksum:
            return
        yield kind, place, data
        place += length


def content_at(file: BinaryIO, place: int) -> bytes:
    """The content of the record at `place`, checked. Raises ValueError when it is damaged."""
    file.seek(place - HEAD.size)
    length, kind, checksum = HEAD.unpack(file.read(HEAD.size))
    data = file.read(length) if length <= LONGEST.get(kind, -1) else b""
    if len(data) != length or zlib.crc32(data, kind) != checksum:
        raise ValueError("damaged image")
    return data
