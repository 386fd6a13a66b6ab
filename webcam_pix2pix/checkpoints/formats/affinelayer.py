"""Variables of affinelayer's pix2pix-tensorflow (and memo's webcam program, which trains with it) -> our weights.

Layout A (2017) names conv/filter and batchnorm/offset, has no biases; B (from 2017-12-28) names conv2d/kernel and
batch_normalization/beta; C is B with separable convolutions. All of them always use the statistics of the image at hand: B and C carry
moving averages that were never updated. The innermost norm sees 1x1 maps, so the bottleneck is a constant.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from webcam_pix2pix.model import DIRECTIONS
from webcam_pix2pix.specs import UNet

from .. import Checkpoint
from ..weights import Weight, fitted, permuted

FORMAT = "pix2pix-tensorflow"
VARIABLE = re.compile(r"generator/(encoder|decoder)_(\d{1,2})/(?:(?:conv|deconv|conv2d|conv2d_transpose|separable_conv2d)/"
                      r"(filter|kernel|bias|depthwise_kernel|pointwise_kernel)|(?:batchnorm|batch_normalization)/(offset|scale|beta|gamma))$")
UNUSED = re.compile(r"moving_(mean|variance)$|/(Adam|RMSProp|Momentum|ExponentialMovingAverage)(_\d)?$")  # of training
PARTS = {"filter": "kernel", "offset": "bias", "beta": "bias", "scale": "weight", "gamma": "weight"}  # ours, or those of layout B


def from_arrays(arrays: Mapping[str, Weight], path: Path, norm_mode: str = "paper", kind: str = "") -> Checkpoint:
    """The generator from variables (numpy weights) by name. Raises ValueError naming the file and what does not fit."""
    layers: dict[tuple[str, int, str, str], Weight] = {}
    for name, array in arrays.items():
        match = VARIABLE.match(name)
        if match is None:
            continue
        part = match[3] or match[4]
        layers[match[1], int(match[2]), "norm" if match[4] else "conv", PARTS.get(part, part)] = array
    spec = _infer(layers, path)
    letter = "C" if spec.separable else "B" if spec.last_bias else "A"
    names, weights = spec.names(), {}
    for (side, number, layer, part), array in layers.items():
        if number > spec.depth:
            raise ValueError(f"{path}: {side}_{number} does not belong to {spec.depth} levels")
        role = ("down" if side == "encoder" else "up") + ("_norm" if layer == "norm" else "")
        if role not in names[number - 1]:
            raise ValueError(f"{path}: {side}_{number} has a norm, expected none")
        try:
            key, weight = _weight(names[number - 1][role], layer, part, array, spec.separable)
        except ValueError as error:
            raise ValueError(f"{path}: {side}_{number}: {error}") from None
        weights[key] = weight
    notes, direction = _compared(spec, path)
    return Checkpoint(f"{FORMAT} {kind or f'layout {letter}'}", spec, fitted(spec, weights, path), norm_mode, notes, direction=direction)


def check_names(names: Iterable[str], path: Path, alone: bool = False) -> None:
    """Raises ValueError for a variable of the generator that no layer uses: under another name than expected, its own is missing.

    alone: the file holds nothing but the generator, so that any other name is foreign.
    """
    for name in names:
        if not VARIABLE.match(name) and not UNUSED.search(name) and (alone or name.startswith("generator/")):
            raise ValueError(f"{path}: {name:.80} is no weight of the generator of {FORMAT}")


def _infer(layers: Mapping[tuple[str, int, str, str], Weight], path: Path) -> UNet:
    depth = max((number for side, number, *_ in layers if side == "encoder"), default=0)
    separable = ("encoder", 1, "conv", "depthwise_kernel") in layers
    kernel = "pointwise_kernel" if separable else "kernel"
    shapes = {}
    for side, number in (("encoder", 1), ("encoder", depth), ("decoder", 1)):
        array = layers.get((side, number, "conv", kernel))
        if array is None or len(array.shape) != 4:
            raise ValueError(f"{path}: generator/{side}_{number} is missing or no convolution")
        shapes[side, number] = array.shape
    first, deepest, last = shapes["encoder", 1], shapes["encoder", depth], shapes["decoder", 1]
    biased = ("encoder", 1, "conv", "bias") in layers
    if biased != (("decoder", 1, "conv", "bias") in layers):
        raise ValueError(f"{path}: generator/{'decoder_1' if biased else 'encoder_1'}: the bias is missing, the other layers have one")
    in_channels = layers["encoder", 1, "conv", "depthwise_kernel"].shape[2] if separable else first[2]
    norm = "batch" if any(layer == "norm" for _, _, layer, _ in layers) else "none"
    return UNet(depth, first[3], in_channels, last[3] if separable else last[2], norm, widest=deepest[3],
                order="up_first", running_stats=False, bottleneck_norm=("encoder", depth, "norm", "weight") in layers,
                bias=True if biased else None, last_bias=biased,
                separable=separable, dropout_levels=tuple(range(max(1, depth - 3), depth)))


def _weight(name: str, layer: str, part: str, array: Weight, separable: bool) -> tuple[str, Weight]:
    """Our name and weight. Encoders are [h,w,in,out] -> (out,in,h,w), decoders [h,w,out,in] -> (in,out,h,w), depthwise [h,w,in,1]."""
    if part == "kernel":
        return f"{name}.weight", permuted(array, 3, 2, 0, 1)
    if part == "depthwise_kernel":
        return f"{name}.depthwise.weight", permuted(array, 2, 3, 0, 1)
    if part == "pointwise_kernel":
        return f"{name}.pointwise.weight", permuted(array, 3, 2, 0, 1)
    return f"{name}.pointwise.bias" if separable and layer == "conv" else f"{name}.{part}", permuted(array)


def _compared(spec: UNet, path: Path) -> tuple[tuple[str, ...], str | None]:
    """What options.json beside the weights says differently, and the direction that the network was trained in."""
    file = (path if path.is_dir() else path.parent) / "options.json"
    try:
        options = json.loads(file.read_text(encoding="utf-8")) if file.stat().st_size < 1 << 20 else {}
    except (OSError, ValueError, RecursionError):
        return (), None
    if not isinstance(options, dict):
        return (), None
    found = {"ngf": spec.ngf, "separable_conv": spec.separable}
    notes = [f"options.json says {key} {options[key]!r:.40}, the weights say {value}" for key, value in found.items()
             if key in options and options[key] != value]
    if options.get("lab_colorization") is True:
        notes.append("a colourisation model: lightness in, the a and b of Lab out")
    direction = options.get("which_direction")
    return tuple(notes), direction if direction in DIRECTIONS else None
