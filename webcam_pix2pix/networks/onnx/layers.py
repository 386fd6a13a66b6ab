"""Steps of an ONNX graph as torch modules that the graph of the predictor knows: convolutions, norms, activations."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from msa.onnxfile import Node

from ..layers import BatchNorm, image_norm
from .arithmetic import Function
from .sampling import dilations, flat, padding, strides


class Operator(nn.Module):
    """Any other operator: one step of the graph.

    arguments: what the function takes after the node: None where the next image comes in, else a constant.
    """

    one_step = True  # for the tracer: not to be looked into
    precision: Tensor

    def __init__(self, function: Function, node: Node, arguments: Sequence[Any], live: Sequence[bool]) -> None:
        super().__init__()
        self.function, self.node, self.live = function, node, tuple(live)
        self.constants: list[Any] = []
        for place, argument in enumerate(arguments):
            if torch.is_tensor(argument) and not self.live[place]:
                self.register_buffer(f"constant{place}", argument)
            self.constants.append(None if self.live[place] or torch.is_tensor(argument) else argument)
        self.tensors = tuple(place for place, argument in enumerate(arguments) if torch.is_tensor(argument) and not self.live[place])
        self.register_buffer("precision", torch.zeros(()))  # its type follows that of the runner

    def forward(self, *images: Tensor) -> Tensor:
        arguments, rest = list(self.constants), iter(images)
        for place, live in enumerate(self.live):
            if live:
                arguments[place] = next(rest)
        for place in self.tensors:
            arguments[place] = getattr(self, f"constant{place}")
        result = self.function(self.node, *arguments)
        kind = self.precision.dtype
        return result.to(kind) if result.is_floating_point() and result.dtype != kind else result


class Scalar(nn.Module):
    """An input of one number, which may change while the network runs."""

    one_step = True
    value: Tensor

    def __init__(self, name: str, shape: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.scalar = name
        self.register_buffer("value", torch.full(shape, value))

    def forward(self) -> Tensor:
        return self.value


class ImageNorm(nn.InstanceNorm2d):
    """InstanceNormalization: statistics of each image, then gain and offset."""

    def forward(self, x: Tensor) -> Tensor:
        return image_norm(x, self.weight, self.bias, self.eps)


def layers_of(node: Node, x: Tensor, constants: Sequence[Any]) -> list[nn.Module] | None:
    """The modules of one step, in order; None for a step that has no module of its own. x: on the meta device.

    constants: the other inputs; None where there is none or where it is not constant.
    """
    kind, attributes = node.kind, node.attributes
    if kind in ("Relu", "Tanh", "Sigmoid"):
        return [{"Relu": nn.ReLU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid}[kind]()]
    if kind == "LeakyRelu":
        return [nn.LeakyReLU(attributes.get("alpha", 0.01))]
    if x.dim() != 4:
        return None
    if kind in ("Conv", "ConvTranspose"):
        weight, bias = (*constants, None)[:2]
        if not torch.is_tensor(weight) or weight.dim() != 4 or (len(node.inputs) > 2 and node.inputs[2] and bias is None):
            return None
        return _convolution(node, x, weight, bias) if kind == "Conv" else _transposed(node, x, weight, bias)
    if kind == "BatchNormalization" and len(constants) >= 4 and all(torch.is_tensor(c) for c in constants[:4]):
        if attributes.get("training_mode"):
            return None
        norm: Any = BatchNorm(x.shape[1], eps=attributes.get("epsilon", 1e-5))
        norm.weight, norm.bias = _fixed(constants[0]), _fixed(constants[1])
        norm.running_mean, norm.running_var = constants[2], constants[3]
        return [norm.eval()]
    if kind == "InstanceNormalization" and len(constants) >= 2 and all(torch.is_tensor(c) for c in constants[:2]):
        with torch.device("meta"):
            norm = ImageNorm(x.shape[1], eps=attributes.get("epsilon", 1e-5), affine=True)
        norm.weight, norm.bias = _fixed(constants[0]), _fixed(constants[1])
        return [norm]
    return None


def _convolution(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None) -> list[nn.Module]:
    pairs = padding(node, tuple(x.shape[2:]), tuple(weight.shape[2:]))
    even = all(a == b for a, b in pairs)
    groups = node.attributes.get("group", 1)
    sides: Any = tuple(weight.shape[2:]), tuple(strides(node, 2)), tuple(a for a, _ in pairs) if even else 0, tuple(dilations(node, 2))
    border: Any = tuple(flat(pairs))
    with torch.device("meta"):
        conv = nn.Conv2d(weight.shape[1] * groups, weight.shape[0], *sides, groups, bias is not None)  # type: ignore[call-arg]
    conv.weight, conv.bias = _fixed(weight), None if bias is None else _fixed(bias)
    return [conv] if even else [nn.ZeroPad2d(border), conv]


def _transposed(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None) -> list[nn.Module]:
    """pads cut off what a full transposed convolution gives; where more is cut at the end than at the start, a step of its own does it."""
    kernel, step, spread = tuple(weight.shape[2:]), strides(node, 2), dilations(node, 2)
    more = node.attributes.get("output_padding") or [0, 0]
    full = [s * (side - 1) + m + d * (k - 1) + 1 for s, side, m, d, k in zip(step, x.shape[2:], more, spread, kernel, strict=True)]
    given, how = node.attributes.get("pads") or [0] * 4, node.attributes.get("auto_pad", "NOTSET") or "NOTSET"
    pairs = list(zip(given[:2], given[2:], strict=True))
    wanted = node.attributes.get("output_shape")
    if wanted or how.startswith("SAME"):
        outside = wanted[-2:] if wanted else [side * s for side, s in zip(x.shape[2:], step, strict=True)]
        totals = [max(0, whole - side) for whole, side in zip(full, outside, strict=True)]
        pairs = [(t // 2, t - t // 2) if how != "SAME_LOWER" else (t - t // 2, t // 2) for t in totals]
    groups = node.attributes.get("group", 1)
    cut = [max(0, b - a) for a, b in pairs]  # at the end, after both ends lost as much
    grown = [m + max(0, a - b) for m, (a, b) in zip(more, pairs, strict=True)]
    sides: Any = kernel, tuple(step), tuple(a for a, _ in pairs), tuple(grown)
    dilation: Any = tuple(spread)
    with torch.device("meta"):
        conv = nn.ConvTranspose2d(weight.shape[0], weight.shape[1] * groups, *sides, groups, bias is not None, dilation)  # type: ignore[call-arg]
    conv.weight, conv.bias = _fixed(weight), None if bias is None else _fixed(bias)
    return [conv, nn.ZeroPad2d((0, -cut[1], 0, -cut[0]))] if any(cut) else [conv]


def _fixed(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)
