"""OnnxNetwork: the graph of an ONNX file as a torch module for images, whatever their layout and values are in the file."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from msa.onnxfile import Node, OnnxFile, Stored
from webcam_pix2pix.specs import OnnxSpec

from .plan import Plan, Planner, Unsupported, needed
from .shaping import SHAPING

__all__ = ["OnnxNetwork", "Unsupported"]

KEPT = 4  # plans, one for each size


class OnnxNetwork(nn.Module):
    """1xCxHxW of any size that the file takes, in the range of the input port -> 1xCxHxW in that of the output port.

    Raises ValueError with one line for a damaged file, Unsupported for a step that this program does not know.
    """

    place: Tensor

    def __init__(self, file: OnnxFile, spec: OnnxSpec) -> None:
        super().__init__()
        folder = file.path.parent
        for weight in file.weights.values():
            weight.check(folder)
        self.spec, self._file = spec, file
        self._weights = {name: as_tensor(weight, file) for name, weight in file.weights.items()}
        self._nodes = [_with_tensors(node, file) for node in file.nodes]
        self._digest = hashlib.blake2b(repr((file.nodes, spec)).encode(), digest_size=12).hexdigest()
        self.per_image = False  # whether batch norms take the statistics of each image
        self._numbers: dict[str, float] = {}
        self._plans: OrderedDict[tuple[int, int], Plan] = OrderedDict()
        self.register_buffer("place", torch.zeros(()))  # tells where it was moved to

    def state_dict(self, *args, **kwargs):
        """The weights of the file, and a name that changes with its graph."""
        return {**self._weights, f"graph {self._digest}": torch.zeros(())}

    def forward(self, x: Tensor) -> Tensor:
        return self.at((x.shape[2], x.shape[3]))(x)

    def at(self, size: tuple[int, int]) -> Plan:
        """The steps for images of `size` (height, width). Raises ValueError when the graph cannot take it."""
        if size in self._plans:
            self._plans.move_to_end(size)
            return self._plans[size]
        plan = self.planned(size)[0].to(self.place.device).eval()
        module: Any
        for module in plan.modules():
            if hasattr(module, "per_image"):
                module.per_image = self.per_image
        for name, value in self._numbers.items():
            plan.write(name, value)
        self._plans[size] = plan
        while len(self._plans) > KEPT:
            self._plans.popitem(last=False)
        return plan

    def write(self, name: str, value: float) -> None:
        """Change an input of one number."""
        self._numbers[name] = value
        for plan in self._plans.values():
            plan.write(name, value)

    def _apply(self, fn, recurse=True):
        for plan in self._plans.values():
            plan._apply(fn)
        return super()._apply(fn, recurse)

    def modules(self):
        """Itself and the modules of its plans."""
        yield self
        for plan in self._plans.values():
            yield from plan.modules()

    def planned(self, size: tuple[int, int]) -> tuple[Plan, tuple[int, ...]]:
        """The steps for `size`, and the shape of what comes out."""
        file, spec = self._file, self.spec
        planner = Planner(file.opset, self._weights)
        image = entered(planner, spec, planner.image((1, spec.in_channels, *size)))
        scalars = {name: default for name, _, _, default in spec.parameters}
        for port in file.inputs:
            if port.name in scalars:
                planner.values[port.name] = planner.scalar(port.name, tuple(side or 1 for side in port.shape), scalars[port.name])
            elif port.name == spec.input_name:
                planner.values[port.name] = image
        for node in self._nodes:
            planner.run(node)
        found = planner.values.get(spec.output_name)
        if found is None or not found.live:
            raise ValueError(f"the output {spec.output_name!r:.60} does not depend on the image")
        last = left(planner, spec, found)
        return Plan(needed(planner.steps, last.slot or 0), last.slot or 0), tuple(last.tensor.shape)

    def raw_shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """The shape of the output as the file gives it, for an image of `size`."""
        spec = replace(self.spec, output_layout="", output_mean=(), output_std=(), classes=0)
        other = OnnxNetwork.__new__(OnnxNetwork)
        nn.Module.__init__(other)
        other.spec, other._file, other._weights, other._nodes = spec, self._file, self._weights, self._nodes
        return OnnxNetwork.planned(other, size)[1]


class Direct:
    """Does at once what a Planner only plans: the same steps around a graph that a library runs."""

    def apply(self, function: Callable[..., Tensor], value: Tensor, **attributes: Any) -> Tensor:
        return function(Node("", (), (), attributes), value)

    def layer(self, module: nn.Module, value: Tensor) -> Tensor:
        return module(value)

    def transposed(self, value: Tensor, order: tuple[int, ...]) -> Tensor:
        return value.permute(order)


def entered(planner: Any, spec: OnnxSpec, image: Any) -> Any:
    """From 1xCxHxW in the range of the port to what the file takes. planner: a Planner, or a Direct."""
    if spec.mean or spec.std:
        image = planner.layer(_normaliser(spec.mean or (0.0,) * spec.in_channels, spec.std or (1.0,) * spec.in_channels), image)
    if spec.order == "BGR":
        image = planner.apply(_flipped, image)
    if spec.layout in ("NHWC", "HWC"):
        image = planner.transposed(image, (0, 2, 3, 1))
    missing = {"CHW": [0], "HWC": [0], "NHW": [1], "HW": [0, 1]}.get(spec.layout)
    return image if missing is None else planner.apply(SHAPING["Squeeze"], image, axes=missing)


def left(planner: Any, spec: OnnxSpec, value: Any) -> Any:
    """What the file gives as 1xCxHxW in the range of the port."""
    if spec.output_layout == "":
        return value
    missing = {"CHW": [0], "HWC": [0], "NHW": [1], "HW": [0, 1]}.get(spec.output_layout)
    value = value if missing is None else planner.apply(SHAPING["Unsqueeze"], value, axes=missing)
    if spec.output_layout in ("NHWC", "HWC"):
        value = planner.transposed(value, (0, 3, 1, 2))
    if spec.classes:
        value = planner.apply(coloured, value, classes=spec.classes)
    if spec.output_order == "BGR":
        value = planner.apply(_flipped, value)
    if spec.output_mean or spec.output_std:
        value = planner.layer(_normaliser(spec.output_mean or (0.0,) * spec.out_channels,
                                          spec.output_std or (1.0,) * spec.out_channels, back=True), value)
    return value


def _flipped(node: Node, x: Tensor) -> Tensor:
    """Red and blue exchanged."""
    return x.flip(1)


def coloured(node: Node, x: Tensor) -> Tensor:
    """Classes as colours, 0..255: of 1xKxHxW scores the best one, or of a 1x1xHxW map of class numbers. Class 0, the background, is black.

    Of two scores, the likelihood of the second as grey.
    """
    classes = node.attributes["classes"]
    if classes == 2 and x.shape[1] == 2:
        return (255 * torch.sigmoid(x[:, 1:] - x[:, :1])).expand(-1, 3, -1, -1)
    number = x.argmax(1, keepdim=True) if x.shape[1] > 1 else x
    number = number.to(torch.float32)
    share = torch.frac(number * 0.6180339887)  # golden section: neighbours get colours far apart
    shades = [torch.cos(6.2831853 * (share - third)) * 95 + 140 for third in (0.0, 1 / 3, 2 / 3)]
    return torch.cat(shades, 1) * (number > 0)


def as_tensor(weight: Stored, file: OnnxFile) -> Tensor:
    """A weight as torch runs it: floats as float32, whole numbers as int64 (bytes and truth values stay)."""
    values = weight.array(file.path.parent)
    unknown = values.dtype.name in ("uint16", "uint32", "uint64")  # to torch
    tensor = torch.from_numpy(values.astype("int64") if unknown else values)
    return tensor.float() if tensor.is_floating_point() else tensor


def _with_tensors(node: Node, file: OnnxFile) -> Node:
    if not any(isinstance(value, Stored) for value in node.attributes.values()):
        return node
    return replace(node, attributes={name: as_tensor(value, file) if isinstance(value, Stored) else value
                                     for name, value in node.attributes.items()})


def _normaliser(mean: tuple[float, ...], std: tuple[float, ...], back: bool = False) -> nn.Module:
    """(x - mean) / std of each channel; back: x * std + mean."""
    norm = nn.BatchNorm2d(len(mean), eps=1e-12, affine=False)
    middle, width = torch.tensor(mean), torch.tensor(std)
    norm.running_mean = -middle / width if back else middle
    norm.running_var = (1 / width if back else width).square()
    return norm.eval().requires_grad_(False)
