"""New model…: asks only what the program cannot know, and gives the arguments of make-model."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QWidget

from msa.content import listed_as
from msa.words import counted
from webcam_pix2pix.evaluation.lite0 import lite0_weights
from webcam_pix2pix.training.forecast import spoken
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.plan import LENGTHS, PAIRS_SEEN, few, plan
from webcam_pix2pix.training.setup.presets import PAINTERS, preset

from .footage_list import FootageDialog
from .same_name import conflict

SIZES = ("256", "512", "1024")
PRESET_TEXTS = {"live": "live: small and fast, for laptops", "quality": "quality: the best image, for a good GPU",
                "painter": "painter: for any camera, from paintings or photographs",
                "projected": "projected: the same, sharper, judged through a trained network",
                "classic": "classic: as in the well-known pix2pix program, slower and larger"}

LONG_S = 75 * 60.0  # a first look should not take longer
LENGTH_TEXTS = {"usual": "usual", "short": "short: a first look", "long": "long: as good as it gets"}


def kinds() -> dict[str, str]:
    """The presets that this installation can train with: name -> for people."""
    return {name: text for name, text in PRESET_TEXTS.items() if not preset(name).needs_backbone or lite0_weights()}


class NewModel(FootageDialog):
    """Footage and a name; everything else has a good default. `arguments()` once it was accepted."""

    lacking = "Add footage: a film of a few minutes, or a few hundred similar images."

    def __init__(self, parent: QWidget, runs: Path) -> None:
        super().__init__(parent, runs, "New model", "Films, images or folders of them; drop them here:", "Make the model")
        self.name.setPlaceholderText("name of the model")
        self._suggested = ""  # the name that was suggested last
        self.size_ = QComboBox(accessibleName="size")
        self.size_.addItems([f"{size} × {size} pixels" for size in SIZES])
        self.preset = QComboBox(accessibleName="kind of model")
        for name, text in kinds().items():
            self.preset.addItem(text, name)
        self.length = QComboBox(accessibleName="length of the training")
        for name, text in LENGTH_TEXTS.items():
            self.length.addItem(text, name)
        self.time.found.connect(self._check)
        self._ask({"Size": self.size_, "Kind of model": self.preset, "Length": self.length})

    def add(self, path: str) -> None:
        """Add a film, an image or a folder."""
        self.footage.add(path)

    def _changed(self) -> None:
        name = self.name.text()
        if not name or (name == self._suggested and not self.footage.paths()):
            self._suggested = self.footage.suggested_name()
            self.name.setText(self._suggested)
        super()._changed()

    def arguments(self) -> list[str]:
        """For the command make-model, without folders."""
        length = self.length.currentData()
        return [self.run_name(), *self.given(), "--size", SIZES[self.size_.currentIndex()],
                "--preset", self.preset.currentData(), *(["--length", length] if length != "usual" else [])]

    def _options(self, pairs: int) -> Options:
        kind = self.preset.currentData()
        return preset(kind).with_values(plan(pairs, kind, self._size(), length=self.length.currentData()).options)

    def _size(self) -> int:
        return int(SIZES[self.size_.currentIndex()])

    def _advice(self) -> str:
        """What people should know before the start about so many images, and about another kind of model that may suit them."""
        paths, kind = self.footage.paths(), self.preset.currentData()
        pairs, lines = self.time.pairs_of(paths), []
        if pairs is not None:
            advice = few(pairs, kind)
            lines.append(f"About {counted(pairs, 'image')} to learn from{advice and ', ' + advice}.")
        if kind not in PAINTERS and not any(listed_as(Path(path)) == "film" for path in paths):
            lines.append("If these are paintings or photographs, choose the kind “painter”: it varies each of them, and paints "
                         "any camera image like them.")
        taken_s = self.time.measured_s or 0.0
        if self.length.currentData() == "short" and taken_s > LONG_S:
            lines.append(f"Even “short” takes {spoken(taken_s)} here. {self._faster(pairs)}You can stop at any time, use what "
                         "it has learned by then, and go on later.")
        return "\n".join(lines) or "Frames, pairs and training follow automatically. You can stop at any time and resume."

    def _faster(self, pairs: int | None) -> str:
        """What takes less time than what is chosen, as a sentence; "" where nothing does."""
        kind, options = self.preset.currentData(), self._options(pairs or 1)
        faster = ["256 × 256 pixels"] * (self._size() > 256) + ["the kind “live”"] * (kind != "live")
        faster += ["fewer images"] * (options.epochs * (pairs or 1) > 1.2 * LENGTHS["short"] * PAIRS_SEEN[kind])
        return f"Faster: {' or '.join(faster)}. " if faster else ""

    def _taken(self, name: str) -> str:
        kind = self.preset.currentData()
        return conflict(self._runs, name, kind, preset(kind).with_values(plan(1000, kind, self._size()).options))
