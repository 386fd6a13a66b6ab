"""A graph in int8 on the CPU, with nothing but torch: twice the speed of bf16 where the CPU has int8 dot products (VNNI).

Values between the convolutions are unsigned bytes: real = step * (byte - zero), with the step and zero that have the least squared error
on real pictures. The parts of a concatenation keep their own steps, at no cost: they are multiplied into the weights that read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from .devices import trim_memory
from .graph import Activation, Cat, Conv, Graph, Input, Node
from .packed import Packed, is_doubling, phases
from .plain import Plain, Step, Values
from .shapes import Shape, shapes_of

SAMPLES = 100_000  # values of each step that its scale is chosen on
ZEROS = (32, 64, 96, 128)  # tried for values of both signs


@dataclass(frozen=True)
class Scale:
    """real = steps[c] * (byte - zero)"""

    steps: Tensor  # [C]
    zero: int


Scales = dict[int, tuple[float, int]]  # position of the node in the graph -> step, zero: what is kept on disk


class Observer(Plain):
    """Runs the graph in fp32 and keeps samples of what each step gives; of a leaky convolution, what it has before the activation."""

    layout = torch.contiguous_format  # as they are: no copy

    def __init__(self, graph: Graph, wanted: set[Node]) -> None:
        self.samples: dict[Node, list[Tensor]] = {n: [] for n in wanted}
        super().__init__(graph)

    def step(self, node: Node) -> Step:
        if node not in self.samples:
            return super().step(node)
        if not (isinstance(node, Conv) and node.activation):
            run = super().step(node)
            return lambda values: self.keep(node, run(values))
        activation, node.activation = node.activation, None
        run = super().step(node)
        node.activation = activation
        return lambda values: activation(self.keep(node, run(values)))

    def keep(self, node: Node, value: Tensor) -> Tensor:
        values = value.flatten()
        some = SAMPLES // self.pictures
        if len(values) > some:
            chosen = values[torch.randint(len(values), (some,), generator=self.random)]
            values = torch.cat([chosen, value.amin()[None], value.amax()[None]])
        self.samples[node].append(values.clone())
        return value

    def watch(self, pictures: Sequence[Tensor]) -> dict[Node, Tensor]:
        """Samples of each wanted node's values over the pictures, the smallest and the largest of each picture among them."""
        self.pictures, self.random = len(pictures), torch.Generator().manual_seed(0)
        for picture in pictures:
            self(picture)
        return {node: torch.cat(parts) for node, parts in self.samples.items()}


