"""Our own files: safetensors with the spec, and whatever else belongs to the model, in the metadata."""

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msa.files import write_atomic
from webcam_pix2pix.identify.content import safetensors_header
from webcam_pix2pix.model import DIRECTIONS, ModelInfo
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.specs import NORM_MODES, Generator, from_json, to_json

from .. import Checkpoint
from ..finding import find_generator
from ..weights import Weight, fitted

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = "webcam-pix2pix safetensors"
ITEM_SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8, "I64": 8, "I32": 4}
OTHERS = re.compile(r"^[FIU]?F?(4|6|8)(?:_E\dM\d)?(?:FN|FNUZ)?$")  # eight bits and fewer: F8_E4M3, I8, U8, F4
KEY = "webcam_pix2pix"  # of our part of the metadata: a JSON object


def write(path: str | Path, spec: Generator, state: "Mapping[str, Tensor]", metadata: Mapping[str, Any] | None = None,
          half: bool = False) -> None:
    """Write weights with their spec; a file of that name is replaced whole or not at all.

    Args:
        metadata: any of norm_mode, recipe (Recipe.to_json()), size ([height, width]), about, direction.
        half: store float16, half the size; differences in the image stay below one grey level.
    """
    from safetensors.torch import save
    path = Path(path)
    tensors = {key: (t.half() if half and t.is_floating_point() else t).detach().cpu().contiguous() for key, t in state.items()}
    text = json.dumps({"version": 1, "network": to_json(spec)} | dict(metadata or {}))
    write_atomic(path, save(tensors, {KEY: text, "format": "pt"}))


def metadata(info: ModelInfo) -> dict[str, Any]:
    """What belongs into the file of a complete model."""
    data: dict[str, Any] = {"norm_mode": info.norm_mode, "about": info.about}
    if info.input is not None:
        data["size"] = list(info.input.shape[:2])
    if info.recipe is not None:
        data["recipe"] = info.recipe.to_json()
    if info.direction is not None:
        data["direction"] = info.direction
    return data


def read(path: Path) -> Checkpoint:
    """Our own file, or a state dict of pytorch-CycleGAN-and-pix2pix that someone put into safetensors."""
    stored = read_metadata(path)
    weights = _weights(path)
    if stored is None:
        return find_generator({"": weights}, path)
    spec = from_json(stored.get("network"), f"{path}: network")
    if not isinstance(spec, Generator):
        raise ValueError(f"{path}: network: type: a {spec.type}, expected a generator")
    mode, size = stored.get("norm_mode", "eval"), stored.get("size")
    if mode not in NORM_MODES:
        raise ValueError(f"{path}: norm_mode: {mode!r:.60} is not one of {', '.join(NORM_MODES)}")
    if size is not None and not (isinstance(size, list) and len(size) == 2 and all(type(n) is int and 0 < n <= 16384 for n in size)):
        raise ValueError(f"{path}: size: {size!r:.60} is not [height, width]")
    direction = stored.get("direction")
    if direction is not None and direction not in DIRECTIONS:
        raise ValueError(f"{path}: direction: {direction!r:.60} is not one of {', '.join(DIRECTIONS)}")
    recipe = stored.get("recipe")
    return Checkpoint(FORMAT, spec, fitted(spec, weights, path), mode, size=tuple(size) if size else None,
                      recipe=None if recipe is None else Recipe.from_json(recipe, f"{path}: recipe"), about=str(stored.get("about", "")),
                      direction=direction)


def read_metadata(path: Path) -> dict[str, Any] | None:
    """Our part of the metadata; None in a file that another program wrote."""
    outer = safetensors_header(path).get("__metadata__")
    text = outer.get(KEY) if isinstance(outer, dict) else None
    if text is None:
        return None
    try:
        stored = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise ValueError(f"{path}: {KEY}: not a JSON object in the metadata")
    return stored


def is_half(path: Path) -> bool:
    """Whether the weights are stored as float16."""
    return any(isinstance(entry, dict) and entry.get("dtype") == "F16" for entry in safetensors_header(path).values())


def _weights(path: Path) -> dict[str, Weight]:
    """Shapes from the header, compared with the room in the file; values by safetensors, which checks again."""
    size, weights = path.stat().st_size, {}
    content = functools.cache(lambda: _load(path))
    for key, entry in safetensors_header(path).items():
        if key == "__metadata__":
            continue
        kind = entry.get("dtype") if isinstance(entry, dict) else None
        if isinstance(kind, str) and (other := OTHERS.search(kind)):
            raise ValueError(f"{path}: {key:.80}: weights of {other[1]} bits ({kind}), expected float32, float16 or bfloat16; in the "
                             "program that wrote the file, save tensor.float() of each")
        try:
            shape, (start, end), item = tuple(entry["shape"]), entry["data_offsets"], ITEM_SIZES[entry["dtype"]]
            if not all(type(n) is int and n >= 0 for n in (start, end, *shape)) or end > size or end - start != math.prod(shape) * item:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"{path}: {key:.80}: its type, shape and place in the file do not fit each other") from None
        weights[key] = Weight(shape, functools.partial(_tensor, content, key, shape, path))
    return weights


def _load(path: Path) -> "dict[str, Tensor]":
    """Not memory-mapped: a file that is replaced while it is read would end the whole program."""
    from safetensors import SafetensorError
    from safetensors.torch import load
    try:
        return load(path.read_bytes())
    except (SafetensorError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: damaged safetensors file: {error}") from None


def _tensor(content: "Callable[[], dict[str, Tensor]]", key: str, shape: tuple[int, ...], path: Path) -> "Tensor":
    tensor = content().get(key)
    if tensor is None or tuple(tensor.shape) != shape:
        raise ValueError(f"{path}: damaged safetensors file: {key:.80} is not what its header says")
    return tensor


def same(one: "Mapping[str, Tensor]", other: "Mapping[str, Tensor]") -> bool:
    """Whether two state dicts hold exactly the same weights."""
    import torch
    return one.keys() == other.keys() and all(torch.equal(tensor, other[key]) for key, tensor in one.items())
