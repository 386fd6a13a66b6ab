"""ONNX operators that compute value by value, reduce, or multiply matrices: functions of (node, tensors...) -> tensor."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from msa.onnxfile import Node

Function = Callable[..., Tensor]
WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def _div(node: Node, a: Any, b: Any) -> Tensor:
    if torch.is_tensor(a) and torch.is_tensor(b) and a.dtype in WHOLE and b.dtype in WHOLE:
        return torch.div(a, b, rounding_mode="trunc")
    return torch.true_divide(a, b)


def _mod(node: Node, a: Any, b: Any) -> Tensor:
    return torch.fmod(a, b) if node.attributes.get("fmod") else torch.remainder(a, b)


def _clip(node: Node, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    low, high = (node.attributes.get(name) if given is None else float(given)
                 for name, given in (("min", low), ("max", high)))
    return x if low is None and high is None else torch.clamp(x, low, high)


def _folded(step: Callable[[Any, Any], Any]) -> Function:
    def run(node: Node, *tensors: Any) -> Tensor:
        result = tensors[0]
        for other in tensors[1:]:
            result = step(result, other)
        return result
    return run


def _average(node: Node, *tensors: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*tensors)).mean(0)


def _gelu(node: Node, x: Tensor) -> Tensor:
    return F.gelu(x, approximate=node.attributes.get("approximate", "none"))


def _softmax(node: Node, x: Tensor) -> Tensor:
    return _over_axis(node, x, torch.softmax)


def _log_softmax(node: Node, x: Tensor) -> Tensor:
    return _over_axis(node, x, torch.log_softmax)


def _over_axis(node: Node, x: Tensor, what: Callable[..., Tensor]) -> Tensor:
    """Along one axis; before opset 13, over that axis and all behind it."""
    axis = node.attributes.get("axis", -1 if node.attributes["opset"] >= 13 else 1)
    if node.attributes["opset"] >= 13:
        return what(x, axis)
    axis %= x.dim()
    return what(x.flatten(axis), axis).reshape(x.shape)


def _prelu(node: Node, x: Tensor, slope: Any) -> Tensor:
    return torch.where(x >= 0, x, x * slope)


def _hard_sigmoid(node: Node, x: Tensor) -> Tensor:
    return torch.clamp(x * node.attributes.get("alpha", 0.2) + node.attributes.get("beta", 0.5), 0, 1)


def _elu(node: Node, x: Tensor) -> Tensor:
    return F.elu(x, node.attributes.get("alpha", 1.0))


def _selu(node: Node, x: Tensor) -> Tensor:
    alpha, gamma = node.attributes.get("alpha", 1.67326319217681884765625), node.attributes.get("gamma", 1.05070102214813232421875)
    return gamma * (torch.clamp_min(x, 0) + torch.clamp_max(alpha * (torch.exp(x) - 1), 0))


def _leaky(node: Node, x: Tensor) -> Tensor:
    return F.leaky_relu(x, node.attributes.get("alpha", 0.01))


def _reduced(what: Callable[..., Tensor]) -> Function:
    """Over the axes that an attribute or an input names; none named: over all, unless the node says otherwise."""
    def run(node: Node, x: Tensor, axes: list[int] | None = None) -> Tensor:
        given = node.attributes.get("axes") if axes is None else axes
        if not given:
            if node.attributes.get("noop_with_empty_axes") and given is not None:
                return x
            given = list(range(x.dim()))
        return what(x, [int(axis) for axis in given], bool(node.attributes.get("keepdims", 1)))
    return run


def _product(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = torch.prod(x, axis, keepdim=keep)
    return x


def _arg(what: Callable[..., Tensor]) -> Function:
    def run(node: Node, x: Tensor) -> Tensor:
        return what(x, node.attributes.get("axis", 0), keepdim=bool(node.attributes.get("keepdims", 1)))
    return run


def _matmul(node: Node, a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)


def _gemm(node: Node, a: Tensor, b: Tensor, c: Any = None) -> Tensor:
    alpha, beta = node.attributes.get("alpha", 1.0), node.attributes.get("beta", 1.0)
    result = torch.matmul(a.t() if node.attributes.get("transA") else a, b.t() if node.attributes.get("transB") else b)
    result = result if alpha == 1 else alpha * result
    return result if c is None else result + (c if beta == 1 else beta * c)


def _where(node: Node, condition: Tensor, a: Any, b: Any) -> Tensor:
    return torch.where(condition.bool(), a, b)


def _cum_sum(node: Node, x: Tensor, axis: list[int] | int) -> Tensor:
    if node.attributes.get("exclusive") or node.attributes.get("reverse"):
        raise NotImplementedError
    return torch.cumsum(x, axis[0] if isinstance(axis, list) else axis)


def _lp_normalised(node: Node, x: Tensor) -> Tensor:
    return F.normalize(x, p=node.attributes.get("p", 2), dim=node.attributes.get("axis", -1), eps=0.0)


def _layer_norm(node: Node, x: Tensor, gain: Tensor, offset: Tensor | None = None) -> Tensor:
    axis = node.attributes.get("axis", -1) % x.dim()
    return F.layer_norm(x, x.shape[axis:], gain, offset, node.attributes.get("epsilon", 1e-5))


def _group_norm(node: Node, x: Tensor, gain: Tensor, offset: Tensor) -> Tensor:
    return F.group_norm(x, node.attributes["num_groups"], gain, offset, node.attributes.get("epsilon", 1e-5))


def _instance_norm(node: Node, x: Tensor, gain: Tensor, offset: Tensor) -> Tensor:
    return torch.instance_norm(x, gain, offset, None, None, True, 0.0, node.attributes.get("epsilon", 1e-5), False)


def _batch_norm(node: Node, x: Tensor, gain: Tensor, offset: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    return F.batch_norm(x, mean, variance, gain, offset, False, 0.0, node.attributes.get("epsilon", 1e-5))


def _of_values(function: Any) -> Function:
    return lambda node, *tensors: function(*tensors)


_SINGLE = {"Abs": torch.abs, "Neg": torch.neg, "Sqrt": torch.sqrt, "Exp": torch.exp, "Log": torch.log, "Floor": torch.floor,
           "Ceil": torch.ceil, "Round": torch.round, "Sign": torch.sign, "Reciprocal": torch.reciprocal, "Sin": torch.sin, "Cos": torch.cos,
           "Tan": torch.tan, "Atan": torch.atan, "Erf": torch.erf, "Relu": torch.relu, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid,
           "Softplus": F.softplus, "Softsign": F.softsign, "HardSwish": F.hardswish, "Mish": F.mish, "Not": torch.logical_not,
           "IsNaN": torch.isnan}
_PAIRS = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Pow": torch.pow, "Greater": torch.gt, "Less": torch.lt, "Equal": torch.eq,
          "GreaterOrEqual": torch.ge, "LessOrEqual": torch.le, "And": torch.logical_and, "Or": torch.logical_or,
          "Xor": torch.logical_xor}
ARITHMETIC: dict[str, Function] = {name: _of_values(function) for name, function in (_SINGLE | _PAIRS).items()} | {
    "Div": _div, "Mod": _mod, "Clip": _clip, "Max": _folded(lambda a, b: torch.maximum(*_both(a, b))),
    "Min": _folded(lambda a, b: torch.minimum(*_both(a, b))), "Sum": _folded(torch.add), "Mean": _average, "Gelu": _gelu,
    "Softmax": _softmax, "LogSoftmax": _log_softmax, "PRelu": _prelu, "HardSigmoid": _hard_sigmoid, "Elu": _elu, "Selu": _selu,
    "LeakyRelu": _leaky, "ReduceMean": _reduced(torch.mean), "ReduceSum": _reduced(torch.sum), "ReduceMax": _reduced(torch.amax),
    "ReduceMin": _reduced(torch.amin), "ReduceProd": _reduced(_product),
    "ReduceL2": _reduced(lambda x, axes, keep: x.square().sum(axes, keep).sqrt()),
    "ReduceL1": _reduced(lambda x, axes, keep: x.abs().sum(axes, keep)),
    "ReduceSumSquare": _reduced(lambda x, axes, keep: x.square().sum(axes, keep)),
    "ArgMax": _arg(torch.argmax), "ArgMin": _arg(torch.argmin),
    "MatMul": _matmul, "Gemm": _gemm, "Where": _where, "CumSum": _cum_sum, "LpNormalization": _lp_normalised,
    "LayerNormalization": _layer_norm, "GroupNormalization": _group_norm, "InstanceNormalization": _instance_norm,
    "BatchNormalization": _batch_norm}


def _both(a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors, where one is a number."""
    if not torch.is_tensor(a):
        a = torch.full((), a, dtype=b.dtype, device=b.device)
    return a, b if torch.is_tensor(b) else torch.full((), b, dtype=a.dtype, device=a.device)


