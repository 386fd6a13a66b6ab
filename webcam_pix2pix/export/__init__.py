"""A model for other programs: written, read back, and compared in numbers before it counts as done."""

import io
import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from msa.files import write_atomic
from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints import Checkpoint
from webcam_pix2pix.checkpoints.formats import pict, safetensors
from webcam_pix2pix.model import ModelInfo
from webcam_pix2pix.networks import set_norm_mode
from webcam_pix2pix.networks.layers import at_size
from webcam_pix2pix.predictor.selection.samples import sample_images
from webcam_pix2pix.specs import Generator, UNet

from .layouts import as_junyanz, as_pict, as_transposed, layout_b

__all__ = ["FORMATS", "Exported", "as_transposed", "export"]

FORMATS = {"pth": ".pth", "safetensors": ".safetensors", "pict": ".pict", "torchscript": ".pt", "onnx": ".onnx"}  # and their suffixes
TOLERANCE = 1e-4  # of outputs in -1..1: a hundredth of a grey level


@dataclass(frozen=True)
class Exported:
    """The result of an export: the file, its largest difference from the model, and a note."""

    path: Path
    difference: float  # largest, of the outputs in -1..1, between the model and what was written
    note: str  # what a person should know to use it


def export(info: ModelInfo, path: Path, format: str, norm_mode: str | None = None, size: tuple[int, int] | None = None,
           half: bool = False) -> Exported:
    """Write the model `info` to `path`; a file of that name is replaced only by one that passed the comparison.

    Args:
        format: a key of FORMATS.
        norm_mode: eval or batch; for torchscript and onnx, which carry the mode inside. None: that of the model, without dropout.
        size: (height, width) for torchscript and onnx, which run at one size. None: that of the model.
        half: safetensors with float16 weights.
    Raises ValueError or OSError with one line, also when the model has no form in `format` or the comparison fails.
    """
    checkpoint = checkpoints.load(info)
    mode = norm_mode or ("eval" if checkpoint.norm_mode == "eval" else "batch")
    height, width = size or checkpoint.size or (checkpoint.spec.default_size,) * 2
    if checkpoint.spec.fixed and (height, width) != checkpoint.size:
        raise ValueError(f"size: {width}x{height} does not fit {info.name}, which runs at one size only")
    if not checkpoint.spec.fixed and (height % checkpoint.spec.multiple or width % checkpoint.spec.multiple):
        raise ValueError(f"size: {width}x{height} does not fit {info.name}, expected multiples of {checkpoint.spec.multiple}")
    partial = path.with_name(f".{path.name}.part")
    try:
        difference, note = WRITERS[format](checkpoint, info, partial, mode, (height, width), half)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return Exported(path, difference, note)


# ----------------------------------------------------------------------------------------------------------- weights for other programs

def _pth(checkpoint: Checkpoint, info: ModelInfo, path: Path, mode: str, size: tuple[int, int], half: bool) -> tuple[float, str]:
    """The layout of pytorch-CycleGAN-and-pix2pix."""
    spec, state = as_junyanz(checkpoint)
    data = io.BytesIO()
    torch.save(state, data)
    write_atomic(path, data.getvalue())
    again = checkpoints.load(path)
    if not safetensors.same(again.state, state):
        raise ValueError(f"{path}: what was written reads back differently; check the disk")
    exact = replace(again, spec=spec)  # dropout of a U-Net leaves no trace in its weights
    difference = max(_difference(checkpoint.build(), exact.build(), spec, m, size) for m in ("eval", "batch"))
    family = f"unet_{2 ** spec.depth}" if isinstance(spec, UNet) else f"resnet_{spec.blocks}blocks"
    options = f"--netG {family} --norm {spec.norm} --ngf {spec.ngf} --input_nc {spec.in_channels} --output_nc {spec.out_channels}"
    return difference, f"test.py --model test {options}{'' if spec.dropout else ' --no_dropout'}"


def _safetensors(checkpoint: Checkpoint, info: ModelInfo, path: Path, mode: str, size: tuple[int, int], half: bool) -> tuple[float, str]:
    full = checkpoints.complete(info, checkpoint)
    safetensors.write(path, checkpoint.spec, checkpoint.state, safetensors.metadata(full), half)
    again = safetensors.read(path)
    if not half and not safetensors.same(again.state, checkpoint.state):
        raise ValueError(f"{path}: what was written reads back differently; check the disk")
    difference = _difference(checkpoint.build(), again.build(), checkpoint.spec, mode, size)
    return difference, "float16 weights" if half else "the weights are exactly the same"


