"""Models: JSON descriptors <-> ModelInfo, checked; finding and listing them. Knows no torch: models are listed before one is loaded."""

import json
import logging
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from msa.files import parse_json, write_atomic
from msa.utils import natural_key
from webcam_pix2pix.identify.content import FORMATS, identify
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.specs import NORM_MODES, from_json

log = logging.getLogger(__name__)

DEFAULT_MODEL = "oil_color"
MAX_DESCRIPTOR = 1 << 20  # bytes
MAX_SIDE = 8192  # pixels
DIRECTIONS = ("AtoB", "BtoA")  # of pairs: left half to right half, or right half to left half
GENERIC = re.compile(r"(?:latest|iter_\d+|\d+)_net_G.*|generator(?:_\d+)?|model(?:[-.]\w+)*|chkpt-\d+|weights|"
                     r"checkpoints?|models|results|ckpt", re.IGNORECASE)  # names that say nothing of the model


@dataclass(frozen=True)
class Port:
    """What goes in, or comes out: shape (height, width, channels) and the values of black and white."""

    shape: tuple[int, int, int]
    range: tuple[float, float] = (-1.0, 1.0)
    opname: str = ""  # name in the TensorFlow graph of the original application; kept, not used


@dataclass(frozen=True)
class ModelInfo:
    """A model as far as its descriptor tells; what is None is found out from the weights when they are loaded."""

    name: str
    path: Path  # the descriptor, or the checkpoint itself when there is none
    weights: Path  # file, folder, or prefix of a TensorFlow checkpoint
    input: Port | None = None
    output: Port | None = None
    network: dict[str, Any] | None = None  # specs.to_json
    norm_mode: str | None = None  # eval, batch, paper
    recipe: Recipe | None = None
    thumbnail: Path | None = None
    about: str = ""
    format: str = ""  # for people
    direction: str | None = None  # AtoB or BtoA: which half of the pairs it was trained on was the input
    then: tuple[str, ...] = ()  # what follows it: names of models, paths of models and .cube files
    unfinished: str = ""  # how far its training is while that is not finished, such as "2 of 700 steps"


def read_model(path: str | os.PathLike) -> ModelInfo:
    """A descriptor (.json, ours or the original application's), a bare checkpoint (file, folder, prefix), or the folder of a training run.

    Raises OSError or ValueError with one line that names the file, the key and what was expected.
    """
    path = Path(path)
    if (path / "model.json").is_file():  # what training leaves in its run folder
        path = path / "model.json"
    if path.is_file() and _is_descriptor(path):
        return _read_descriptor(path)
    content = identify(path)
    return ModelInfo(_name(path), path, path, format=FORMATS[content.format])


def resolve_model(name_or_path: str | os.PathLike) -> ModelInfo:
    """The model at a path, or the one of that name in the models folders. Raises OSError or ValueError."""
    text = os.fspath(name_or_path)
    path = Path(text).expanduser()
    bare = path.name == text
    if path.exists() or path.with_name(path.name + ".index").exists():
        try:
            return read_model(path)
        except (OSError, ValueError):  # perhaps something beside us, such as the dataset, is called like the model
            if bare and (named := _named(text)):
                return named
            raise
    if bare and (named := _named(text)):
        return named
    if not path.name or path.name != text or path.suffix:  # looks like a path, not like a name
        raise FileNotFoundError(f"{text}: no such model file or folder")
    known = ", ".join(info.name for info in find_models(model_folders()))
    raise FileNotFoundError(f"{text}: no such model; known models: {known or 'none'}")


def _named(name: str) -> ModelInfo | None:
    """The model of that name in the models folders: by file, then by what it calls itself."""
    for folder in model_folders():
        if (folder / f"{name}.json").is_file():
            return read_model(folder / f"{name}.json")
    wanted = name.casefold()
    return next((info for info in find_models(model_folders()) if wanted in (info.name.casefold(), info.path.stem.casefold())), None)


def model_folders() -> list[Path]:
    """Where models live: the built-in ones, then the user's own folder (WEBCAM_PIX2PIX_MODELS overrides it). They need not exist."""
    package = Path(__file__).parent
    built_in = package / "models" if (package / "models").is_dir() else package.parent / "models"  # installed, or a checkout
    return [built_in, user_models_folder()]


def user_models_folder() -> Path:
    """Where `models import` and `make-model` put new models."""
    own = os.environ.get("WEBCAM_PIX2PIX_MODELS")
    return Path(own) if own else platformdirs.user_data_path("webcam-pix2pix", appauthor=False) / "models"


