"""LiveSettings: the desk as the window sees it. It changes the desk, and signals changes in the window's thread."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from webcam_pix2pix.control import Change, Desk
from webcam_pix2pix.control.labels import full_label
from webcam_pix2pix.control.values import at_home, differences
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

BEHIND_S = 0.09  # between two signals of what other threads change: in a storm the image needs the time more than the tree


class LiveSettings(QObject):
    """The Qt side of a Desk. What the window changes is signalled at once, what other threads change at the next tick().

    push, read: as Desk takes them.

    Attributes:
        desk: the one that holds the settings.
        undo: its undo, with signals.

    Signals:
        changed: once for each change, whatever the number of settings in it.
        ticked: after each tick().
    """

    changed = Signal()
    ticked = Signal()

    def __init__(self, value: Settings, push: Callable[[Settings], object], parent: QObject | None = None,
                 read: Callable[[], Settings] | None = None) -> None:
        super().__init__(parent)
        self.desk = Desk(value, push, read)
        self.undo = UndoSteps(self)
        self._thread = threading.get_ident()
        self._behind = False  # another thread has changed something
        self._caught_up = 0.0  # when that was signalled last
        self._later: deque[Callable[[], object]] = deque()  # for the window's thread
        self.desk.subscribe(self._hear)

    @property
    def value(self) -> Settings:
        """The settings now."""
        return self.desk.settings

    @property
    def recipe(self) -> Recipe | None:
        """What the running model was trained with; None when it does not say."""
        return self.desk.recipe

    def tick(self) -> None:
        """Some sixty times a second, in the window's thread: what other threads have asked for, and what they have changed."""
        while self._later:
            self._later.popleft()()
        if self._behind and time.monotonic() - self._caught_up > BEHIND_S:
            self._behind, self._caught_up = False, time.monotonic()
            self.changed.emit()
        self.ticked.emit()

    def later(self, call: Callable[[], object]) -> None:
        """`call` in the window's thread, at the next tick(). From any thread."""
        self._later.append(call)

    # ---- changes, from the window's thread

    def set(self, name: str, value: Any) -> None:
        """Change one setting by dotted name. Raises ValueError."""
        self.desk.apply({name: value}, full_label(name))

    def apply(self, values: Mapping[str, Any], text: str) -> None:
        """Change several settings as one step of undo called `text`. Raises ValueError, and then nothing has changed."""
        self.desk.apply(values, text)

    def correct(self, values: Mapping[str, Any]) -> None:
        """Change settings to what is the case; no step of undo."""
        self.desk.correct(values)

    def to_recipe(self) -> None:
        """Back to what the model was trained with, nothing bent, the usual smoothing."""
        self.desk.to_recipe()

    @property
    def strayed(self) -> tuple[str, ...]:
        """Dotted names of the settings that to_recipe() would change."""
        return tuple(differences(self.value, at_home(self.value, self.recipe)))

    def follow(self, value: Settings) -> None:
        """Someone else has changed the settings of the engine."""
        self.desk.follow(value)

    def can_go_back(self, name: str) -> bool:
        """Whether there was another value of the setting `name` before: source or model."""
        return self.desk.can_go_back(name)

    def back(self, name: str) -> None:
        """The value of the setting `name` before this one: source or model."""
        self.desk.back(name)

    def keep_values(self) -> None:
        """The model that is asked for now came together with the look: its recipe is not to replace that."""
        self.desk.keep_values()

    def adopt(self, recipe: Recipe | None, keep: bool) -> tuple[str, ...]:
        """A model has come with its recipe: the chain is set to it unless `keep`. Gives what had been set by hand and is replaced."""
        return self.desk.adopt(recipe, keep)

    def departures(self) -> tuple[str, ...]:
        """Dotted names of the settings that have left the recipe and do something as the others stand."""
        return self.desk.departures()

    def reference(self) -> dict[str, Any]:
        """What a reset returns to: the model's value where it has one, else the default."""
        return self.desk.reference()

    def _hear(self, change: Change) -> None:
        """The desk has changed, in any thread. What was merged may come in the middle of anything: it waits for the tick."""
        if change.action:
            return
        if threading.get_ident() == self._thread and not change.merged:
            self.changed.emit()
        else:
            self._behind = True


class UndoSteps(QObject):
    """The undo of a desk, and its entries for a menu."""

    def __init__(self, live: LiveSettings) -> None:
        super().__init__(live)
        self._live, self._desk = live, live.desk

    def undo(self) -> None:
        """Take the last step back."""
        self._desk.undo()

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        self._desk.redo()

    def count(self) -> int:
        """Steps, undone ones included."""
        self._desk.flush()
        return self._desk.history.count()

    def canUndo(self) -> bool:
        """Whether there is a step to take back."""
        self._desk.flush()
        return self._desk.history.texts()[0] is not None

    def clear(self) -> None:
        """Forget every step."""
        self._desk.flush()
        self._desk.history.clear()
        self._live.changed.emit()

    def actions(self, parent: QObject) -> list[QAction]:
        """Undo and redo, which say what they would do: "Undo Soft shading"."""
        undo, redo = QAction("Undo", parent), QAction("Redo", parent)
        undo.triggered.connect(lambda *_: self.undo())
        redo.triggered.connect(lambda *_: self.redo())

        def show() -> None:
            for action, name, text in zip((undo, redo), ("Undo", "Redo"), self._desk.history.texts(), strict=True):
                action.setEnabled(text is not None)
                action.setText(f"{name} {text}" if text else name)

        self._live.changed.connect(show)
        show()
        return [undo, redo]
