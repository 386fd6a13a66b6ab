"""What the steps of an ONNX graph tell of the values it takes and gives, found without running it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from msa.onnxfile import BYTES, Node, OnnxFile, Stored

Range = tuple[float, float]
Interval = tuple[np.ndarray, np.ndarray]  # lowest and highest, one number or one for each channel

USUAL: tuple[Range, ...] = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
PASSED = {"Transpose", "Reshape", "Identity", "Cast", "Squeeze", "Unsqueeze", "Slice", "Resize", "Upsample", "DepthToSpace", "Flatten",
          "Gather", "MaxPool", "AveragePool", "Pad", "Dropout", "Expand", "SpaceToDepth"}
BOUNDED = {"Tanh": (-1.0, 1.0), "Sigmoid": (0.0, 1.0), "HardSigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0)}
NORMALISED: tuple[Range, ...] = ((0, 1), (-1, 1), (-0.5, 0.5), (0, 255), (-2.12, 2.64), (-2.1, 2.25), (-123.7, 151.1), (-128, 127))
MOST_LOOKED_AT = 64  # steps from an end
FAMILY_0_255 = ("conv1.conv2d.weight", "deconv3.conv2d.weight")  # of fast-neural-style, whose exporters keep the names of its weights


class Hints:
    """The constants of a graph, and who gives and takes each value."""

    def __init__(self, file: OnnxFile) -> None:
        self._file = file
        self._givers = {name: node for node in file.nodes for name in node.outputs if name}
        self._takers: dict[str, list[Node]] = {}
        for node in file.nodes:
            for name in node.inputs:
                self._takers.setdefault(name, []).append(node)

    def given_range(self, name: str) -> Range | None:
        """The range of an output, from the last step that bounds it; None when nothing does."""
        if any(port.name == name and port.kind == BYTES for port in self._file.outputs) or self._named_0_255():
            return 0.0, 255.0
        found = self._interval(name, MOST_LOOKED_AT)
        if found is None or not all(np.isfinite(side).all() for side in found):
            return None
        low, high = float(np.mean(found[0])), float(np.mean(found[1]))
        if np.ptp(found[0]) > 0.05 * (high - low) or np.ptp(found[1]) > 0.05 * (high - low):
            return None
        for usual in USUAL:
            if max(abs(low - usual[0]), abs(high - usual[1])) <= 0.03 * (usual[1] - usual[0]):
                return usual
        if abs(low + high - 255) < 10 and high > 200:  # tanh * 150 + 127.5: somewhat more than the range, as fast-neural-style had it
            return 0.0, 255.0
        return (low, high) if high > low else None

    def taken_range(self, name: str) -> Range | None:
        """The range that an input expects, from the arithmetic it begins with; None when there is none."""
        if any(port.name == name and port.kind == BYTES for port in self._file.inputs) or self._named_0_255():
            return 0.0, 255.0
        gain, offset, touched = np.ones(1), np.zeros(1), False
        for _ in range(MOST_LOOKED_AT):
            takers = [node for node in self._takers.get(name, []) if node.kind not in ("Shape", "Size")]
            if len(takers) != 1:
                break
            node = takers[0]
            if node.kind == "Clip" and (limits := self._limits(node)) is not None and np.all(gain != 0):
                ends = [float(np.mean((limit - offset) / gain)) for limit in limits]  # what is outside of them is lost
                cut = next((usual for usual in USUAL if np.allclose(sorted(ends), usual, atol=0.03 * (usual[1] - usual[0]))), None)
                if cut is not None:
                    return cut
                break
            if node.kind in ("Add", "Sub", "Mul", "Div") and (other := self._other(node, name)) is not None:
                step = _affine(node.kind, *other)
                gain, offset, touched = gain * step[0], offset * step[0] + step[1], True
            elif node.kind not in PASSED:
                break
            name = node.outputs[0]
        return _expected(gain, offset) if touched else None

    def classes(self, name: str) -> int:
        """How many classes an output numbers, as ArgMax gives them; 0 for anything else."""
        for _ in range(MOST_LOOKED_AT):
            node = self._givers.get(name)
            if node is None:
                return 0
            if node.kind == "ArgMax":
                return 256
            if node.kind not in PASSED:
                return 0
            name = node.inputs[0]
        return 0

    def first_weights(self) -> Iterator[tuple[int, ...]]:
        """Shapes of the weights of convolutions, in the order of the steps."""
        for node in self._file.nodes:
            if node.kind == "Conv" and len(node.inputs) > 1 and (weight := self._file.weights.get(node.inputs[1])) is not None:
                yield weight.shape[0], weight.shape[1] * int(node.attributes.get("group", 1)), *weight.shape[2:]

    def _named_0_255(self) -> bool:
        return all(any(known.endswith(name) for known in self._file.weights) for name in FAMILY_0_255)

    def _interval(self, name: str, left: int) -> Interval | None:
        node = self._givers.get(name)
        if node is None or not left:
            return None
        if node.kind in BOUNDED:
            low, high = BOUNDED[node.kind]
            return np.array([low]), np.array([high])
        if node.kind == "Clip":
            if (limits := self._limits(node)) is None:
                return None
            return np.array(limits[:1]), np.array(limits[1:])
        if node.kind == "Cast" and node.attributes.get("to") == BYTES and self._interval(node.inputs[0], left - 1) is None:
            return np.zeros(1), np.full(1, 255.0)
        if node.kind in PASSED:
            return self._interval(node.inputs[0], left - 1)
        if node.kind == "Concat":
            parts = [self._interval(part, left // 2) for part in node.inputs]
            known = [part for part in parts if part is not None]
            return (min(p[0].min() for p in known) + np.zeros(1), max(p[1].max() for p in known) + np.zeros(1)) if len(known) == len(
                parts) and parts else None
        if node.kind in ("Add", "Sub", "Mul", "Div"):
            for name in node.inputs:
                if (other := self._other(node, name)) is not None and (inner := self._interval(name, left - 1)) is not None:
                    gain, offset = _affine(node.kind, *other)
                    ends = inner[0] * gain + offset, inner[1] * gain + offset
                    return np.minimum(*ends), np.maximum(*ends)
        return None

    def _other(self, node: Node, name: str) -> tuple[np.ndarray, bool] | None:
        """(the constant beside `name` in a step of two inputs, whether it comes first)."""
        if len(node.inputs) != 2 or name not in node.inputs:
            return None
        first = node.inputs[1] == name
        value = self._constant(node.inputs[0 if first else 1])
        return None if value is None or value.size > 64 else (value.astype(np.float64).reshape(-1), first)

    def _constant(self, name: str) -> np.ndarray | None:
        stored: Any = self._file.weights.get(name)
        if stored is None and (node := self._givers.get(name)) is not None and node.kind in ("Constant", "Identity", "Cast"):
            if node.kind != "Constant":
                return self._constant(node.inputs[0]) if node.inputs and node.inputs[0] != name else None
            stored = next((node.attributes[key] for key in ("value", "value_float", "value_floats", "value_int")
                           if key in node.attributes), None)
        if isinstance(stored, Stored):
            if np.prod(stored.shape, dtype=np.float64) > 64:
                return None
            try:
                return stored.array(self._file.path.parent)
            except (OSError, ValueError):
                return None
        return None if stored is None else np.asarray(stored)

    def _limits(self, node: Node) -> Range | None:
        if len(node.inputs) > 1:
            found = [self._constant(name) if name else None for name in (*node.inputs[1:3], "")[:2]]
            if any(value is None or value.size != 1 for value in found):
                return None
            low, high = (float(value.reshape(-1)[0]) for value in found if value is not None)
        else:
            low, high = float(node.attributes.get("min", -1e9)), float(node.attributes.get("max", 1e9))
        return (low, high) if abs(low) < 1e6 and abs(high) < 1e6 else None


def _affine(kind: str, value: np.ndarray, first: bool) -> tuple[np.ndarray, np.ndarray]:
    """gain and offset of a step with a constant; first: the constant comes first."""
    one, zero = np.ones_like(value), np.zeros_like(value)
    if kind == "Add":
        return one, value
    if kind == "Sub":
        return (-one, value) if first else (one, -value)
    if kind == "Mul":
        return value, zero
    return (one * np.nan, zero) if first else (one / np.where(value == 0, np.nan, value), zero)


def _expected(gain: np.ndarray, offset: np.ndarray) -> Range | None:
    """The range that gain * x + offset brings nearest to one that networks are trained on."""
    best, found = 0.15, None
    for low, high in USUAL:
        ends = float(np.mean(gain * low + offset)), float(np.mean(gain * high + offset))
        if not np.isfinite(ends).all():
            return None
        for target in NORMALISED:
            off = max(abs(min(ends) - target[0]), abs(max(ends) - target[1])) / (target[1] - target[0])
            if off < best:
                best, found = off, (low, high)
    return found
