"""TensorFlow's tensor bundles (checkpoint format V2) without TensorFlow: `prefix`.index and `prefix`.data-00000-of-00001."""

import functools
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msa.protobuf import fields, varint
from webcam_pix2pix.identify.content import TABLE_MAGIC

from ..weights import Weight
from .crc32c import crc32c, masked

MAX_INDEX = 64 << 20  # bytes; the largest known is 20 kB
DTYPES: dict[int, np.dtype] = {1: np.dtype("<f4"), 2: np.dtype("<f8"), 3: np.dtype("<i4"), 9: np.dtype("<i8"), 19: np.dtype("<f2")}


@dataclass(frozen=True)
class Entry:
    """Where one tensor lies. Sizes as the file claims them; checked when it is read."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    sliced: bool


class Bundle:
    """The names of a bundle, and its tensors.

    Raises OSError or ValueError with one line naming the file that is missing or damaged.
    """

    def __init__(self, prefix: Path) -> None:
        self.prefix, self.index = prefix, prefix.with_name(prefix.name + ".index")
        if not 48 <= self.index.stat().st_size <= MAX_INDEX:
            raise ValueError(f"{self.index}: {self.index.stat().st_size} bytes, expected the index of a TensorFlow checkpoint")
        try:
            entries = dict(_table(self.index.read_bytes()))
            self._shards, little = _header(entries.pop(b"", b""))
            self.entries = {key.decode("utf-8"): _entry(value) for key, value in entries.items()}
        except (ValueError, IndexError, struct.error, UnicodeDecodeError) as error:
            raise ValueError(f"{self.index}: damaged index: {error}") from None
        if not little:
            raise ValueError(f"{self.index}: big-endian, expected little-endian")

    def weights(self, pattern: re.Pattern) -> dict[str, Weight]:
        """The tensors whose names match, as numpy weights: their places are checked now, their checksums when they are loaded."""
        return {name: Weight(entry.shape, functools.partial(self._read, name, self._octets(name, entry)))
                for name, entry in self.entries.items() if pattern.match(name)}

    def _octets(self, name: str, entry: Entry) -> np.ndarray:
        if entry.dtype not in DTYPES or entry.sliced:
            problem = "partitioned" if entry.sliced else f"of type {entry.dtype}"
            raise ValueError(f"{self.index}: {name:.80} is {problem}, expected numbers in one piece")
        if entry.size != math.prod(entry.shape) * DTYPES[entry.dtype].itemsize:
            raise ValueError(f"{self.index}: {name:.80}: {entry.size} bytes do not fit its shape {list(entry.shape)}")
        path = self._file(entry.shard)
        if not path.is_file():
            raise FileNotFoundError(f"{path}: missing, it should hold the values of {self.index.name}")
        if (end := entry.offset + entry.size) > (size := path.stat().st_size):
            raise ValueError(f"{path}: cut short at {size} bytes, {name:.80} should end at {end}")
        octets = np.fromfile(path, np.uint8, entry.size, offset=entry.offset)
        if len(octets) != entry.size:
            raise ValueError(f"{path}: cut short while it was read")
        return octets

    def _read(self, name: str, octets: np.ndarray) -> np.ndarray:
        entry = self.entries[name]
        if masked(crc32c(octets)) != entry.crc:
            raise ValueError(f"{self._file(entry.shard)}: damaged: the checksum of {name:.80} does not fit")
        return octets.view(DTYPES[entry.dtype]).reshape(entry.shape)

    def _file(self, shard: int) -> Path:
        return self.prefix.with_name(f"{self.prefix.name}.data-{shard:05d}-of-{self._shards:05d}")


def _table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a LevelDB-style table, every block's checksum compared."""
    if data[-8:] != TABLE_MAGIC:
        raise ValueError("not the index of a TensorFlow checkpoint")
    position = len(data) - 48
    for _ in range(2):  # the meta index, not used
        _, position = varint(data, position)
    offset, position = varint(data, position)
    size, _ = varint(data, position)
    for _, handle in _entries(_block(data, offset, size)):
        offset, position = varint(handle, 0)
        size, _ = varint(handle, position)
        yield from _entries(_block(data, offset, size))


def _block(data: bytes, offset: int, size: int) -> bytes:
    end = offset + size
    if size < 4 or end + 5 > len(data):
        raise ValueError(f"a block of {size} bytes at {offset} does not fit in")
    if masked(crc32c(data[offset:end + 1])) != struct.unpack_from("<I", data, end + 1)[0]:
        raise ValueError(f"the checksum of the block at {offset} does not fit")
    if data[end] != 0:
        raise ValueError(f"the block at {offset} is compressed, expected plain")
    return data[offset:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Entries of a block; each key gives only what differs from the one before."""
    restarts = struct.unpack_from("<I", block, len(block) - 4)[0]
    end = len(block) - 4 - 4 * restarts
    key, position = b"", 0
    while position < end:
        shared, position = varint(block, position)
        more, position = varint(block, position)
        length, position = varint(block, position)
        if shared > len(key) or position + more + length > end:
            raise ValueError("an entry runs past its block")
        key = key[:shared] + block[position:position + more]
        yield key, block[position + more:position + more + length]
        position += more + length


def _header(message: bytes) -> tuple[int, bool]:
    """(number of shards, little-endian)."""
    values = dict(fields(message))
    shards = values.get(1, 1)
    if not isinstance(shards, int) or not 1 <= shards <= 99999:
        raise ValueError(f"{shards!r:.40} shards")
    return shards, values.get(2, 0) == 0


def _entry(message: bytes) -> Entry:
    values: dict[int, int | bytes | memoryview] = {}
    sliced = False
    for number, value in fields(message):
        sliced |= number == 7
        values[number] = value
    dtype, shard, offset, size, crc = (_number(values.get(n, 0)) for n in (1, 3, 4, 5, 6))
    shape = []
    for number, dimension in fields(_message(values.get(2, b""))):
        if number == 2:
            shape.append(_number(dict(fields(_message(dimension))).get(1, 0)))
    return Entry(dtype, tuple(shape), shard, offset, size, crc, sliced)


def _number(value: int | bytes | memoryview) -> int:
    if not isinstance(value, int) or value >= 1 << 63:
        raise ValueError("an entry with impossible numbers")
    return value


def _message(value: int | bytes | memoryview) -> bytes | memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message was expected")
    return value
