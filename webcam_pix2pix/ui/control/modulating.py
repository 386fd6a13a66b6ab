"""Modulating: LFOs in the window: a mark that moves on each slider, the dialog behind "Modulate…", and the file that keeps them."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from msa.files import parse_json, write_atomic
from webcam_pix2pix.control.modulation import Modulation
from webcam_pix2pix.control.parameters import PARAMETERS

from ..settings.live_settings import LiveSettings
from ..settings.tree import SettingsPanel
from .modulate_dialog import ModulateDialog

log = logging.getLogger(__name__)

MARKS_S = 0.05
FILE = "modulation.json"


class Modulating(QObject):
    """Shows and stores the modulation of the desk. folder: of the window's settings. listen: opens the sound where it is needed,
    raises OSError. problem: takes a line for people."""

    def __init__(self, live: LiveSettings, panel: SettingsPanel, folder: Path, listen: Callable[[], None],
                 problem: Callable[[str], object]) -> None:
        super().__init__(panel)
        self._live, self._desk, self._panel, self._path = live, live.desk, panel, folder / FILE
        self.dialog: ModulateDialog | None = None
        self._shown: set[str] = set()  # settings whose slider has a mark
        self._listen, self._problem = listen, problem
        self._load()
        self._saved = self._heard = self._desk.modulation
        panel.menu_extras.append(self._entries)
        self._time = 0.0
        live.ticked.connect(self._ticked)

    def take_as_given(self) -> None:
        """What moves now was asked for on the command line: it is stored only when it is changed in the window."""
        self._saved = self._desk.modulation

    def _ticked(self) -> None:
        if time.monotonic() - self._time > MARKS_S:
            self._time = time.monotonic()
            self.tick()

    def tick(self) -> None:
        """Bring the marks up to date; store what has changed once the dialog is closed."""
        modulation = self._desk.modulation
        values = modulation.values(self._live.value, time.perf_counter(), self._desk.sound) if modulation.modulators else {}
        for name in self._shown - values.keys():
            self._panel.fields[name].show_moved(None)
        if values:
            fields = self._panel.fields
            for name, value in values.items():
                fields[name].show_moved(value)
        self._shown = set(values)
        if modulation is not self._heard:
            self._heard = modulation
            try:
                self._listen()
            except OSError as error:
                self._problem(str(error))
        if modulation.modulators != self._saved.modulators and (self.dialog is None or not self.dialog.isVisible()):
            self._saved = modulation
            self._save()

    def open(self, name: str) -> None:
        """The dialog for one setting."""
        if self.dialog is not None:
            self.dialog.accept()
        self.dialog = ModulateDialog(self._panel.window(), self._desk, name, self._panel.bridge.rows[name].label)
        self.dialog.show()

    def _entries(self, name: str) -> list[tuple[str, Any]]:
        if not PARAMETERS[name].can_be_modulated:
            return []
        found: list[tuple[str, Any]] = [("Modulate…", lambda: self.open(name))]
        if self._desk.modulation.of(name):
            found.append(("Stop modulating", lambda: setattr(self._desk, "modulation", self._desk.modulation.without(name))))
        return found

    def _load(self) -> None:
        try:
            self._desk.modulation = Modulation.from_json(parse_json(self._path.read_text(encoding="utf-8")), str(self._path))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("not used: %s", error)

    def _save(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(self._path, json.dumps(self._desk.modulation.to_json(), indent=1) + "\n")
        except OSError as error:
            log.warning("%s: not stored (%s)", self._path, error)
