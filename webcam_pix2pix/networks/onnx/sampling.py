"""ONNX operators that look at neighbouring pixels: pooling, resizing, and convolutions whose weights are not fixed."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from msa.onnxfile import Node

from .arithmetic import Function


def padding(node: Node, sides: tuple[int, ...], kernel: tuple[int, ...]) -> list[tuple[int, int]]:
    """Pixels before and after, for each axis, as `pads` or `auto_pad` say."""
    given = node.attributes.get("pads") or [0] * (2 * len(kernel))
    how = node.attributes.get("auto_pad", "NOTSET") or "NOTSET"
    if how in ("NOTSET", "VALID"):
        half = len(given) // 2
        return list(zip(given[:half], given[half:], strict=True)) if how == "NOTSET" else [(0, 0)] * len(kernel)
    found = []
    for side, taps, stride, dilation in zip(sides, kernel, strides(node, len(kernel)), dilations(node, len(kernel)), strict=True):
        total = max(0, (math.ceil(side / stride) - 1) * stride + dilation * (taps - 1) + 1 - side)
        first = total // 2 if how == "SAME_UPPER" else total - total // 2
        found.append((first, total - first))
    return found


def strides(node: Node, axes: int) -> list[int]:
    """Pixels from one window to the next, for each axis."""
    return node.attributes.get("strides") or [1] * axes


def dilations(node: Node, axes: int) -> list[int]:
    """Pixels from one tap to the next, for each axis."""
    return node.attributes.get("dilations") or [1] * axes


def flat(pairs: list[tuple[int, int]]) -> list[int]:
    """As F.pad wants it: the last axis first."""
    return [n for pair in reversed(pairs) for n in pair]


def _max_pool(node: Node, x: Tensor) -> Tensor:
    kernel = tuple(node.attributes["kernel_shape"])
    pairs = padding(node, tuple(x.shape[2:]), kernel)
    if any(n for pair in pairs for n in pair):
        x = F.pad(x, flat(pairs), value=-3e38)
    return F.max_pool2d(x, kernel, strides(node, 2), 0, dilations(node, 2), bool(node.attributes.get("ceil_mode")))


def _average_pool(node: Node, x: Tensor) -> Tensor:
    kernel = tuple(node.attributes["kernel_shape"])
    pairs = padding(node, tuple(x.shape[2:]), kernel)
    counted = bool(node.attributes.get("count_include_pad"))
    if node.attributes.get("dilations", [1, 1]) != [1, 1]:
        raise NotImplementedError
    even = all(a == b for a, b in pairs)
    if even and all(2 * a <= k for (a, _), k in zip(pairs, kernel, strict=True)):
        return F.avg_pool2d(x, kernel, strides(node, 2), [a for a, _ in pairs], bool(node.attributes.get("ceil_mode")), counted)
    if node.attributes.get("ceil_mode"):
        raise NotImplementedError
    total = F.avg_pool2d(F.pad(x, flat(pairs)), kernel, strides(node, 2))
    if counted:
        return total
    ones = F.pad(torch.ones_like(x[:, :1]), flat(pairs))
    return total / F.avg_pool2d(ones, kernel, strides(node, 2))


def _global_average(node: Node, x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


def _global_max(node: Node, x: Tensor) -> Tensor:
    return x.amax((2, 3), keepdim=True)


def _resize(node: Node, x: Tensor, region: Any = None, scales: Any = None, sizes: Any = None) -> Tensor:
    """Resize. The factors that ONNX is given, and with it the places of the pixels, need not be those of whole sides."""
    if node.attributes["opset"] < 11:  # (x, scales)
        region, scales = None, region
    factors, size = _measures(x, scales, sizes, node)
    return _resampled(x, node, factors, size)


def _upsample(node: Node, x: Tensor, scales: Any = None) -> Tensor:
    factors, size = _measures(x, node.attributes.get("scales") if scales is None else scales, None, node)
    return _resampled(x, node, factors, size, "asymmetric")


def _measures(x: Tensor, scales: Any, sizes: Any, node: Node) -> tuple[list[float], list[int]]:
    axes = node.attributes.get("axes") or list(range(x.dim()))
    if sizes:
        size = list(x.shape)
        for axis, side in zip(axes, sizes, strict=True):
            size[axis] = int(side)
        if node.attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
            raise NotImplementedError
        return [out / side for out, side in zip(size, x.shape, strict=True)], size
    factors = [1.0] * x.dim()
    for axis, factor in zip(axes, scales, strict=True):
        factors[axis] = float(factor)
    return factors, [math.floor(side * factor) for side, factor in zip(x.shape, factors, strict=True)]


def _resampled(x: Tensor, node: Node, factors: list[float], size: list[int], usual: str = "half_pixel") -> Tensor:
    mode, where = node.attributes.get("mode", "nearest"), node.attributes.get("coordinate_transformation_mode", usual)
    rounding = node.attributes.get("nearest_mode", "round_prefer_floor" if usual == "half_pixel" else "floor")
    if list(x.shape) == size:
        return x
    if node.attributes.get("antialias"):
        raise NotImplementedError
    if [x.dim(), size[0], size[3] if x.dim() == 4 else 0] == [4, x.shape[0], x.shape[3]] and size[1] != x.shape[1]:  # NHWC
        order = [factors[0], factors[3], factors[1], factors[2]], [size[0], size[3], size[1], size[2]]
        return _resampled(x.permute(0, 3, 1, 2), node, *order, usual).permute(0, 2, 3, 1)
    if x.dim() != 4 or size[:2] != list(x.shape[:2]):
        raise NotImplementedError
    if mode == "linear" and where in ("half_pixel", "pytorch_half_pixel") and _whole(x, factors, size) and min(size[2:]) > 1:
        return F.interpolate(x, size[2:], mode="bilinear", align_corners=False)
    if mode == "linear" and where == "align_corners":
        return F.interpolate(x, size[2:], mode="bilinear", align_corners=True)
    if mode == "cubic" and where in ("half_pixel", "pytorch_half_pixel") and _whole(x, factors, size) and abs(
            node.attributes.get("cubic_coeff_a", -0.75) + 0.75) < 1e-6 and not node.attributes.get("exclude_outside"):
        return F.interpolate(x, size[2:], mode="bicubic", align_corners=False)
    if mode == "nearest" and all(f == int(f) for f in factors[2:]) and (
            (where == "asymmetric" and rounding == "floor") or (where == "half_pixel" and rounding.startswith("round"))):
        if factors[2] == factors[3]:
            return F.interpolate(x, scale_factor=int(factors[2]), mode="nearest")
        return F.interpolate(x, size[2:], mode="nearest")
    if mode == "cubic":
        raise NotImplementedError
    for axis in (2, 3):
        if size[axis] != x.shape[axis]:
            x = _along(x, axis, size[axis], factors[axis], mode, where, rounding)
    return x


def _whole(x: Tensor, factors: list[float], size: list[int]) -> bool:
    """Whether the factors are exactly those that the sides give."""
    return all(abs(out - side * factor) < 1e-4 for out, side, factor in zip(size, x.shape, factors, strict=True))


def _along(x: Tensor, axis: int, size: int, factor: float, mode: str, where: str, rounding: str) -> Tensor:
    """One axis at a time: any place of the pixels, nearest or linear."""
    side = x.shape[axis]
    place = torch.arange(size, device=x.device, dtype=torch.float32)
    if where == "asymmetric":
        place = place / factor
    elif where == "align_corners":
        place = place * ((side - 1) / max(1, size - 1))
    elif where in ("half_pixel", "pytorch_half_pixel"):
        place = torch.zeros_like(place) if where == "pytorch_half_pixel" and size == 1 else (place + 0.5) / factor - 0.5
    else:
        raise NotImplementedError
    if mode == "nearest":
        rounded = {"floor": torch.floor, "ceil": torch.ceil, "round_prefer_floor": lambda p: torch.ceil(p - 0.5),
                   "round_prefer_ceil": lambda p: torch.floor(p + 0.5)}[rounding]
        return x.index_select(axis, rounded(place).clamp(0, side - 1).to(torch.int64))
    if mode != "linear":
        raise NotImplementedError
    place = place.clamp(0, side - 1)
    first = place.floor().to(torch.int64)
    share = (place - first).to(x.dtype).reshape([-1 if i == axis else 1 for i in range(x.dim())])
    return torch.lerp(x.index_select(axis, first), x.index_select(axis, (first + 1).clamp_max(side - 1)), share)


def _conv(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A convolution whose weights come out of the network itself."""
    pairs = padding(node, tuple(x.shape[2:]), tuple(weight.shape[2:]))
    return F.conv2d(F.pad(x, flat(pairs)), weight, bias, strides(node, 2), 0, dilations(node, 2), node.attributes.get("group", 1))


SAMPLING: dict[str, Function] = {"MaxPool": _max_pool, "AveragePool": _average_pool, "GlobalAveragePool": _global_average,
                                 "GlobalMaxPool": _global_max, "Resize": _resize, "Upsample": _upsample, "Conv": _conv}
