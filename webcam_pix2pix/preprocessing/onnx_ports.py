"""What an ONNX file takes and gives, read from the file alone: no library is needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLOAT, BYTES, HALF = 1, 2, 10  # element types of ONNX: float32, uint8, float16


@dataclass(frozen=True)
class Port:
    """An input or output: name, element type, and shape with 0 for what is open."""

    name: str
    kind: int
    shape: tuple[int, ...]


def ports(path: Path) -> tuple[list[Port], list[Port]]:
    """(inputs without weights, outputs) of the graph. Raises OSError, or ValueError when it is no ONNX file."""
    data = path.read_bytes()
    try:
        graph = next(bytes(value) for number, value in _fields(memoryview(data)) if number == 7 and not isinstance(value, int))
        inputs, outputs, weights = [], [], set()
        for number, value in _fields(memoryview(graph)):
            if isinstance(value, int):
                continue
            if number == 5:
                weights |= {str(bytes(name), "utf-8") for n, name in _fields(value) if n == 8 and not isinstance(name, int)}
            elif number == 11:
                inputs.append(_port(value))
            elif number == 12:
                outputs.append(_port(value))
    except (StopIteration, IndexError, ValueError):
        raise ValueError(f"{path}: not an ONNX file") from None
    return [port for port in inputs if port.name not in weights], outputs


def _port(data: memoryview) -> Port:
    name, kind, shape = "", 0, []
    for number, value in _fields(data):
        if number == 1 and not isinstance(value, int):
            name = str(bytes(value), "utf-8")
        elif number == 2 and not isinstance(value, int):
            for tensor in _inside(value, 1):
                kind = next((v for n, v in _fields(tensor) if n == 1 and isinstance(v, int)), 0)
                for dims in _inside(tensor, 2):
                    for dim in _inside(dims, 1):
                        size = next((v for n, v in _fields(dim) if n == 1 and isinstance(v, int)), 0)
                        shape.append(size if size < 2 ** 31 else 0)  # some write -1 for what is open
    return Port(name, kind, tuple(shape))


def _inside(data: memoryview, wanted: int) -> Iterator[memoryview]:
    """The messages in field `wanted`."""
    for number, value in _fields(data):
        if number == wanted and not isinstance(value, int):
            yield value


def _fields(data: memoryview) -> Iterator[tuple[int, "int | memoryview"]]:
    """Number and value of each field of a protocol buffer message. Raises ValueError or IndexError when it is none."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if number == 0 or at + length > len(data):
            raise ValueError("cut off")
        yield number, data[at:at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("number too long")
