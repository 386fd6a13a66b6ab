"""Where a graph can be bent: the nodes that the levels and the bottleneck of its network have become."""

import operator
from dataclasses import dataclass

import torch

from webcam_pix2pix.specs import ResNet, UNet

from ..graph.nodes import Call, Cat, Graph, Node
from ..graph.shapes import Shape, shapes_of


@dataclass(frozen=True)
class Points:
    """levels: concatenation or sum -> (number of its level, which of its inputs the gain is for). bottleneck: gives the innermost map."""

    levels: dict[Node, tuple[int, Node]]
    bottleneck: Node


def find_points(graph: Graph, spec: object, size: Shape) -> Points:
    """The points of a rewritten graph of the network `spec` at one size (C, H, W). Raises ValueError with one line when it has none."""
    if isinstance(spec, UNet):
        return _of_unet(graph, spec, size)
    if isinstance(spec, ResNet):
        return _of_resnet(graph, spec)
    raise ValueError("only U-Nets and ResNets can be bent")


def _of_unet(graph: Graph, spec: UNet, size: Shape) -> Points:
    cats = [node for node in graph.nodes if isinstance(node, Cat)]  # the innermost first
    if len(cats) != spec.depth - 1 or any(len(cat.inputs) != 2 for cat in cats):
        raise ValueError("this U-Net has other skip connections than one for each level")
    skip, up = (0, 1) if spec.order == "skip_first" else (1, 0)
    levels: dict[Node, tuple[int, Node]] = {cat: (spec.depth - 1 - i, cat.inputs[skip]) for i, cat in enumerate(cats)}
    shapes = shapes_of(graph, size)
    path = [cats[0].inputs[up]] if cats else [graph.nodes[-1]]  # from below the innermost concatenation back to the image
    while path[-1].inputs:
        path.append(path[-1].inputs[0])
    return Points(levels, min(path, key=lambda node: shapes[node][1] * shapes[node][2]))  # of equal ones the last that runs


def _of_resnet(graph: Graph, spec: ResNet) -> Points:
    sums = [node for node in graph.nodes if isinstance(node, Call) and node.function in (operator.add, torch.add)
            and len(node.args) == 2 and all(isinstance(arg, Node) for arg in node.args)]
    if not sums or len(sums) != spec.blocks:
        raise ValueError("this ResNet has no blocks that can be told apart")
    return Points({node: (i, node.args[1]) for i, node in enumerate(sums, 1)}, sums[-1])
