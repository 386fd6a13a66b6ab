"""A graph in int8 on the CPU, with nothing but torch: twice the speed of bf16 where the CPU has int8 dot products (VNNI).

Values between the convolutions are unsigned bytes: real = step * (byte - zero), with the step and zero that have the least squared error
on real images. Steps are multiplied into the weights that read them: so the parts of a concatenation, and the channels of the first
convolution, keep their own at no cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..device.devices import with_threads
from ..graph.eager import Step, Values
from ..graph.nodes import Activation, Cat, Conv, Graph, Input, Node
from ..graph.shapes import Shape, shapes_of
from .calibration import best_steps
from .onednn import FULL, OneDnnRunner, is_doubling, phases, tanh_
from .rounding import in_bytes, largest_weight
from .uint8 import Bordered, leaky


@dataclass(frozen=True)
class Scale:
    """real = steps[c] * (byte - zero)"""

    steps: Tensor  # [C]
    zero: int


Scales = dict[int, tuple[list[float], int]]  # position of the node -> steps (one, or one for each channel), zero: what is kept on disk


class Int8Runner(OneDnnRunner):
    """1xCxHxW bytes, channels last, -> 1xCxHxW float32 in a buffer that the next call overwrites. Made for one size.

    input_range: the values of the bytes 0 and 255. images: 1xCxHxW float32, what the scales are chosen on; or `scales`, as
    stored() gave them. Raises RuntimeError when this build of torch cannot do it.
    """

    def __init__(self, graph: Graph, size: Shape, input_range: tuple[float, float], images: Sequence[Tensor] = (),
                 scales: Scales | None = None) -> None:
        self.bytes = _in_bytes(graph)
        low, high = input_range
        step = (high - low) / 255
        self.shift = step * round(-low / step) + low  # black is no whole number of steps below 0: what is left goes into the biases
        self.scales: dict[Node, Scale] = {}
        self.stretch: dict[Node, float] = dict.fromkeys(graph.nodes, 1.0)  # when bent: real = stretch * step * (byte - zero)
        if scales is None:
            given = best_steps(graph, self.bytes, {n.inputs[0] for n in graph.nodes if _takes_bytes(n)} - self.bytes, images)
        else:
            given = {graph.nodes[i]: (torch.tensor(steps), zero) for i, (steps, zero) in scales.items()}
        self.stored: Scales = {graph.nodes.index(n): (steps.tolist(), zero) for n, (steps, zero) in given.items()}
        given[graph.nodes[0]] = torch.tensor([step]), round(-low / step)
        shapes = shapes_of(graph, size)
        for node in graph.nodes:
            if node in given:
                steps, zero = given[node]
                self.scales[node] = Scale(steps.expand(shapes[node][0]), zero)
            elif node in self.bytes:
                parts = [self.scales[n] for n in node.inputs]
                zero = 0 if _is_positive(node) else parts[0].zero
                self.scales[node] = Scale(torch.cat([part.steps for part in parts]), zero)
        self.bordered = self._bordered(graph, shapes)
        super().__init__(graph, size, torch.float32)

    def __call__(self, x: Tensor) -> Tensor:
        if self._input in self.bordered:
            with with_threads(1):
                x = self.bordered[self._input].inside.copy_(x)
            return super().__call__(x)
        if self._input in self.bytes:
            return super().__call__(x)
        scale = self.scales[self._input]
        return super().__call__((x.float() - scale.zero) * scale.steps.view(1, -1, 1, 1) + self.shift)

    def _bordered(self, graph: Graph, shapes: dict[Node, Shape]) -> dict[Node, Bordered]:
        """Of what convolutions pad though its zero is not the byte 0: oneDNN would correct its borders anew for each image."""
        found: dict[Node, Bordered] = {}
        for node in self.bytes:
            zero = self.scales[node].zero
            paddings = {u.padding for u in graph.users(node) if isinstance(u, Conv) and not u.transposed}
            if zero and len(paddings) == 1 and isinstance(node, Input | Conv):
                (padding,) = paddings
                if any(padding):
                    found[node] = Bordered(shapes[node], padding, zero)
        return found

    def kind(self, node: Node) -> torch.dtype:
        return torch.uint8 if node in self.bytes else self.dtype

    def activation(self, node: Activation) -> Step:
        if node not in self.bytes:
            return super().activation(node)
        (source,) = node.inputs
        zero = self.scales[source].zero
        if node.kind == "leaky_relu":
            return lambda values: leaky(values[source], node.slope, zero, torch.empty_like(values[source]))
        place = self.places.get(node)
        if place is None:
            place = self.room(node)
        return lambda values: torch.clamp_min(values[source], zero, out=place).sub_(zero)

    def conv(self, node: Conv) -> Step:
        if not _takes_bytes(node):
            return super().conv(node)
        convolved = self.convolved(node)
        step = self.interleaved(node, convolved) if node.transposed else convolved
        border, activation = self.bordered.get(node), node.activation
        if activation is None or activation.kind == "relu":
            return step if border is None else lambda values: border.inside.copy_(step(values))
        if node in self.bytes:
            zero = self.scales[node].zero

            def leaked(values: Values) -> Tensor:
                x = step(values)
                return leaky(x, activation.slope, zero, x if border is None else border.inside)
            return leaked
        if activation.kind == "tanh":
            return lambda values: tanh_(step(values))
        return lambda values: activation(step(values))

    def convolved(self, node: Conv) -> Step:
        """A convolution with its relu, if it has one. A transposed one gives its phases."""
        if not _takes_bytes(node):
            return super().convolved(node)
        (source,) = node.inputs
        scale, shape = self.scales[source], self.shapes[source]
        is_relu = node.activation is not None and node.activation.kind == "relu"
        weight, padding = phases(node.weight, shape) if node.transposed else (node.weight, node.padding)
        stride = (1, 1) if node.transposed else node.stride
        bias = torch.zeros(len(weight)) if node.bias is None else node.bias.repeat(len(weight) // node.channels)
        if isinstance(source, Input):
            bias = bias + self.shift * weight.sum((1, 2, 3))
        weight = weight * scale.steps.view(1, -1, 1, 1)
        zero, result = 0, self.kind(node)
        if node in self.bytes:
            steps = self.scales[node].steps.repeat(len(weight) // node.channels)
            weight, bias, zero = weight / steps.view(-1, 1, 1, 1), bias / steps, self.scales[node].zero
        # the last layer gives the image itself, where seven bits would show; its few channels leave room for a second set of weights
        in_parts = node not in self.bytes and largest_weight() < 127 and len(weight) < FULL and not is_relu
        whole, units = in_bytes(weight, in_parts)
        bias = F.pad(bias, (0, len(whole) - len(weight)))
        source_zero, read, stretch, gives_bytes = scale.zero, self.read(node), self.stretch, node in self.bytes
        if source in self.bordered and not node.transposed:
            bias = bias - source_zero * units * whole.sum((1, 2, 3))
            source_zero, padding, shape = 0, (0, 0), self.bordered[source].shape
        zeros = torch.zeros(len(whole), dtype=torch.int32)
        packed_weight = torch.ops.onednn.qconv_prepack(whole, units, 1.0, source_zero, stride, padding, node.dilation, 1, [1, *shape])
        kind = "relu" if is_relu else "none"
        run = torch.ops.onednn.qconv2d_pointwise.default

        def convolved(values: Values) -> Tensor:
            return run(read(values), stretch[source], source_zero, packed_weight, units, zeros, bias, stride, padding, node.dilation, 1,
                       stretch[node] if gives_bytes else 1.0, zero, result, kind, [], "")
        if not in_parts:
            return convolved

        def summed(values: Values) -> Tensor:
            coarse, fine = convolved(values).chunk(2, 1)
            return coarse.add(fine)
        return summed

    def read(self, node: Conv) -> Step:
        """The bytes that a convolution reads, with their border if they have one."""
        (source,) = node.inputs
        if source in self.bordered and not node.transposed:
            whole = self.bordered[source].whole
            return lambda values: whole
        return (lambda values: values[source]) if source in self.bytes else self.as_bytes(source)

    def as_bytes(self, node: Node) -> Step:
        """The float result of a node as bytes."""
        scale, stretch = self.scales[node], self.stretch
        inverse = (1 / scale.steps).view(1, -1, 1, 1)

        def as_bytes(values: Values) -> Tensor:
            x = values[node] * inverse
            if stretch[node] != 1.0:
                x.div_(stretch[node])
            x = x.add_(scale.zero + 0.5).clamp_(0, 255)
            return x.to(torch.uint8).contiguous(memory_format=torch.channels_last)
        return as_bytes


def _takes_bytes(node: Node) -> bool:
    return isinstance(node, Conv) and node.groups == 1 and (not node.transposed or is_doubling(node))


def _is_simple(node: Activation) -> bool:
    """Whether bytes can be replaced one by one."""
    return node.kind == "relu" or (node.kind == "leaky_relu" and 0 <= node.slope <= 1)


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
            return _takes_bytes(node) and (node.activation is None or _is_simple(node.activation))
        return isinstance(node, Input) or (_is_simple(node) if isinstance(node, Activation) else _is_positive(node))

    found = {n for n in graph.nodes[:-1] if possible(n)}
    while True:
        wrong = {n for n in found if any(not _takes_bytes(u) and u not in found for u in graph.users(n))
                 or (isinstance(n, Activation | Cat) and any(i not in found for i in n.inputs))}
        if not wrong:
            return found
        found -= wrong
