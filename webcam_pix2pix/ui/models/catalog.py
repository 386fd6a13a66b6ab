"""Catalog: what the model browser shows, as values, read outside of the GUI thread."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from msa.files import parse_json, write_atomic
from webcam_pix2pix.checkpoints.formats.safetensors import read_metadata
from webcam_pix2pix.model import ModelInfo, find_models, read_model
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.training.runs.runfolder import runs_in

from ..panels.image_item import shared_image

THUMBNAIL = 128  # px, side of the square that is kept


@dataclass(frozen=True)
class Entry:
    """One model of the browser."""

    info: ModelInfo
    line: str  # network and size of the file
    recipe: str  # what it wants to see
    thumbnail: QImage | None
    note: str = ""  # "2 of 700 steps", or "unfinished": its training has not come to its end
    twins: tuple[str, ...] = ()  # other paths of the same model, such as in the folder of its training run

    def stands_for(self, path: str) -> bool:
        """Whether it is the model at `path`."""
        return path == self.path or path in self.twins

    @property
    def path(self) -> str:
        return str(self.info.path)

    def matches(self, words: Iterable[str]) -> bool:
        """Whether every word is found in what is known of the model."""
        text = f"{self.info.name} {self.line} {self.recipe} {self.info.about} {self.info.path}".lower()
        return all(word in text for word in words)


@dataclass(frozen=True)
class Catalog:
    """All models that were found, and one line for each descriptor that cannot be read."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    state: tuple = field(default=(), repr=False)  # of the folders, as `state_of` gave it


def state_of(folders: Iterable[Path], extra: Iterable[str]) -> tuple:
    """Changes when a file of the folders, or of the folders right below, comes, goes or changes."""
    found = []
    for folder in folders:
        for pattern in ("*", "*/*"):
            try:
                found += [(str(p), s.st_mtime_ns, s.st_size) for p in folder.glob(pattern) for s in [p.stat()]]
            except OSError:  # it went while we looked
                continue
    return (*sorted(found), *extra)


def scan(folders: list[Path], extra: list[str], made: Path, known: Catalog, runs: Sequence[Path] = ()) -> Catalog:
    """Read the models of `folders` and those at the paths `extra`; `known` itself when nothing has changed.

    made: folder of the thumbnails that the program has made itself. runs: folders of training runs; the model of each is listed until
    it is among those of `folders`.
    """
    trained = [run for folder in runs for run in runs_in(folder) if run.model.is_file()]
    state = state_of([*folders, made],
                     [*extra, *(f"{run.model} {run.model.stat().st_mtime_ns} {run.finished_epochs()}" for run in trained)])
    if state == known.state:
        return known
    problems: list[str] = []
    infos = find_models(folders, problems)
    published = {origin: str(info.path) for info in infos if (origin := _run_of(info))}
    twins: dict[str, list[str]] = {}
    for run in trained:
        if twin := published.get((run.path.name, run.identity())):
            twins.setdefault(twin, []).append(str(run.model))
    taken = {info.path.resolve() for info in infos} | {Path(path).resolve() for paths in twins.values() for path in paths}
    for path in [*(str(run.model) for run in trained), *extra]:
        if Path(path).exists() and Path(path).resolve() not in taken:
            try:
                infos.append(read_model(path))
            except (OSError, ValueError):
                continue
            taken.add(Path(path).resolve())
    unfinished = {str(run.model) for run in trained if not run.finished_epochs()}
    entries = (replace(entry(info, made), twins=tuple(twins.get(str(info.path), ())),
                       note=info.unfinished or ("unfinished" if str(info.path) in unfinished else "")) for info in infos)
    return Catalog(tuple(entries), tuple(problems), state)


def _run_of(info: ModelInfo) -> tuple[str, str] | None:
    """(folder, identity) of the training run that a model came from; None where its file does not say, or one checkpoint was picked."""
    if info.weights.suffix != ".safetensors":
        return None
    try:
        stored = read_metadata(info.weights) or {}
    except (OSError, ValueError):
        return None
    return (str(stored["run"]), str(stored.get("run_id", ""))) if "run" in stored else None


