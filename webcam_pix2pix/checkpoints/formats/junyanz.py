"""Weights of pytorch-CycleGAN-and-pix2pix: U-Nets and ResNets of every age, what they are inferred from keys and shapes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from webcam_pix2pix.model import DIRECTIONS
from webcam_pix2pix.specs import Generator, ResNet, UNet

from .. import Checkpoint
from ..weights import Weight, fitted

FORMAT = "pytorch-CycleGAN-and-pix2pix"
RUNNING = ("running_mean", "running_var", "num_batches_tracked")


def from_weights(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    """The generator in a state dict. Raises ValueError naming the file and what does not fit."""
    weights = _without_instance_statistics(weights)
    spec = infer(weights, path)
    if isinstance(spec, UNet) and not spec.last_bias:
        raise ValueError(f"{path}: model.model.3.bias is missing")
    options, file = _options(path.parent)
    if isinstance(spec, UNet) and options.get("no_dropout") == "True":  # dropout leaves no trace in a U-Net's weights
        spec = replace(spec, dropout=False)
    notes, size = _compared(spec, options, file)
    name = FORMAT if isinstance(spec, UNet) or spec.halvings == 2 else f"pix2pixHD, its global generator of {spec.halvings} halvings"
    direction = options.get("direction", options.get("which_direction"))
    return Checkpoint(name, spec, fitted(spec, weights, path), "eval", notes, size=size,
                      direction=direction if direction in DIRECTIONS else None)


def infer(weights: Mapping[str, Weight], path: Path) -> UNet | ResNet:
    """What the network looks like, from the names and shapes of its weights."""
    if "model.model.0.weight" in weights:
        return _unet(weights, path)
    if "model.1.weight" in weights and "model.4.weight" in weights:
        return _resnet(weights, path)
    raise ValueError(f"{path}: weights such as {next(iter(weights), '')!r:.60} are of no known generator")


def _unet(weights: Mapping[str, Weight], path: Path) -> UNet:
    shapes = {key: weight.shape for key, weight in weights.items()}
    depth, prefix = 1, "model.model.1.model"
    while f"{prefix}.3.model.1.weight" in shapes and depth < 16:
        depth, prefix = depth + 1, f"{prefix}.3.model"
    depth += 1
    first, last = _conv_shape(shapes, "model.model.0.weight", path), _conv_shape(shapes, "model.model.3.weight", path)
    deepest = _conv_shape(shapes, f"{prefix}.1.weight", path)
    resize = last[2] == 3  # transposed convolutions are (in, out, 4, 4), ours after resizing (out, in, 3, 3)
    norm, running_stats = _norm(weights, "model.model.1.model.2" if depth > 2 else "model.model.1.model.4")
    bias = "model.model.1.model.1.bias" in shapes
    if norm == "none" and bias:
        norm = "instance"
    return UNet(depth, first[0], first[1], last[0 if resize else 1], norm, upsample="resize_conv" if resize else "conv_transpose",
                widest=deepest[0], running_stats=running_stats,
                bias=None if bias == (norm == "instance") else bias, last_bias="model.model.3.bias" in shapes)


def _resnet(weights: Mapping[str, Weight], path: Path) -> ResNet:
    shapes = {key: weight.shape for key, weight in weights.items()}
    first = _conv_shape(shapes, "model.1.weight", path)
    blocks = {int(key.split(".")[1]) for key in shapes if re.match(r"model\.\d{1,3}\.conv_block\.", key)}
    halvings = 0  # two, or with pix2pixHD four: each makes twice as many channels
    while len(down := shapes.get(f"model.{4 + 3 * halvings}.weight", ())) == 4 and down[0] == 2 * down[1]:
        halvings += 1
    if not blocks:  # the transposed convolutions that follow look the same
        halvings //= 2
    last = _conv_shape(shapes, f"model.{ResNet(len(blocks), halvings=max(1, halvings)).last}.weight", path)
    norm, running_stats = _norm(weights, "model.2")
    bias = "model.1.bias" in shapes
    if norm == "none" and bias:
        norm = "instance"
    second = shapes.get(f"model.{min(blocks, default=0)}.conv_block.6.weight", ())  # one later with a dropout between
    return ResNet(len(blocks), first[0], first[1], last[0], norm, dropout=len(second) == 4,
                  bias=None if bias == (norm == "instance") else bias, running_stats=running_stats, halvings=max(1, halvings))


def _conv_shape(shapes: Mapping[str, tuple[int, ...]], key: str, path: Path) -> tuple[int, ...]:
    if len(shapes.get(key, ())) != 4 or 0 in shapes[key]:
        raise ValueError(f"{path}: {key}: {list(shapes.get(key, ())) or 'missing'}, expected the weight of a convolution")
    return shapes[key]


def _norm(weights: Mapping[str, Weight], name: str) -> tuple[str, bool]:
    """(norm, has running statistics) of the layer `name`. Instance norm has no weights at all."""
    if f"{name}.weight" in weights:
        return "batch", f"{name}.running_mean" in weights
    return "none", True


def _without_instance_statistics(weights: Mapping[str, Weight]) -> dict[str, Weight]:
    """Instance norms of PyTorch before 0.4 saved running statistics that were never used."""
    kept = {}
    for key, weight in weights.items():
        layer, _, kind = key.rpartition(".")
        if kind not in RUNNING or f"{layer}.weight" in weights:
            kept[key] = weight
    return kept


# ---------------------------------------------------------------------------------------------------- train_opt.txt beside the weights

def _compared(spec: UNet | ResNet, options: Mapping[str, str], file: str) -> tuple[tuple[str, ...], tuple[int, int] | None]:
    """What the options file says differently, and the size the network was trained with."""
    said = {key: options.get(key) for key in ("netG", "norm", "ngf", "input_nc", "output_nc", "no_dropout")}
    said["netG"] = said["netG"] or options.get("which_model_netG")
    said["norm"] = "batch" if said["norm"] == "syncbatch" else said["norm"]
    family = f"unet_{2 ** spec.depth}" if isinstance(spec, UNet) else f"resnet_{spec.blocks}blocks"
    found = {"netG": family, "norm": spec.norm, "ngf": str(spec.ngf), "input_nc": str(spec.in_channels),
             "output_nc": str(spec.out_channels), "no_dropout": str(not spec.dropout)}
    notes = tuple(f"{file} says {key} {text:.60}, the weights say {found[key]}" for key, text in said.items()
                  if text is not None and text != found[key])
    crop = options.get("crop_size", options.get("fineSize", ""))
    side = int(crop) if crop.isascii() and crop.isdecimal() and len(crop) < 5 else 0
    return notes, (side, side) if side and side % spec.multiple == 0 else None


def _options(folder: Path) -> tuple[dict[str, str], str]:
    """The options that training left beside the weights, and the name of their file; empty when there is none."""
    for name in ("train_opt.txt", "opt.txt"):
        file = folder / name
        if file.is_file() and file.stat().st_size < 1 << 20:
            lines = (line.partition(":") for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
            return {key.strip(): text.partition("[default")[0].strip() for key, colon, text in lines if colon}, name
    return {}, ""


def portable(spec: Generator) -> bool:
    """Can pytorch-CycleGAN-and-pix2pix itself load weights of this spec?"""
    if isinstance(spec, ResNet):
        return spec.bias is None and spec.running_stats and spec.halvings == 2
    if not isinstance(spec, UNet):
        return False
    return spec == replace(UNet(spec.depth, spec.ngf, spec.in_channels, spec.out_channels, spec.norm), dropout=spec.dropout)
