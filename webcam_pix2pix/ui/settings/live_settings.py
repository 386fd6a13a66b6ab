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
from webcam_pix2pix.settings import NAMES, PRESET_GROUPS, Model, Settings

ROWS = {row.name: row for row in rows()}
NOT_UNDONE = {"Prediction.enabled"}  # a switch of the show
BACK = ("Capture.Init.device_id", "Model.model_name")  # each has a way back of its own
KEPT = 20  # steps back
MERGE_S = 1.0  # changes of one setting closer together than this are one step of undo: a drag is one


class LiveSettings(QObject):
    """Tree, shortcuts, presets and, in time, controllers change this; the engine gets the new value by one assignment.

    Attributes:
        value: the settings now.
        recipe: what the running model was trained with; None when it does not say.
        undo: QUndoStack of the changes of the look; source, model and the switches of the show are not undone.

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
        self._kept: Model | None = None  # see keep_values
        self._before: dict[str, list[Any]] = {name: [] for name in BACK}  # values, the last one at the end

    def set(self, name: str, value: Any) -> None:
        """Change one setting by dotted name. Raises ValueError."""
        self.apply({name: value}, " ".join(name.split(".")[-2:]).replace("_", " "))  # "Prediction enabled"

    def apply(self, values: Mapping[str, Any], text: str) -> None:
        """Change several settings as one step of undo called `text`. Raises ValueError, and then nothing has changed."""
        self.replace(self._as_trained(self.value.with_values(values, self.recipe)), text, tuple(values) if len(values) == 1 else ())

    def to_recipe(self) -> None:
        """Back to what the model was trained with."""
        if self.recipe:
            self.replace(self.value.with_recipe(self.recipe), "back to the recipe")

    def replace(self, value: Settings, text: str, names: tuple[str, ...] = ()) -> None:
        """Take `value`. What of it is the look is a step of undo; steps of the same `names` in quick succession are merged."""
        if value == self.value:
            return
        self._note_back(value)
        old, new = _undoable(self.value), _undoable(value)
        changed = [name for name in new if new[name] != old[name]]
        if changed:
            self.undo.push(_Change(self, {n: old[n] for n in changed}, {n: new[n] for n in changed}, value, text, names))
        else:
            self._take(value)

    def follow(self, value: Settings) -> None:
        """Someone else has changed the settings of the engine."""
        self._note_back(value)
        self.value = value
        self.changed.emit()

    def can_go_back(self, name: str) -> bool:
        """Whether there was another value of the setting `name` before; name: one of BACK."""
        return any(value != value_of(self.value, name) for value in self._before[name])

    def back(self, name: str) -> None:
        """The value of the setting `name` before this one; name: one of BACK."""
        before, now = self._before[name], value_of(self.value, name)
        while before:
            value = before.pop()
            if value != now:
                return self._take(self.value.with_values({name: value}))

    def correct(self, values: Mapping[str, Any]) -> None:
        """Change settings to what is the case; no step of undo."""
        self._take(self.value.with_values(values, self.recipe))

    def keep_values(self) -> None:
        """The model that is asked for now came together with the look: its recipe is not to replace that."""
        self._kept = self.value.model

    def adopt(self, recipe: Recipe | None, keep: bool) -> tuple[str, ...]:
        """A model has come with its recipe: the chain is set to it unless `keep`. One without a recipe gets the documented edges.

        What had been set by hand is one step of undo; what the recipe of the model before had set is none. Gives the names of the
        settings that had been set by hand and are replaced.
        """
        by_hand = self._by_hand()
        self.recipe = recipe
        keep, self._kept = keep or self._kept == self.value.model, None
        old, new = self.value.flat(), self._as_trained(self.value if keep else self.value.with_recipe(recipe))
        values = new.flat()
        replaced = {name: value for name, value in values.items() if name in by_hand and value != old[name]}
        if replaced:
            self.undo.push(_Change(self, {n: old[n] for n in replaced}, replaced, new, "settings of the new model", ()))
        elif new != self.value:
            self._take(new)
        self.changed.emit()
        return tuple(replaced)

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

    def _by_hand(self) -> frozenset[str]:
        """Names of the settings of the recipe that were set by hand; all edges together, where one of them was."""
        if self.recipe is None:
            return frozenset(name for name in Recipe().values() if value_of(self.value, name) != value_of(Settings(), name))
        names = frozenset(self.departures())
        if self.value.edges.method != "training_matched":
            names |= {name for name in self.recipe.values() if name.startswith("EdgeDetection.")}
        return names

    def _note_back(self, value: Settings) -> None:
        for name, before in self._before.items():
            if (old := value_of(self.value, name)) != value_of(value, name):
                before[:] = [*before[1 - KEPT:], old]

    def _restore_values(self, values: Mapping[str, Any]) -> None:
        """Change these values of the look, and nothing with them."""
        method = {"EdgeDetection.method": self.value.edges.method}
        self._take(self._as_trained(self.value.with_values(method | dict(values))))

    def _as_trained(self, value: Settings) -> Settings:
        """Edges that are to be as trained show what is used: those of the model that runs now."""
        if value.edges.method != "training_matched":
            return value
        return replace(value, edges=replace(self.recipe.edges if self.recipe else DOCUMENTED, method="training_matched"))

    def _take(self, value: Settings) -> None:
        self.value = value
        self._push(value)
        self.changed.emit()


class _Change(QUndoCommand):
    """before, after: the values of the look that differ. value: all the settings, as the change is made for the first time."""

    def __init__(self, live: LiveSettings, before: dict[str, Any], after: dict[str, Any], value: Settings, text: str,
                 names: tuple[str, ...]) -> None:
        super().__init__(text)
        self._live, self._before, self._after, self._names, self._time = live, before, after, names, time.monotonic()
        self._first: Settings | None = value

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not self._names or other._names != self._names or other._time - self._time > MERGE_S:
            return False
        self._before, self._after, self._time = other._before | self._before, self._after | other._after, other._time
        return True

    def redo(self) -> None:
        if self._first is not None:
            value, self._first = self._first, None
            self._live._take(value)
        else:
            self._live._restore_values(self._after)

    def undo(self) -> None:
        self._live._restore_values(self._before)


def value_of(settings: Settings, name: str) -> Any:
    """One value by dotted name."""
    attribute, key = NAMES[name]
    return getattr(getattr(settings, attribute), key)


def _undoable(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in settings.flat().items() if name.startswith(PRESET_GROUPS) and name not in NOT_UNDONE}
