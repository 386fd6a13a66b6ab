"""LiveSettings: the settings as the window holds them. One value, its recipe, its undo. Everything that changes a setting comes here."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from msa.capturer.kind import mirrored
from params import rows
from webcam_pix2pix.recipe import DOCUMENTED, Recipe
from webcam_pix2pix.settings import Settings

ROWS = {row.name: row for row in rows()}
MERGE_S = 1.0  # changes of one setting closer together than this are one step of undo: a drag is one


class LiveSettings(QObject):
    """Tree, shortcuts, presets and, in time, controllers change this; the engine gets the new value by one assignment.

    Attributes:
        value: the settings now.
        recipe: what the running model was trained with; None when it does not say.
        undo: QUndoStack of the changes.

    Signals:
        changed: once for each change, whatever the number of settings in it.
    """

    changed = Signal()

    def __init__(self, value: Settings, push: Callable[[Settings], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.recipe: Recipe | None = None
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(200)
        self._push = push

    def set(self, name: str, value: Any) -> None:
        """Change one setting by dotted name. Raises ValueError."""
        self.apply({name: value}, " ".join(name.split(".")[-2:]).replace("_", " "))  # "Prediction enabled"

    def apply(self, values: Mapping[str, Any], text: str) -> None:
        """Change several settings as one step of undo called `text`. Raises ValueError, and then nothing has changed."""
        values = dict(values)
        if values.get("EdgeDetection.method") == "training_matched" and self.recipe:  # show what will be used
            values = {k: v for k, v in self.recipe.values().items() if k.startswith("EdgeDetection.")} | values
        self.replace(self.value.with_values(values), text, tuple(sorted(values)))

    def to_recipe(self) -> None:
        """Back to what the model was trained with."""
        if self.recipe:
            self.replace(self.value.with_recipe(self.recipe), "back to the recipe")

    def replace(self, value: Settings, text: str, names: tuple[str, ...] = ()) -> None:
        """Take `value` as a step of undo; steps of the same `names` in quick succession are merged."""
        if value != self.value:
            self.undo.push(_Change(self, self.value, value, text, names))

    def correct(self, values: Mapping[str, Any]) -> None:
        """Change settings to what is the case; no step of undo."""
        self._take(self.value.with_values(values))

    def adopt(self, recipe: Recipe | None, keep: bool) -> None:
        """A model has come with its recipe: the chain is set to it unless `keep`. One without a recipe gets the documented edges."""
        self.recipe = recipe
        if recipe and not keep:
            self.replace(self.value.with_recipe(recipe), "recipe of the model")
        elif not recipe and self.value.edges.method == "training_matched":  # show what is used
            self.replace(replace(self.value, edges=replace(DOCUMENTED, method="training_matched")), "documented edges")
        self.changed.emit()

    def departures(self) -> tuple[str, ...]:
        """Dotted names of the settings that have left the recipe and do something as the others stand."""
        if self.recipe is None:
            return ()
        values = self.value.flat()
        return tuple(name for name in self.recipe.departures(self.value.processing, self.value.edges) if ROWS[name].effective(values))

    def reference(self) -> dict[str, Any]:
        """What a reset returns to: the model's value where it has one, else the default."""
        values = Settings().flat() | {"Capture.Processing.flip_h": mirrored(self.value.capture_init.device_id)}
        return values | (self.recipe.values() | {"EdgeDetection.method": "training_matched"} if self.recipe else {})

    def _take(self, value: Settings) -> None:
        self.value = value
        self._push(value)
        self.changed.emit()


class _Change(QUndoCommand):
    def __init__(self, live: LiveSettings, before: Settings, after: Settings, text: str, names: tuple[str, ...]) -> None:
        super().__init__(text)
        self._live, self._before, self._after, self._names, self._time = live, before, after, names, time.monotonic()

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not self._names or other._names != self._names or other._time - self._time > MERGE_S:
            return False
        self._after, self._time = other._after, other._time
        return True

    def redo(self) -> None:
        self._live._take(self._after)

    def undo(self) -> None:
        self._live._take(self._before)
