"""A graph run with ordinary torch operations: any device, any float type. What CUDA, MPS, torch.compile and OpenVINO start from."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .graph import Activation, Call, Cat, Conv, Graph, Input, Node, Norm


class Plain(nn.Module):
    """NxCxHxW of `dtype` on `device` -> NxCxHxW; the graph's weights are copied there, channels last."""

    def __init__(self, graph: Graph, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> None:
        super().__init__()
        self.graph = graph
        self.weights: dict[Node, tuple[Tensor | None, ...]] = {}
        for node in graph.nodes:
            if isinstance(node, Conv):
                weight = node.weight.to(device, dtype).contiguous(memory_format=torch.channels_last)
                self.weights[node] = weight, _moved(node.bias, dtype, device)
            elif isinstance(node, Norm):
                self.weights[node] = tuple(_moved(p, dtype, device) for p in (node.mean, node.variance, node.gain, node.offset))
            elif isinstance(node, Call) and isinstance(node.function, nn.Module):
                node.function.to(device, dtype)
        self.last_use = {n: i for i, node in enumerate(graph.nodes) for n in node.inputs}

    def forward(self, x: Tensor) -> Tensor:
        values: dict[Node, Tensor] = {}
        for i, node in enumerate(self.graph.nodes):
            values[node] = x if isinstance(node, Input) else self.step(node, values)
            for n in node.inputs:
                if self.last_use[n] == i:
                    values.pop(n, None)
        return values[self.graph.nodes[-1]]

    def step(self, node: Node, values: dict[Node, Tensor]) -> Tensor:
        """The result of one node."""
        if isinstance(node, Call):
            return node(values)
        inputs = [values[n] for n in node.inputs]
        if isinstance(node, Conv):
            weight, bias = self.weights[node]
            y = convolved(inputs[0], node, weight, bias)
            return y if node.activation is None else node.activation(y)
        if isinstance(node, Activation):
            return node(inputs[0])
        if isinstance(node, Cat):
            return torch.cat(inputs, 1)
        if isinstance(node, Norm):
            return normed(inputs[0], node, *self.weights[node])
        raise TypeError(node)


def convolved(x: Tensor, node: Conv, weight: Tensor, bias: Tensor | None) -> Tensor:
    if node.transposed:
        return F.conv_transpose2d(x, weight, bias, node.stride, node.padding, node.output_padding, node.groups, node.dilation)
    return F.conv2d(x, weight, bias, node.stride, node.padding, node.dilation, node.groups)


def normed(x: Tensor, node: Norm, mean: Tensor | None, variance: Tensor | None, gain: Tensor | None, offset: Tensor | None) -> Tensor:
    """Batch norm; a map of one pixel has itself as its mean, so only the offset is left."""
    if mean is None and x.shape[0] * x.shape[2] * x.shape[3] == 1:
        return torch.zeros_like(x) if offset is None else offset.view(1, -1, 1, 1).expand_as(x)
    return F.batch_norm(x, mean, variance, gain, offset, mean is None, 0.0, node.eps)


def _moved(tensor: Tensor | None, dtype: torch.dtype, device: str | torch.device) -> Tensor | None:
    return None if tensor is None else tensor.to(device, dtype)
