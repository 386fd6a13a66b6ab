"""Exact rewriting of a graph: the same result with less work.

Fixed batch norm is folded into the convolutions, activations move to where a convolution can apply them on its way out, and what does
nothing is dropped.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .nodes import Activation, Call, Cat, Conv, Graph, Norm


def simplified(graph: Graph) -> Graph:
    """The graph with the same result and fewer steps; works on the graph itself and returns it."""
    for node in list(graph.nodes):
        if isinstance(node, Call) and isinstance(node.function, nn.Identity | nn.Dropout | nn.Dropout2d) and not _random(node.function):
            graph.drop(node)
    for node in list(graph.nodes):
        if isinstance(node, Conv):
            _grow(graph, node)
    for node in list(graph.nodes):
        if isinstance(node, Norm):
            _fold(graph, node)
    for node in list(graph.nodes):
        if isinstance(node, Activation) and node in graph.nodes:
            _through_cat(graph, node)
    for node in list(graph.nodes):
        if isinstance(node, Conv):
            _fuse_activation(graph, node)
    return graph


def _random(module: nn.Module) -> bool:
    return isinstance(module, nn.Dropout | nn.Dropout2d) and module.p > 0 and (module.training or getattr(module, "_active", False))


def _grow(graph: Graph, conv: Conv) -> None:
    """Nearest x2 and a 3x3 convolution are one 4x4 transposed convolution of stride 2: 4 products per pixel instead of 9."""
    up = conv.inputs[0]
    if not (isinstance(up, Call) and up.function is F.interpolate and graph.users(up) == [conv]):
        return
    if not (up.kwargs.get("scale_factor") == 2 and up.kwargs.get("mode", "nearest") == "nearest"):
        return
    shape = tuple(conv.weight.shape[2:]), conv.stride, conv.padding, conv.dilation, conv.groups, conv.transposed
    if shape != ((3, 3), (1, 1), (1, 1), (1, 1), 1, False):
        return
    box = F.pad(conv.weight.flip(2, 3), (1, 1, 1, 1))
    weight = box[:, :, 1:, 1:] + box[:, :, 1:, :-1] + box[:, :, :-1, 1:] + box[:, :, :-1, :-1]
    conv.weight, conv.transposed = weight.transpose(0, 1), True
    conv.stride = (2, 2)
    graph.drop(up)


def _fold(graph: Graph, norm: Norm) -> None:
    """Fixed batch norm becomes part of the convolution before it."""
    conv = norm.inputs[0]
    if norm.mean is None or norm.variance is None or not isinstance(conv, Conv) or conv.activation or graph.users(conv) != [norm]:
        return
    gain = torch.rsqrt(norm.variance.double() + norm.eps)
    if norm.gain is not None:
        gain = gain * norm.gain.double()
    bias = -norm.mean.double() if conv.bias is None else conv.bias.double() - norm.mean.double()
    bias = bias * gain
    if norm.offset is not None:
        bias = bias + norm.offset.double()
    if conv.transposed:  # [IOHW]: the output channels of group g are rows of dimension 1
        i, o, *k = conv.weight.shape
        weight = conv.weight.double().view(conv.groups, i // conv.groups, o, *k) * gain.view(conv.groups, 1, o, 1, 1)
        conv.weight = weight.view(i, o, *k).float()
    else:
        conv.weight = (conv.weight.double() * gain.view(-1, 1, 1, 1)).float()
    conv.bias = bias.float()
    graph.drop(norm)


def _through_cat(graph: Graph, activation: Activation) -> None:
    """relu(cat(a, b)) = cat(relu(a), relu(b)): the convolutions before it can then apply it themselves."""
    cat = activation.inputs[0]
    if not isinstance(cat, Cat) or graph.users(cat) != [activation]:
        return
    place = graph.nodes.index(cat)
    parts = [Activation([part], activation.kind, activation.slope) for part in cat.inputs]
    graph.nodes[place:place] = parts
    cat.inputs = list(parts)
    graph.drop(activation)


def _fuse_activation(graph: Graph, conv: Conv) -> None:
    """An activation that all users want is applied by the convolution; with leaky_relu and relu wanted, the relu follows the leaky one."""
    users = [u for u in graph.users(conv) if isinstance(u, Activation)]
    if conv.activation or not users or len(users) != len(graph.users(conv)) or graph.nodes[-1] is conv:
        return
    first = next((u for u in users if u.kind == "leaky_relu"), users[0])
    same = [u for u in users if (u.kind, u.slope) == (first.kind, first.slope)]
    others = [u for u in users if u not in same]
    if others and not (first.kind == "leaky_relu" and first.slope > 0 and all(u.kind == "relu" for u in others)):
        return
    conv.activation = Activation([], first.kind, first.slope)
    for user in same:
        graph.drop(user)
    for user in [u for u in others if u is not graph.nodes[-1]]:  # at once, while what it reads is still in the processor's cache
        graph.nodes.remove(user)
        graph.nodes.insert(graph.nodes.index(conv) + 1, user)
