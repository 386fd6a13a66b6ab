"""`.pict`: weights in one byte each, as affinelayer's export-checkpoint.py writes them for the browser demo and keijiro/Pix2Pix.

Three sections, each with its length in front (4 bytes, big-endian): JSON [{"name", "shape"}, ...]; 256 float32 values, little-endian;
one code per weight, all arrays one after the other. A weight is the value of its code.
"""

import functools
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from msa.files import write_atomic

from .. import Checkpoint
from ..weights import Weight
from . import affinelayer

MU = 255  # of the mu-law that spaces the values: fine around zero, coarse at the ends


def read(path: Path) -> Checkpoint:
    """The generator; as the readers of this format run it: without dropout. Raises OSError or ValueError."""
    shapes, values, codes = _sections(path)
    if values.size != 256 or not np.isfinite(values).all():
        raise ValueError(f"{path}: {values.size} values in the table, expected 256 numbers")
    affinelayer.check_names((name for name, _ in shapes), path, alone=True)
    arrays, position = {}, 0
    for name, shape in shapes:
        size = math.prod(shape)
        if affinelayer.VARIABLE.match(name):  # moving averages are in the file, and never used
            arrays[name] = Weight(shape, functools.partial(_decoded, values, codes[position:position + size], shape))
        position += size
    if not arrays:
        raise ValueError(f"{path}: no generator in this file")
    return affinelayer.from_arrays(arrays, path, "batch", ".pict")


def _decoded(values: np.ndarray, codes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return values[codes].reshape(shape)


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write variables (float32, by TensorFlow name). Up to 256 different values are kept exactly, more are rounded to a mu-law table.

    A file of that name is replaced whole or not at all.
    """
    names = sorted(arrays)
    flat = np.concatenate([np.asarray(arrays[name], np.float32).ravel() for name in names])
    values = table(flat)
    description = json.dumps([{"name": name, "shape": list(arrays[name].shape)} for name in names]).encode()
    sections = (description, values.astype("<f4").tobytes(), quantised(flat, values).tobytes())
    write_atomic(path, b"".join(struct.pack(">I", len(section)) + section for section in sections))


def table(weights: np.ndarray) -> np.ndarray:
    """256 ascending values that stand for `weights` (any number of float32)."""
    distinct = np.unique(weights[:1 << 20])
    if distinct.size <= 256:
        distinct = np.unique(weights)
    if distinct.size <= 256:
        return np.concatenate([distinct, np.full(256 - distinct.size, distinct[-1])]).astype(np.float32)
    largest = float(np.abs(weights).max())
    levels = np.linspace(_compressed(weights.min() / largest), _compressed(weights.max() / largest), 256)
    return (np.sign(levels) * np.expm1(np.abs(levels) * np.log1p(MU)) / MU * largest).astype(np.float32)


def quantised(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The code of the nearest of `values` (ascending) for each weight: uint8."""
    codes = np.empty(weights.size, np.uint8)
    between = (values[:-1] + values[1:]) / 2
    for start in range(0, weights.size, 1 << 22):  # in pieces: searchsorted gives 8 bytes per weight
        codes[start:start + (1 << 22)] = np.searchsorted(between, weights[start:start + (1 << 22)], side="right")
    return codes


def _compressed(x: float) -> float:
    return float(np.sign(x) * np.log1p(MU * abs(x)) / np.log1p(MU))


def _sections(path: Path) -> tuple[list[tuple[str, tuple[int, ...]]], np.ndarray, np.ndarray]:
    """(names and shapes, table, codes), all lengths checked before anything is taken from them."""
    data = np.fromfile(path, np.uint8)
    parts, position = [], 0
    for what in ("shapes", "values", "codes"):
        length = int.from_bytes(data[position:position + 4].tobytes(), "big")
        position += 4
        if position + length > data.size:
            raise ValueError(f"{path}: the section of the {what} claims {length} bytes, the file ends after {max(0, data.size - position)}")
        parts.append(data[position:position + length])
        position += length
    if parts[1].size % 4:
        raise ValueError(f"{path}: {parts[1].size} bytes in the table of values, expected 1024")
    try:
        shapes = [_named_shape(entry) for entry in json.loads(parts[0].tobytes())]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError(f"{path}: damaged description of the weights, expected names and shapes") from None
    if len({name for name, _ in shapes}) != len(shapes):
        raise ValueError(f"{path}: two weights of the same name")
    claimed = sum(math.prod(shape) for _, shape in shapes)
    if claimed != parts[2].size:
        raise ValueError(f"{path}: the shapes need {claimed:.6g} codes, the file holds {parts[2].size}")
    return shapes, np.frombuffer(parts[1].tobytes(), "<f4"), parts[2]


def _named_shape(entry: dict) -> tuple[str, tuple[int, ...]]:
    name, shape = entry["name"], entry["shape"]
    if not isinstance(name, str) or len(shape) > 8 or not all(type(n) is int and 0 <= n < 1 << 40 for n in shape):
        raise ValueError
    return name, tuple(shape)
