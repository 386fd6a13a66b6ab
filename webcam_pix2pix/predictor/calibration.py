"""Which real values the bytes of int8 stand for: chosen for each step of a network, on real pictures."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .devices import trim_memory
from .graph import Activation, Conv, Graph, Node
from .plain import Plain, Step

SAMPLES = 100_000  # values of each step that its scale is chosen on
ZEROS = (32, 64, 96, 128)  # tried for values of both signs


def best_steps(graph: Graph, in_bytes: set[Node], rounded: set[Node], pictures: Sequence[Tensor]) -> dict[Node, tuple[float, int]]:
    """Step and zero of what convolutions write as bytes (those among `in_bytes`) and of what is `rounded` before it is read.

    pictures: 1xCxHxW float32, in the range of the network's input.
    """
    written = {n for n in in_bytes if isinstance(n, Conv)}
    samples = Observer(graph, written | rounded).watch(pictures)
    trim_memory()
    return {node: best_step(values, node.activation if node in written else None) for node, values in samples.items()}


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
