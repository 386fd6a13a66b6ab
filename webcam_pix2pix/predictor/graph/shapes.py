"""Shapes of all nodes of a graph at one size, and pruning of kernel taps that see only padding."""

import torch

from .nodes import Call, Cat, Conv, Graph, Input, Node

Shape = tuple[int, ...]  # channels, height, width; of a step that gives no image, whatever sides follow the first


def shapes_of(graph: Graph, size: Shape) -> dict[Node, Shape]:
    """Channels, height and width of each node's result for one image of `size`."""
    return {node: tuple(shape[1:]) for node, shape in _whole_shapes(graph, size).items()}


def _whole_shapes(graph: Graph, size: Shape) -> dict[Node, tuple[int, ...]]:
    """With the first side, which is that of the batch as long as steps give images."""
    shapes: dict[Node, tuple[int, ...]] = {}
    for node in graph.nodes:
        if isinstance(node, Input):
            shapes[node] = (1, *size)
        elif isinstance(node, Conv):
            batch, _, height, width = shapes[node.inputs[0]]
            shapes[node] = batch, node.channels, _side(node, 0, height), _side(node, 1, width)
        elif isinstance(node, Cat):
            batch, _, *sides = shapes[node.inputs[0]]
            shapes[node] = batch, sum(shapes[n][1] for n in node.inputs), *sides
        elif isinstance(node, Call):
            shapes[node] = tuple(node({n: torch.zeros(shapes[n]) for n in node.inputs}).shape)
        else:
            shapes[node] = shapes[node.inputs[0]]
    return shapes


def pruned(graph: Graph, size: Shape) -> Graph:
    """Leave out the taps of convolutions that meet nothing but padding at this size; exact. Works on the graph and returns it.

    The innermost 4x4 convolution of a U-Net sees a map of 2x2 pixels: 12 of its 16 taps.
    """
    shapes = shapes_of(graph, size)
    for node in graph.nodes:
        if isinstance(node, Conv) and not node.transposed:
            for i in (0, 1):
                _prune(node, i, shapes[node.inputs[0]][i + 1], shapes[node][i + 1])
    return graph


def _side(node: Conv, i: int, side: int) -> int:
    span = node.dilation[i] * (node.weight.shape[2 + i] - 1)
    if node.transposed:
        return (side - 1) * node.stride[i] - 2 * node.padding[i] + span + node.output_padding[i] + 1
    return (side + 2 * node.padding[i] - span - 1) // node.stride[i] + 1


def _prune(node: Conv, i: int, side: int, result: int) -> None:
    taps, step, padding = node.weight.shape[2 + i], node.dilation[i], node.padding[i]
    met = [k for k in range(taps) if any(0 <= o * node.stride[i] - padding + k * step < side for o in range(result))]
    before = padding - met[0] * step if met else -1
    kept = len(met) and met[-1] - met[0] + 1
    if not met or kept == taps or before < 0 or (side + 2 * before - step * (kept - 1) - 1) // node.stride[i] + 1 != result:
        return
    node.weight = node.weight.narrow(2 + i, met[0], kept)
    node.padding = (before, node.padding[1]) if i == 0 else (node.padding[0], before)
