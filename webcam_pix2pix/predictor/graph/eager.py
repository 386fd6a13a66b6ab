"""Eager runner: a graph run with ordinary torch operations on any device, in any float type.

CUDA, MPS, torch.compile and OpenVINO start from it.
"""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..device.devices import trim_memory
from .nodes import Activation, Call, Cat, Conv, Graph, Input, Node, Norm

LARGE = 1_000_000  # weights

Values = dict[Node, Tensor]
Step = Callable[[Values], Tensor]


class EagerRunner:
    """NxCxHxW of `dtype` on `device` -> NxCxHxW. The graph's weights are copied there, channels last.

    The subclasses in cpu/onednn.py and cpu/int8.py replace some of the steps by faster ones.
    """

    layout = torch.channels_last  # of the weights
    scalars: dict[str, Tensor]  # inputs of one number, by name: written to while it runs

    def __init__(self, graph: Graph, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> None:
        self.graph, self.dtype, self.device, self.scalars = graph, dtype, device, {}
        self.steps: list[tuple[Node, Step]] = []
        for node in graph.nodes:
            if not isinstance(node, Input):
                self.steps.append((node, self.step(node)))
            if isinstance(node, Conv) and node.weight.numel() > LARGE:
                trim_memory(collect=False)  # what packing it has left, before the next adds to it
        last = {n: i for i, (node, _) in enumerate(self.steps) for n in node.inputs}
        self._done = [[n for n in set(node.inputs) if last[n] == i] for i, (node, _) in enumerate(self.steps)]
        self._input = next(node for node in graph.nodes if isinstance(node, Input))

    def __call__(self, x: Tensor) -> Tensor:
        values: Values = {self._input: x}
        for (node, step), done in zip(self.steps, self._done, strict=True):
            values[node] = step(values)
            for n in done:
                del values[n]
        return values[self.graph.nodes[-1]]

    def write(self, name: str, value: float) -> None:
        """Change an input of one number, while the network runs."""
        if name in self.scalars:
            self.scalars[name].fill_(value)

    def step(self, node: Node) -> Step:
        """The function that computes one node from the values of those before."""
        if isinstance(node, Conv):
            return self.conv(node)
        if isinstance(node, Activation):
            return self.activation(node)
        if isinstance(node, Cat):
            return self.cat(node)
        if isinstance(node, Norm):
            return self.norm(node)
        assert isinstance(node, Call)
        if not isinstance(node.function, nn.Module):
            return node
        function = node.function  # one without numbers, such as dropout, stays the network's own, which switches it
        if any(True for _ in (*function.parameters(), *function.buffers())):
            function = copy.deepcopy(function).to(self.device, self.dtype)  # the graph's own stays as exact as it is
        if name := getattr(function, "scalar", ""):
            self.scalars[name] = function.get_buffer("value")
        return Call(node.inputs, function, node.args, node.kwargs)

    def conv(self, node: Conv) -> Step:
        (source,) = node.inputs
        weight = node.weight.to(self.device, self.dtype).contiguous(memory_format=self.layout)
        bias, activation = self.moved(node.bias), node.activation
        if node.transposed:
            def convolved(x: Tensor) -> Tensor:
                return F.conv_transpose2d(x, weight, bias, node.stride, node.padding, node.output_padding, node.groups, node.dilation)
        else:
            def convolved(x: Tensor) -> Tensor:
                return F.conv2d(x, weight, bias, node.stride, node.padding, node.dilation, node.groups)
        if activation is None:
            return lambda values: convolved(values[source])
        return lambda values: activation(convolved(values[source]))

    def activation(self, node: Activation) -> Step:
        (source,) = node.inputs
        return lambda values: node(values[source])

    def cat(self, node: Cat) -> Step:
        return lambda values: torch.cat([values[n] for n in node.inputs], 1)

    def norm(self, node: Norm) -> Step:
        (source,) = node.inputs
        mean, variance, gain, offset = (self.moved(p) for p in (node.mean, node.variance, node.gain, node.offset))

        def normed(values: Values) -> Tensor:
            x = values[source]
            if mean is not None:
                return F.batch_norm(x, mean, variance, gain, offset, False, 0.0, node.eps)
            if x.shape[2] == x.shape[3] == 1:  # one pixel is its own mean: only the offset is left
                return torch.zeros_like(x) if offset is None else torch.zeros_like(x) + offset.view(1, -1, 1, 1)
            if x.shape[0] == 1:  # the statistics of the batch are those of the image, and this kernel keeps channels last
                return F.batch_norm(x, None, None, gain, offset, True, 0.0, node.eps)
            return torch.instance_norm(x, gain, offset, None, None, True, 0.0, node.eps, torch.backends.cudnn.enabled)
        return normed

    def moved(self, tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor.to(self.device, self.dtype)
