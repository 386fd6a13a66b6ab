"""Headers of Keras .h5 files. It runs by itself too, as a script that imports nothing of this program: a damaged file can hold the HDF5
library in an endless loop, and then that process ends, after a second of processor time."""

import contextlib
import math
import sys
from collections.abc import Collection
from pathlib import Path

import h5py
import numpy as np

LEAST_S = 0.5  # of processor time that it has; the headers of a good file take some milliseconds

Place = tuple[tuple[int, ...], str]  # shape, name in the file


def layers(path: Path, parts: Collection[str]) -> list[dict[str, Place]]:
    """Where the weights of each layer lie, by what they are (one of `parts`): shape, and name in the file.

    Raises ValueError, and whatever h5py raises for a damaged file.
    """
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        names = root.attrs["layer_names"] if "layer_names" in root.attrs else list(root)
        if len(names) > 1000:
            raise ValueError(f"{len(names)} layers")
        return [_layer(root, name if isinstance(name, str) else bytes(name).decode(), path, parts) for name in names]


def _layer(root: h5py.Group, name: str, path: Path, parts: Collection[str]) -> dict[str, Place]:
    """The weights of one layer, and of the layers inside it, by what they are."""
    found: dict[str, Place] = {}
    _collect(root, name, found, path, parts, 0)
    return found


def _collect(group: h5py.Group, name: str, found: dict[str, Place], path: Path, parts: Collection[str], depth: int) -> None:
    if not isinstance(group.get(name, getlink=True), h5py.HardLink) or depth > 8:
        raise ValueError(f"{path}: {name:.80} points elsewhere, expected weights in this file")
    node = group[name]
    if isinstance(node, h5py.Group):
        for child in list(node)[:100]:
            _collect(node, child, found, path, parts, depth + 1)
        return
    part = name.rpartition("/")[2].removesuffix(":0")
    if part not in parts:
        raise ValueError(f"{path}: {node.name}: {part:.40} is not a weight of a generator, expected one of {', '.join(parts)}")
    if part in found:
        raise ValueError(f"{path}: {node.name}: a second {part} in one layer")
    if node.dtype != np.float32 or node.ndim not in (1, 4):
        raise ValueError(f"{path}: {node.name}: {node.dtype} of shape {list(node.shape)}, expected float32 weights")
    if node.chunks is not None or node.is_virtual or node.external or node.nbytes > path.stat().st_size:
        raise ValueError(f"{path}: {node.name}: compressed or outside of this file, expected uncompressed values")
    found[part] = node.shape, node.name


def _limited() -> None:
    """Let the system end this process where it does not come to an end."""
    with contextlib.suppress(ImportError):  # Windows
        import resource
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        limit = math.ceil(used + LEAST_S)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))


if __name__ == "__main__":
    _limited()
    with contextlib.suppress(Exception):  # what is wrong is told by whoever reads them again
        layers(Path(sys.argv[1]), sys.argv[2:])
