"""The graph of an ONNX file: inputs, outputs, nodes in order, and where its weights lie."""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..protobuf import fields
from .tensors import Stored, numbers, printable, stored, text

MOST_NODES = 50_000
MOST_BYTES = 2 << 30  # what protobuf itself allows
Message = bytes | memoryview


@dataclass(frozen=True)
class Port:
    """An input or output: name, element type, and shape with 0 for what is open."""

    name: str
    kind: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One step of the graph."""

    kind: str  # Conv, Relu, ...
    inputs: tuple[str, ...]  # "" for one that is left out
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)  # int, float, str, list of them, or Stored
    domain: str = ""  # "" for the operators of ONNX itself
    subgraphs: bool = False  # If, Loop and Scan hold graphs of their own


@dataclass(frozen=True)
class OnnxFile:
    """What an ONNX file holds."""

    path: Path
    inputs: tuple[Port, ...]  # without the weights
    outputs: tuple[Port, ...]
    nodes: tuple[Node, ...] = field(default=(), repr=False)
    weights: dict[str, Stored] = field(default_factory=dict, repr=False)
    opset: int = 0
    domains: tuple[str, ...] = ()  # of operators that are not ONNX's own
    functions: int = 0
    producer: str = ""
    texts: dict[str, str] = field(default_factory=dict)  # metadata_props

    @property
    def count(self) -> int:
        """Number of values in the weights, as far as their shapes tell."""
        total = 0
        for weight in self.weights.values():
            elements = 1
            for side in weight.shape:
                elements *= max(side, 0)
            total += elements
        return total


def read(path: Path) -> OnnxFile:
    """The graph in the file at `path`; values of weights stay where they are. Raises OSError, or ValueError when it is no ONNX file."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path}: {path.stat().st_size} bytes, more than an ONNX file can have")
    return parse(path.read_bytes(), path)


def parse(data: Message, path: Path) -> OnnxFile:
    """The graph in `data`, the content of the file at `path`. Raises ValueError when it is no ONNX file."""
    graph: Message | None = None
    facts: dict[str, Any] = {"opset": 0, "domains": [], "functions": 0, "producer": "", "texts": {}}
    try:
        for number, value in fields(memoryview(data)):
            if number == 7 and not isinstance(value, int):
                graph = value
            elif number == 2 and not isinstance(value, int):
                facts["producer"] = text(value)[:100]
            elif number == 8 and not isinstance(value, int):
                domain, version = _opset(value)
                if domain in ("", "ai.onnx"):
                    facts["opset"] = version
                else:
                    facts["domains"].append(domain)
            elif number == 14 and not isinstance(value, int):
                pair = {n: text(v) for n, v in fields(value) if not isinstance(v, int)}
                facts["texts"][pair.get(1, "")[:100]] = pair.get(2, "")[:1000]
            elif number == 25:
                facts["functions"] += 1
        if graph is None:
            raise ValueError("it has no graph")
        inputs, outputs, nodes, weights = _graph(graph)
    except (IndexError, OverflowError, struct.error, UnicodeDecodeError):
        raise ValueError(f"{path}: not an ONNX file, or a damaged one") from None
    except ValueError as error:
        raise ValueError(f"{path}: not an ONNX file, or a damaged one ({str(error)[:160]})") from None
    facts["domains"] = tuple(facts["domains"])
    return OnnxFile(path, tuple(port for port in inputs if port.name not in weights), tuple(outputs), tuple(nodes), weights, **facts)


def _graph(message: Message) -> tuple[list[Port], list[Port], list[Node], dict[str, Stored]]:
    inputs, outputs, nodes, weights = [], [], [], {}
    for number, value in fields(message):
        if isinstance(value, int):
            continue
        if number == 1:
            nodes.append(_node(value))
            if len(nodes) > MOST_NODES:
                raise ValueError(f"more than {MOST_NODES} nodes")
        elif number == 5:
            weight = stored(value)
            weights[weight.name] = weight
        elif number == 11:
            inputs.append(_port(value))
        elif number == 12:
            outputs.append(_port(value))
        elif number == 15:
            raise ValueError("sparse weights are not supported")
    return inputs, outputs, nodes, weights


def _node(message: Message) -> Node:
    inputs, outputs, attributes, kind, domain, subgraphs = [], [], {}, "", "", False
    for number, value in fields(message):
        if isinstance(value, int):
            continue
        if number == 1:
            inputs.append(printable(value))
        elif number == 2:
            outputs.append(printable(value))
        elif number == 4:
            kind = printable(value)
        elif number == 5:
            name, found, holds_graph = _attribute(value)
            subgraphs |= holds_graph
            attributes[name] = found
        elif number == 7:
            domain = printable(value)
    return Node(kind, tuple(inputs), tuple(outputs), attributes, "" if domain == "ai.onnx" else domain, subgraphs)


def _attribute(message: Message) -> tuple[str, Any, bool]:
    """(name, value, whether it is a graph)."""
    name, kind, holds_graph = "", 0, False
    single: Any = None
    many: list[Any] = []
    for number, value in fields(message):
        if number == 1 and not isinstance(value, int):
            name = text(value)
        elif number == 2:
            single = _float(value)
        elif number == 3 and isinstance(value, int):
            single = numbers(value)[0]
        elif number == 4 and not isinstance(value, int):
            single = str(bytes(value), "utf-8", "replace")
        elif number == 5 and not isinstance(value, int):
            single = stored(value)
        elif number in (6, 10, 11):
            holds_graph = True
        elif number == 7:
            many += _floats(value)
        elif number == 8:
            many += numbers(value)
        elif number == 9 and not isinstance(value, int):
            many.append(str(bytes(value), "utf-8", "replace"))
        elif number == 20 and isinstance(value, int):
            kind = value
    if kind in (6, 7, 8) or many:  # FLOATS, INTS, STRINGS; an empty list is stored as nothing
        return name, many, holds_graph
    return name, {1: 0.0, 2: 0, 3: ""}.get(kind) if single is None else single, holds_graph  # and so are zero and the empty text


def _float(value: int | Message) -> float:
    return float(struct.unpack("<f", (value & 0xFFFFFFFF).to_bytes(4, "little") if isinstance(value, int) else bytes(value)[:4])[0])


def _floats(value: int | Message) -> list[float]:
    if isinstance(value, int):
        return [_float(value)]
    return [float(v) for v in struct.unpack(f"<{len(value) // 4}f", bytes(value)[:len(value) // 4 * 4])]


def _opset(message: Message) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in fields(message):
        if number == 1 and not isinstance(value, int):
            domain = text(value)
        elif number == 2 and isinstance(value, int):
            version = value
    return domain, version


def _port(message: Message) -> Port:
    name, kind, shape = "", 0, []
    for number, value in fields(message):
        if number == 1 and not isinstance(value, int):
            name = printable(value)
        elif number == 2 and not isinstance(value, int):
            for tensor in _inside(value, 1):
                kind = next((v for n, v in fields(tensor) if n == 1 and isinstance(v, int)), 0)
                for dims in _inside(tensor, 2):
                    for dim in _inside(dims, 1):
                        size = next((v for n, v in fields(dim) if n == 1 and isinstance(v, int)), 0)
                        shape.append(size if size < 2 ** 31 else 0)  # some write -1 for what is open
    return Port(name, kind, tuple(shape))


def _inside(data: Message, wanted: int) -> list[Message]:
    """The messages in field `wanted`."""
    return [value for number, value in fields(data) if number == wanted and not isinstance(value, int)]
