"""MindSpore .ckpt files of its pix2pix: protobuf, read without MindSpore."""

import functools
import math
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from msa.protobuf import fields
from webcam_pix2pix.specs import UNet

from .. import Checkpoint
from ..weights import Weight, fitted, permuted
from . import junyanz

FORMAT = "MindSpore pix2pix"
ROOT = "model.model."  # what the wrapper cells put in front of it differs from file to file
PARTS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
DTYPES: dict[str, np.dtype] = {"Float32": np.dtype("<f4"), "Float16": np.dtype("<f2"), "Float64": np.dtype("<f8")}
TRAILER = 17  # bytes: crc_num and the checksum in 10 bytes, big-endian


def read(path: Path) -> Checkpoint:
    """The generator; as eval.py runs it: with the statistics of the image. Raises OSError or ValueError."""
    data = memoryview(np.fromfile(path, np.uint8))  # type: ignore[arg-type]
    try:
        weights = _weights(_without_trailer(data))
    except ValueError as error:
        raise ValueError(f"{path}: damaged MindSpore file: {error}") from None
    if not weights:
        raise ValueError(f"{path}: no pix2pix generator in this MindSpore file")
    spec = junyanz.infer(weights, path)
    if not isinstance(spec, UNet):
        raise ValueError(f"{path}: not the U-Net of MindSpore's pix2pix")
    spec = replace(spec, order="up_first", dropout=False)
    return Checkpoint(FORMAT, spec, fitted(spec, weights, path), "batch")


def _without_trailer(data: memoryview) -> memoryview:
    end = len(data) - TRAILER
    if end < 0 or bytes(data[end:end + 7]) != b"crc_num":
        return data
    if zlib.crc32(data[:end]) != int.from_bytes(data[end + 7:], "big"):
        raise ValueError("its checksum does not fit")
    return data[:end]


def _weights(data: memoryview) -> dict[str, Weight]:
    """By our names; a tensor of more than 512 MiB comes in several pieces."""
    pieces: dict[str, list[np.ndarray]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for number, value in fields(data):
        name, shape, array = _value(value) if number == 1 and not isinstance(value, int) else ("", (), None)
        _, root, rest = name.partition(ROOT)
        if not root or array is None:
            continue
        layer, _, part = rest.rpartition(".")
        key = f"{root}{layer}.{PARTS.get(part, part)}"
        if shapes.setdefault(key, shape) != shape:
            raise ValueError(f"{name:.80} comes with two shapes")
        pieces.setdefault(key, []).append(array)
    weights = {}
    for key, arrays in pieces.items():
        if sum(a.size for a in arrays) != math.prod(shapes[key]):
            raise ValueError(f"{key} claims the shape {list(shapes[key])}, the file holds {sum(a.size for a in arrays)} values")
        weights[key] = permuted(Weight(shapes[key], functools.partial(_joined, arrays, shapes[key])))
    return weights


def _joined(arrays: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    return (np.concatenate(arrays) if len(arrays) > 1 else arrays[0]).reshape(shape)


def _value(message: bytes | memoryview) -> tuple[str, tuple[int, ...], np.ndarray | None]:
    """(name, shape, values) of one entry; None for what is no tensor of floats."""
    name, shape, kind, content = "", [], "", None
    for number, value in fields(message):
        if number == 1 and not isinstance(value, int):
            name = bytes(value[:1000]).decode("utf-8", "replace")
        elif number == 2 and not isinstance(value, int):
            for n, v in fields(value):
                if n == 1:
                    shape.append(v if isinstance(v, int) else -1)
                elif n == 2 and not isinstance(v, int):
                    kind = bytes(v[:40]).decode("ascii", "replace")
                elif n == 3 and not isinstance(v, int):
                    content = v
    dtype = DTYPES.get(kind)
    if content is None or dtype is None or len(content) % dtype.itemsize:
        return name, (), None
    return name, () if shape == [0] else tuple(shape), np.frombuffer(content, dtype)
