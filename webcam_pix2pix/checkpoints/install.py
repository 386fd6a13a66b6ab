"""A checkpoint becomes a model: its weights as safetensors (an ONNX file as it is) in a models folder, its descriptor beside them."""

import re
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from webcam_pix2pix.grade import read_cube
from webcam_pix2pix.identify.content import identify
from webcam_pix2pix.model import ModelInfo, read_model, resolve_model, write_descriptor

from . import Checkpoint, complete, load
from .formats import safetensors
from .onnx import OnnxCheckpoint
from .onnx import copy as onnx_copy


def install(info: ModelInfo, checkpoint: Checkpoint, name: str, folder: Path, taken: Collection[str] = ()) -> ModelInfo:
    """Put a loaded checkpoint into the models folder `folder` under `name`; gives the new model. taken: what models elsewhere are called.

    The weights are compared with the original before the descriptor is written.
    Raises ValueError for a name that is no file name, FileExistsError when there is such a model, OSError when it cannot be written.
    """
    slug = re.sub(r"\s+", "_", name.strip())
    if not re.fullmatch(r"[\w.+()-]{1,100}", slug) or slug.startswith(".") or not name.strip().isprintable():
        raise ValueError(f"name: {name!r:.120} is not a name for a model, expected letters, digits, spaces and -_.+()")
    if slug in taken:
        raise FileExistsError(f"{slug}: there is a model of that name, choose another --name")
    descriptor, home = folder / f"{slug}.json", folder / slug
    if descriptor.exists() or home.exists():
        raise FileExistsError(f"{descriptor if descriptor.exists() else home}: there is a model of that name, choose another --name")
    full = complete(info, checkpoint)
    home.mkdir(parents=True)
    try:
        weights, thumbnail = _copied(info, checkpoint, full, home), None
        if info.thumbnail is not None:
            thumbnail = home / f"thumbnail{info.thumbnail.suffix}"
            shutil.copyfile(info.thumbnail, thumbnail)
        then = tuple(_follower(name, home) for name in info.then)
        write_descriptor(replace(full, name=name.strip(), path=descriptor, weights=weights, thumbnail=thumbnail, then=then), descriptor)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    return read_model(descriptor)


def _copied(info: ModelInfo, checkpoint: Checkpoint, full: ModelInfo, home: Path) -> Path:
    """The weights in the folder `home`, compared with those that were read."""
    if isinstance(checkpoint, OnnxCheckpoint):
        return onnx_copy(checkpoint.path, home)
    weights = home / "weights.safetensors"
    safetensors.write(weights, checkpoint.spec, checkpoint.state, safetensors.metadata(full), half=_is_half(info))
    if not safetensors.same(load(weights).state, checkpoint.state):
        raise ValueError(f"{weights}: the copy differs from what was written; check the disk")
    return weights


def _follower(name: str, home: Path) -> str:
    """What follows the model: the name of another, or a file that comes along into `home`. Raises OSError or ValueError."""
    path = Path(name).expanduser()
    if not path.exists():
        return resolve_model(name).path.stem
    if path.suffix.lower() == ".cube":
        read_cube(path)
        shutil.copyfile(path, home / path.name)
        return str((home / path.name).resolve())
    if path.is_file() and identify(path).format == "onnx":
        return str(onnx_copy(path, home / "then").resolve())
    raise ValueError(f"then: {name}: expected the name of a model, or an .onnx or .cube file; import it first")


def _is_half(info: ModelInfo) -> bool:
    return info.weights.suffix == ".safetensors" and safetensors.is_half(info.weights)
