"""ONNX files as models: one image in, one out. Layout, sizes and values are found out when the file is opened.

hints.py reads the steps of the graph, axes.py plans it at several sizes, trying.py runs it on a test image. What a descriptor says comes
first.
May import: model, networks, preprocessing, recipe, specs, msa.
To teach it another hint: one branch in Hints (hints.py), and a toy network in tests/test_onnx_models.py.
"""

import filecmp
import functools
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from msa.onnxfile import OnnxFile, read
from webcam_pix2pix.model import ModelInfo, Port
from webcam_pix2pix.specs import OnnxSpec, from_json

from .. import Checkpoint
from ..families import IMAGE_ITSELF
from . import axes, trying
from .hints import Hints, Range

if TYPE_CHECKING:
    from torch import Tensor, nn

CONTROL = {"If", "Loop", "Scan"}


@dataclass(frozen=True)
class OnnxCheckpoint(Checkpoint):
    """A network in an ONNX file."""

    path: Path = Path()
    runtime: str = ""  # a library that runs what this program cannot; "" for none

    @property
    def state(self) -> "dict[str, Tensor]":  # type: ignore[override]
        raise ValueError(f"{self.path}: an ONNX file has no weights of a known network; export it as onnx or torchscript")

    def build(self) -> "nn.Module":
        from webcam_pix2pix.networks import set_norm_mode
        assert isinstance(self.spec, OnnxSpec)
        return set_norm_mode(_network(axes.used_only(read(self.path)), self.spec, self.runtime), self.norm_mode)


def load(info: ModelInfo, path: Path) -> OnnxCheckpoint:
    """The network in the ONNX file at `path`, read as the descriptor `info` says and otherwise as it is found out.

    Raises OSError or ValueError with one line that names the file.
    """
    stat = path.stat()
    given = json.dumps(info.network or {}, sort_keys=True)
    ranges = tuple(None if port is None else port.range for port in (info.input, info.output))
    size = None if info.input is None else info.input.shape[:2]
    try:
        found = _found(path, stat.st_mtime_ns, stat.st_size, given, ranges, size)
    except MemoryError:
        raise ValueError(f"{path}: damaged file: asks for more memory than there is") from None
    except (OSError, ValueError) as error:
        text = " ".join(str(error).split())
        raise type(error)(text if text.startswith((str(path), str(path.parent), str(info.path))) else f"{path}: {text}") from None
    spec, values, limits, runtime, notes = found
    height, width = spec.height, spec.width
    channels = 3 if spec.classes else spec.out_channels
    given_size = round(height * spec.scale), round(width * spec.scale)
    return OnnxCheckpoint("ONNX", spec, {}, info.norm_mode or "eval", notes, recipe=info.recipe or IMAGE_ITSELF, size=(height, width),
                          about=info.about, input=Port((height, width, spec.in_channels), values),
                          output=Port((*given_size, channels), limits), path=path, runtime=runtime)


@functools.lru_cache(maxsize=16)
def _found(path: Path, changed: int, length: int, given: str, ranges: tuple[Range | None, Range | None],
           size: tuple[int, int] | None) -> tuple[OnnxSpec, Range, Range, str, tuple[str, ...]]:
    """(spec, range in, range out, runtime, notes) of the file as it is now."""
    file = read(path)
    check(file)
    file, said = axes.used_only(file), json.loads(given)
    hints = Hints(file)
    if size is None and {"height", "width"} <= said.keys():
        size = said["height"], said["width"]
    spec = replace(axes.read_axes(file, hints), **_stated(said, path))
    declared = size is not None or axes.declared(file, spec)
    spec = spec if size is None else replace(spec, height=size[0], width=size[1])
    network, runtime = _runnable(file, spec, hints)
    if runtime:
        spec = _by_running(network, spec, size or (spec.height, spec.width), declared)
    else:
        spec = axes.with_sizes(file, spec, network, declared)
    spec = _classes(spec, file, hints)
    spec = replace(spec, **_stated(said, path))
    return _tried(file, spec, said, hints, ranges, runtime)


def check(file: OnnxFile) -> None:
    """Refuse what could do harm, in one line: operators from elsewhere, loops, weights that are not there. Raises ValueError or OSError."""
    for node in file.nodes:
        if node.subgraphs or node.kind in CONTROL:
            raise ValueError(f"{file.path}: has a step {node.kind:.40} with steps of its own (a loop or a branch), which is not run; "
                             "export the network without it")
        if axes.custom(node):
            raise ValueError(f"{file.path}: has a step {node.domain:.60}.{node.kind:.60}, which is no operator of ONNX; export it without")
    for weight in file.weights.values():
        weight.check(file.path.parent)
    _in_order(file)


def copy(path: Path, folder: Path) -> Path:
    """The file at `path`, and those that hold its weights, copied into `folder`; compared byte by byte. Raises OSError or ValueError."""
    beside = {dict(weight.outside)["location"] for weight in read(path).weights.values() if weight.outside}
    for name in (path.name, *sorted(beside)):
        source, target = path.parent / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if not filecmp.cmp(source, target, shallow=False):
            raise ValueError(f"{target}: the copy differs from what was written; check the disk")
    return folder / path.name


