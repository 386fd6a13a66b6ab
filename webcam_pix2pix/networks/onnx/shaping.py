"""ONNX operators that move values about: functions of (node, tensors...) -> tensor.

Shapes, axes and the like come as lists of whole numbers (SHAPES says at which places), everything else as tensors.
"""

import itertools
import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from msa.onnxfile import Node

from .arithmetic import Function

PADS = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
DTYPES = {1: torch.float32, 2: torch.uint8, 3: torch.int8, 5: torch.int16, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float32,
          11: torch.float32, 16: torch.float32}  # of constants; all floats are float32


def _reshape(node: Node, x: Tensor, shape: list[int] | None = None) -> Tensor:
    shape = list(node.attributes["shape"] if shape is None else shape)
    keep_zero = node.attributes.get("allowzero")
    return x.reshape([x.shape[i] if side == 0 and not keep_zero else side for i, side in enumerate(shape)])


def _flatten(node: Node, x: Tensor) -> Tensor:
    axis = node.attributes.get("axis", 1)
    axis += x.dim() if axis < 0 else 0
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _transpose(node: Node, x: Tensor) -> Tensor:
    return x.permute(node.attributes.get("perm") or list(range(x.dim()))[::-1])


def _squeeze(node: Node, x: Tensor, axes: list[int] | None = None) -> Tensor:
    axes = node.attributes.get("axes") if axes is None else axes
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


def _unsqueeze(node: Node, x: Tensor, axes: list[int] | None = None) -> Tensor:
    axes = node.attributes["axes"] if axes is None else axes
    dims = x.dim() + len(axes)
    for axis in sorted(axis % dims for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(node: Node, *tensors: Tensor) -> Tensor:
    return torch.cat(tensors, node.attributes["axis"])


def _slice(node: Node, x: Tensor, starts: list[int] | None = None, ends: list[int] | None = None, axes: list[int] | None = None,
           steps: list[int] | None = None) -> Tensor:
    starts, ends = (node.attributes[name] if given is None else given for name, given in (("starts", starts), ("ends", ends)))
    axes = axes or node.attributes.get("axes") or list(range(len(starts)))
    for start, end, axis, step in zip(starts, ends, axes, steps or [1] * len(starts), strict=True):
        side = x.shape[axis]
        if step > 0:
            x = x[(slice(None),) * (axis % x.dim()) + (slice(*slice(start, end, step).indices(side)),)]
        else:  # torch has no steps back
            places = list(range(*slice(start, None if end < -side else end, step).indices(side)))
            x = x.flip(axis) if places == list(range(side))[::-1] else x.index_select(axis, torch.tensor(places, device=x.device))
    return x


def _gather(node: Node, x: Tensor, indices: Any) -> Tensor:
    axis = node.attributes.get("axis", 0) % x.dim()
    if not torch.is_tensor(indices):  # whole numbers of a constant
        indices = torch.tensor(indices, device=x.device)
    indices = indices.to(torch.int64)
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    return x.index_select(axis, indices.reshape(-1)).reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1:]])


def _expand(node: Node, x: Tensor, shape: list[int]) -> Tensor:
    return x.expand(torch.broadcast_shapes(x.shape, shape))


def _tile(node: Node, x: Tensor, repeats: list[int]) -> Tensor:
    return x.repeat(repeats)


def _pad(node: Node, x: Tensor, pads: Any = None, value: Any = None, axes: list[int] | None = None) -> Tensor:
    pads = node.attributes.get("pads", node.attributes.get("paddings")) if pads is None else pads
    value = node.attributes.get("value", 0.0) if value is None else value
    mode = PADS[node.attributes.get("mode", "constant")]
    if axes is not None:
        whole = [0] * (2 * x.dim())
        for i, axis in enumerate(axes):
            whole[axis % x.dim()], whole[axis % x.dim() + x.dim()] = pads[i], pads[i + len(axes)]
        pads = whole
    half = len(pads) // 2
    pairs = list(zip(pads[:half], pads[half:], strict=True))[::-1]
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    flat = list(itertools.chain(*pairs))
    if not flat:
        return x
    if mode == "constant":
        return F.pad(x, flat, value=float(value))
    if x.dim() == 4 and len(pairs) > 2:  # of NHWC: torch pads the last axes only
        if pairs[0] != (0, 0) or len(pairs) == 4:
            raise NotImplementedError
        return F.pad(x.permute(0, 3, 1, 2), [*pairs[1], *pairs[2]], mode=mode).permute(0, 2, 3, 1)
    return F.pad(x, flat, mode=mode)


