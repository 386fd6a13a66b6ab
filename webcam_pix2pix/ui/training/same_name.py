"""Whether a training of a name that was used before can go on with what is chosen now, and a name that is free where it cannot."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPushButton

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


def free_name(runs: Path, name: str) -> str:
    """The first of "name 2", "name 3", ... that no run has."""
    number = 2
    while find_run(runs, f"{name} {number}") is not None:
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


def resumption(runs: Path, name: str) -> str:
    """What is said where the training of that name goes on; "" when there is none."""
    run = find_run(runs, name)
    return "" if run is None else FINISHED if run.finished_epochs() else CONTINUED


class OtherName(QPushButton):
    """Puts a name that is free into `field`; seen only while there is one to offer."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(visible=False)
        self._name = ""
        self.clicked.connect(lambda *_: field.setText(self._name))

    def offer(self, found: Callable[[], str] | None) -> None:
        """found: gives the name; None: nothing to offer."""
        self.setVisible(found is not None)
        if found is not None:
            self._name = found()
            self.setText(f"Use the name “{self._name}”")
            self.setAccessibleName(self.text())