def _pict(checkpoint: Checkpoint, info: ModelInfo, path: Path, mode: str, size: tuple[int, int], half: bool) -> tuple[float, str]:
    """For the browser demo of pix2pix-tensorflow and keijiro/Pix2Pix: layout B, one byte per weight."""
    images = [_as_input(image, info) for image in sample_images(checkpoints.complete(info, checkpoint), size)]
    spec, state, notes = as_pict(checkpoint, images)
    arrays = layout_b(spec, state)
    pict.write(path, arrays)
    again = pict.read(path)
    values = pict.table(np.concatenate([array.ravel() for array in arrays.values()]))
    step = float(np.diff(values).max()) / 2 + 1e-6
    for key, tensor in state.items():
        if (error := float((again.state[key] - tensor).abs().max())) > step:
            raise ValueError(f"{path}: {key} differs by {error:.2g}, more than one byte per weight explains")
    one, other = set_norm_mode(checkpoint.build(), _quiet(checkpoint.norm_mode)), set_norm_mode(again.build(), "batch")
    with torch.inference_mode():
        differences = [(one(x) - other(x)).abs() for x in images]
    largest, mean = max(float(d.max()) for d in differences), float(np.mean([float(d.mean()) for d in differences]))
    if largest:
        notes = [f"one byte per weight; over whole images the painting differs by {mean:.2g} on average", *notes]
    return largest, "; ".join(notes) or "every weight is kept exactly"


def _as_input(image: np.ndarray, info: ModelInfo) -> Tensor:
    """HxWxC uint8 -> 1xCxHxW in the range that the network takes."""
    low, high = info.input.range if info.input else (-1.0, 1.0)
    return torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255 * (high - low) + low


# ---------------------------------------------------------------------------------------------------------------------- programs to run

def _torchscript(checkpoint: Checkpoint, info: ModelInfo, path: Path, mode: str, size: tuple[int, int], half: bool) -> tuple[float, str]:
    net = at_size(set_norm_mode(checkpoint.build(), _without_dropout(mode)), size)
    example = _test_images(checkpoint.spec.in_channels, size)[0]
    with warnings.catch_warnings(), torch.inference_mode(False), torch.no_grad():
        warnings.simplefilter("ignore")
        data = io.BytesIO()
        torch.jit.save(torch.jit.trace(net, example, check_trace=False), data)
        write_atomic(path, data.getvalue())
        loaded = torch.jit.load(str(path))
    return _compared(net, loaded, checkpoint.spec.in_channels, size), f"norm mode {mode}, {size[1]}x{size[0]}, NCHW"


def _onnx(checkpoint: Checkpoint, info: ModelInfo, path: Path, mode: str, size: tuple[int, int], half: bool) -> tuple[float, str]:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401  (torch's exporter needs it)
    except ImportError as error:
        raise ValueError(f"ONNX needs the package {error.name}: pip install 'webcam-pix2pix[onnx]'") from None
    net = at_size(set_norm_mode(checkpoint.build(), _without_dropout(mode)), size)
    example = _test_images(checkpoint.spec.in_channels, size)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(net, (example,), str(path), input_names=["input"], output_names=["output"], dynamo=True, external_data=False,
                          verbose=False)
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])

    def run(x: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {"input": x.numpy()})[0])

    return _compared(net, run, checkpoint.spec.in_channels, size), f"norm mode {mode}, {size[1]}x{size[0]}, NCHW, checked in onnxruntime"


def _without_dropout(mode: str) -> str:
    if mode == "paper":
        raise ValueError("norm mode: 'paper' draws random numbers, expected eval or batch for a program to run elsewhere")
    return mode


# ------------------------------------------------------------------------------------------------------------------------- comparison

def _difference(one: nn.Module, other: nn.Module, spec: Generator, mode: str, size: tuple[int, int]) -> float:
    """Largest difference of the outputs of two networks."""
    set_norm_mode(other, _quiet(mode))
    return max(_distances(set_norm_mode(one, _quiet(mode)), other, spec.in_channels, size))


def _compared(net: nn.Module, other: Callable[[Tensor], Tensor], channels: int, size: tuple[int, int]) -> float:
    difference = max(_distances(net, other, channels, size))
    if not difference <= TOLERANCE:
        raise ValueError(f"the exported program differs from the model by {difference:.2g}, expected at most {TOLERANCE:g}; not written")
    return difference


def _distances(one: Callable[[Tensor], Tensor], other: Callable[[Tensor], Tensor], channels: int, size: tuple[int, int]) -> list[float]:
    with torch.inference_mode():
        return [float((one(x) - other(x)).abs().max()) for x in _test_images(channels, size)]


def _quiet(mode: str) -> str:
    return "batch" if mode == "paper" else mode


def _test_images(channels: int, size: tuple[int, int]) -> list[Tensor]:
    """Two images to compare with, 1xCxHxW in -1..1: noise, and lines over a soft gradient.

    No flat ones: where a channel is constant, norms of the image magnify the last bit of every sum by 316.
    """
    generator = torch.Generator().manual_seed(7)
    noise = torch.rand((1, channels, *size), generator=generator) * 2 - 1
    lines = torch.linspace(-1, 0.2, size[1]) * torch.linspace(0.3, 1, size[0])[:, None]
    lines = lines.repeat(1, channels, 1, 1)
    lines[..., ::29, :] = 1.0
    lines[..., ::37] = 1.0
    return [noise, lines]


Writer = Callable[[Checkpoint, ModelInfo, Path, str, tuple[int, int], bool], tuple[float, str]]
WRITERS: Mapping[str, Writer] = {"pth": _pth, "safetensors": _safetensors, "pict": _pict, "torchscript": _torchscript, "onnx": _onnx}
