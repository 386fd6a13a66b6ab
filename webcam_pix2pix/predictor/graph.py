"""A generator as a list of plain steps, and the exact rewritings that make it faster: the same picture with less work.

`traced` turns a network into nodes; `simplified` folds fixed batch norm into the convolutions, moves activations to where a
convolution can apply them on its way out, and drops what does nothing. Every other way to run a network starts from here.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(eq=False, repr=False)
class Node:
    """One step. Its inputs come before it in the graph."""

    inputs: list["Node"] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Input(Node):
    """The picture: 1xCxHxW, -1..1 or whatever range the network takes."""


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
    """Batch norm: with fixed statistics (eval), or with those of the picture itself (mean is None)."""

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
    """Anything else, called as the network would."""

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
    """Nodes in the order they run; the last one is the picture."""

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


def traced(network: nn.Module) -> Graph:
    """The network, in the norm mode it is set to, as a graph. Weights are shared with it, not copied.

    Raises ValueError when the network's forward depends on data and cannot be followed.
    """
    try:
        trace = _Tracer().trace(network)
    except Exception as error:  # torch.fx raises many kinds
        raise ValueError(f"{type(network).__name__}: cannot be followed step by step ({error})") from None
    modules: dict[Any, nn.Module] = dict(network.named_modules())
    attributes: dict[Any, Tensor] = dict(network.named_parameters()) | dict(network.named_buffers())
    known: dict[torch.fx.Node, Any] = {}
    nodes: list[Node] = []
    for step in trace.nodes:
        if step.op == "output":
            picture: Any = step.args[0]
            last = known[picture]
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
    model that is built would spoil the pictures of the one on air.
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
        return isinstance(module, nn.modules.batchnorm._NormBase | nn.Dropout) or super().is_leaf_module(module, qualified_name)


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