def entry(info: ModelInfo, made: Path) -> Entry:
    """How `info` is shown; its thumbnail is its own or, lacking that, the one in the folder `made`."""
    line, recipe = _texts(info)
    if info.network is None:  # what running it has stored
        line, recipe = _kept_texts(info, made) or (line, recipe)
    return Entry(info, line, recipe, _thumbnail(info.thumbnail or thumbnail_path(info, made)))


def _texts(info: ModelInfo) -> tuple[str, str]:
    return " · ".join(part for part in (_network(info), _size(info.weights), info.format) if part), recipe_summary(info.recipe)


def keep_texts(info: ModelInfo, made: Path) -> None:
    """Keep what is known of a model once it runs, so that its card says the same after the next start. Raises OSError."""
    made.mkdir(parents=True, exist_ok=True)
    line, recipe = _texts(info)
    path, text = thumbnail_path(info, made).with_suffix(".json"), json.dumps({"line": line, "recipe": recipe})
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomic(path, text)


def _kept_texts(info: ModelInfo, made: Path) -> tuple[str, str] | None:
    try:
        data = parse_json(thumbnail_path(info, made).with_suffix(".json").read_text(encoding="utf-8"))
        return str(data["line"]), str(data["recipe"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def thumbnail_path(info: ModelInfo, made: Path) -> Path:
    """Where the thumbnail is kept that the program makes of a model without one; new weights get a new one."""
    try:
        changed = info.weights.stat().st_mtime_ns
    except OSError:
        changed = 0
    return made / (hashlib.sha1(f"{info.path.resolve()} {changed}".encode()).hexdigest() + ".png")


def keep_thumbnail(image: np.ndarray, path: Path) -> None:
    """Write `image` (HxWx3 RGB uint8) as a thumbnail, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    small = _square(shared_image(image))
    if not small.save(str(partial), "PNG"):
        raise OSError(f"{path}: the thumbnail could not be written")
    partial.replace(path)


def recipe_summary(recipe: Recipe | None) -> str:
    """A recipe in a few words."""
    if recipe is None:
        return "no recipe"
    p, e = recipe.processing, recipe.edges
    edges = ("Canny" if p.canny else "adaptive threshold" if e.method == "adaptive" or p.adaptive_thresh else
             "multi-scale edges" if e.method == "custom_canny" and (e.canny_t1_coarse or e.canny_t2_coarse) else
             "edges" if e.method == "custom_canny" else "soft lines" if e.method == "soft" else
             "learned edges" if e.method == "network" else "")
    tone = "" if e.tone <= 0 else "soft colours" if e.tone_color else "soft luminance"
    parts = [edges, tone, "grey" if p.grayscale and not edges else "",
             "blur" if p.pre_blur or p.pre_median else ""]
    return "recipe: " + (" + ".join(part for part in parts if part) or "the image itself")


def _network(info: ModelInfo) -> str:
    network = info.network or {}
    kind = {"unet": "U-Net", "resnet": "ResNet", "onnx": ""}.get(str(network.get("type", "")), str(network.get("type", "")))
    height, width, _ = info.input.shape if info.input else (0, 0, 0)
    size = "" if not width else str(width) if width == height else f"{width}×{height}"
    channels = f"{network['ngf']} filters" if "ngf" in network else ""
    return " ".join(part for part in (kind, size, channels) if part)


def _size(weights: Path) -> str:
    try:
        if weights.is_dir():
            total = sum(p.stat().st_size for p in weights.glob("*") if p.is_file())
        elif weights.is_file() and weights.suffix not in (".index", ".meta"):
            total = weights.stat().st_size
        else:  # prefix of a TensorFlow checkpoint, or one of its files
            prefix = weights.stem if weights.is_file() else weights.name
            total = sum(p.stat().st_size for p in weights.parent.iterdir() if p.name.startswith(f"{prefix}."))
    except OSError:
        return ""
    return f"{total / 1e6:.0f} MB" if total >= 1e6 else f"{max(1, total // 1000)} kB"


def _thumbnail(path: Path) -> QImage | None:
    image = QImage(str(path))
    return None if image.isNull() else _square(image)


def _square(image: QImage) -> QImage:
    how = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    filled = image.scaled(QSize(THUMBNAIL, THUMBNAIL), how, Qt.TransformationMode.SmoothTransformation)
    left, top = (filled.width() - THUMBNAIL) // 2, (filled.height() - THUMBNAIL) // 2
    return filled.copy(left, top, THUMBNAIL, THUMBNAIL)