def _depth_to_space(node: Node, x: Tensor) -> Tensor:
    block = node.attributes["blocksize"]
    if node.attributes.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, block)
    n, c, h, w = x.shape
    return x.reshape(n, block, block, c // block ** 2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // block ** 2, h * block, w * block)


def _space_to_depth(node: Node, x: Tensor) -> Tensor:
    block = node.attributes["blocksize"]
    n, c, h, w = x.shape[0], x.shape[1], x.shape[2] // block, x.shape[3] // block
    return x.reshape(n, c, h, block, w, block).permute(0, 3, 5, 1, 2, 4).reshape(n, c * block ** 2, h, w)


def _cast(node: Node, x: Tensor) -> Tensor:
    """The image itself stays a float: casting it to whole numbers cuts off what is behind the point."""
    kind = node.attributes["to"]
    if kind not in DTYPES:
        raise NotImplementedError
    if kind == 9:
        return x != 0
    wanted = DTYPES[kind]
    if not node.attributes.get("live"):
        return x.to(wanted)
    if wanted == torch.float32:
        return x if x.is_floating_point() else x.to(node.attributes.get("float", torch.float32))
    x = torch.trunc(x) if x.is_floating_point() else x
    return x.clamp(0, 255) if kind == 2 and x.is_floating_point() else x


def _constant_of_shape(node: Node, shape: list[int]) -> Tensor:
    value = node.attributes.get("value")
    return torch.zeros(shape) if value is None else torch.full(shape, value.reshape(-1)[0].item(), dtype=value.dtype)


def _range(node: Node, start: Any, end: Any, step: Any) -> Tensor:
    start, end, step = (v[0] if isinstance(v, list) else v for v in (start, end, step))
    return torch.arange(start, end, step)


def _one_hot(node: Node, indices: Tensor, depth: Any, values: Tensor) -> Tensor:
    count = depth[0] if isinstance(depth, list) else int(depth)
    found = F.one_hot(indices.to(torch.int64) % count, count)
    found = torch.where(found.bool(), values[1], values[0])
    return found.movedim(-1, node.attributes.get("axis", -1))


def _gather_elements(node: Node, x: Tensor, indices: Tensor) -> Tensor:
    return torch.gather(x, node.attributes.get("axis", 0), indices.to(torch.int64))


def _identity(node: Node, x: Tensor, *_: Any) -> Tensor:
    return x


def _fake_quantised(node: Node, x: Tensor, scale: Tensor, zero: Any = None) -> Tensor:
    """QuantizeLinear: the whole number, as a float where it belongs to the image."""
    low, high = (-128, 127) if torch.is_tensor(zero) and zero.dtype == torch.int8 else (0, 255)
    offset = 0 if zero is None else zero.float() if torch.is_tensor(zero) else zero
    return torch.clamp(torch.round(x / _along(scale, x, node)) + _along(offset, x, node), low, high)


def _dequantised(node: Node, x: Tensor, scale: Tensor, zero: Any = None) -> Tensor:
    x = x.float() if not x.is_floating_point() else x
    offset = 0 if zero is None else zero.float() if torch.is_tensor(zero) else zero
    return (x - _along(offset, x, node)) * _along(scale, x, node)


def _along(value: Any, x: Tensor, node: Node) -> Any:
    """A value for each channel, along its axis."""
    if not torch.is_tensor(value) or value.dim() == 0 or value.numel() == 1:
        return value
    axis = node.attributes.get("axis", 1) % x.dim()
    return value.reshape([-1 if i == axis else 1 for i in range(x.dim())])


SHAPES = {"Reshape": (1,), "Squeeze": (1,), "Unsqueeze": (1,), "Slice": (1, 2, 3, 4), "Expand": (1,), "Tile": (1,), "Pad": (1, 3),
          "ConstantOfShape": (0,), "Range": (0, 1, 2), "OneHot": (1,), "CumSum": (1,), "ReduceMean": (1,), "ReduceSum": (1,),
          "ReduceMax": (1,), "ReduceMin": (1,), "ReduceProd": (1,), "ReduceL2": (1,), "ReduceL1": (1,), "ReduceSumSquare": (1,),
          "Resize": (1, 2, 3), "Upsample": (1,), "Split": (1,)}
SHAPING: dict[str, Function] = {
    "Reshape": _reshape, "Flatten": _flatten, "Transpose": _transpose, "Squeeze": _squeeze, "Unsqueeze": _unsqueeze, "Concat": _concat,
    "Slice": _slice, "Gather": _gather, "Expand": _expand, "Tile": _tile, "Pad": _pad, "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth, "Cast": _cast, "ConstantOfShape": _constant_of_shape, "Range": _range, "OneHot": _one_hot,
    "GatherElements": _gather_elements, "Identity": _identity, "Dropout": _identity, "QuantizeLinear": _fake_quantised,
    "DequantizeLinear": _dequantised}
