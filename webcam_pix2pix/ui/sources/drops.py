"""What kind of file was dropped on the window: by its content where its name does not say."""

from pathlib import Path

from msa.content import IMAGE_SUFFIXES
from webcam_pix2pix.sinks import read_about
from webcam_pix2pix.sinks.about import FILMS

MODEL_SUFFIXES = {".pth", ".pt", ".safetensors", ".ckpt", ".h5", ".hdf5", ".pict", ".index", ".meta", ".onnx"}
HEAD = 1 << 20  # bytes of a JSON file that are looked at; descriptors and presets are a few kB


def kind(path: str) -> str:
    """"source", "preset", "bank" (of presets), "snapshot" (of this program, or a recording of it), "grade" or "model"."""
    suffix = Path(path).suffix.lower()
    if suffix == ".json":
        return _kind_of_json(Path(path))
    if suffix in (".png", *FILMS) and _is_ours(path):
        return "snapshot"
    if suffix == ".cube":
        return "grade"
    if suffix in MODEL_SUFFIXES:
        return "model"
    if Path(path).is_dir() and not _has_images(Path(path)) and _has_weights(Path(path)):
        return "model"
    return "source"


def _kind_of_json(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(HEAD)
    except OSError:
        return "model"
    if '"presets"' in text[:200]:
        return "bank"
    return "preset" if '"settings"' in text else "model"


def _is_ours(path: str) -> bool:
    try:
        read_about(path)
    except (ValueError, OSError):
        return False
    return True


def _has_images(folder: Path) -> bool:
    return any(p.suffix.lower() in IMAGE_SUFFIXES for p in folder.iterdir())


def _has_weights(folder: Path) -> bool:
    return any(p.suffix.lower() in MODEL_SUFFIXES or p.name == "checkpoint" for p in folder.iterdir())
