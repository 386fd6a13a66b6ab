"""MidiRouter: MIDI messages to settings and actions of a desk. It needs no device: messages are plain bytes."""

import time
from collections.abc import Callable
from dataclasses import replace

from ..actions import Change
from ..desk import Desk
from ..modulation.tempo import PULSES, clock_taps
from ..parameters import PARAMETERS
from ..values import value_of
from .mapping import Control, Mapping, Mappings, first_guess

BY = "midi"
NEAR = 0.02  # share of the range within which a knob has met the value
CLOCK, START, CONTINUE = 0xF8, 0xFA, 0xFB
RELATIVE_STEP = 1 / 128  # of the range, for each tick of an endless knob

Send = Callable[[bytes], object]


class MidiRouter:
    """Used from the thread that brings the messages. Learning and mappings may be changed from any thread.

    report: takes one line for people. send: sends bytes back to the controller, for its LEDs; None: it has no input.

    Attributes:
        mappings: replaced whole.
        learned: called with each Mapping that was learned.
    """

    def __init__(self, desk: Desk, report: Callable[[str], object], send: Send | None = None) -> None:
        self.mappings = Mappings()
        self.learned: Callable[[Mapping], object] = lambda mapping: None
        self.send = send
        self._desk, self._report = desk, report
        self._learning = ""  # target
        self._high: dict[Control, int] = {}  # the upper 7 bits of 14
        self._low: dict[Control, int] = {}
        self._met: dict[str, float] = {}  # target -> where its knob stands, once it has met the value
        self._was: dict[str, float] = {}  # target -> where its knob was before
        self._down: dict[Control, bool] = {}
        self._held: dict[str, object] = {}  # target -> value before a momentary button was pressed
        self._taps = clock_taps()
        self._pulses = 0
        self._lit: dict[Control, bytes] = {}  # what its LED shows
        self._reported: set[str] = set()
        desk.subscribe(self._hear)

    @property
    def learning(self) -> str:
        """The target that the next control is for; empty: none."""
        return self._learning

    def learn(self, target: str) -> None:
        """The next control that moves will play `target`; "" waits no longer."""
        self._learning = target

    def take(self, message: bytes, now: float | None = None) -> None:
        """One message. now: time.perf_counter(), seconds."""
        if not message:
            return
        now = time.perf_counter() if now is None else now
        status = message[0]
        if status in (CLOCK, START, CONTINUE):
            return self._clock(status, now)
        event = _event(message)
        if event is None:
            return
        control, position, pressed = event
        if self._learning:
            if pressed or control.kind in ("control", "bend"):
                self._learn(control)
            return
        down, self._down[control] = self._down.get(control, False), pressed
        edge = pressed and not (down and control.kind == "control")  # a button sends once, a knob again and again
        for mapping in self.mappings.by(control):
            try:
                self._play(mapping, control, position, pressed, edge)
            except ValueError as error:
                self._tell_once(f"MIDI: {control}: {error}")

    # ---- playing

    def _play(self, mapping: Mapping, control: Control, position: float, pressed: bool, edge: bool) -> None:
        if mapping.fine:
            position = self._fine(mapping, control, position)
        share = mapping.low + position * (mapping.high - mapping.low)
        if mapping.action:
            return self._trigger(mapping, share, pressed, edge)
        parameter = PARAMETERS[mapping.target]
        value = value_of(self._desk.settings, mapping.target)
        if mapping.mode == "toggle":
            if edge:
                at_high = parameter.share_of(value) >= (mapping.low + mapping.high) / 2
                self._set(mapping, mapping.low if at_high else mapping.high)
        elif mapping.mode == "momentary":
            if pressed:
                self._held.setdefault(mapping.target, value)
                self._set(mapping, mapping.high)
            elif mapping.target in self._held:
                self._desk.set(mapping.target, self._held.pop(mapping.target), BY)
        elif mapping.mode == "relative":
            ticks = round(position * 127)
            ticks = ticks if ticks < 64 else ticks - 128
            at = self._met.get(mapping.target, parameter.share_of(value))
            if parameter.value_at(at) != value:  # someone else has moved it
                at = parameter.share_of(value)
            at = min(max(at + ticks * RELATIVE_STEP, min(mapping.low, mapping.high)), max(mapping.low, mapping.high))
            self._met[mapping.target] = at
            self._set(mapping, at)
        elif self._picked_up(mapping, share, parameter.share_of(value)):
            self._set(mapping, share)

    def _picked_up(self, mapping: Mapping, share: float, now: float) -> bool:
        """Whether the knob has the value: it met it, or swept over it, and nobody else has moved it since."""
        if not mapping.pick_up:
            return True
        before, had = self._was.get(mapping.target), self._met.get(mapping.target)
        self._was[mapping.target] = share
        still = had is not None and abs(PARAMETERS[mapping.target].share_of(PARAMETERS[mapping.target].value_at(had)) - now) < 1e-6
        swept = before is not None and min(before, share) <= now <= max(before, share)
        if still or swept or abs(share - now) <= NEAR:
            self._met[mapping.target] = share
            return True
        self._met.pop(mapping.target, None)
        return False

    def _set(self, mapping: Mapping, share: float) -> None:
        self._desk.set(mapping.target, PARAMETERS[mapping.target].value_at(share), BY)

    def _trigger(self, mapping: Mapping, share: float, pressed: bool, edge: bool) -> None:
        action = self._desk.actions.get(mapping.action)
        kind = action.kind if action else "trigger"
        if kind == "value":
            self._desk.trigger(mapping.action, share, BY)
        elif kind == "toggle" and mapping.mode == "momentary":
            self._desk.trigger(mapping.action, pressed, BY)
        elif edge:
            self._desk.trigger(mapping.action, by=BY)

    def _fine(self, mapping: Mapping, control: Control, position: float) -> float:
        """14 bit: upper and lower bits come one after the other."""
        if control == mapping.control:
            self._high[mapping.control], self._low[mapping.control] = round(position * 127), 0
        else:
            self._low[mapping.control] = round(position * 127)
        return (128 * self._high.get(mapping.control, 0) + self._low.get(mapping.control, 0)) / 16383

    def _hear(self, change: Change) -> None:
        """The LEDs of pads and of rings around endless knobs show what has changed, whoever did it. From any thread."""
        send = self.send
        if send is None:
            return
        for mapping in self.mappings.all:
            control, action = mapping.control, self._desk.actions.get(mapping.action)
            if control.kind not in ("control", "note") or (mapping.mode == "absolute" and not action):
                continue
            state = action.state if action is not None else None
            if state is not None:
                share = float(state())
            elif mapping.target in change.values:
                share = PARAMETERS[mapping.target].share_of(change.values[mapping.target])
            else:
                continue
            data = bytes(((0x90 if control.kind == "note" else 0xB0) | control.channel, control.number, round(127 * share)))
            if self._lit.get(control) != data:
                self._lit[control] = data
                send(data)

    # ---- learning, tempo

    def _learn(self, control: Control) -> None:
        target, self._learning = self._learning, ""
        switch = target.startswith("action:") or PARAMETERS[target].kind == "switch"
        mapping = first_guess(control, target, switch)
        self.mappings = self.mappings.with_mapping(mapping)
        self._was.pop(target, None)
        self._met.pop(target, None)
        self.learned(mapping)

    def _clock(self, status: int, now: float) -> None:
        modulation = self._desk.modulation
        if status == START:
            self._taps, self._pulses = clock_taps(), 0
            self._desk.modulation = replace(modulation, tempo=modulation.tempo.struck(now))
            return
        if status == CLOCK:
            bpm, beat = self._taps.tap(now), self._pulses % PULSES == 0
            self._pulses += 1
            if bpm and beat:
                self._desk.modulation = replace(modulation, tempo=modulation.tempo.changed(bpm, now).struck(now))

    def _tell_once(self, text: str) -> None:
        if text not in self._reported and len(self._reported) < 50:
            self._reported.add(text)
            self._report(text)


def _event(message: bytes) -> tuple[Control, float, bool] | None:
    """(what moved, its position 0..1, whether it is pressed); None for messages that play nothing."""
    kind, channel = message[0] & 0xF0, message[0] & 0x0F
    if any(byte > 127 for byte in message[1:]) or len(message) < (2 if kind == 0xC0 else 3) or message[0] >= 0xF0:
        return None
    if kind == 0xB0:
        return Control("control", channel, message[1]), message[2] / 127, message[2] >= 64
    if kind in (0x80, 0x90):
        on = kind == 0x90 and message[2] > 0
        return Control("note", channel, message[1]), message[2] / 127 if on else 0.0, on
    if kind == 0xE0:
        return Control("bend", channel, 0), (message[1] + 128 * message[2]) / 16383, True
    if kind == 0xC0:
        return Control("program", channel, message[1]), 1.0, True
    return None
