"""Player: plays presets on the desk: at once, in a morph that can be turned back on its way, or with the crossfader. It needs no window."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from msa.heartbeats import Heartbeat
from webcam_pix2pix.settings import Settings

from ..actions import Action
from ..desk import Change, Desk
from ..values import value_of
from .bank import KEYS, Bank
from .glide import CURVES, Glide
from .preset import PARTS, Preset

BY = "preset"  # who changes the settings, for those who follow the desk
STEP_S = 1 / 60  # from one step of a morph to the next
STOP_S = 2.0
STILL_S = 2.0
LEAST_FADE_S = 0.5  # of a change of model in a morph
MODEL = PARTS["model"]
CROSS_STEP_S = 1.0  # moves of the crossfader closer together are one drag, and one step of undo


class Player:
    """Settings Presets.morph_s and Presets.morph_curve say how long a recall takes, and how.

    fade: told how many seconds the next change of model is to take, before it begins.
    note, problem: told what happened, in one line; from any thread.
    stays: parts of presets (see PARTS) that cannot change here, and are left out.

    Attributes:
        current: identity of the preset that was recalled last.
        target: name of what the morph goes to, "" before the first.
        position: of the morph, 0 (where it began) to 1.
        running: 1 on its way to the preset, -1 on its way back, 0 at rest.
        cross: position of the crossfader, 0 (A) to 1 (B), when it was moved last.
    """

    def __init__(self, desk: Desk, bank: Bank, fade: Callable[[float], None] = lambda seconds: None,
                 note: Callable[[str], None] = lambda text: None, problem: Callable[[str], None] = lambda text: None,
                 stays: Collection[str] = ()) -> None:
        self.desk, self.bank = desk, bank
        self.current, self.target, self.position, self.running, self.cross = "", "", 1.0, 0, 0.0
        self._fade, self._note, self._problem = fade, note, problem
        self._stays = tuple(start for part in stays for start in PARTS[part])
        self._lock = threading.RLock()
        self._glide: Glide | None = None
        self._seconds, self._curve = 0.0, CURVES["even"]
        self._names: set[str] = set()  # those of the glide that nobody else has touched
        self._set: Mapping[str, Any] = {}  # what the morph has set them to last
        self._left = ""  # identity of the preset that the morph began at
        self._number = 0  # of the morph: what it does is one step of undo
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._undone = False  # by someone, while a morph was on its way
        self._unknown = False  # what is on air, since an undo
        self._mixed: dict[str, Any] = {}  # what the crossfader has set, while that is on air
        self._unsubscribe = desk.subscribe(self._hear)
        self._crossing: tuple[Glide, tuple[str, str], float, int] | None = None  # glide, ends, when it was moved last, number

    # ---- recalling

    def recall(self, preset: Preset, seconds: float | None = None) -> None:
        """Go to `preset` in `seconds` (None: as Presets.morph_s says). Recalled again while it is on its way, it turns round."""
        with self._lock:
            if self.running and preset.identity == self.current:
                return self.reverse()
            if preset.problem:
                return self._problem(preset.problem)
            left = self.on_air
            self.go(preset.values, preset.name, seconds)
            self.current, self._left = preset.identity, left

    def go(self, values: Mapping[str, Any], name: str, seconds: float | None = None) -> None:
        """Go to `values` by dotted name, as recall() does. Raises ValueError, and then nothing has changed."""
        with self._lock:
            before = self.desk.settings
            values = self._wanted(values)
            seconds = before.presets.morph_s if seconds is None else seconds
            after = _with(self.desk, values)
            self._end()
            self.current, self.target, self._left, self._mixed = "", name, "", {}
            if after == before:
                return self._note(f"Preset “{name}”. These settings are in use already.")
            self._number += 1
            self._seconds, self._curve = seconds, CURVES[before.presets.morph_curve]
            self._start_model(before, after, seconds)
            self._glide = Glide(before, after, self.desk.recipe)
            self._names = {n for n in self._glide.names if not n.startswith(MODEL)}
            self._set, self.position, self.running, self._undone = self._glide.at(0.0), 0.0, 1, False
            if seconds <= 0:
                self.position, self.running = 1.0, 0
                self._apply()
                self._note(f"Preset “{name}”. Ctrl+Z undoes it.")
            else:
                self._wake()

    def reverse(self) -> None:
        """Turn the morph round; one that has arrived goes back to where it began."""
        with self._lock:
            if self._glide is None:
                return
            self._undone = False
            if not self.running and self.position >= 1:
                self._set = self._glide.at(1.0)
                self._names = {n for n in self._names if value_of(self.desk.settings, n) == self._set[n]}
            self.running = -self.running or (-1 if self.position >= 1 else 1)
            self._seconds = self._seconds or self.desk.settings.presets.morph_s
            if self._seconds <= 0:
                self.position, self.running = float(self.running > 0), 0
                self._apply()
            else:
                self._wake()

    def seek(self, position: float) -> None:
        """Hold the morph at `position` (0..1) by hand."""
        with self._lock:
            if self._glide is not None:
                self.running, self.position = 0, min(max(position, 0.0), 1.0)
                self._apply()

    def advance(self, seconds: float) -> None:
        """So much time has passed."""
        with self._lock:
            if self.running and self._glide is not None:
                self.position = min(max(self.position + self.running * seconds / self._seconds, 0.0), 1.0)
                if self.position in (0.0, 1.0):
                    self.running = 0
                self._apply()

    # ---- the crossfader

    def crossfade(self, position: float) -> None:
        """Between the presets A (0) and B (1) of the bank."""
        with self._lock:
            a, b = self.bank.ends
            self.cross = position
            if a is None or b is None or a.problem or b.problem:
                return self._problem("Choose two presets for the crossfader first: right click on a preset, A or B.")
            self._end()
            now, identities = time.monotonic(), (a.identity, b.identity)
            old = self._crossing
            if old is None or old[1] != identities or now - old[2] > CROSS_STEP_S:
                self._number += 1
                glide = Glide(_with(self.desk, self._wanted(a.values)), _with(self.desk, self._wanted(b.values)), self.desk.recipe)
                number = self._number
            else:
                glide, number = old[0], old[3]
            self._crossing = glide, identities, now, number
            if not 0 < position < 1:
                values = self._wanted((b if position >= 1 else a).values)
            else:
                values = {**self._wanted(a.values), **{n: v for n, v in glide.at(position).items() if n in a.values or n in b.values}}
            self._start_model(self.desk.settings, _with(self.desk, values), LEAST_FADE_S)
            self.current, self.target = a.identity if position <= 0 else b.identity if position >= 1 else "", ""
            self._mixed = {n: v for n, v in values.items() if not n.startswith(MODEL)}
            self.desk.apply(self._mixed, "crossfader", BY, ("crossfader", str(number)))

    @property
    def on_air(self) -> str:
        """Identity of the preset that is on air, or on its way there; "" where it is none."""
        with self._lock:
            self._recognise()
            return self.current if self.running or self.position else self._left

    @property
    def departed(self) -> bool:
        """Whether the preset on air, or the mixture of two, has been changed by hand since."""
        if self._mixed and 0 < self.cross < 1:
            return any(value_of(self.desk.settings, name) != value for name, value in self._mixed.items())
        preset = self.bank.named(self.on_air) if self.on_air and not self.running else None
        return preset is not None and not preset.problem and _with(self.desk, self._wanted(preset.values)) != self.desk.settings

    def renamed(self, old: str, new: str) -> None:
        """A preset has another identity now."""
        with self._lock:
            self.current, self._left = (new if one == old else one for one in (self.current, self._left))

    @property
    def fader(self) -> float | None:
        """Where the crossfader stands for what is on air, 0 (A) to 1 (B); None where that is neither of its presets."""
        with self._lock:
            self._recognise()
            if self._mixed:
                return self.cross
            ends = [preset.identity if preset else None for preset in self.bank.ends]
            start, end = (float(ends.index(one)) if one in ends else None for one in (self._left, self.current))
            if not self.running and self.position in (0.0, 1.0):
                return end if self.position else start
            return None if start is None or end is None else start + (end - start) * self.position

    # ---- actions, threads

    def register(self) -> None:
        """Put the actions on the desk: preset_1 to preset_9, preset_next, preset_previous, morph, morph_back, crossfader."""
        for key in KEYS:
            self.desk.register(Action(f"preset_{key}", f"Preset {key}", partial(self._by_key, key)))
        for name, text, by in (("preset_next", "Next preset", 1), ("preset_previous", "Previous preset", -1)):
            self.desk.register(Action(name, text, partial(self._step, by)))
        self.desk.register(Action("morph", "Place on the way to the preset", lambda share: self.seek(share), "value"))
        self.desk.register(Action("morph_back", "Turn the morph round", lambda _: self.reverse()))
        self.desk.register(Action("crossfader", "Crossfader from A to B", lambda share: self.crossfade(share), "value"))

    def close(self) -> None:
        """Stop the morph where it is, and wait for its thread."""
        self._stop.set()
        self._unsubscribe()
        with self._lock:
            self.running, thread = 0, self._thread
        if thread is not None:
            thread.join(STOP_S)

    def _hear(self, change: Change) -> None:
        if change.text in ("undo", "redo"):  # the lock of the desk is held: no other lock here
            self._undone = self._unknown = True
            self.current, self._left, self._mixed = "", "", {}

    def _by_key(self, key: int, _: Any) -> None:
        preset = self.bank.by_key(key)
        if preset is None:
            self._note(f"No preset is on key {key}. Store one in the presets dock, or choose one: File, Presets, Keys 1 to 9.")
        else:
            self.recall(preset)

    def _step(self, by: int, _: Any) -> None:
        preset = self.bank.beside(self.current, by)
        if preset is not None:
            self.recall(preset)

    # ---- inside; all under the lock

    def _wanted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` without those that stay."""
        return {name: value for name, value in values.items() if not (self._stays and name.startswith(self._stays))}

    def _start_model(self, before: Settings, after: Settings, seconds: float) -> None:
        """Another model begins to load now; it comes in a crossfade, and the look stays that of the preset."""
        changed = {n: value_of(after, n) for n in after.flat() if n.startswith(MODEL) and value_of(after, n) != value_of(before, n)}
        if changed:
            self._fade(max(LEAST_FADE_S, seconds / 2) if seconds > 0 else 0.0)
            self.desk.apply(changed, "model", BY)
            self.desk.keep_values()

    def _apply(self) -> None:
        """Set the values of the position; what somebody else has set meanwhile is theirs."""
        if self._glide is None:
            return
        now = self.desk.settings
        self._names = {n for n in self._names if value_of(now, n) == self._set[n]}
        if not self._names or self._undone:
            return self._end()
        values = self._glide.at(self._curve(self.position))
        self._set = values
        self.desk.apply({n: values[n] for n in self._names}, f"preset “{self.target}”", BY, ("morph", str(self._number)))

    def _recognise(self) -> None:
        """After an undo: which preset is on air again, if one is."""
        if self._unknown and not self.running:
            self._unknown, now = False, self.desk.settings
            found = next((preset.identity for preset in self.bank.presets
                          if not preset.problem and _with(self.desk, self._wanted(preset.values)) == now), "")
            self.current, self._left = (found, "") if self.position else ("", found)

    def _end(self) -> None:
        self.running, self.position, self._glide = 0, 1.0, None

    def _wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="morph", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        last, heart = time.monotonic(), Heartbeat("morph", STILL_S, "the preset does not come; the show goes on")
        while not self._stop.wait(STEP_S):
            heart.beat()
            now = time.monotonic()
            try:
                self.advance(now - last)
            except ValueError as error:  # a value that cannot be: no morph, and one line
                self._problem(str(error))
                with self._lock:
                    self._end()
            last = now
            with self._lock:
                if not self.running:
                    self._thread = None
                    return


def _with(desk: Desk, values: Mapping[str, Any]) -> Settings:
    """The settings that desk.apply(values) would give. Raises ValueError."""
    values = dict(values)
    if values.get("EdgeDetection.method") == "training_matched" and desk.recipe:
        values = {n: v for n, v in desk.recipe.values().items() if n.startswith("EdgeDetection.")} | values
    return desk.settings.with_values(values, desk.recipe)
