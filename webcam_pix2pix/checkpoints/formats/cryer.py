"""Weights of cryer/pix2pix: a U-Net with instance norm that ends in nearest upsampling and a convolution."""

import re
from collections.abc import Mapping
from pathlib import Path

from webcam_pix2pix.specs import UNet

from .. import Checkpoint
from ..weights import Weight, fitted

FORMAT = "cryer/pix2pix"
KEY = re.compile(r"(?:module\.)?(?:(downsample|upsample)(\d+)\.model\.0\.weight|final\.2\.(weight|bias))$")


def recognises(weights: Mapping[str, Weight]) -> bool:
    """Whether the names of the weights are those of cryer/pix2pix."""
    return any(KEY.match(key) and "downsample" in key for key in weights)


def from_weights(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    """The generator in a state dict of 17 weights (8 levels; other depths alike). Raises ValueError."""
    found: dict[tuple[str, int], Weight] = {}
    for key, weight in weights.items():
        match = KEY.match(key)
        if match is None:
            if not re.search(r"\.(running_mean|running_var|num_batches_tracked)$", key):  # of instance norms, never used
                raise ValueError(f"{path}: {key:.80} is in no generator of {FORMAT}")
            continue
        if match[1] and len(weight.shape) != 4:
            raise ValueError(f"{path}: {key} has shape {list(weight.shape)}, expected the weight of a convolution")
        found[(match[1], int(match[2][:4])) if match[1] else (match[3], 0)] = weight
    depth = sum(kind == "downsample" for kind, _ in found)
    try:
        downs = [found["downsample", n + 1] for n in range(depth)]
        ups = [found["upsample", depth - n] for n in range(1, depth)]  # of level 1, 2, ...
        last, last_bias = found["weight", 0], found["bias", 0]
    except KeyError as error:
        raise ValueError(f"{path}: {error.args[0][0]}{error.args[0][1]} is missing, expected downsample1.., upsample1.., final.2") from None
    if depth < 2 or len(last.shape) != 4:
        raise ValueError(f"{path}: {depth} levels, expected the convolutions of a generator")
    spec = UNet(depth, downs[0].shape[0], downs[0].shape[1], last.shape[0], "instance", widest=downs[-1].shape[0], order="up_first",
                activation="after", bias=False, last_resize=True, dropout_levels=tuple(range(max(1, depth - 4), depth)))
    names = spec.names()
    ours = {f"{names[n]['down']}.weight": weight for n, weight in enumerate(downs)}
    ours |= {f"{names[n]['up']}.weight": weight for n, weight in enumerate(ups, 1)}
    ours |= {f"{names[0]['up']}.weight": last, f"{names[0]['up']}.bias": last_bias}
    return Checkpoint(FORMAT, spec, fitted(spec, ours, path), "paper")
