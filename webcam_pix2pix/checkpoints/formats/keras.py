"""Keras .h5 files of cci-auto-pix2pix. HDF5 can point to other files and unpack without end: plain data of this file only."""

import functools
from pathlib import Path

import h5py
import numpy as np

from .. import Checkpoint
from ..weights import Weight
from . import cciauto

PARTS = ("kernel", "bias", *cciauto.PARTS)


def read(path: Path) -> Checkpoint:
    """The generator; as Keras and tfjs run it: with running statistics. Raises OSError or ValueError."""
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            names = root.attrs["layer_names"] if "layer_names" in root.attrs else list(root)
            if len(names) > 1000:
                raise ValueError(f"{len(names)} layers")
            layers = [_layer(root, name if isinstance(name, str) else bytes(name).decode(), path) for name in names]
    except (OSError, KeyError, RuntimeError, TypeError, AttributeError, UnicodeDecodeError, ValueError) as error:
        text = str(error).strip("'\" ").splitlines()[0][:160] if str(error) else type(error).__name__
        raise ValueError(text if text.startswith(str(path)) else f"{path}: not a readable Keras file: {text}") from None
    layers = [layer for layer in layers if layer]
    return cciauto.from_layers(layers, path, ".h5", "eval")


def _layer(root: h5py.Group, name: str, path: Path) -> dict[str, Weight]:
    """The weights of one layer, and of the layers inside it, by what they are."""
    found: dict[str, Weight] = {}
    _collect(root, name, found, path, 0)
    return found


def _collect(group: h5py.Group, name: str, found: dict[str, Weight], path: Path, depth: int) -> None:
    if not isinstance(group.get(name, getlink=True), h5py.HardLink) or depth > 8:
        raise ValueError(f"{path}: {name:.80} points elsewhere, expected weights in this file")
    node = group[name]
    if isinstance(node, h5py.Group):
        for child in list(node)[:100]:
            _collect(node, child, found, path, depth + 1)
        return
    part = name.rpartition("/")[2].removesuffix(":0")
    if part not in PARTS:
        raise ValueError(f"{path}: {node.name}: {part:.40} is not a weight of a generator, expected one of {', '.join(PARTS)}")
    if part in found:
        raise ValueError(f"{path}: {node.name}: a second {part} in one layer")
    if node.dtype != np.float32 or node.ndim not in (1, 4):
        raise ValueError(f"{path}: {node.name}: {node.dtype} of shape {list(node.shape)}, expected float32 weights")
    if node.chunks is not None or node.is_virtual or node.external or node.nbytes > path.stat().st_size:
        raise ValueError(f"{path}: {node.name}: compressed or outside of this file, expected uncompressed values")
    found[part] = Weight(node.shape, functools.partial(_values, path, node.name))


def _values(path: Path, name: str) -> np.ndarray:
    try:
        with h5py.File(path, "r") as file:
            return file[name][()]
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path}: not a readable Keras file: {error}") from None
