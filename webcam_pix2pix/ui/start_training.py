"""Train…: which dataset, name and preset, and any other option as on the command line."""

import shlex
from pathlib import Path

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
from webcam_pix2pix.training.options import PRESETS, Options, preset
from webcam_pix2pix.training.runfolder import new_run


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
        self.hint = QLabel(wordWrap=True)
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
        return [str(dataset), "--name", self._name(), "--preset", self.preset.currentText(), *shlex.split(self.more.text())]

    def _name(self) -> str:
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
        new_run(self._runs, self._name())
        words = shlex.split(self.more.text())
        if len(words) % 2 or not all(word.startswith("--") for word in words[::2]):
            return "More: expected pairs of --option value."
        preset(self.preset.currentText()).with_values({word[2:]: value for word, value in zip(words[::2], words[1::2], strict=True)})
        return ""

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Dataset")
        if folder:
            self.dataset.setText(folder)
