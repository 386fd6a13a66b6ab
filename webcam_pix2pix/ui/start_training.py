"""Train…: which dataset, name and preset, and any other option as on the command line."""

import argparse
import os
import shlex
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from msa.knob import knobs
from webcam_pix2pix.training.options import PRESETS, Options, add_options, given_options, preset
from webcam_pix2pix.training.runfolder import find_run, new_run


class StartTraining(QDialog):
    """`arguments()` for the command train once it was accepted."""

    def __init__(self, parent: QWidget, runs: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train")
        self._runs = runs
        self.dataset = QLineEdit(accessibleName="dataset", placeholderText="folder with train/ and val/")
        browse = QPushButton("Choose…", accessibleName="choose dataset")
        browse.clicked.connect(self._ask)
        self.name = QLineEdit(accessibleName="name", placeholderText="as the dataset")
        self.preset = QComboBox(accessibleName="preset")
        self.preset.addItems(["live", *(name for name in PRESETS if name != "live")])
        self.more = QLineEdit(accessibleName="more options", placeholderText="--n_epochs 60 --batch_size 2")
        self.more.setToolTip("Any training option: " + ", ".join(f"--{name}" for name in knobs(Options)))
        self.hint = QLabel(wordWrap=True, minimumHeight=3 * self.fontMetrics().lineSpacing(),
                           alignment=Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Train", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.dataset, 1)
        row.addWidget(browse)
        form = QFormLayout(self)
        form.addRow("Dataset", row)
        form.addRow("Name", self.name)
        form.addRow("Preset", self.preset)
        form.addRow("More", self.more)
        form.addRow(self.hint)
        form.addRow(buttons)
        for field in (self.dataset, self.name, self.more):
            field.textChanged.connect(self._check)
        self.preset.currentTextChanged.connect(self._check)
        self.resize(460, self.sizeHint().height())
        self._check()

    def arguments(self) -> list[str]:
        dataset = Path(self.dataset.text().strip())
        return [str(dataset), "--name", self.run_name(), "--preset", self.preset.currentText(), *self._words()]

    def _words(self) -> list[str]:
        """Raises ValueError where a quotation mark is missing."""
        words = shlex.split(self.more.text(), posix=os.name != "nt")  # the backslashes of Windows are no escapes
        return [word.strip('"') for word in words]

    def run_name(self) -> str:
        return self.name.text().strip() or Path(self.dataset.text().strip()).name

    def _check(self) -> None:
        try:
            problem = self._problem()
        except ValueError as error:
            problem = str(error)
        self.hint.setText(problem)
        self.go.setEnabled(not problem)

    def _problem(self) -> str:
        """What is wrong, or ""."""
        folder = Path(self.dataset.text().strip())
        if not self.dataset.text().strip() or not (folder / "train").is_dir():
            return "Choose a dataset: a folder with train/ in it, such as prepare makes."
        new_run(self._runs, self.run_name())
        if find_run(self._runs, self.run_name()) is not None:
            return f"There is a run {self.run_name()} already: give this one another name, or use Go on."
        preset(self.preset.currentText()).with_values(given_options(_More().parse_args(self._words())))
        return ""

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Dataset")
        if folder:
            self.dataset.setText(folder)


class _More(argparse.ArgumentParser):
    """The training options as on the command line."""

    def __init__(self) -> None:
        super().__init__(add_help=False)
        add_options(self)

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"More: {message}")
