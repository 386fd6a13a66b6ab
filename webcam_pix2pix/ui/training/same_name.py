"""Whether a training of a name that was used before can go on with what is chosen now, and the ways out where it cannot."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from webcam_pix2pix.dataset.jobs.job import description_of
from webcam_pix2pix.dataset.manifest import read_manifest
from webcam_pix2pix.training.runs.runfolder import differences, find_run, new_run
from webcam_pix2pix.training.setup.options import Options

BY_NUMBER = {"diffaugment", "batch_size"}  # chosen by the number of pairs, which is not known yet
CONTINUED = "There is an unfinished model of this name: its training will continue."
FINISHED = "There is a finished model of this name: it is trained further only where the length is greater."


def wrong_name(runs: Path, name: str) -> str:
    """Why a run cannot have this name; "" when it can."""
    try:
        new_run(runs, name)
    except ValueError as error:
        return f"Name: {str(error).partition(': ')[2]}"
    return ""


def free_name(runs: Path, data: Path, name: str) -> str:
    """The first of "name 2", "name 3", ... that no run and no dataset has."""
    number = 2
    while find_run(runs, f"{name} {number}") is not None or (data / f"{name} {number}").exists():
        number += 1
    return f"{name} {number}"


def conflict(runs: Path, name: str, kind: str, options: Options) -> str:
    """Why the run of that name cannot go on with these choices, in plain words; "" when it can, or when there is none.

    kind: name of the preset.
    """
    run = find_run(runs, name)
    if run is None:
        return ""
    begun = f"There is a model “{name}” already, and it was begun"
    try:
        _, before, was = run.read_options()
    except (OSError, ValueError):
        return f"There is a model “{name}” already, and its options cannot be read. Choose another name."
    other = set(differences(before, options)) - BY_NUMBER
    if was != kind:
        reason = f" as another kind of model ({was or 'none of these'})"
    elif "crop_size" in other:
        reason = f" with {before.crop_size} pixels"
    elif other:
        reason = " with other options"
    else:
        return ""
    return f"{begun}{reason}. Choose the same to go on with it, or another name."


def footage_before(data: Path, name: str) -> tuple[str, ...] | None:
    """What the images for the model of that name were taken from before; None where none were. Raises OSError or ValueError."""
    folder = data / name
    job = description_of(folder, (read_manifest(folder) or {}).get("job"))
    if job is None:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return None
        raise ValueError(f"{folder} holds something else. Choose another name.")
    return tuple(str(path) for path in job.get("inputs", ()))


def other_footage(data: Path, name: str, footage: Sequence[str]) -> str:
    """Why the model of that name cannot go on with this footage; "" when it can, or when there is none."""
    try:
        before = footage_before(data, name)
    except (OSError, ValueError) as error:
        return str(error)
    if before is None or set(before) == set(footage):
        return ""
    names = ", ".join(Path(path).name for path in before[:3]) + (f" and {len(before) - 3} more" if len(before) > 3 else "")
    return (f"There is a model “{name}” already, and it learns from other footage: {names}. Choose another name for this footage, "
            "or continue with that one.")


def resumption(runs: Path, name: str) -> str:
    """What is said where the training of that name goes on; "" when there is none."""
    run = find_run(runs, name)
    return "" if run is None else FINISHED if run.finished_epochs() else CONTINUED


class Suggestion(QPushButton):
    """Does something about a name that is taken; seen only while there is something to offer."""

    def __init__(self) -> None:
        super().__init__(visible=False, autoDefault=False)
        self._does: Callable[[], object] = lambda: None
        self.clicked.connect(lambda *_: self._does())

    def offer(self, text: str, does: Callable[[], object]) -> None:
        """text: of the button; "": nothing to offer."""
        self._does = does
        self.setVisible(bool(text))
        if text:
            self.setText(text)
            self.setAccessibleName(text)
