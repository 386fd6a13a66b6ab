"""PresetMenu: the presets as a menu, their keys, and files that hold a look."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from webcam_pix2pix.control.presets import Bank, Player, Preset
from webcam_pix2pix.control.presets.bank import KEYS
from webcam_pix2pix.control.presets.preset import values_of
from webcam_pix2pix.settings import NAMES, PRESET_GROUPS, read_preset, write_preset
from webcam_pix2pix.sinks import read_about
from webcam_pix2pix.sinks.about import FILMS

from ..foundation.desktop import show_folder
from ..foundation.file_dialog import ask_to_save
from ..settings.live_settings import LiveSettings
from ..sources import dialogs

OF_MODEL = ("Model.model_name", "Model.norm_mode", "Model.size", "Model.shape")


class PresetMenu(QMenu):
    """Applies a preset as one step of undo. `keys` are the actions of the keys 1 to 9, `player` plays the presets of the bank.

    fade: as Player takes it.

    Signals:
        note(str), problem(str): the result.
        saved(str, str): a preset was written: what to say, and the file.
    """

    saved = Signal(str, str)
    note = Signal(str)
    problem = Signal(str)

    def __init__(self, parent: QWidget, live: LiveSettings, folder: Path, fade: Callable[[float], None]) -> None:
        super().__init__("Presets", parent)
        self.setToolTipsVisible(True)
        self._live, self._folder, self.bank = live, folder, Bank(folder)
        self.player = Player(live.desk, self.bank, fade, self._in_window(self.note.emit), self._in_window(self.problem.emit))
        self.player.register()
        self.aboutToShow.connect(self._build)
        self.keys = [QAction(f"Preset {number}", parent, shortcut=str(number)) for number in KEYS]
        for number, action in zip(KEYS, self.keys, strict=True):
            action.triggered.connect(lambda _=False, number=number: live.desk.trigger(f"preset_{number}"))
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

    def mention(self, path: str) -> None:
        """Say so where a film that is played carries the settings it was recorded with."""
        with contextlib.suppress(ValueError, OSError):
            read_about(path)
            self.note.emit(f"“{Path(path).name}” carries the settings that it was recorded with. To have them back: File, Load settings…")

    def apply(self, values: Mapping[str, Any], name: str) -> None:
        """Apply values by dotted name, as one change. Raises ValueError."""
        self.player.go(values, name)

    def save(self, path: str) -> None:
        """Write the look as it is now."""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            write_preset(path, values_of(self._live.value))
        except OSError as error:
            return self.problem.emit(f"{path}: the preset could not be written ({error.strerror or error})")
        key = next((preset.key for preset in self.bank.presets if self._folder / preset.file == Path(path)), None)
        self.saved.emit(f"Preset saved: {path}" + (f". Key {key} recalls it." if key else ""), path)

    def ask_and_load(self, made: tuple[Path, Path]) -> None:
        """File, Load preset or snapshot. made: folders of recordings and of snapshots."""
        path = dialogs.saved_settings(self.parentWidget(), self._folder, made)
        if path:
            self.load(path)

    def ask_and_save(self) -> None:
        """File, Save preset."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = ask_to_save(self.parentWidget(), "Save preset", str(self._folder / "preset.json"), "Presets (*.json)")
        if path:
            self.save(path)

    def show_folder(self) -> None:
        """Open the folder of the user's presets in the file manager."""
        self._folder.mkdir(parents=True, exist_ok=True)
        show_folder(self._folder, self.note.emit)

    def _in_window(self, tell: Callable[[str], object]) -> Callable[[str], None]:
        """`tell`, to be called from any thread."""
        here = threading.get_ident()

        def said(text: str) -> None:
            if threading.get_ident() == here:
                tell(text)
            else:
                self._live.later(lambda: tell(text))

        return said

    def _build(self) -> None:
        self.clear()
        presets = self.bank.presets
        for preset in presets:
            key = f"\t{preset.key}" if preset.key else ""
            action = self.addAction(preset.name.replace("&", "&&") + key)
            action.triggered.connect(lambda _=False, preset=preset: self.player.recall(preset))
        self.addSeparator()
        self._build_keys(self.addMenu("Keys 1 to 9"), presets)
        self.addAction("Show in folder", self.show_folder).setToolTip("Each preset is a file that can be taken along")

    def _build_keys(self, menu: QMenu, presets: tuple[Preset, ...]) -> None:
        """One menu for each look, with the keys to choose from."""
        on = {preset.key: preset.name for preset in presets if preset.key}
        for preset in presets:
            choice = menu.addMenu(preset.name.replace("&", "&&"))
            group = QActionGroup(choice)
            for key in (*KEYS, None):
                taken = f"  ({on[key]})" if key in on and key != preset.key else ""
                action = QAction(f"Key {key}{taken}" if key else "No key", group, checkable=True)
                action.setChecked(key == preset.key)
                action.triggered.connect(lambda _=False, preset=preset, key=key: self._assign(preset, key))
                choice.addAction(action)

    def _assign(self, preset: Preset, key: int | None) -> None:
        try:
            self.bank.assign(preset, key)
        except OSError as error:
            return self.problem.emit(f"{self._folder}: the key could not be stored ({error.strerror or error})")
        self.note.emit(f"Key {key} recalls “{preset.name}”." if key else f"“{preset.name}” has no key now.")
