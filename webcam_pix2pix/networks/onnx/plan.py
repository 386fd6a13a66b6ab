"""A plan: the steps of an ONNX graph as torch steps for one size, with everything computed beforehand that does not depend on the image."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from msa.onnxfile import Node

from .arithmetic import ARITHMETIC
from .layers import Operator, Scalar, layers_of
from .sampling import SAMPLING
from .shaping import SHAPES, SHAPING

OPERATORS = ARITHMETIC | SHAPING | SAMPLING
MOST_VALUES = 1 << 27  # of one result: half a gigabyte
MOST_FOLDED = 1 << 28  # of all that is computed beforehand
NUMBERS = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Clip", "PRelu", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal",
           "Pad"}  # take a single number as such


class Unsupported(ValueError):
    """A step that this program cannot do; one line says which."""


@dataclass
class Value:
    """A result: a constant, or what a step gives (on the meta device: only its shape is known)."""

    tensor: Any
    slot: int | None = None  # number of the value at run time; None for a constant
    order: tuple[int, ...] = ()  # when it is `source` with its axes in another order
    source: "Value | None" = None

    @property
    def live(self) -> bool:
        return self.slot is not None


class Plan(nn.Module):
    """1xCxHxW of one size -> 1xCxHxW."""

    def __init__(self, steps: Sequence[tuple[nn.Module, tuple[int, ...], int]], last: int) -> None:
        super().__init__()
        self.steps = nn.ModuleList(module for module, _, _ in steps)
        self._inputs, self._outputs, self._last = [i for _, i, _ in steps], [o for _, _, o in steps], last
        done: dict[int, int] = {slot: i for i, (_, inputs, _) in enumerate(steps) for slot in inputs}
        self._done = [[slot for slot in set(inputs) if done[slot] == i and slot != last] for i, (_, inputs, _) in enumerate(steps)]

    def forward(self, x: Tensor) -> Tensor:
        values = {0: x}
        for module, inputs, output, done in zip(self.steps, self._inputs, self._outputs, self._done, strict=True):
            if isinstance(module, Channels):
                values[output] = torch.cat([values[i] for i in inputs], 1)
            else:
                values[output] = module(*[values[i] for i in inputs])
            for slot in done:
                values.pop(slot, None)
        return values[self._last]


    def write(self, name: str, value: float) -> None:
        """Change an input of one number."""
        for module in self.steps:
            if isinstance(module, Scalar) and module.scalar == name:
                module.value.fill_(value)


def needed(steps: Sequence[tuple[nn.Module, tuple[int, ...], int]], last: int) -> list[tuple[nn.Module, tuple[int, ...], int]]:
    """The steps that lead to the value `last`."""
    wanted, kept = {last}, []
    for step in reversed(steps):
        if step[2] in wanted:
            wanted.update(step[1])
            kept.append(step)
    return kept[::-1]


class Channels(nn.Module):
    """Marks a concatenation of channels, which the graph of the predictor knows."""


class Planner:
    """Adds steps one by one.

    opset: of the file, by which some operators differ. constants: its weights by name.
    """

    def __init__(self, opset: int, constants: Mapping[str, Tensor]) -> None:
        self.opset = opset
        self.steps: list[tuple[nn.Module, tuple[int, ...], int]] = []
        self.values: dict[str, Value] = {}
        self._constants, self._slots, self._folded = constants, 1, 0

    def image(self, shape: tuple[int, ...]) -> Value:
        """The image that goes in."""
        return Value(torch.empty(shape, device="meta"), 0)

    def scalar(self, name: str, shape: tuple[int, ...], value: float) -> Value:
        """An input of one number."""
        return self._added(Scalar(name, shape, value), (), torch.empty(shape, device="meta"))

    def run(self, node: Node) -> None:
        """Add a step of the file. Raises Unsupported."""
        if node.domain or node.subgraphs:
            raise Unsupported(f"the operator {node.domain + '.' if node.domain else ''}{node.kind:.60} is not supported")
        inputs = [self._value(name) for name in node.inputs]
        try:
            results = self._results(node, inputs)
        except Unsupported:
            raise
        except NotImplementedError:
            raise Unsupported(f"a {node.kind:.60} of this kind is not supported") from None
        except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError, ZeroDivisionError) as error:
            text = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ValueError(f"step {node.kind:.60} {(node.outputs or ('',))[0]:.60}: {text[:120]}") from None
        for name, value in zip(node.outputs, results, strict=False):
            if name:
                self.values[name] = value

    def apply(self, function: Callable[..., Tensor], value: Value, **attributes: Any) -> Value:
        """Add a step that is not in the file: function(node, image)."""
        return self._operator(Node("", (), (), attributes), function, [value])

    def layer(self, module: nn.Module, value: Value) -> Value:
        """Add a module of torch. Raises ValueError where image and weights are no floats: only computing would show it."""
        weights = list(module.parameters())
        for tensor in (value.tensor, *weights) if weights else ():
            if not tensor.is_floating_point():
                raise ValueError(f"{type(module).__name__} of {str(tensor.dtype).removeprefix('torch.')}, expected floats")
        return self._added(module, (value,), _probe(module, value.tensor))

    def transposed(self, value: Value, order: tuple[int, ...]) -> Value:
        """`value` with its axes in another order: two such steps in a row become one, or none."""
        if value.source is not None:
            order, value = tuple(value.order[axis] for axis in order), value.source
        if order == tuple(range(len(order))):
            return value
        return replace(self.apply(SHAPING["Transpose"], value, perm=list(order)), order=order, source=value)

    def _value(self, name: str) -> Value:
        if not name:
            return Value(None)
        if name in self.values:
            return self.values[name]
        if name in self._constants:
            return Value(self._constants[name])
        raise ValueError(f"the value {name!r:.60} is used before a step gives it: the steps go round in a circle, or one is missing")

    def _results(self, node: Node, inputs: list[Value]) -> list[Value]:
        live = [value for value in inputs if value.live]
        kind = node.kind
        if kind == "Constant":
            return [Value(_constant(node))]
        if kind in ("Shape", "Size") and live:
            shape = list(inputs[0].tensor.shape)[slice(node.attributes.get("start", 0), node.attributes.get("end"))]
            return [Value(torch.tensor(shape if kind == "Shape" else math.prod(shape)))]
        if kind in ("Identity", "Dropout") or (kind == "Cast" and live and node.attributes.get("to") in (1, 10, 11, 16)
                                               and inputs[0].tensor.is_floating_point()):
            return [inputs[0]]
        if kind == "Shape":
            return [Value(torch.tensor(list(inputs[0].tensor.shape)[slice(node.attributes.get("start", 0), node.attributes.get("end"))]))]
        if kind == "Transpose" and live:
            dims = inputs[0].tensor.dim()
            return [self.transposed(inputs[0], tuple(node.attributes.get("perm") or reversed(range(dims))))]
        if kind == "Split":
            return self._split(node, inputs)
        if kind == "Concat" and live and all(v.live and v.tensor.dim() == 4 for v in inputs) and node.attributes.get("axis") in (1, -3):
            return [self._added(Channels(), tuple(inputs), torch.cat([v.tensor for v in inputs], 1))]
        if inputs and inputs[0].live and not any(value.live for value in inputs[1:]):
            modules = layers_of(node, inputs[0].tensor, [value.tensor for value in inputs[1:]])
            if modules is not None:
                value = inputs[0]
                for module in modules:
                    value = self.layer(module, value)
                return [value]
        if kind not in OPERATORS:
            raise Unsupported(f"the operator {kind:.60} is not supported")
        return [self._operator(node, OPERATORS[kind], inputs)]

    def _operator(self, node: Node, function: Callable[..., Tensor], inputs: list[Value]) -> Value:
        node = replace(node, attributes=node.attributes | {"opset": self.opset, "live": any(value.live for value in inputs)})
        rank = max((value.tensor.dim() for value in inputs if value.live), default=0)
        lists = SHAPES.get(node.kind, ())
        arguments = [value.tensor if value.live else _as_argument(value.tensor, node.kind, place in lists, rank)
                     for place, value in enumerate(inputs)]
        while arguments and arguments[-1] is None:
            arguments.pop()
        live = [value.live for value in inputs[:len(arguments)]]
        if any(flag and place in lists and place for place, flag in enumerate(live)):
            raise Unsupported(f"a {node.kind:.60} whose shape depends on the image is not supported")
        with torch.device("meta"):  # nothing is computed: how large would it be?
            probe = function(node, *[argument.to("meta") if torch.is_tensor(argument) else argument for argument in arguments])
        self._check(probe, node)
        if any(live):
            return self._added(Operator(function, node, arguments, live), tuple(v for v in inputs if v.live), probe)
        self._folded += probe.numel()
        if self._folded > MOST_FOLDED:
            raise ValueError(f"more than {MOST_FOLDED} values would be computed beforehand")
        return Value(function(node, *arguments))

    def _split(self, node: Node, inputs: list[Value]) -> list[Value]:
        x, axis = inputs[0], node.attributes.get("axis", 0)
        side, count = x.tensor.shape[axis], len(node.outputs)
        parts = node.attributes.get("split") or (inputs[1].tensor.tolist() if len(inputs) > 1 and inputs[1].tensor is not None else None)
        if parts is None:
            part = -(-side // count)
            parts = [part] * (count - 1) + [side - part * (count - 1)]
        if sum(parts) != side or min(parts) < 0:
            raise ValueError(f"{parts} of {side}")
        starts = [sum(parts[:i]) for i in range(len(parts))]
        return [self._operator(Node("Slice", (), (), {"starts": [start], "ends": [start + part], "axes": [axis]}), SHAPING["Slice"], [x])
                for start, part in zip(starts, parts, strict=True)]

    def _added(self, module: nn.Module, inputs: tuple[Value, ...], result: Tensor) -> Value:
        self._check(result, None)
        slot, self._slots = self._slots, self._slots + 1
        self.steps.append((module, tuple(v.slot for v in inputs if v.slot is not None), slot))
        return Value(result, slot)

    @staticmethod
    def _check(result: Tensor, node: Node | None) -> None:
        if result.numel() > MOST_VALUES:
            what = f"step {node.kind:.60}" if node else "a step"
            raise ValueError(f"{what} would give {list(result.shape)[:8]}, {result.numel():.3g} values, expected at most {MOST_VALUES}")


def _as_argument(value: Any, kind: str, as_list: bool, rank: int) -> Any:
    """A constant as an operator takes it: whole numbers of shapes as a list, single numbers as such."""
    if not torch.is_tensor(value):
        return value
    if as_list:
        return value.reshape(-1).tolist()
    if value.numel() == 1 and kind in NUMBERS and rank >= value.dim() and rank:
        return value.item()
    return value


def _constant(node: Node) -> Tensor:
    found = node.attributes
    if torch.is_tensor(found.get("value")):
        return found["value"]
    for name, kind in (("value_float", torch.float32), ("value_floats", torch.float32), ("value_int", torch.int64),
                       ("value_ints", torch.int64)):
        if name in found:
            return torch.tensor(found[name], dtype=kind)
    raise Unsupported("a Constant of this kind is not supported")


def _probe(module: nn.Module, x: Tensor) -> Tensor:
    """What a module would give, without computing it."""
    state = {name: torch.empty_like(value, device="meta") for name, value in (*module.named_parameters(), *module.named_buffers())}
    return torch.func.functional_call(module, state, (x,))
