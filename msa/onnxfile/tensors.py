"""A tensor as an ONNX file stores it: its shape, and its values once they are asked for."""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..protobuf import fields, varint

FLOAT, BYTES, HALF, DOUBLE, BFLOAT = 1, 2, 10, 11, 16  # element types of ONNX that are asked for by name
KINDS: dict[int, type] = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_,
                          10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64, 16: np.uint16}  # 16, bfloat16, as its bits
MOST_AXES = 8
OUTSIDE = 1  # data_location: the values are in another file


@dataclass(frozen=True)
class Stored:
    """A tensor in a file."""

    name: str
    kind: int  # element type, a key of KINDS or one that is not understood
    shape: tuple[int, ...]
    raw: bytes | memoryview | None = None  # the values as bytes, little-endian
    lists: tuple[tuple[int, bytes | memoryview | int], ...] = field(default=(), repr=False)  # or as fields of numbers: (number, content)
    outside: tuple[tuple[str, str], ...] = ()  # or in another file: location, offset, length

    @property
    def bytes_claimed(self) -> int:
        """Bytes that its values take. Raises ValueError for an element type that is not understood."""
        if self.kind not in KINDS:
            raise ValueError(f"{self.name:.60}: elements of ONNX type {self.kind} are not supported, expected numbers of 8 to 64 bits")
        return math.prod(self.shape) * np.dtype(KINDS[self.kind]).itemsize

    def check(self, folder: Path | None = None) -> None:
        """Compare what it claims with what is there. Raises ValueError, or OSError for another file that is missing."""
        if len(self.shape) > MOST_AXES or any(side < 0 for side in self.shape):
            raise ValueError(f"{self.name:.60}: shape {list(self.shape)[:10]}, expected at most {MOST_AXES} sides, none below 0")
        claimed = self.bytes_claimed
        if self.outside:
            _, start, length = self._place(folder)
            there = length if start >= 0 else -1
        elif self.raw is not None:
            there = len(self.raw)
        else:
            there = claimed if claimed <= 16 * sum(1 if isinstance(v, int) else len(v) for _, v in self.lists) else -1
        if there != claimed:
            raise ValueError(f"{self.name:.60}: {list(self.shape)} takes {claimed} bytes, the file holds {max(there, 0)} for it")

    def array(self, folder: Path | None = None) -> np.ndarray:
        """The values, in memory of their own. bfloat16 becomes float32. Raises ValueError or OSError as check() does."""
        self.check(folder)
        kind = np.dtype(KINDS[self.kind]).newbyteorder("<")
        if self.outside:
            path, start, length = self._place(folder)
            with path.open("rb") as file:
                file.seek(start)
                values = np.frombuffer(file.read(length), kind)
        elif self.raw is not None:
            values = np.frombuffer(self.raw, kind)
        else:
            values = self._listed(math.prod(self.shape))
        if values.size != math.prod(self.shape):
            raise ValueError(f"{self.name:.60}: {values.size} values, expected {list(self.shape)}")
        values = np.array(values.reshape(self.shape), KINDS[self.kind])
        return (values.astype(np.uint32) << 16).view(np.float32) if self.kind == BFLOAT else values

    def _place(self, folder: Path | None) -> tuple[Path, int, int]:
        """(file, first byte, bytes) of values in another file, which lies in the folder of the first one."""
        known = dict(self.outside)
        location = known.get("location", "")
        if folder is None or not location:
            raise ValueError(f"{self.name:.60}: its values are in another file")
        path = folder / location.replace("\\", "/")
        if Path(location).is_absolute() or ".." in Path(location.replace("\\", "/")).parts or \
                not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{self.name:.60}: its values are in {location!r:.80}, which leads out of the folder of the file")
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file; it holds the values of the weights and belongs beside the ONNX file")
        start, size = _whole(known.get("offset", "0")), path.stat().st_size
        length = _whole(known["length"]) if known.get("length") else self.bytes_claimed
        if start < 0 or length < 0 or start + length > size:
            raise ValueError(f"{self.name:.60}: bytes {start} to {start + length} of {path.name:.60}, which has {size}")
        return path, start, length

    def _listed(self, most: int) -> np.ndarray:
        """Values in fields of numbers: float_data and double_data as they are, the others as numbers of variable length."""
        parts: list[np.ndarray] = []
        for number, content in self.lists:
            if number in (4, 10):  # float_data, double_data
                width = "<f4" if number == 4 else "<f8"
                data = content.to_bytes(4 if number == 4 else 8, "little") if isinstance(content, int) else content
                if len(data) % np.dtype(width).itemsize:
                    raise ValueError(f"{self.name:.60}: {len(data)} bytes are no whole number of values")
                parts.append(np.frombuffer(data, width))
            else:
                parts.append(_numbers(content, most))
        values = np.concatenate(parts) if parts else np.empty(0)
        if self.kind == HALF:  # as the bits of each
            return values.astype(np.uint16).view(np.float16)
        return values.astype(KINDS[self.kind])


def stored(message: bytes | memoryview) -> Stored:
    """A TensorProto. Raises ValueError when it is none."""
    name, kind, raw, shape, lists, outside, location = "", 0, None, [], [], [], 0
    for number, value in fields(message):
        if number == 1:
            shape += numbers(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number in (4, 5, 7, 10, 11):
            lists.append((number, value))
        elif number == 8 and not isinstance(value, int):
            name = printable(value)
        elif number == 9 and not isinstance(value, int):
            raw = value
        elif number == 13 and not isinstance(value, int):
            pair = {n: text(v) for n, v in fields(value) if not isinstance(v, int)}
            outside.append((pair.get(1, ""), pair.get(2, "")))
        elif number == 14 and isinstance(value, int):
            location = value
    if location == OUTSIDE and not outside:
        raise ValueError(f"{name:.60}: its values are in another file that is not named")
    if location == OUTSIDE:
        return Stored(name, kind, tuple(shape), outside=tuple(outside))
    return Stored(name, kind, tuple(shape), raw, tuple(lists))


def numbers(value: int | bytes | memoryview) -> list[int]:
    """Whole numbers of a repeated field: one, or many packed into one; those above 2**63 are negative."""
    if isinstance(value, int):
        return [signed(value)]
    found, position = [], 0
    while position < len(value):
        number, position = varint(value, position)
        found.append(signed(number))
    return found


def signed(value: int) -> int:
    """A number of variable length as protobuf means it: 64 bits with a sign."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def text(value: bytes | memoryview) -> str:
    """UTF-8. Raises ValueError when it is none."""
    return str(bytes(value), "utf-8")


def printable(value: bytes | memoryview) -> str:
    """A name, which messages may show. Raises ValueError when it would break a line."""
    found = text(value)
    if not found.isprintable():
        raise ValueError(f"the name {found!r:.60} cannot be printed")
    return found


def _numbers(content: int | bytes | memoryview, most: int) -> np.ndarray:
    found = numbers(content)
    if len(found) > most:
        raise ValueError(f"{len(found)} values, expected {most}")
    return np.array([n & 0xFFFFFFFFFFFFFFFF for n in found], np.uint64).view(np.int64)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(f"{text!r:.40} is not a number of bytes")
    return int(text)
