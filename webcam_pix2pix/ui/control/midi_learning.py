"""MidiLearning: MIDI in the window: right click on a setting or an action, then move a knob; the file that keeps the mapping."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from webcam_pix2pix.control.controllers import Controllers
from webcam_pix2pix.control.labels import full_label
from webcam_pix2pix.control.midi import Mapping, Mappings
from webcam_pix2pix.control.midi.mapping import ACTION
from webcam_pix2pix.control.parameters import PARAMETERS

from .midi_dialog import MidiDialog

log = logging.getLogger(__name__)

FILE = "midi.json"
Later = Callable[[Callable[[], object]], None]


class MidiLearning(QObject):
    """controllers: with the router. later: calls in the window's thread. note, problem: take a line for people."""

    def __init__(self, window: QWidget, controllers: Controllers, folder: Path, later: Later, note: Callable[[str], object],
                 problem: Callable[[str], object]) -> None:
        super().__init__(window)
        self._window, self._controllers, self._path = window, controllers, folder / FILE
        self._note, self._problem = note, problem
        self.router = controllers.router
        self.dialog: MidiDialog | None = None
        try:
            self.router.mappings = Mappings.read(self._path)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            log.warning("not used: %s", error)
        self.router.learned = lambda mapping: later(lambda: self._learned(mapping))

    def learn(self, target: str) -> None:
        """The next knob that moves plays `target`: a setting by dotted name, or "action:" and a name."""
        if self._controllers.midi is None:
            try:
                self._controllers.open_midi("")
            except OSError as error:
                self._problem(str(error))
                return
        self.router.learn(target)
        self._note(f"Move a knob or press a pad for “{self.label(target)}”.")

    def forget(self, target: str) -> None:
        """Nothing plays `target` any more."""
        self.replace(self.router.mappings.without(target))

    def replace(self, mappings: Mappings) -> None:
        """Use and store other mappings."""
        self.router.mappings = mappings
        self.store()
        if self.dialog is not None:
            self.dialog.refresh()

    def store(self) -> None:
        """Write the mappings as they are now."""
        try:
            self.router.mappings.write(self._path)
        except OSError as error:
            self._problem(f"The MIDI mapping is not stored: {error}")

    def entries(self, name: str) -> list[tuple[str, Any]]:
        """For the menu of a setting."""
        return self._entries(name) if PARAMETERS[name].can_be_normalised else []

    def offer_actions(self, place: QWidget, name_of: Callable[[QAction], str | None]) -> None:
        """A right click on an action in the menu or toolbar `place` offers to learn it. name_of: of the desk; None: it has none."""
        place.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        place.customContextMenuRequested.connect(lambda at: self._menu(place, at, name_of))

    def label(self, target: str) -> str:
        """A setting or an action for people."""
        if target.startswith(ACTION):
            action = self._controllers.desk.actions.get(target.removeprefix(ACTION))
            return action.text if action else target.removeprefix(ACTION)
        return full_label(target)

    def open(self) -> None:
        """Show the dialog with all mappings."""
        if self.dialog is None:
            self.dialog = MidiDialog(self._window, self, self._controllers)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()

    def _entries(self, target: str) -> list[tuple[str, Any]]:
        mapping = self.router.mappings.of(target)
        found = [("MIDI learn…", lambda: self.learn(target))]
        if mapping:
            found.append((f"Forget MIDI {mapping.control}", lambda: self.forget(target)))
        return found

    def _menu(self, place: Any, at: QPoint, name_of: Callable[[QAction], str | None]) -> None:
        child = place.childAt(at)
        action = child.defaultAction() if isinstance(child, QToolButton) else place.actionAt(at)
        name = name_of(action) if action is not None else None
        if name is None:
            return
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, does in self._entries(ACTION + name):
            menu.addAction(text, does)
        menu.popup(place.mapToGlobal(at))

    def _learned(self, mapping: Mapping) -> None:
        self.replace(self.router.mappings)
        self._note(f"“{self.label(mapping.target)}” is played by MIDI {mapping.control} now.")
