"""Weights of joshmurr's cci-auto-pix2pix, a Keras U-Net that paints from a blurred grey image -> our weights."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from webcam_pix2pix.specs import UNet

from .. import Checkpoint
from ..weights import Weight, fitted, permuted

FORMAT = "cci-auto-pix2pix"
VARIABLE = re.compile(r"generator/layer_with_weights-(\d{1,3})/(?:layer_with_weights-\d{1,3}/)?"
                      r"(kernel|bias|gamma|beta|moving_mean|moving_variance)/\.ATTRIBUTES/VARIABLE_VALUE$")
PARTS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def check_names(names: Iterable[str], path: Path) -> None:
    """Raises ValueError for a variable of the generator that no layer uses; what optimizers keep of each (slots) is left alone."""
    for name in names:
        if name.startswith("generator/layer_with_weights-") and not VARIABLE.match(name) and ".OPTIMIZER_SLOT" not in name:
            raise ValueError(f"{path}: {name:.80} is no weight of the generator of {FORMAT}")


def from_arrays(arrays: Mapping[str, Weight], path: Path) -> Checkpoint:
    """From the variables of a TF 2 object checkpoint, by name; as its training figures show it: with dropout."""
    layers: dict[int, dict[str, Weight]] = {}
    for name, array in arrays.items():
        if match := VARIABLE.match(name):
            layers.setdefault(int(match[1]), {})[match[2]] = array
    return from_layers([layers[n] for n in sorted(layers)], path, "TF 2 checkpoint", "paper")


def from_layers(layers: list[dict[str, Weight]], path: Path, kind: str, norm_mode: str) -> Checkpoint:
    """From the layers that have weights, in order: as many going down as going up. Raises ValueError."""
    depth = len(layers) // 2
    if len(layers) % 2 or depth < 2 or any("kernel" not in layer or len(layer["kernel"].shape) != 4 for layer in layers):
        raise ValueError(f"{path}: {len(layers)} layers with weights, expected the convolutions of a Keras U-Net")
    first, deepest, last = layers[0]["kernel"].shape, layers[depth - 1]["kernel"].shape, layers[-1]["kernel"].shape
    spec = UNet(depth, first[3], first[2], last[2], widest=deepest[3], order="up_first",
                activation="after", slope=0.3, norm_eps=1e-3, bottleneck_norm=True, dropout_levels=tuple(range(max(1, depth - 3), depth)))
    weights = {}
    for number, layer in enumerate(layers):
        level, role = (number, "down") if number < depth else (2 * depth - 1 - number, "up")
        names = spec.names()[level]
        for part, array in layer.items():
            if part == "kernel":
                weights[f"{names[role]}.weight"] = permuted(array, 3, 2, 0, 1)
            elif part == "bias":
                weights[f"{names[role]}.bias"] = permuted(array)
            else:
                if f"{role}_norm" not in names:
                    raise ValueError(f"{path}: layer {number} has a norm, expected none")
                weights[f"{names[f'{role}_norm']}.{PARTS[part]}"] = permuted(array)
    return Checkpoint(f"{FORMAT} {kind}", spec, fitted(spec, weights, path), norm_mode)
