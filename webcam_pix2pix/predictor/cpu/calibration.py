"""Calibration of int8: scale and zero point of each node, chosen on real images."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..device.devices import trim_memory
from ..graph.eager import EagerRunner, Step
from ..graph.nodes import Activation, Conv, Graph, Input, Node

INT8_RULE = 2  # raise it when scales or weights are chosen in another way: what is kept on disk is not used then
SAMPLES = 100_000  # values of each step that its scale is chosen on
ZEROS = (32, 64, 96, 128)  # tried for values of both signs
QUIET = 1 / 8  # a channel that did little in the samples may do more later


def best_steps(graph: Graph, in_bytes: set[Node], rounded: set[Node], images: Sequence[Tensor]) -> dict[Node, tuple[Tensor, int]]:
    """Steps ([1] or [C]) and zero of what convolutions write as bytes (those among `in_bytes`) and of what is `rounded` before it is read.

    images: 1xCxHxW float32, in the range of the network's input.
    """
    written = {n for n in in_bytes if isinstance(n, Conv)}
    samples = Observer(graph, written | rounded).observe(images)
    trim_memory()
    found = {}
    for node, values in samples.items():
        step, zero = best_step(values, node.activation if node in written else None)
        # of the first convolution each channel has its own step: it has the most pixels, and what is lost there cannot come back
        first = node in written and isinstance(node.inputs[0], Input)
        found[node] = (channel_steps(values, zero) if first else torch.tensor([step])), zero
    return found


def best_step(samples: Tensor, activation: Activation | None) -> tuple[float, int]:
    """The scale and zero point with the least squared error after the activation. samples: values before it, any shape."""
    exact = samples if activation is None else activation(samples)
    low, high = min(0.0, float(samples.min())), max(1e-6, float(samples.max()))
    positive = low == 0.0 or (activation is not None and activation.kind == "relu")
    tried = {(step, zero) for zero in ((0,) if positive else ZEROS) for step in (high / (255 - zero), -low / zero if zero else high / 255)}
    return min(tried, key=lambda pair: _error(samples, exact, activation, *pair))


def channel_steps(samples: Tensor, zero: int) -> Tensor:
    """For each channel of `samples` [C, n] the step that covers all of them; at least QUIET of the largest."""
    high, low = samples.amax(1), samples.amin(1)
    steps = torch.maximum(high / (255 - zero), -low / zero if zero else high / 255)
    return steps.clamp_min(max(1e-6, QUIET * float(steps.max())))


def _error(samples: Tensor, exact: Tensor, activation: Activation | None, step: float, zero: int) -> float:
    real = (samples / step).add_(zero).round_().clamp_(0, 255).sub_(zero).mul_(step)
    return float(((real if activation is None else activation(real)) - exact).square_().mean())


class Observer(EagerRunner):
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
        values = value[0].flatten(1)
        some = SAMPLES // (self.images * len(values))
        if values.shape[1] > some:
            chosen = values[:, torch.randint(values.shape[1], (some,), generator=self.random)]
            values = torch.cat([chosen, values.amin(1, keepdim=True), values.amax(1, keepdim=True)], 1)
        self.samples[node].append(values.clone())
        return value

    def observe(self, images: Sequence[Tensor]) -> dict[Node, Tensor]:
        """Samples [C, n] of each wanted node's values, the smallest and the largest of each channel and image among them."""
        self.images, self.random = len(images), torch.Generator().manual_seed(0)
        for image in images:
            self(image)
        return {node: torch.cat(parts, 1) for node, parts in self.samples.items()}
