"""Tracing: from a torch network to a graph."""

import threading
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .nodes import Activation, Call, Cat, Conv, Graph, Input, Node, Norm

_ONE = threading.Lock()  # two traces at a time would leave nn.Module patched for good


def traced(network: nn.Module) -> Graph:
    """The network, in the norm mode it is set to, as a graph. Weights are shared with it, not copied.

    Raises ValueError when the network's forward depends on data and cannot be followed.
    """
    try:
        with _ONE:
            trace = _Tracer().trace(network)
    except Exception as error:  # torch.fx raises many kinds
        raise ValueError(f"{type(network).__name__}: cannot be followed step by step ({error})") from None
    modules: dict[Any, nn.Module] = dict(network.named_modules())
    attributes: dict[Any, Tensor] = dict(network.named_parameters()) | dict(network.named_buffers())
    known: dict[torch.fx.Node, Any] = {}
    nodes: list[Node] = []
    for step in trace.nodes:
        if step.op == "output":
            image: Any = step.args[0]
            last = known[image]
            if nodes[-1] is not last:
                nodes.append(Call([last], torch.Tensor.contiguous, (last,)))
            break
        if step.op == "get_attr":
            known[step] = attributes[step.target]
            continue
        node = _node(step, modules, known)
        known[step] = node
        if node not in nodes:
            nodes.append(node)
    return Graph(nodes)


class _Tracer(torch.fx.Tracer):
    """Sees norms and dropouts as one step, our own kinds too.

    While it traces, torch.fx has its hands in every nn.Module of the process: those that run on other threads are let through, or a
    model that is built would spoil the images of the one on air.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def is_leaf_module(self, module: nn.Module, qualified_name: str) -> bool:
        one = isinstance(module, nn.modules.batchnorm._NormBase | nn.Dropout) or getattr(module, "one_step", False)
        return one or super().is_leaf_module(module, qualified_name)


def _node(step: torch.fx.Node, modules: dict[Any, nn.Module], known: dict) -> Node:
    if step.op == "placeholder":
        return Input()
    target: Any = step.target  # a name or a function
    args: Any = torch.fx.map_arg(step.args, known.__getitem__)
    kwargs: Any = torch.fx.map_arg(step.kwargs, known.__getitem__)
    inputs = [known[n] for n in step.all_input_nodes if isinstance(known[n], Node)]
    module = modules.get(target) if step.op == "call_module" else None
    if module is not None:
        node = _of_module(module, inputs)
        if node is not None:
            if getattr(module, "inplace", False):
                known[step.all_input_nodes[0]] = node  # whoever reads the input later reads what was written over it
            return node
        return Call(inputs, module, args, kwargs)
    if step.op == "call_method":
        return Call(inputs, getattr(torch.Tensor, target), args, kwargs)
    if target in (F.conv2d, F.conv_transpose2d):
        return _of_function(target, inputs, args, kwargs)
    if target in (torch.cat, torch.concat) and (args[1:] == (1,) or kwargs == {"dim": 1}):
        return Cat(list(args[0]))
    if target in ACTIVATIONS:
        return Activation(inputs, ACTIVATIONS[target])
    if target is F.leaky_relu:
        slope = kwargs.get("negative_slope", args[1] if len(args) > 1 else 0.01)
        return Activation(inputs, "leaky_relu", slope)
    return Call(inputs, target, args, kwargs)


ACTIVATIONS = {F.relu: "relu", torch.relu: "relu", torch.tanh: "tanh", F.tanh: "tanh", torch.sigmoid: "sigmoid"}


def _of_function(function: Callable, inputs: list[Node], args: tuple, kwargs: dict) -> Node:
    names = ["input", "weight", "bias", "stride", "padding"]
    names += ["output_padding", "groups", "dilation"] if function is F.conv_transpose2d else ["dilation", "groups"]
    given = dict(zip(names, args, strict=False)) | kwargs
    if isinstance(given.get("padding"), str):
        return Call(inputs, function, args, kwargs)
    return Conv(inputs, given["weight"].detach(), None if given.get("bias") is None else given["bias"].detach(),
                _pair(given.get("stride", 1)), _pair(given.get("padding", 0)), _pair(given.get("dilation", 1)), given.get("groups", 1),
                function is F.conv_transpose2d, _pair(given.get("output_padding", 0)))


def _pair(value: Any) -> tuple[int, int]:
    height, width = (value, value) if isinstance(value, int) else tuple(value) * (2 if len(value) == 1 else 1)
    return height, width


def _of_module(module: nn.Module, inputs: list[Node]) -> Node | None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        if module.padding_mode != "zeros" or isinstance(module.padding, str):
            return None
        transposed = isinstance(module, nn.ConvTranspose2d)
        return Conv(inputs, module.weight.detach(), None if module.bias is None else module.bias.detach(), _pair(module.stride),
                    _pair(module.padding), _pair(module.dilation), module.groups, transposed,
                    _pair(module.output_padding) if transposed else (0, 0))
    if isinstance(module, nn.modules.batchnorm._NormBase):
        own = module.training or module.running_mean is None or getattr(module, "per_image", False)
        gain, offset = (None if p is None else p.detach() for p in (module.weight, module.bias))
        return Norm(inputs, None if own else module.running_mean, None if own else module.running_var, gain, offset, module.eps)
    if isinstance(module, nn.LeakyReLU):
        return Activation(inputs, "leaky_relu", module.negative_slope)
    for kind, name in ((nn.ReLU, "relu"), (nn.Tanh, "tanh"), (nn.Sigmoid, "sigmoid")):
        if isinstance(module, kind):
            return Activation(inputs, name)
    return None
