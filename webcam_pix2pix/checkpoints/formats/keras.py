"""Keras .h5 files of cci-auto-pix2pix. HDF5 can point to other files and unpack without end: plain data of this file only.

Some damaged files hold the HDF5 library in an endless loop, which nothing in this process could end: another one reads the headers first.
"""

import contextlib
import functools
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

from .. import Checkpoint
from ..weights import Weight
from . import cciauto

PARTS = ("kernel", "bias", *cciauto.PARTS)
HEADERS_S = 2  # of processor time; those of a good file take some milliseconds
PATIENCE_S = 60.0  # where processor time cannot be limited


def read(path: Path) -> Checkpoint:
    """The generator; as Keras and tfjs run it: with running statistics. Raises OSError or ValueError."""
    _check_headers(path)
    try:
        layers = _layers(path)
    except (OSError, KeyError, RuntimeError, TypeError, AttributeError, UnicodeDecodeError, ValueError) as error:
        text = str(error).strip("'\" ").splitlines()[0][:160] if str(error) else type(error).__name__
        raise ValueError(text if text.startswith(str(path)) else f"{path}: not a readable Keras file: {text}") from None
    return cciauto.from_layers([layer for layer in layers if layer], path, ".h5", "eval")


def _check_headers(path: Path) -> None:
    """Raises ValueError where reading them comes to no end, or ends the process that reads."""
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_S,
                              creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
        ended = done.returncode == 0
    except subprocess.TimeoutExpired:
        ended = False
    if not ended:
        raise ValueError(f"{path}: not a readable Keras file: damaged: the HDF5 library cannot read it to its end")


def _try(path: Path) -> None:
    """In a process of its own: read the headers. What is wrong with them is told by whoever reads them again."""
    with contextlib.suppress(ImportError):  # Windows
        import resource
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + HEADERS_S, int(used) + 2 + HEADERS_S))
    with contextlib.suppress(Exception):
        _layers(path)


def _layers(path: Path) -> list[dict[str, Weight]]:
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        names = root.attrs["layer_names"] if "layer_names" in root.attrs else list(root)
        if len(names) > 1000:
            raise ValueError(f"{len(names)} layers")
        return [_layer(root, name if isinstance(name, str) else bytes(name).decode(), path) for name in names]


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


if __name__ == "__main__":
    _try(Path(sys.argv[1]))
