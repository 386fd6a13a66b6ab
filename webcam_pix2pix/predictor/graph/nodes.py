"""A generator as a graph of nodes. Every runner starts from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(eq=False, repr=False)
class Node:
    """One step. Its inputs come before it in the graph."""

    inputs: list["Node"] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Input(Node):
    """The image: 1xCxHxW, -1..1 or whatever range the network takes."""


@dataclass(eq=False, repr=False)
class Conv(Node):
    """A convolution or transposed convolution, then possibly an activation."""

    weight: Tensor = field(default_factory=lambda: torch.empty(0))  # [OIHW], transposed: [IOHW]
    bias: Tensor | None = None  # [O]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    transposed: bool = False
    output_padding: tuple[int, int] = (0, 0)
    activation: "Activation | None" = None

    @property
    def channels(self) -> int:
        """Channels out."""
        return self.weight.shape[1] * self.groups if self.transposed else self.weight.shape[0]


@dataclass(eq=False, repr=False)
class Norm(Node):
    """Batch norm: with fixed statistics (eval), or with those of the image itself (mean is None)."""

    mean: Tensor | None = None  # [C]
    variance: Tensor | None = None  # [C]
    gain: Tensor | None = None  # [C]
    offset: Tensor | None = None  # [C]
    eps: float = 1e-5


@dataclass(eq=False, repr=False)
class Activation(Node):
    """relu, leaky_relu (with its slope), tanh or sigmoid."""

    kind: str = "relu"
    slope: float = 0.0

    def __call__(self, x: Tensor) -> Tensor:
        if self.kind == "leaky_relu":
            return F.leaky_relu(x, self.slope)
        return {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[self.kind](x)


@dataclass(eq=False, repr=False)
class Cat(Node):
    """Channels side by side."""


@dataclass(eq=False, repr=False)
class Call(Node):
    """Any other operation, called as the network calls it."""

    function: Callable = torch.add
    args: tuple = ()  # Nodes (also those in `inputs`) and constants
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, values: dict[Node, Tensor]) -> Tensor:
        def known(arg):
            if isinstance(arg, Node):
                return values[arg]
            return type(arg)(known(a) for a in arg) if isinstance(arg, list | tuple) else arg
        return self.function(*known(self.args), **{k: known(v) for k, v in self.kwargs.items()})

    def replace(self, old: Node, new: Node) -> None:
        def other(arg):
            if arg is old:
                return new
            return type(arg)(other(a) for a in arg) if isinstance(arg, list | tuple) else arg
        self.args, self.kwargs = other(self.args), {k: other(v) for k, v in self.kwargs.items()}


@dataclass
class Graph:
    """Nodes in the order in which they run; the last one gives the image."""

    nodes: list[Node]

    def users(self, node: Node) -> list[Node]:
        return [n for n in self.nodes if node in n.inputs]

    def replace(self, old: Node, new: Node, only: list[Node] | None = None) -> None:
        """Let the users of `old` (or only those named) use `new`."""
        for user in self.users(old) if only is None else only:
            user.inputs = [new if n is old else n for n in user.inputs]
            if isinstance(user, Call):
                user.replace(old, new)
        if only is None and self.nodes[-1] is old:  # new comes earlier: it becomes the end
            self.nodes.remove(old)
            if self.nodes[-1] is not new:
                self.nodes.remove(new)
                self.nodes.append(new)

    def drop(self, node: Node) -> None:
        """Remove a node that only hands on its input."""
        self.replace(node, node.inputs[0])
        if node in self.nodes:
            self.nodes.remove(node)
