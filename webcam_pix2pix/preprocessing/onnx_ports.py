"""What an ONNX file takes and gives, read from the file alone: no library is needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msa.protobuf import fields

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
        graph = next(bytes(value) for number, value in fields(memoryview(data)) if number == 7 and not isinstance(value, int))
        inputs, outputs, weights = [], [], set()
        for number, value in fields(memoryview(graph)):
            if isinstance(value, int):
                continue
            if number == 5:
                weights |= {str(bytes(name), "utf-8") for n, name in fields(value) if n == 8 and not isinstance(name, int)}
            elif number == 11:
                inputs.append(_port(value))
            elif number == 12:
                outputs.append(_port(value))
    except (StopIteration, IndexError, ValueError):
        raise ValueError(f"{path}: not an ONNX file") from None
    return [port for port in inputs if port.name not in weights], outputs


def _port(data: bytes | memoryview) -> Port:
    name, kind, shape = "", 0, []
    for number, value in fields(data):
        if number == 1 and not isinstance(value, int):
            name = str(bytes(value), "utf-8")
        elif number == 2 and not isinstance(value, int):
            for tensor in _inside(value, 1):
                kind = next((v for n, v in fields(tensor) if n == 1 and isinstance(v, int)), 0)
                for dims in _inside(tensor, 2):
                    for dim in _inside(dims, 1):
                        size = next((v for n, v in fields(dim) if n == 1 and isinstance(v, int)), 0)
                        shape.append(size if size < 2 ** 31 else 0)  # some write -1 for what is open
    return Port(name, kind, tuple(shape))


def _inside(data: bytes | memoryview, wanted: int) -> Iterator[bytes | memoryview]:
    """The messages in field `wanted`."""
    for number, value in fields(data):
        if number == wanted and not isinstance(value, int):
            yield value