def _in_order(file: OnnxFile) -> None:
    known = {port.name for port in file.inputs} | set(file.weights) | {""}
    for node in file.nodes:
        if missing := next((name for name in node.inputs if name not in known), None):
            raise ValueError(f"{file.path}: step {node.kind:.40} uses {missing!r:.60} before a step gives it: the steps go round in a "
                             "circle, or one is missing")
        known.update(node.outputs)
    if file.outputs and file.outputs[0].name not in known:
        raise ValueError(f"{file.path}: no step gives the output {file.outputs[0].name!r:.60}")


def _stated(said: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """What the descriptor says of the network, checked."""
    if not said:
        return {}
    spec = from_json({"type": "onnx"} | dict(said), f"{path}: network")
    if not isinstance(spec, OnnxSpec):
        raise ValueError(f"{path}: network: type: {spec.type!r} is not what an ONNX file holds, expected onnx")
    return {key: getattr(spec, key) for key in said if key != "type"}


def _runnable(file: OnnxFile, spec: OnnxSpec, hints: Hints) -> "tuple[nn.Module, str]":
    """(the network, "") or, where a step is not known, (one that a library runs, what it is called)."""
    from webcam_pix2pix.networks.onnx import Unsupported
    network = _network(file, spec, "")
    try:
        for size in ((spec.height, spec.width), (axes.OPEN_SIZE, axes.OPEN_SIZE)):
            axes.shape_at(file, spec, network, size)
        return network, ""
    except Unsupported as error:
        from webcam_pix2pix.networks.onnx.runtime import RuntimeNetwork
        try:
            network = RuntimeNetwork(file, spec)
        except ValueError as other:
            raise ValueError(f"{file.path}: {error}; {other}") from None
        return network, network.runtime


def _network(file: OnnxFile, spec: OnnxSpec, runtime: str) -> Any:
    from webcam_pix2pix.networks.onnx import OnnxNetwork
    if runtime:
        from webcam_pix2pix.networks.onnx.runtime import RuntimeNetwork
        return RuntimeNetwork(file, spec).eval().requires_grad_(False)
    return OnnxNetwork(file, spec).eval().requires_grad_(False)


def _by_running(network: Any, spec: OnnxSpec, size: tuple[int, int], declared: bool) -> OnnxSpec:
    """Sizes and layout of the output of a network that a library runs: fixed where the file says so, else tried at one size."""
    shape = network.raw_shape(size)
    output = axes.output_of(shape, size, spec)
    if output is None:
        raise ValueError(f"gives {'x'.join(map(str, shape))} for an image of {size[1]}x{size[0]}, expected an image too")
    layout, channels, scale = output
    return replace(spec, output_layout=layout, out_channels=channels, scale=scale, fixed=True, height=size[0], width=size[1])


def _classes(spec: OnnxSpec, file: OnnxFile, hints: Hints) -> OnnxSpec:
    """A map of class numbers, or of many scores, is shown as colours."""
    classes = hints.classes(spec.output_name) if spec.out_channels == 1 else spec.out_channels if spec.out_channels not in (1, 3, 4) else 0
    return replace(spec, classes=classes) if classes and spec.in_channels in (1, 3, 4) and (spec.in_channels, spec.out_channels) != (1, 2) \
        else spec


def _tried(file: OnnxFile, spec: OnnxSpec, said: Mapping[str, Any], hints: Hints, ranges: tuple[Range | None, Range | None],
           runtime: str) -> tuple[OnnxSpec, Range, Range, str, tuple[str, ...]]:
    taken, given = ranges[0] or hints.taken_range(spec.input_name), ranges[1] or hints.given_range(spec.output_name)
    given = (0.0, 255.0) if spec.classes else given
    notes = [f"runs in {runtime}: a step of it is not known here"] if runtime else []
    if spec.classes:
        notes.append("classes are shown as colours" if spec.classes > 2 else "the likelihood of the second class is shown")
    stated = bool({"mean", "std"} & said.keys())
    if (ranges[0] is not None or (stated and taken)) and given is not None:
        return spec, taken or (0.0, 1.0), given, runtime, tuple(notes)
    size = (spec.height, spec.width) if spec.fixed else (-(-trying.SIDE // spec.multiple) * spec.multiple,) * 2
    network = _network(file, replace(spec, mean=spec.mean if stated else (), std=spec.std if stated else ()), runtime)
    values, limits, score = trying.tried(_runner(network), size, spec.in_channels, (taken or (0.0, 1.0)) if stated else taken, given)
    if values.mean:
        spec = replace(spec, mean=values.mean, std=values.std)
    if taken is None or given is None:
        doubt = "; none gave a plausible image: if it comes out wrong, say input and output range in a descriptor"
        notes.append("values were found by trying" + (doubt if score <= 0.5 else ""))
    return spec, values.range, limits, runtime, tuple(notes)


def _runner(network: "nn.Module") -> Callable[[np.ndarray], np.ndarray]:
    import torch

    def run(image: np.ndarray) -> np.ndarray:
        try:
            with torch.inference_mode():
                y = network(torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)[None])))
        except RuntimeError as error:  # of a damaged file: what torch says of numbers that do not fit each other
            raise ValueError(f"it cannot be run ({str(error).splitlines()[0][:120]})") from None
        return y[0].permute(1, 2, 0).float().numpy()
    return run

