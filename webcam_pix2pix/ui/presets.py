"""PresetMenu: looks that are built in, the user's own, and the snapshots that remember theirs."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from msa.utils import natural_key
from webcam_pix2pix.settings import BUILT_IN_PRESETS, read_preset, write_preset
from webcam_pix2pix.sinks import read_snapshot

from .live_settings import LOOK, LiveSettings

KEYS = 9  # the first presets are on the keys 1 to 9


class PresetMenu(QMenu):
    """Applies a preset as one step of undo. `keys` are the actions of the keys 1 to 9.

    Signals:
        note(str), problem(str): what came of it.
    """

    note = Signal(str)
    problem = Signal(str)

    def __init__(self, parent: QWidget, live: LiveSettings, folder: Path) -> None:
        super().__init__("Presets", parent)
        self.setToolTipsVisible(True)
        self._live, self._folder = live, folder
        self.aboutToShow.connect(self._build)
        self.keys = [QAction(f"Preset {number}", parent, shortcut=str(number)) for number in range(1, KEYS + 1)]
        for number, action in enumerate(self.keys, 1):
            action.triggered.connect(lambda _=False, number=number: self._by_number(number))
        parent.addActions(self.keys)

    def load(self, path: str) -> None:
        """Apply a preset file, or the look of a snapshot (.png)."""
        try:
            if Path(path).suffix.lower() == ".png":
                values = {k: v for k, v in read_snapshot(path)["settings"].items() if k.startswith(LOOK)}
            else:
                values = read_preset(path)
            self.apply(values, Path(path).stem)
        except (ValueError, OSError) as error:
            self.problem.emit(str(error))

    def apply(self, values: Mapping[str, Any], name: str) -> None:
        """Apply values by dotted name, as one change. Raises ValueError."""
        before = self._live.value
        self._live.apply(values, f"preset {name}")
        self.note.emit(f"Preset “{name}”. " + ("This is the look already." if self._live.value == before else "Ctrl+Z undoes it."))

    def save(self, path: str) -> None:
        """Write the look as it is now."""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            write_preset(path, {k: v for k, v in self._live.value.flat().items() if k.startswith(LOOK)})
        except OSError as error:
            return self.problem.emit(f"{path}: {error.strerror or error}")
        self.note.emit(f"Preset saved: {path}")

    def ask_and_load(self) -> None:
        """File, Load preset."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path, _ = QFileDialog.getOpenFileName(self.parentWidget(), "Load preset", str(self._folder), "Presets and snapshots (*.json *.png)")
        if path:
            self.load(path)

    def ask_and_save(self) -> None:
        """File, Save preset."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path, _ = QFileDialog.getSaveFileName(self.parentWidget(), "Save preset", str(self._folder / "look.json"), "Presets (*.json)")
        if path:
            self.save(path if path.endswith(".json") else f"{path}.json")

    def _build(self) -> None:
        self.clear()
        for number, (name, use) in enumerate(self._all(), 1):
            key = f"\t{number}" if number <= KEYS else ""
            self.addAction(name.replace("&", "&&") + key).triggered.connect(lambda _=False, use=use: use())
        self.addSeparator()
        self.addAction("Show in folder", self.show_folder).setToolTip("To rename or delete presets")

    def show_folder(self) -> None:
        """Open the folder of the user's presets in the file manager."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.note.emit(f"Presets are in {self._folder}")

    def _all(self) -> list[tuple[str, partial[None]]]:
        """(name, what applies it): the built-in ones, then the user's by name."""
        own = sorted(self._folder.glob("*.json"), key=natural_key) if self._folder.is_dir() else []
        return ([(name, partial(self.apply, values, name)) for name, values in BUILT_IN_PRESETS.items()]
                + [(path.stem, partial(self.load, str(path))) for path in own])

    def _by_number(self, number: int) -> None:
        for _, use in self._all()[number - 1:number]:
            use()
