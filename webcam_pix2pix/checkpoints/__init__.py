"""Checkpoints of every well-known pix2pix program -> (spec, weights). One reader per format; nothing else knows their names.

What a file holds is found out, and checked, without torch; `state` and `build()` then load the values.
"""

import importlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from webcam_pix2pix.identify.content import identify
from webcam_pix2pix.specs import Generator, from_json, to_json

from .weights import Weight, fitted

if TYPE_CHECKING:
    from torch import Tensor, nn

    from webcam_pix2pix.model import ModelInfo, Port
    from webcam_pix2pix.recipe import Recipe

READERS = {"torch": "torch_file", "safetensors": "safetensors", "tensorflow": "tensorflow", "pict": "pict",
           "mindspore": "mindspore", "keras": "keras"}  # ONNX files are no state dicts: see onnx/


@dataclass(frozen=True)
class Checkpoint:
    """A generator: what it looks like, and where its weights lie."""

    format: str  # for people: program and kind of file
    spec: Generator
    weights: Mapping[str, Weight]  # by name as in networks.build(spec); still in the file
    norm_mode: str  # as the program that wrote it ran live
    notes: tuple[str, ...] = ()  # what a person should know, such as a disagreement with train_opt.txt
    recipe: "Recipe | None" = None
    size: tuple[int, int] | None = None  # height and width it was trained with, when known
    about: str = ""
    direction: str | None = None  # AtoB or BtoA, when known
    input: "Port | None" = None  # None: as the spec tells, -1..1
    output: "Port | None" = None

    @cached_property
    def state(self) -> "dict[str, Tensor]":
        """The values, as float32; they may lie in the file (memory-mapped). Raises OSError or ValueError like load()."""
        return _loaded(self.weights)

    def build(self) -> "nn.Module":
        """The network with these weights in memory of its own, ready to run (eval, in `norm_mode`)."""
        from webcam_pix2pix.networks import blueprint, set_norm_mode
        net = blueprint(self.spec)
        net.load_state_dict({key: _float(weight.load()).clone() for key, weight in self.weights.items()}, assign=True)
        return set_norm_mode(net.requires_grad_(False), self.norm_mode)


def load(source: "str | Path | ModelInfo") -> Checkpoint:
    """Read a checkpoint (file, folder, prefix) or the one that a descriptor (.json) or a ModelInfo points to.

    Raises OSError or ValueError with one line naming the file and what is wrong with it. Nothing in a file can run code; sizes are
    checked before memory is taken.
    """
    from webcam_pix2pix.model import ModelInfo, read_model
    info = source if isinstance(source, ModelInfo) else read_model(source)
    content = identify(info.weights)
    if content.format == "onnx":
        from . import onnx
        return onnx.load(info, content.path)
    reader = importlib.import_module(f"{__name__}.formats.{READERS[content.format]}")
    try:
        checkpoint = _from_descriptor(info, content.format, content.path) or reader.read(content.path)
    except MemoryError:
        raise ValueError(f"{content.path}: damaged file: asks for more memory than there is") from None
    return _described(checkpoint, info)


def complete(info: "ModelInfo", checkpoint: Checkpoint) -> "ModelInfo":
    """`info` with everything filled in that the weights tell."""
    source, target = ports(info, checkpoint)
    return replace(info, input=source, output=target, network=to_json(checkpoint.spec), norm_mode=checkpoint.norm_mode,
                   recipe=info.recipe or checkpoint.recipe, about=info.about or checkpoint.about, format=checkpoint.format,
                   direction=info.direction or checkpoint.direction)


def ports(info: "ModelInfo", checkpoint: Checkpoint) -> "tuple[Port, Port]":
    """(input, output) as the descriptor says, else as the weights tell."""
    from webcam_pix2pix.model import Port
    spec = checkpoint.spec
    height, width = checkpoint.size or (spec.default_size, spec.default_size)
    limits = getattr(spec, "range", (-1.0, 1.0))
    return (info.input or checkpoint.input or Port((height, width, spec.in_channels), limits),
            info.output or checkpoint.output or Port((height, width, spec.out_channels), limits))


def checked_state(spec: Generator, state: "Mapping[str, Tensor]", where: Path) -> "dict[str, Tensor]":
    """`state` as float32 in the order of the network, every name and shape compared with `spec`.

    Raises ValueError naming `where` and the first weight that does not fit.
    """
    return _loaded(fitted(spec, {key: Weight(tuple(tensor.shape), partial(_same, tensor)) for key, tensor in state.items()}, where))


def _usual_recipe(spec: Generator) -> "Recipe | None":
    """What a network must see whose channels tell: one that gives a and b of Lab sees the lightness."""
    if (spec.in_channels, spec.out_channels) != (1, 2):
        return None
    from webcam_pix2pix.preprocessing import EdgeDetection, Processing
    from webcam_pix2pix.recipe import Recipe
    return Recipe(Processing(flip_h=False, lightness=True), EdgeDetection(method="none"))


def _loaded(weights: Mapping[str, Weight]) -> "dict[str, Tensor]":
    return {key: _float(weight.load()) for key, weight in weights.items()}


def _float(tensor: "Tensor") -> "Tensor":
    return tensor.float() if tensor.is_floating_point() else tensor


def _same(tensor: "Tensor") -> "Tensor":
    return tensor


def _from_descriptor(info: "ModelInfo", format: str, path: Path) -> Checkpoint | None:
    """A file of torch.save whose weights fit the network of the descriptor by name and shape: nothing has to be guessed then."""
    if info.network is None or format != "torch":
        return None
    from .formats.junyanz import portable
    from .formats.torch_file import state_dicts
    spec = from_json(info.network, f"{info.path}: network")
    if not isinstance(spec, Generator) or portable(spec):  # those are recognised by themselves
        return None
    for weights in state_dicts(path).values():
        with suppress(ValueError):
            return Checkpoint("PyTorch", spec, fitted(spec, weights, path), "eval")
    return None


def _described(checkpoint: Checkpoint, info: "ModelInfo") -> Checkpoint:
    """The checkpoint with what the descriptor says of it, once both are known to agree."""
    spec = checkpoint.spec
    if info.network is not None:
        from_descriptor = from_json(info.network, f"{info.path}: network")
        if not isinstance(from_descriptor, Generator):
            raise ValueError(f"{info.path}: network: type: {from_descriptor.type!r} is not a generator")
        spec = from_descriptor
        if spec != checkpoint.spec:
            try:
                fitted(spec, checkpoint.weights, info.weights)
            except ValueError as error:
                raise ValueError(f"{info.path}: network: does not fit the weights: {error}") from None
    for key, port, channels in (("input", info.input, spec.in_channels), ("output", info.output, spec.out_channels)):
        if port is not None and (port.shape[2] != channels or port.shape[0] % spec.multiple or port.shape[1] % spec.multiple):
            raise ValueError(f"{info.path}: {key}.shape: {list(port.shape)} does not fit the weights, expected {channels} "
                             f"channel{'s' * (channels > 1)} and height and width that are multiples of {spec.multiple}")
    if info.input is not None and info.output is not None and info.input.shape[:2] != info.output.shape[:2]:
        raise ValueError(f"{info.path}: output.shape: {list(info.output.shape)} is not the size of the input {list(info.input.shape)}")
    return replace(checkpoint, spec=spec, norm_mode=info.norm_mode or checkpoint.norm_mode,
                   recipe=info.recipe or checkpoint.recipe or _usual_recipe(spec),
                   size=info.input.shape[:2] if info.input else checkpoint.size, about=info.about or checkpoint.about,
                   direction=info.direction or checkpoint.direction)
