"""The actions that need no window: switches of the show, the recipe, undo, time."""

import time
from dataclasses import replace

from .actions import Action
from .desk import Desk
from .modulation.tempo import FASTEST, SLOWEST, Taps
from .values import value_of


def register_common(desk: Desk) -> None:
    """Add freeze, bypass, recipe, undo, redo, tempo, tap, strike and still to `desk`. A window puts its own in their place."""
    for name, text, setting, on in (("freeze", "Freeze", "Capture.freeze", True), ("bypass", "Bypass", "Prediction.enabled", False)):
        def switch(wanted: bool, setting: str = setting, on: bool = on, name: str = name) -> None:
            desk.apply({setting: on == wanted}, name)

        def state(setting: str = setting, on: bool = on) -> bool:
            return value_of(desk.settings, setting) is on

        desk.register(Action(name, text, switch, "toggle", state))
    _register_time(desk)
    desk.register(Action("recipe", "Back to the recipe", lambda _: desk.to_recipe()))
    desk.register(Action("undo", "Undo", lambda _: desk.undo()))
    desk.register(Action("redo", "Redo", lambda _: desk.redo()))


def _register_time(desk: Desk) -> None:
    """The clock of frames is time.perf_counter(): what is tapped is where it is seen."""
    taps = Taps()

    def tap(_: None) -> None:
        now = time.perf_counter()
        bpm, modulation = taps.tap(now), desk.modulation
        tempo = modulation.tempo.changed(bpm, now) if bpm else modulation.tempo
        desk.modulation = replace(modulation, tempo=tempo.struck(now))

    def tempo(share: float) -> None:
        bpm = SLOWEST + share * (FASTEST - SLOWEST)
        desk.modulation = replace(desk.modulation, tempo=desk.modulation.tempo.changed(bpm, time.perf_counter()))

    def strike(_: None) -> None:
        desk.modulation = replace(desk.modulation, struck=time.perf_counter())

    def still(_: None) -> None:
        modulators = tuple(replace(one, on=False) for one in desk.modulation.modulators)
        desk.modulation = replace(desk.modulation, modulators=modulators)

    desk.register(Action("tap", "Tap the tempo", tap))
    desk.register(Action("tempo", f"Tempo: 0 is {SLOWEST:g}, 1 is {FASTEST:g} beats per minute", tempo, "value"))
    desk.register(Action("strike", "Start one-shot envelopes", strike))
    desk.register(Action("still", "Stop modulation", still))
