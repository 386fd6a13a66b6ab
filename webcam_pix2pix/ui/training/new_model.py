"""New model…: asks only what the program cannot know, and gives the arguments of make-model."""

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from msa.content import listed_as
from msa.words import counted
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.plan import FEW, plan
from webcam_pix2pix.training.setup.presets import PRESETS, preset

from ..foundation import theme
from .footage_list import FootageList
from .same_name import OtherName, conflict, free_name, resumption, wrong_name
from .time_estimate import TimeEstimate

SIZES = ("256", "512", "1024")
PRESET_TEXTS = {"live": "live: small and fast, for laptops", "quality": "quality: the best image, for a good GPU",
        "painter": "painter: for any camera, from paintings or photographs",
                "classic": "classic: as in the well-known pix2pix program, slower and larger"}

LENGTH_TEXTS = {"usual": "usual", "short": "short: a first look", "long": "long: as good as it gets"}


class NewModel(QDialog):
    """Footage and a name; everything else has a good default. `arguments()` once it was accepted."""

    def __init__(self, parent: QWidget, runs: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("New model")
        self._runs = runs
        self.footage = FootageList()
        self.name = QLineEdit(accessibleName="name", placeholderText="name of the model")
        self.other = OtherName(self.name)
        self.size_ = QComboBox(accessibleName="size")
        self.size_.addItems([f"{size} × {size} pixels" for size in SIZES])
        self.preset = QComboBox(accessibleName="kind of model")
        for name in sorted(PRESETS, key=list(PRESET_TEXTS).index):
            self.preset.addItem(PRESET_TEXTS[name], name)
        self.length = QComboBox(accessibleName="length of the training")
        for name, text in LENGTH_TEXTS.items():
            self.length.addItem(text, name)
        self.time = TimeEstimate()
        self.hint = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Make the model", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)

        questions = QFormLayout()
        questions.addRow("Name", self.name)
        questions.addRow("Size", self.size_)
        questions.addRow("Kind of model", self.preset)
        questions.addRow("Length", self.length)
        questions.addRow("Training time", self.time)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        layout.addWidget(QLabel("Films, images or folders of them; drop them here:"))
        layout.addWidget(self.footage, 1)
        layout.addLayout(questions)
        layout.addWidget(self.hint)
        layout.addWidget(self.other)
        layout.addWidget(buttons)
        self.name.textChanged.connect(self._check)
        self.time.counted.connect(self._check)
        self.footage.changed.connect(self._changed)
        for choice in (self.size_, self.preset, self.length):
            choice.currentIndexChanged.connect(lambda *_: self._check())
            choice.currentIndexChanged.connect(lambda *_: self._estimate())
        self.resize(480, 460)
        self._check()
        self._estimate()

    def add(self, path: str) -> None:
        """Add a film, an image or a folder."""
        self.footage.add(path)

    def _changed(self) -> None:
        if not self.name.text():
            self.name.setText(self.footage.suggested_name())
        self._check()
        self._estimate()

    def done(self, result: int) -> None:
        """End what is being measured first: the dialog is gone afterwards."""
        self.time.stop()
        super().done(result)

    def run_name(self) -> str:
        return self.name.text().strip()

    def arguments(self) -> list[str]:
        """For the command make-model, without folders."""
        length = self.length.currentData()
        return [self.name.text().strip(), *self.footage.paths(), "--size", SIZES[self.size_.currentIndex()],
                "--preset", self.preset.currentData(), *(["--length", length] if length != "usual" else [])]

    def _estimate(self) -> None:
        if not self.footage.paths():
            return self.time.stop("known when there is footage")
        kind, size, length = self.preset.currentData(), int(SIZES[self.size_.currentIndex()]), self.length.currentData()

        def options(pairs: int) -> Options:
            return preset(kind).with_values(plan(pairs, kind, size, length=length).options)

        self.time.ask(options, footage=self.footage.paths())

    def _advice(self) -> str:
        """What people should know before the start about so many images, and about another kind of model that may suit them."""
        paths, kind = self.footage.paths(), self.preset.currentData()
        pairs, lines = self.time.pairs_of(paths), []
        if pairs is not None:
            few = "" if pairs >= FEW else (" The network will learn exactly these and little else; 100 to 1000 are usual, of similar "
                                           "things in similar light.")
            lines.append(f"About {counted(pairs, 'image')} to learn from.{few}")
        if kind != "painter" and not any(listed_as(Path(path)) == "film" for path in paths):
            lines.append("If these are paintings or photographs, choose the kind “painter”: it learns to paint any camera image like them.")
        return "\n".join(lines)

    def _check(self) -> None:
        problem = "" if self.footage.paths() else "Add footage: a film of a few minutes, or a few hundred similar images."
        name, kind, size = self.run_name(), self.preset.currentData(), int(SIZES[self.size_.currentIndex()])
        problem = problem or wrong_name(self._runs, name)
        taken = "" if problem else conflict(self._runs, name, kind, preset(kind).with_values(plan(1000, kind, size).options))
        self.other.offer((lambda: free_name(self._runs, name)) if taken else None)
        self.hint.setText(problem or taken or resumption(self._runs, name) or self._advice() or
                          "Frames, pairs and training follow automatically. You can stop at any time and resume.")
        self.go.setEnabled(not problem and not taken)
