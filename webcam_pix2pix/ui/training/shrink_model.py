"""Shrink…: asks on what a small model learns to paint as a large one does, and gives the arguments of shrink."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from webcam_pix2pix.model import resolve_model
from webcam_pix2pix.training.runs.runfolder import find_run
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.plan import plan
from webcam_pix2pix.training.setup.presets import preset

from ..foundation import theme
from .footage_list import FootageList
from .same_name import OtherName, free_name, resumption, wrong_name
from .time_estimate import TimeEstimate

FILTERS = {0: "as suits the model", 16: "16 filters: the fastest", 24: "24 filters", 32: "32 filters: nearer to the large model"}


class ShrinkModel(QDialog):
    """`arguments()` once it was accepted. model: name or path of the large one; shown: what people call it."""

    def __init__(self, parent: QWidget, runs: Path, model: str, shown: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Shrink {shown}")
        self._runs, self._model = runs, model
        self.footage = FootageList()
        self.name = QLineEdit(f"{shown} small", accessibleName="name")
        self.other = OtherName(self.name)
        self.filters = QComboBox(accessibleName="size of the network")
        for count, text in FILTERS.items():
            self.filters.addItem(text, count)
        self.time = TimeEstimate()
        self.hint = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Shrink", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        questions = QFormLayout()
        questions.addRow("Name", self.name)
        questions.addRow("Network", self.filters)
        questions.addRow("Training time", self.time)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        layout.addWidget(QLabel("Films, images or folders of what the model will meet on stage; drop them here:"))
        layout.addWidget(self.footage, 1)
        layout.addLayout(questions)
        layout.addWidget(self.hint)
        layout.addWidget(self.other)
        layout.addWidget(buttons)
        self.name.textChanged.connect(self._check)
        self.footage.changed.connect(self._check)
        self.footage.changed.connect(self._estimate)
        self.filters.currentIndexChanged.connect(lambda *_: self._check())
        self.filters.currentIndexChanged.connect(lambda *_: self._estimate())
        self.resize(480, 420)
        self._check()
        self._estimate()

    def done(self, result: int) -> None:
        """End what is being measured first: the dialog is gone afterwards."""
        self.time.stop()
        super().done(result)

    def run_name(self) -> str:
        return self.name.text().strip()

    def arguments(self) -> list[str]:
        """For the command shrink, without folders."""
        filters = self.filters.currentData()
        return [self._model, self.run_name(), "--on", *self.footage.paths(), *(["--ngf", str(filters)] if filters else [])]

    def _estimate(self) -> None:
        paths = self.footage.paths()
        if not paths:
            return self.time.stop("known when there is footage")
        filters = self.filters.currentData()

        def options(pairs: int) -> Options:
            chosen = preset("student").with_values(plan(pairs, "student", 256).options | {"teacher": self._model})
            return chosen.with_values({"ngf": filters}) if filters else chosen

        self.time.ask(options, footage=paths)

    def _check(self) -> None:
        problem = "" if self.footage.paths() else "Add footage: a film of a minute or more, or some hundred images."
        name, filters = self.run_name(), self.filters.currentData()
        problem = problem or wrong_name(self._runs, name)
        before = find_run(self._runs, name) if not problem else None
        taken = ""
        if before is not None:
            try:
                _, options, was = before.read_options()
                same = was == "student" and Path(options.teacher) == resolve_model(self._model).path.resolve()
                same = same and filters in (0, options.ngf)
            except (OSError, ValueError):
                same = False
            taken = "" if same else f"There is a model “{name}” already, and it was begun otherwise. Choose another name."
        self.other.offer((lambda: free_name(self._runs, name)) if taken else None)
        self.hint.setText(problem or taken or resumption(self._runs, name) or
                          "A small network learns to paint as the large one does. At the end both are compared and timed.")
        self.go.setEnabled(not problem and not taken)