class Quantised(Packed):
    """1xCxHxW bytes, channels last, -> 1xCxHxW float32 in a buffer that the next call overwrites. Made for one size.

    input_range: the values of the bytes 0 and 255. pictures: 1xCxHxW float32, what the scales are chosen on; or `scales`, as
    stored() gave them. Raises RuntimeError when this build of torch cannot do it.
    """

    def __init__(self, graph: Graph, size: Shape, input_range: tuple[float, float], pictures: Sequence[Tensor] = (),
                 scales: Scales | None = None) -> None:
        self.bytes = _in_bytes(graph)
        low, high = input_range
        step = (high - low) / 255
        self.shift = step * round(-low / step) + low  # black is no whole number of steps below 0: what is left goes into the biases
        self.scales: dict[Node, Scale] = {}
        given = _chosen(graph, self.bytes, pictures) if scales is None else {graph.nodes[i]: pair for i, pair in scales.items()}
        self.stored: Scales = {graph.nodes.index(n): pair for n, pair in given.items()}
        given[graph.nodes[0]] = step, round(-low / step)
        shapes = shapes_of(graph, size)
        for node in graph.nodes:
            if node in given:
                self.scales[node] = Scale(torch.full(shapes[node][:1], given[node][0]), given[node][1])
            elif node in self.bytes:
                parts = [self.scales[n] for n in node.inputs]
                zero = 0 if _is_positive(node) else parts[0].zero
                self.scales[node] = Scale(torch.cat([part.steps for part in parts]), zero)
        super().__init__(graph, size, torch.float32)

    def __call__(self, x: Tensor) -> Tensor:
        if self._input in self.bytes:
            return super().__call__(x)
        scale = self.scales[self._input]
        return super().__call__((x.float() - scale.zero) * scale.steps.view(1, -1, 1, 1) + self.shift)

    def kind(self, node: Node) -> torch.dtype:
        return torch.uint8 if node in self.bytes else self.dtype

    def activation(self, node: Activation) -> Step:
        if node not in self.bytes:
            return super().activation(node)
        (source,) = node.inputs
        zero = self.scales[source].zero
        if node.kind == "leaky_relu":
            table = leaky_table(node.slope, zero)
            return lambda values: looked_up(values[source].clone(memory_format=torch.preserve_format), table)
        place = self.places.get(node)
        if place is None:
            place = self.room(node)
        return lambda values: torch.clamp_min(values[source], zero, out=place).sub_(zero)

    def conv(self, node: Conv) -> Step:
        if not _takes_bytes(node):
            return super().conv(node)
        (source,) = node.inputs
        scale, shape = self.scales[source], self.shapes[source]
        weight, padding = phases(node.weight, shape) if node.transposed else (node.weight, node.padding)
        stride = (1, 1) if node.transposed else node.stride
        bias = torch.zeros(len(weight)) if node.bias is None else node.bias.repeat(len(weight) // node.channels)
        if isinstance(source, Input):
            bias = bias + self.shift * weight.sum((1, 2, 3))
        weight = weight * scale.steps.view(1, -1, 1, 1)
        zero = 0
        if node in self.bytes:
            steps = self.scales[node].steps.repeat(len(weight) // node.channels)
            weight, bias, zero = weight / steps.view(-1, 1, 1, 1), bias / steps, self.scales[node].zero
        units = weight.abs().amax((1, 2, 3)).clamp_min(1e-12) / 127
        rounded = (weight / units.view(-1, 1, 1, 1)).round_().to(torch.int8)
        zeros = torch.zeros(len(weight), dtype=torch.int32)
        packed = torch.ops.onednn.qconv_prepack(rounded, units, 1.0, scale.zero, stride, padding, node.dilation, 1, [1, *shape])
        kind, activation, result = "none", node.activation, self.kind(node)
        if activation is not None and activation.kind == "relu":
            kind, activation = "relu", None
        run = torch.ops.onednn.qconv2d_pointwise.default
        read = (lambda values: values[source]) if source in self.bytes else self.rounded(source)

        def convolved(values: Values) -> Tensor:
            return run(read(values), 1.0, scale.zero, packed, units, zeros, bias, stride, padding, node.dilation, 1, 1.0, zero, result,
                       kind, [], "")
        step = self.interleaved(node, convolved) if node.transposed else convolved
        if activation is None:
            return step
        if node in self.bytes:
            table = leaky_table(activation.slope, zero)
            return lambda values: looked_up(step(values), table)
        if activation.kind == "tanh":
            return lambda values: step(values).mul_(2).sigmoid_().mul_(2).sub_(1)  # the same in a third of the time
        return lambda values: activation(step(values))

    def rounded(self, node: Node) -> Step:
        """The float result of a node as bytes."""
        scale = self.scales[node]
        inverse = (1 / scale.steps).view(1, -1, 1, 1)

        def rounded(values: Values) -> Tensor:
            x = (values[node] * inverse).add_(scale.zero + 0.5).clamp_(0, 255)
            return x.to(torch.uint8).contiguous(memory_format=torch.channels_last)
        return rounded


def leaky_table(slope: float, zero: int) -> np.ndarray:
    """The byte that leaky_relu makes of each byte."""
    values = np.arange(256) - zero
    return (np.where(values < 0, np.round(values * slope), values) + zero).astype(np.uint8)


def looked_up(x: Tensor, table: np.ndarray) -> Tensor:
    """1xCxHxW bytes, channels last, each replaced by table[byte]; in place."""
    pixels = x.permute(0, 2, 3, 1).flatten().numpy().reshape(x.shape[2], -1)
    cv2.LUT(pixels, table, pixels)
    return x


def _takes_bytes(node: Node) -> bool:
    return isinstance(node, Conv) and node.groups == 1 and (not node.transposed or is_doubling(node))


def _is_positive(node: Node) -> bool:
    """Whether the result has no sign, so that its byte 0 can mean 0."""
    if isinstance(node, Cat):
        return all(_is_positive(n) for n in node.inputs)
    kind = node.activation.kind if isinstance(node, Conv) and node.activation else node.kind if isinstance(node, Activation) else ""
    return kind == "relu"


def _in_bytes(graph: Graph) -> set[Node]:
    """The nodes whose result is bytes: all that reads it can take them."""
    def possible(node: Node) -> bool:
        if isinstance(node, Conv):
            return _takes_bytes(node) and (node.activation is None or node.activation.kind in ("relu", "leaky_relu"))
        return isinstance(node, Input) or (isinstance(node, Cat) and _is_positive(node)) or \
            (isinstance(node, Activation) and node.kind in ("relu", "leaky_relu"))

    found = {n for n in graph.nodes[:-1] if possible(n)}
    while True:
        wrong = {n for n in found if any(not _takes_bytes(u) and u not in found for u in graph.users(n))
                 or (isinstance(n, Activation | Cat) and any(i not in found for i in n.inputs))}
        if not wrong:
            return found
        found -= wrong


def _chosen(graph: Graph, in_bytes: set[Node], pictures: Sequence[Tensor]) -> dict[Node, tuple[float, int]]:
    """Step and zero of what convolutions write as bytes and of what they must round before they read it."""
    wanted: set[Node] = {n for n in in_bytes if isinstance(n, Conv)}
    wanted |= {n.inputs[0] for n in graph.nodes if _takes_bytes(n)} - in_bytes
    samples = Observer(graph, wanted).watch(pictures)
    trim_memory()
    return {node: best_step(samples[node], node.activation if node in in_bytes and isinstance(node, Conv) else None) for node in wanted}


def best_step(samples: Tensor, activation: Activation | None) -> tuple[float, int]:
    """The step and the zero with the least squared error after the activation. samples: before it, any shape."""
    exact = samples if activation is None else activation(samples)
    low, high = min(0.0, float(samples.min())), max(1e-6, float(samples.max()))
    positive = low == 0.0 or (activation is not None and activation.kind == "relu")
    tried = {(step, zero) for zero in ((0,) if positive else ZEROS) for step in (high / (255 - zero), -low / zero if zero else high / 255)}
    return min(tried, key=lambda pair: _error(samples, exact, activation, *pair))


def _error(samples: Tensor, exact: Tensor, activation: Activation | None, step: float, zero: int) -> float:
    real = (samples / step).add_(zero).round_().clamp_(0, 255).sub_(zero).mul_(step)
    return float(((real if activation is None else activation(real)) - exact).square_().mean())
