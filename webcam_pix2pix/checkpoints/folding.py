"""Spectral norm and weight norm folded into the weights they belong to: a generator that was trained with them runs without them.

PyTorch stores both in two forms: as buffers beside the weight (weight_orig, weight_u, weight_v; weight_g, weight_v), and since 1.9 as
parametrizations (parametrizations.weight.original, .0._u, .0._v; .original0, .original1).
"""

import re
from collections.abc import Mapping
from typing import Any

from .weights import Weight

SPECTRAL = re.compile(r"(?P<layer>.+\.|)(?:weight_orig|parametrizations\.weight\.original)$")
DIRECTION = re.compile(r"(?P<layer>.+\.|)(?:weight_v|parametrizations\.weight\.original1)$")  # of weight norm; weight_g is the length


def folded(weights: Mapping[str, Weight]) -> tuple[dict[str, Weight], str]:
    """The weights with both norms folded in, and what was done, for people ("" for nothing). What belongs to no norm stays as it is."""
    result, done = dict(weights), set()
    for key in weights:
        if match := SPECTRAL.match(key):
            layer, new = match["layer"], key.endswith("original")
            u, v = (f"{layer}parametrizations.weight.0._{x}" if new else f"{layer}weight_{x}" for x in "uv")
            if u in weights and len(weights[u].shape) == 1:
                result[f"{layer}weight"] = _spectral(result.pop(key), result.pop(u), result.pop(v, None))
                done.add("spectral norm")
        elif match := DIRECTION.match(key):
            layer, new = match["layer"], key.endswith("original1")
            g = f"{layer}parametrizations.weight.original0" if new else f"{layer}weight_g"
            if g in weights and f"{layer}weight_orig" not in weights:
                result[f"{layer}weight"] = _weight_norm(result.pop(key), result.pop(g))
                done.add("weight norm")
    return result, " and ".join(sorted(done))


def _spectral(weight: Weight, u: Weight, v: Weight | None) -> Weight:
    """weight / sigma, where sigma is the largest singular value as training last estimated it."""

    def load() -> Any:
        import torch
        full, left = weight.load().float(), u.load().float()
        right = None if v is None else v.load().float()
        best = None
        for axis in (0, 1):  # of the outputs: 1 in transposed convolutions
            if full.shape[axis] != len(left):
                continue
            matrix = full.transpose(0, axis).flatten(1)
            across = torch.mv(matrix.t(), left) if right is None else right
            if len(across) != matrix.shape[1]:
                continue
            if right is None:  # PyTorch 0.4 stored u alone
                across = across / across.norm().clamp_min(1e-12)
            image = torch.mv(matrix, across)
            fit = float(torch.dot(left, image) / image.norm().clamp_min(1e-12))  # 1 where this is the axis
            if best is None or fit > best[0]:
                best = fit, torch.dot(left, image)
        if best is None:
            raise ValueError(f"a spectral norm of {len(left)} values does not fit a weight of shape {list(full.shape)}")
        return full / best[1]

    return Weight(weight.shape, load)


def _weight_norm(direction: Weight, length: Weight) -> Weight:
    """length * direction / |direction|, along the axes where the length has more than one value."""

    def load() -> Any:
        import torch
        along, size = direction.load().float(), length.load().float()
        axes = [i for i in range(along.dim()) if i >= size.dim() or size.shape[i] == 1]
        return along * (size / torch.linalg.vector_norm(along, dim=axes, keepdim=True).clamp_min(1e-12))

    return Weight(direction.shape, load)
