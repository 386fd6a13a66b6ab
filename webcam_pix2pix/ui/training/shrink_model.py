"""Shrink…: asks on what a small model learns to paint as a large one does, and gives the arguments of shrink."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QWidget

from webcam_pix2pix.model import resolve_model
from webcam_pix2pix.training.runs.runfolder import find_run
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.plan import plan
from webcam_pix2pix.training.setup.presets import preset

from .footage_list import FootageDialog

FILTERS = {0: "as suits the model", 16: "16 filters: the fastest", 24: "24 filters", 32: "32 filters: nearer to the large model"}


class ShrinkModel(FootageDialog):
    """`arguments()` once it was accepted. model: name or path of the large one; shown: what people call it."""

    lacking = "Add footage: a film of a minute or more, or some hundred images."

    def __init__(self, parent: QWidget, runs: Path, model: str, shown: str) -> None:
        super().__init__(parent, runs, f"Shrink {shown}", "Films, images or folders of what the model will meet on stage; drop them here:",
                         "Shrink")
        self.name.setText(f"{shown} small")
        self._model = model
        self.filters = QComboBox(accessibleName="size of the network")
        for count, text in FILTERS.items():
            self.filters.addItem(text, count)
        self._ask({"Network": self.filters})

    def arguments(self) -> list[str]:
        """For the command shrink, without folders."""
        filters = self.filters.currentData()
        return [self._model, self.run_name(), "--on", *self.given(), *(["--ngf", str(filters)] if filters else [])]

    def _options(self, pairs: int) -> Options:
        filters = self.filters.currentData()
        chosen = preset("student").with_values(plan(pairs, "student", 256).options | {"teacher": self._model})
        return chosen.with_values({"ngf": filters}) if filters else chosen

    def _advice(self) -> str:
        return "A small network learns to paint as the large one does. At the end both are compared and timed."

    def _taken(self, name: str) -> str:
        before = find_run(self._runs, name)
        if before is None:
            return ""
        try:
            _, options, was = before.read_options()
            same = was == "student" and Path(options.teacher) == resolve_model(self._model).path.resolve()
            same = same and self.filters.currentData() in (0, options.ngf)
        except (OSError, ValueError):
            same = False
        return "" if same else f"There is a model “{name}” already, and it was begun otherwise. Choose another name."
