"""What can be done with the files of a model: import, rename, remove, tell about it. Slow ones belong off the GUI thread."""

import json
from html import escape
from pathlib import Path

from PySide6.QtCore import QFile, QUrl

from msa.files import format_error, parse_json, write_atomic
from webcam_pix2pix.model import ModelInfo, find_models, model_folders, read_model, user_models_folder
from webcam_pix2pix.training.runs.runfolder import RunFolder

from .catalog import Entry


def is_own(info: ModelInfo) -> bool:
    """Whether the model lies in the user's models folder; the built-in ones and those opened elsewhere are left alone."""
    return info.path.resolve().parent == user_models_folder().resolve()


def import_model(path: str) -> ModelInfo:
    """Copy a checkpoint into the user's models folder. Raises ValueError or OSError with one line."""
    from webcam_pix2pix.checkpoints import load
    from webcam_pix2pix.checkpoints.install import install

    info = read_model(path)
    taken = {known.path.stem for known in find_models(model_folders())}
    name, number = info.name, 2
    while name in taken:
        name, number = f"{info.name}_{number}", number + 1
    return install(info, load(info), name, user_models_folder(), taken)


def rename(info: ModelInfo, name: str) -> None:
    """Give a model of the user's another name; its files stay where they are. Raises ValueError or OSError with one line."""
    name = " ".join(name.split())
    if not name or len(name) > 200 or not name.isprintable():
        raise ValueError(f"{name!r:.60} is not a name for a model, expected 1 to 200 letters, digits and signs")
    data = parse_json(info.path.read_text(encoding="utf-8-sig"))
    write_atomic(info.path, json.dumps(data | {"name": name}, indent=1, ensure_ascii=False) + "\n")


def run_of(info: ModelInfo) -> RunFolder | None:
    """The training run in whose folder the model lies, if it does."""
    run = RunFolder(info.path.parent)
    return run if run.model == info.path and run.latest.is_file() else None


def files_of(info: ModelInfo) -> list[Path]:
    """What belongs to a model of the user's and to no other: its descriptor, and its folder or file of weights; the folder of its run."""
    if run_of(info) is not None:
        return [info.path.parent]
    folder = user_models_folder().resolve()
    weights = info.weights.resolve()
    others = [other for other in find_models([folder], []) if other.path.resolve() != info.path.resolve()]
    home = weights if weights.parent == folder else weights.parent
    shared = home.parent != folder or any(other.weights.resolve().is_relative_to(home) for other in others)
    return [info.path] if shared or home == info.path.resolve() else [info.path, home]


def remove(info: ModelInfo) -> None:
    """Move a model of the user's to the system's bin. Raises OSError when there is none or it refuses, ValueError where it is trained."""
    if (run := run_of(info)) is not None:
        with run.taken():
            pass  # nobody trains it
    for path in files_of(info):
        if path.exists() and not QFile.moveToTrash(str(path)):
            raise OSError(f"{path}: could not be moved to the bin; show it in its folder and delete it there")


def about(entry: Entry) -> str:
    """What is known of a model, as HTML."""
    info = entry.info
    rows = {"network": entry.line, "input": entry.recipe, "format": info.format, "about": info.about}
    lines = "".join(f"<tr><td><b>{what}</b></td><td>{escape(text)}</td></tr>" for what, text in rows.items() if text)
    folder = QUrl.fromLocalFile(str(info.path.parent)).toString()
    return (f"<h3>{escape(info.name)}</h3><table cellpadding=4>{lines}"
            f'<tr><td><b>file</b></td><td><a href="{folder}">{escape(str(info.path))}</a></td></tr></table>')


def reason(error: BaseException) -> str:
    """`error` in one line."""
    return format_error(error) if isinstance(error, Exception) else str(error)
