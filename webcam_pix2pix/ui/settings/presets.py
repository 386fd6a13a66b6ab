"""PresetMenu: built-in presets, the user's own, and snapshots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from webcam_pix2pix.settings import NAMES, PRESET_GROUPS, read_preset, write_preset
from webcam_pix2pix.sinks import read_about
from webcam_pix2pix.sinks.about import FILMS

from .live_settings import LiveSettings
from .preset_bank import KEYS, Bank, PresetEntry

OF_MODEL = ("Model.model_name", "Model.norm_mode", "Model.size", "Model.shape")


class PresetMenu(QMenu):
    """Applies a preset as one step of undo. `keys` are the actions of the keys 1 to 9.

    Signals:
        note(str), problem(str): the result.
        saved(str, str): a preset was written: what to say, and the file.
    """

    saved = Signal(str, str)
    note = Signal(str)
    problem = Signal(str)

    def __init__(self, parent: QWidget, live: LiveSettings, folder: Path) -> None:
        super().__init__("Presets", parent)
        self.setToolTipsVisible(True)
        self._live, self._folder, self.bank = live, folder, Bank(folder)
        self.aboutToShow.connect(self._build)
        self.keys = [QAction(f"Preset {number}", parent, shortcut=str(number)) for number in KEYS]
        for number, action in zip(KEYS, self.keys, strict=True):
            action.triggered.connect(lambda _=False, number=number: self._by_number(number))
        parent.addActions(self.keys)

    def load(self, path: str) -> None:
        """Apply a preset file, or the look and the model of a snapshot (.png) or a recording."""
        try:
            if Path(path).suffix.lower() in (".png", *FILMS):
                return self._restore(path)
            self.apply(read_preset(path), Path(path).stem)
        except (ValueError, OSError) as error:
            self.problem.emit(str(error))

    def _restore(self, path: str) -> None:
        """What decides the painting of a snapshot or a recording: its look and its model; where the network runs is of the machine."""
        about = read_about(path)
        values = {name: value for name, value in about["settings"].items()
                  if name in NAMES and (name.startswith(PRESET_GROUPS) or name in OF_MODEL)}
        model = self._live.value.model
        self._live.apply(values, f"settings of {Path(path).name}")
        other = self._live.value.model != model
        if other:
            self._live.keep_values()
        self.note.emit(f"Settings of “{Path(path).name}” restored" + (f", with its model {about['model']}" if other else "") + "."
                       + (" To play it: Source, Open film." if Path(path).suffix.lower() in FILMS else ""))

    def apply(self, values: Mapping[str, Any], name: str) -> None:
        """Apply values by dotted name, as one change. Raises ValueError."""
        before = self._live.value
        self._live.apply(values, f"preset {name}")
        self.note.emit(f"Preset “{name}”. " + ("These settings are in use already." if self._live.value == before else "Ctrl+Z undoes it."))

    def save(self, path: str) -> None:
        """Write the look as it is now."""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            write_preset(path, {k: v for k, v in self._live.value.flat().items() if k.startswith(PRESET_GROUPS)})
        except OSError as error:
            return self.problem.emit(f"{path}: the preset could not be written ({error.strerror or error})")
        key = next((entry.key for entry in self.bank.entries() if entry.path == Path(path)), None)
        self.saved.emit(f"Preset saved: {path}" + (f". Key {key} recalls it." if key else ""), path)

    def ask_and_load(self) -> None:
        """File, Load preset."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path, _ = QFileDialog.getOpenFileName(self.parentWidget(), "Load preset", str(self._folder),
                                              "Presets, snapshots, recordings (*.json *.png *.mp4 *.mov *.mkv)")
        if path:
            self.load(path)

    def ask_and_save(self) -> None:
        """File, Save preset."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path, _ = QFileDialog.getSaveFileName(self.parentWidget(), "Save preset", str(self._folder / "preset.json"), "Presets (*.json)")
        if path:
            self.save(path if path.endswith(".json") else f"{path}.json")

    def _build(self) -> None:
        self.clear()
        entries = self.bank.entries()
        for entry in entries:
            key = f"\t{entry.key}" if entry.key else ""
            self.addAction(entry.name.replace("&", "&&") + key).triggered.connect(lambda _=False, entry=entry: self._use(entry))
        self.addSeparator()
        self._build_keys(self.addMenu("Keys 1 to 9"), entries)
        self.addAction("Show in folder", self.show_folder).setToolTip("To rename or delete presets")

    def show_folder(self) -> None:
        """Open the folder of the user's presets in the file manager."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.note.emit(f"Presets are in {self._folder}")

    def _build_keys(self, menu: QMenu, entries: list[PresetEntry]) -> None:
        """One menu for each look, with the keys to choose from."""
        on = {entry.key: entry.name for entry in entries if entry.key}
        for entry in entries:
            choice = menu.addMenu(entry.name.replace("&", "&&"))
            group = QActionGroup(choice)
            for key in (*KEYS, None):
                taken = f"  ({on[key]})" if key in on and key != entry.key else ""
                action = QAction(f"Key {key}{taken}" if key else "No key", group, checkable=True)
                action.setChecked(key == entry.key)
                action.triggered.connect(lambda _=False, entry=entry, key=key: self._assign(entry, key))
                choice.addAction(action)

    def _assign(self, entry: PresetEntry, key: int | None) -> None:
        try:
            self.bank.assign(entry, key)
        except OSError as error:
            return self.problem.emit(f"{self._folder}: the key could not be stored ({error.strerror or error})")
        self.note.emit(f"Key {key} recalls “{entry.name}”." if key else f"“{entry.name}” has no key now.")

    def _use(self, entry: PresetEntry) -> None:
        if entry.path is not None:
            self.load(str(entry.path))
        else:
            self.apply(entry.values or {}, entry.name)

    def _by_number(self, number: int) -> None:
        entry = self.bank.by_key(number)
        if entry is None:
            return self.note.emit(f"No preset is on key {number}. Choose one: File, Presets, Keys 1 to 9.")
        self._use(entry)
