"""Weights of other well-known programs: fast neural style, AnimeGANv2, CUT with its blurs, GAN Compression."""

import re
from collections.abc import Mapping
from pathlib import Path

from webcam_pix2pix.preprocessing import EdgeDetection, Processing
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.specs import AnimeGAN, ResNetVariant, StyleNet

from . import Checkpoint
from .weights import Weight, fitted

STYLE, ANIME, FIRST = "conv1.conv2d.weight", "block_a.0.1.weight", "model.1.weight"
BLUR, SEPARABLE = re.compile(r"model\.\d{1,3}\.filt$"), re.compile(r"model\.\d{1,3}\.conv_block\.1\.conv\.0\.weight$")
MARKERS = (STYLE, ANIME)  # the first weight of each, by which they are found inside of other things
IMAGE_ITSELF = Recipe(Processing(flip_h=False), EdgeDetection(method="none"))  # what networks see that were not trained on edges


def recognises(weights: Mapping[str, Weight]) -> bool:
    """Whether the names of the weights are those of one of these programs."""
    return STYLE in weights or ANIME in weights or any(BLUR.match(key) or SEPARABLE.match(key) for key in weights)


def from_weights(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    """The generator in a state dict. Raises ValueError naming the file and what does not fit."""
    if STYLE in weights:
        return _style(weights, path)
    if ANIME in weights:
        spec = AnimeGAN(_sides(weights, ANIME, path)[0], _sides(weights, ANIME, path)[1], _sides(weights, "out_layer.0.weight", path)[0])
        return Checkpoint("AnimeGANv2", spec, fitted(spec, weights, path), "eval", recipe=IMAGE_ITSELF, size=(512, 512))
    return _variant(weights, path)


def _style(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    found = {int(key[3:].split(".")[0]) for key in weights if re.match(r"res\d{1,2}\.conv1\.", key)}
    first = _sides(weights, STYLE, path)
    spec = StyleNet(max(1, len(found)), first[0], first[1], _sides(weights, "deconv3.conv2d.weight", path)[0])
    kept = {key: weight for key, weight in weights.items()  # instance norms of PyTorch before 0.4 saved statistics that were never used
            if not re.search(r"(^|\.)in\d\.(running_mean|running_var|num_batches_tracked)$", key)}
    return Checkpoint("fast neural style", spec, fitted(spec, kept, path), "eval", recipe=IMAGE_ITSELF)


def _variant(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    separable = any(SEPARABLE.match(key) for key in weights)
    numbers = sorted({int(key.split(".")[1]) for key in weights if re.match(r"model\.\d{1,3}\.conv_block\.", key)})
    if not numbers:
        raise ValueError(f"{path}: has no residual blocks, expected the generator of CUT or of GAN Compression")
    first = _sides(weights, FIRST, path)
    blur_down = "model.7.filt" in weights
    steps = 4 if blur_down else 3
    down = [_sides(weights, f"model.{4 + i * steps}.weight", path)[0] for i in range(2)]
    inner = [_sides(weights, f"model.{n}.conv_block.1.{'conv.2.' if separable else ''}weight", path)[0] for n in numbers]
    last = numbers[-1] + 1
    blur_up = f"model.{last}.filt" in weights
    first_up, each = (last + 1, 4) if blur_up else (last, 3)
    ups = [_sides(weights, f"model.{first_up + each * i}.weight", path)[0 if blur_up else 1] for i in range(2)]
    end = _sides(weights, f"model.{last + (8 if blur_up else 6) + 1}.weight", path)
    batch, bias = "model.2.weight" in weights, "model.1.bias" in weights
    second = weights.get(f"model.{numbers[0]}.conv_block.6.weight")  # one later with a dropout between
    dropout = not separable and second is not None and len(second.shape) == 4
    spec = ResNetVariant((first[0], *down, *inner, *ups), first[1], end[0], "batch" if batch else "instance",
                         None if bias != batch else bias, dropout, separable, blur_down, blur_up,
                         not batch or "model.2.running_mean" in weights)
    name = "GAN Compression, a mobile ResNet" if separable else "CUT"
    return Checkpoint(name, spec, fitted(spec, weights, path), "eval", recipe=None if separable else IMAGE_ITSELF)


def _sides(weights: Mapping[str, Weight], key: str, path: Path) -> tuple[int, ...]:
    shape = weights[key].shape if key in weights else ()
    if len(shape) != 4 or 0 in shape:
        raise ValueError(f"{path}: {key}: {list(shape) or 'missing'}, expected the weight of a convolution")
    return shape
