"""Desk: the settings while the program runs. Window, presets, OSC, MIDI, phone and headless runs change them here, from any thread."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msa.capturer.kind import mirrored
from msa.heartbeats import Heartbeat
from msa.words import did_you_mean
from webcam_pix2pix.recipe import DOCUMENTED, Recipe
from webcam_pix2pix.settings import Model, Settings

from .actions import Action, Change
from .effective import why_idle
from .history import History, Step
from .labels import full_label
from .modulation import Modulation
from .values import as_trained, at_home, checked_value, differences, is_undone, set_by_hand, value_of

log = logging.getLogger(__name__)

BACK = ("Capture.Init.device_id", "Model.model_name")  # each has a way back of its own
KEPT = 20  # steps back
MERGE_S = 0.005  # numbers set closer together than this reach the engine together
IDLE_S = 0.3  # after so long without one, the thread that brings them ends


class Desk:
    """One Settings value, its recipe, its undo, and the actions by name.

    push: gives the engine a new value; an assignment. read: what the engine has now, where others may assign to it too.

    Attributes:
        recipe: what the running model was trained with; None when it does not say.
        history: the steps of undo; source, model and the switches of the show are not undone.
        actions: name -> Action.
        modulation: what moves settings; replaced whole.
        sound: what an audio follower hears: 0..1 by name of the band; replaced whole.
        version: counts changes.
    """

    def __init__(self, settings: Settings, push: Callable[[Settings], object], read: Callable[[], Settings] | None = None) -> None:
        self.recipe: Recipe | None = None
        self.history = History()
        self.actions: dict[str, Action] = {}
        self.modulation = Modulation()
        self.sound: Mapping[str, float] = {}
        self.version = 0
        self._settings, self._push, self._read = settings, push, read
        self._lock = threading.RLock()  # guards everything; only push and read are called under it
        self._subscribers: tuple[Callable[[Change], object], ...] = ()
        self._pending: dict[str, tuple[Any, str]] = {}  # set and not yet brought: name -> value, by
        self._brought = 0.0  # when the last of them were
        self._merger: threading.Thread | None = None
        self._depth = 0  # of changes within changes
        self._news: list[Change] = []
        self._kept: Model | None = None  # see keep_values
        self._before: dict[str, list[Any]] = {name: [] for name in BACK}  # values, the last one at the end
        self._by: dict[str, str] = {}

    # ---- settings

    @property
    def settings(self) -> Settings:
        """The settings now, without what modulates them."""
        self.flush()
        return self._settings

    def set(self, name: str, value: Any, by: str = "") -> None:
        """Change one setting. Any number of calls costs the engine little: they are merged, the last value counts. Raises ValueError."""
        value = checked_value(name, value)
        with self._changing():
            if isinstance(value, str):
                self.flush()
            self._pending[name] = value, by
            if isinstance(value, str) or time.monotonic() - self._brought >= MERGE_S:
                self.flush()
            elif self._merger is None:
                self._merger = threading.Thread(target=self._merge, name="desk", daemon=True)
                self._merger.start()

    def apply(self, values: Mapping[str, Any], text: str, by: str = "", key: tuple[str, ...] = ()) -> None:
        """Change several settings as one step of undo called `text`; those of one `key` within a second of each other are one step.

        Raises ValueError, and then nothing has changed."""
        with self._changing():
            self.flush()
            self._replace(self._with(values), text, key or (tuple(values) if len(values) == 1 else ()), by)

    def correct(self, values: Mapping[str, Any]) -> None:
        """Change settings to what is the case; no step of undo. Raises ValueError."""
        with self._changing():
            self.flush()
            self._take(self._settings.with_values(values, self.recipe))

    def to_recipe(self, by: str = "") -> None:
        """Back to what the model was trained with, nothing bent, the usual smoothing."""
        with self._changing():
            self.flush()
            self._replace(at_home(self._settings, self.recipe), "back to the recipe", (), by)

    def flush(self) -> None:
        """Bring what was set, and take over what someone else has assigned to the engine."""
        with self._changing():
            if self._read is not None and (value := self._read()) is not self._settings:
                self.follow(value)
            if not self._pending:
                return
            self._brought = time.monotonic()
            pending, self._pending = self._pending, {}
            values, who = {name: value for name, (value, _) in pending.items()}, sorted({by for _, by in pending.values()})
            text = full_label(next(iter(values))) if len(values) == 1 else f"{len(values)} settings"
            self._replace(self._with(values), text, (" by ", *who) if any(who) else tuple(sorted(values)), ", ".join(who), merged=True)
            self._by.update({name: by for name, (_, by) in pending.items()})

    def follow(self, value: Settings) -> None:
        """Someone else has changed the settings of the engine."""
        with self._changing():
            self._note_back(value)
            before, self._settings = self._settings, value
            self._tell({name: after for name, (_, after) in differences(before, value).items()}, "engine")

    def undo(self) -> None:
        """Take the last step back."""
        with self._changing():
            self.flush()
            self._restore(self.history.undo(), "undo")

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        with self._changing():
            self.flush()
            self._restore(self.history.redo(), "redo")

    def can_go_back(self, name: str) -> bool:
        """Whether there was another value of the setting `name` before; name: one of BACK."""
        now = value_of(self.settings, name)
        return any(value != now for value in self._before[name])

    def back(self, name: str) -> None:
        """The value of the setting `name` before this one; name: one of BACK."""
        with self._changing():
            self.flush()
            before, now = self._before[name], value_of(self._settings, name)
            while before:
                value = before.pop()
                if value != now:
                    return self._take(self._settings.with_values({name: value}))

    def changed_by(self, name: str) -> str:
        """Who has changed the setting `name` last; empty: nobody, or the window."""
        return self._by.get(name, "")

    def modulated(self, captured: Any, settings: Settings) -> Settings:
        """`settings` as they are in the frame of `captured`. A hook of the engine; nothing of it comes back to the desk."""
        return self.modulation.apply(settings, captured.time, self.recipe, self.sound)

    # ---- the recipe

    def keep_values(self) -> None:
        """The model that is asked for now came together with the look: its recipe is not to replace that."""
        self._kept = self.settings.model

    def adopt(self, recipe: Recipe | None, keep: bool) -> tuple[str, ...]:
        """A model has come with its recipe: the chain is set to it unless `keep`. One without a recipe gets the documented edges.

        What had been set by hand is one step of undo; what the recipe of the model before had set is none. Gives the names of the
        settings that had been set by hand and are replaced.
        """
        with self._changing():
            now, by_hand = self.settings, set_by_hand(self.settings, self.recipe, self.departures())
            self.recipe = recipe
            keep, self._kept = keep or self._kept == now.model, None
            new = as_trained(now if keep else now.with_recipe(recipe), recipe)
            replaced = {name: pair for name, pair in differences(now, new).items() if name in by_hand}
            if replaced:
                self._add_step(replaced, "settings of the new model")
            self._take(new)
            self._tell()
        return tuple(replaced)

    def departures(self) -> tuple[str, ...]:
        """Dotted names of the settings that have left the recipe and do something as the others stand; what is bent is among them."""
        recipe, settings = self.recipe, self.settings
        values = settings.flat()
        bent = tuple(name for name, value in Settings().flat().items() if name.startswith("Bend.") and values[name] != value)
        left = recipe.departures(settings.processing, settings.edges) if recipe else ()
        return tuple(name for name in (*left, *bent) if not why_idle(name, values, self.method))

    @property
    def method(self) -> str:
        """The method of edges that the model was trained with; the documented one where it does not say."""
        return (self.recipe.edges if self.recipe else DOCUMENTED).method

    def reference(self) -> dict[str, Any]:
        """What a reset returns to: the model's value where it has one, else the default."""
        values = Settings().flat() | {"Capture.Processing.flip_h": mirrored(self.settings.capture_init.device_id)}
        return values | (self.recipe.values() | {"EdgeDetection.method": "training_matched"} if self.recipe else {})

    # ---- actions and those who follow

    def register(self, action: Action) -> None:
        """Add an action, in place of one of the same name."""
        self.actions = {**self.actions, action.name: action}

    def trigger(self, name: str, argument: Any = None, by: str = "") -> None:
        """Run an action. Raises ValueError for a name that is none, or an argument that cannot be."""
        action = self.actions.get(name)
        if action is None:
            raise ValueError(f"{name}: no such action{did_you_mean(name, self.actions)}")
        if action.run(argument):
            with self._changing():
                self._tell(by=by, text=action.text, action=name, argument=argument)

    def subscribe(self, callback: Callable[[Change], object]) -> Callable[[], None]:
        """`callback` is called with each Change, in the thread that made it, and must not wait; the result ends that."""
        with self._lock:
            self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = tuple(one for one in self._subscribers if one is not callback)

        return unsubscribe

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Under the lock; the subscribers hear of it once it is free again."""
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                news: list[Change] = []
                if not self._depth:
                    news, self._news = self._news, []
        for change in news:
            for callback in self._subscribers:
                try:
                    callback(change)
                except Exception:  # one that fails does not keep the others from hearing it
                    log.exception("%s after %s", callback, change)

    def _merge(self) -> None:
        """The thread that brings what is set in a storm."""
        while True:
            time.sleep(MERGE_S)
            with Heartbeat("desk", 2.0, "settings that are played do not reach the painting"):
                self.flush()
            with self._lock:
                if not self._pending and time.monotonic() - self._brought > IDLE_S:
                    self._merger = None
                    return

    # ---- within: all of these under the lock

    def _tell(self, values: Mapping[str, Any] | None = None, by: str = "", text: str = "", merged: bool = False, action: str = "",
              argument: Any = None) -> None:
        self.version += 1
        self._news.append(Change(self.version, values or {}, by, text, merged, action, argument))

    def _with(self, values: Mapping[str, Any]) -> Settings:
        return as_trained(self._settings.with_values(values, self.recipe), self.recipe)

    def _replace(self, value: Settings, text: str, key: tuple[str, ...] = (), by: str = "", merged: bool = False) -> None:
        """Take `value`. What of it is the look is a step of undo; steps of the same `key` in quick succession are one."""
        changed = {name: pair for name, pair in differences(self._settings, value).items() if is_undone(name)}
        if changed:
            self._add_step(changed, text, key)
        self._note_back(value)
        self._take(value, by, text, merged)

    def _add_step(self, changed: Mapping[str, tuple[Any, Any]], text: str, key: tuple[str, ...] = ()) -> None:
        self.history.add(Step({n: old for n, (old, _) in changed.items()}, {n: new for n, (_, new) in changed.items()}, text, key))

    def _restore(self, values: Mapping[str, Any] | None, text: str) -> None:
        """Change these values of the look, and nothing with them."""
        if values is not None:
            method = {"EdgeDetection.method": self._settings.edges.method}
            self._take(as_trained(self._settings.with_values(method | dict(values)), self.recipe), text=text)

    def _take(self, value: Settings, by: str = "", text: str = "", merged: bool = False) -> None:
        changed = {name: after for name, (_, after) in differences(self._settings, value).items()}
        if not changed:
            return
        self._settings = value
        self._by.update(dict.fromkeys(changed, by))
        self._push(value)
        self._tell(changed, by, text, merged)

    def _note_back(self, value: Settings) -> None:
        for name, before in self._before.items():
            if (old := value_of(self._settings, name)) != value_of(value, name):
                before[:] = [*before[1 - KEPT:], old]