def find_models(folders: Iterable[Path], problems: list[str] | None = None) -> list[ModelInfo]:
    """The models in `folders` by name: descriptors, and checkpoints (files, folders) that no descriptor claims.

    A broken descriptor is left out; its one-line error goes to `problems`, or to the log.
    """
    found: dict[Path, ModelInfo] = {}
    for folder in folders:
        if not folder.is_dir():
            continue
        infos = []
        for file in sorted(folder.glob("*.json")):
            try:
                infos.append(read_model(file))
            except (OSError, ValueError) as error:
                if problems is None:
                    log.warning("%s", error)
                else:
                    problems.append(str(error))
        claimed = {p for info in infos for p in (info.weights.resolve(), info.weights.resolve().parent)}
        bare = [p for p in folder.iterdir() if p.suffix != ".json" and not p.name.startswith(".") and p.resolve() not in claimed]
        for path in bare:
            try:
                infos.append(read_model(path))
            except (OSError, ValueError):  # whatever else lies there is no model
                continue
        found |= {info.path.resolve(): info for info in infos}
    return sorted(found.values(), key=lambda info: natural_key(Path(info.name)))


def write_descriptor(info: ModelInfo, path: str | os.PathLike) -> None:
    """Write `info` as a descriptor, whole or not at all; its weights and thumbnail must lie in the folder of `path` or below."""
    path = Path(path)
    data: dict[str, Any] = {"name": info.name, "ckpt_path": _inside(info.weights, path, "ckpt_path")}
    if info.network is not None and info.network.get("type") == "onnx":
        data["format"] = "onnx"
    for key, port in (("input", info.input), ("output", info.output)):
        if port is not None:
            data[key] = {"shape": list(port.shape), "range": list(port.range), "opname": port.opname}
    optional = {"network": info.network, "norm_mode": info.norm_mode, "recipe": info.recipe and info.recipe.to_json(),
                "direction": info.direction, "then": [_beside(name, path) for name in info.then] or None,
                "thumbnail": info.thumbnail and _inside(info.thumbnail, path, "thumbnail"), "about": info.about or None,
                "unfinished": info.unfinished or None}
    data |= {key: value for key, value in optional.items() if value is not None}
    write_atomic(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


# ------------------------------------------------------------------------------------------------------------------ descriptors

def _name(path: Path) -> str:
    """What to call a bare checkpoint: its own name, or the folder's where the program that wrote it names them all alike."""
    name = path.stem if path.is_file() else path.name
    if not GENERIC.fullmatch(name):
        return name
    folders = [folder.name for folder in path.absolute().parents if not GENERIC.fullmatch(folder.name)]
    return folders[0] if folders and folders[0] else name


def called(name_or_path: str) -> str:
    """What to call the model of that name or path before it is read: no folder, no suffix, no number of a run."""
    path = Path(name_or_path)
    if path.name == name_or_path and not path.suffix:
        return name_or_path
    names = [path.stem if path.suffix else path.name, *(folder.name for folder in path.parents)]
    name = next((name for name in names if name and not GENERIC.fullmatch(name)), path.name)
    return re.sub(r"^\d{5}-(?=.)", "", name)


def _is_descriptor(path: Path) -> bool:
    if path.suffix.lower() == ".json":
        return True
    with path.open("rb") as file:
        return file.read(64).lstrip().startswith(b"{")


def _read_descriptor(path: Path) -> ModelInfo:
    if path.stat().st_size > MAX_DESCRIPTOR:
        raise ValueError(f"{path}: {path.stat().st_size} bytes are too many for a model descriptor")
    try:
        data = parse_json(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError(f"{path}: not a model descriptor, expected JSON") from None
    if not isinstance(data, dict):
        raise ValueError(f"{path}: not a model descriptor, expected a JSON object")
    for key, other in (("output", "input"), ("input", "output")):
        if data.get(key) is None and data.get(other) is not None:
            raise ValueError(f"{path}: {key} is missing, expected it beside {other}")
    network, mode, format = data.get("network"), data.get("norm_mode"), data.get("format")
    if format is not None and format not in FORMATS:
        raise ValueError(f"{path}: format: {format!r:.60} is not one of {', '.join(FORMATS)}")
    if format == "onnx" and isinstance(network, dict):
        network = {"type": "onnx"} | network
    if network is not None:
        from_json(network, f"{path}: network")
    if mode is not None and mode not in NORM_MODES:
        raise ValueError(f"{path}: norm_mode: {mode!r:.60} is not one of {', '.join(NORM_MODES)}")
    direction = data.get("direction")
    if direction is not None and direction not in DIRECTIONS:
        raise ValueError(f"{path}: direction: {direction!r:.60} is not one of {', '.join(DIRECTIONS)}")
    weights = _weights(path, _text(data, "ckpt_path", path))
    content = identify(weights)
    if format is not None and content.format != format:
        raise ValueError(f"{path}: format: {weights} is {FORMATS[content.format]}, not {FORMATS[format]}")
    thumbnail = _contained(path, _text(data, "thumbnail", path), "thumbnail") if "thumbnail" in data else None
    name = "".join(c if c.isprintable() else " " for c in _text(data, "name", path))  # nothing that moves the cursor of a terminal
    return ModelInfo(
        name=name, path=path, weights=weights, input=_port(data, "input", path), output=_port(data, "output", path),
        network=network, norm_mode=mode, recipe=Recipe.from_json(data["recipe"], f"{path}: recipe") if "recipe" in data else None,
        thumbnail=thumbnail if thumbnail is not None and thumbnail.is_file() else None,
        about=_text(data, "about", path, limit=20_000) if "about" in data else "", format=FORMATS[content.format],
        direction=direction, then=_then(data, path), unfinished=_text(data, "unfinished", path) if "unfinished" in data else "")


def _then(data: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """What follows the model: a file in the descriptor's folder, else the name of a model."""
    value = data.get("then", [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{path}: then: {_brief(value)} is not a name or a list of names")
    found = [_text({"then": name}, "then", path) for name in names]
    return tuple(str(_contained(path, name, "then")) if set("/\\.") & set(name) else name for name in found)


def _text(data: Mapping[str, Any], key: str, path: Path, limit: int = 1000) -> str:
    if key not in data:
        raise ValueError(f"{path}: {key} is missing")
    value = data[key]
    if not isinstance(value, str) or not value.strip() or len(value) > limit or "\0" in value:
        raise ValueError(f"{path}: {key}: {value!r:.60} is not a text of 1 to {limit} characters")
    return value


def _port(data: Mapping[str, Any], key: str, path: Path) -> Port | None:
    if data.get(key) is None:
        return None
    port = data[key]
    if not isinstance(port, dict):
        raise ValueError(f"{path}: {key}: {port!r:.60} is not an object with shape and range")
    shape, limits, opname = port.get("shape"), port.get("range", [-1.0, 1.0]), port.get("opname", "")
    sides = (MAX_SIDE, MAX_SIDE, 64)
    if not isinstance(shape, list) or len(shape) != 3 or not all(
            type(n) is int and 1 <= n <= most for n, most in zip(shape, sides, strict=True)):
        raise ValueError(f"{path}: {key}.shape: {_brief(shape)} is not [height, width, channels], each at most {list(sides)}")
    if not isinstance(limits, list) or len(limits) != 2 or not all(
            type(x) in (int, float) and math.isfinite(x) and abs(x) <= 1e6 for x in limits) or not limits[0] < limits[1]:
        raise ValueError(f"{path}: {key}.range: {_brief(limits)} is not [black, white], two numbers, the lower first")
    if not isinstance(opname, str):
        raise ValueError(f"{path}: {key}.opname: {_brief(opname)} is not a text")
    return Port(tuple(shape), (float(limits[0]), float(limits[1])), opname)


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _weights(path: Path, text: str) -> Path:
    """The checkpoint that `ckpt_path` names: relative to the descriptor, or (as in the original application) to the folder above."""
    candidates = [_contained(path, text, "ckpt_path", base) for base in (path.parent, path.absolute().parent.parent)]
    for candidate in candidates:
        if candidate is not None and (candidate.exists() or candidate.with_name(candidate.name + ".index").exists()):
            return candidate
    if all(candidate is None for candidate in candidates):
        raise ValueError(f"{path}: ckpt_path: {text!r:.100} leads out of the descriptor's folder")
    raise FileNotFoundError(f"{path}: ckpt_path: no checkpoint at {text!r:.100}")


def _contained(path: Path, text: str, key: str, base: Path | None = None) -> Path | None:
    """`text` relative to `base`; None when that is outside of the descriptor's folder, links followed."""
    candidate = (path.parent if base is None else base) / text.replace("\\", "/")
    inside = candidate.resolve().is_relative_to(path.parent.resolve())
    if not inside and base is None:
        raise ValueError(f"{path}: {key}: {text!r:.100} leads out of the descriptor's folder")
    return candidate if inside else None


def _beside(name: str, path: Path) -> str:
    return _inside(Path(name), path, "then") if Path(name).is_absolute() else name


def _inside(target: Path, path: Path, key: str) -> str:
    try:
        return target.resolve().relative_to(path.parent.resolve()).as_posix()
    except ValueError:
        raise ValueError(f"{path}: {key}: {target} is outside of the descriptor's folder") from None
