"""Train…: which dataset, name and preset, and any other option as on the command line."""

import argparse
import os
import shlex
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from msa.knob import knobs
from webcam_pix2pix.training.forecast import pairs_in
from webcam_pix2pix.training.runs.runfolder import find_run, new_run
from webcam_pix2pix.training.setup.options import Options, add_options, given_options
from webcam_pix2pix.training.setup.presets import preset

from ..foundation.store import documents
from ..sources import dialogs
from .new_model import kinds
from .time_estimate import TimeEstimate


class StartTraining(QDialog):
    """`arguments()` for the command train once it was accepted."""

    def __init__(self, parent: QWidget, runs: Path, dataset: str = "") -> None:
        """dataset: the folder to begin with."""
        super().__init__(parent)
        self.setWindowTitle("Train")
        self._runs = runs
        self.dataset = QLineEdit(dataset, accessibleName="dataset", placeholderText="folder of pairs, with “train” and “val” in it")
        browse = QPushButton("Choose…", accessibleName="choose dataset")
        browse.clicked.connect(self._ask)
        self.name = QLineEdit(accessibleName="name", placeholderText="same as the dataset")
        self.preset = QComboBox(accessibleName="kind of model")
        for name, text in kinds().items():
            self.preset.addItem(text, name)
        self.epochs = QSpinBox(accessibleName="epochs", maximum=100_000, specialValueText="usual")
        self.epochs.setToolTip("How often the network sees every pair; more take longer")
        self.batch = QSpinBox(accessibleName="pairs at a time", maximum=256, specialValueText="usual")
        self.batch.setToolTip("Pairs that the network sees in one step; more need more memory")
        self.expert = QCheckBox("Options for experts", accessibleName="options for experts")
        self.more = QLineEdit(accessibleName="more options", placeholderText="--lambda_L1 50 --lr 0.0001")
        self.more.setToolTip("Any training option: " + ", ".join(f"--{name}" for name in knobs(Options)))
        self.time = TimeEstimate()
        self.hint = QLabel(wordWrap=True, minimumHeight=3 * self.fontMetrics().lineSpacing(),
                           alignment=Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Train", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.dataset, 1)
        row.addWidget(browse)
        questions = QFormLayout(self)
        questions.addRow("Dataset", row)
        questions.addRow("Name", self.name)
        questions.addRow("Kind of model", self.preset)
        questions.addRow("Rounds (epochs)", self.epochs)
        questions.addRow("Pairs at a time", self.batch)
        questions.addRow("Time", self.time)
        questions.addRow(self.expert)
        questions.addRow("More", self.more)
        questions.setRowVisible(self.more, False)
        self.expert.toggled.connect(lambda on: questions.setRowVisible(self.more, on))
        questions.addRow(self.hint)
        questions.addRow(buttons)
        for field in (self.dataset, self.name, self.more):
            field.textChanged.connect(self._check)
        self.preset.currentTextChanged.connect(self._check)
        for number in (self.epochs, self.batch):
            number.valueChanged.connect(self._check)
        self.resize(460, self.sizeHint().height())
        self._check()

    def arguments(self) -> list[str]:
        dataset = Path(self.dataset.text().strip())
        return [str(dataset), "--name", self.run_name(), "--preset", self.preset.currentData(), *self._chosen(), *self._words()]

    def _chosen(self) -> list[str]:
        """Options for what was chosen in numbers."""
        words = []
        if self.epochs.value():
            usual = preset(self.preset.currentData())  # the same share of the epochs with a falling learning rate
            decay = self.epochs.value() * usual.n_epochs_decay // usual.epochs
            words += ["--n_epochs", str(self.epochs.value() - decay), "--n_epochs_decay", str(decay)]
        return words + (["--batch_size", str(self.batch.value())] if self.batch.value() else [])

    def _words(self) -> list[str]:
        """Raises ValueError where a quotation mark is missing."""
        words = shlex.split(self.more.text(), posix=os.name != "nt")  # the backslashes of Windows are no escapes
        return [word.strip('"') for word in words]

    def done(self, result: int) -> None:
        """End what is being measured first: the dialog is gone afterwards."""
        self.time.stop()
        super().done(result)

    def run_name(self) -> str:
        return self.name.text().strip() or Path(self.dataset.text().strip()).name

    def _check(self) -> None:
        try:
            problem = self._problem()
        except ValueError as error:
            problem = str(error)
        self.hint.setText(problem)
        self.go.setEnabled(not problem)
        if problem:
            return self.time.stop("known when there is a dataset" if not self.dataset.text().strip() else "")
        options = self._options()
        self.time.ask(lambda _: options, pairs=pairs_in(Path(self.dataset.text().strip())))

    def _problem(self) -> str:
        """What is wrong, or ""."""
        text = self.dataset.text().strip()
        if not text:
            return "Choose a dataset: a folder of pairs with a folder “train” in it. The panel “collect” makes one."
        if not (Path(text) / "train").is_dir():
            return f"{text} is not a dataset: it has no folder “train”. For images or films use Model, New model…"
        new_run(self._runs, self.run_name())
        if find_run(self._runs, self.run_name()) is not None:
            return f"There is a run {self.run_name()} already: give this one another name, or continue that one in the panel “training”."
        self._options()
        return ""

    def _options(self) -> Options:
        """Raises ValueError."""
        words = [*self._chosen(), *self._words()]
        return preset(self.preset.currentData()).with_values(given_options(_More().parse_args(words)))

    def _ask(self) -> None:
        made = documents() / "datasets"
        if folder := dialogs.dataset(self, self.dataset.text().strip() or str(made)):
            self.dataset.setText(folder)


class _More(argparse.ArgumentParser):
    """The training options as on the command line."""

    def __init__(self) -> None:
        super().__init__(add_help=False)
        add_options(self)

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"More: {message}")
