"""Mapping: a knob, fader or pad, what it plays, and how. Mappings: all of them, as a file keeps them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from msa.files import parse_json, write_atomic

from ..parameters import PARAMETERS

KINDS = ("control", "note", "bend", "program")
MODES = ("absolute", "relative", "toggle", "momentary")
ACTION = "action:"  # before the name of an action, where a setting would stand


@dataclass(frozen=True)
class Control:
    """A knob, fader or pad: what sends, without what it sends."""

    kind: str  # one of KINDS
    channel: int  # 0..15
    number: int  # of the controller, note or program; 0 for the pitch wheel

    def __str__(self) -> str:
        name = {"control": f"controller {self.number}", "note": f"note {self.number}", "bend": "pitch wheel",
                "program": f"program {self.number}"}[self.kind]
        return f"{name}, channel {self.channel + 1}"


@dataclass(frozen=True)
class Mapping:
    """What `control` plays. Raises ValueError for what cannot be.

    absolute: the position is the value. relative: an endless knob, 1..63 is up and 65..127 down. toggle: each press changes a switch.
    momentary: on while it is held.
    """

    control: Control
    target: str  # dotted name of a setting, or "action:" and a name
    mode: str = "absolute"
    low: float = 0.0  # share of the range at the lowest position, 0..1
    high: float = 1.0  # at the highest; below `low`: the wrong way round
    fine: bool = False  # 14 bit: a second controller, 32 higher, sends the lower 7 bits
    pick_up: bool = True  # a knob does nothing until it has met the value: no jumps

    def __post_init__(self) -> None:
        where, control = f"MIDI mapping of {self.target}", self.control
        if control.kind not in KINDS or control.channel not in range(16) or control.number not in range(128):
            raise ValueError(f"{where}: {control} is no control")
        if self.mode not in MODES:
            raise ValueError(f"{where}: {self.mode!r} is no mode, expected one of {', '.join(MODES)}")
        if not self.target.startswith(ACTION) and not (self.target in PARAMETERS and PARAMETERS[self.target].can_be_normalised):
            raise ValueError(f"{where}: no such setting with a range")
        for value in (self.low, self.high):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(f"{where}: {value!r} is out of range, expected 0 to 1")
        if self.fine and not (control.kind == "control" and control.number < 32):
            raise ValueError(f"{where}: only controllers 0 to 31 have a second one for 14 bit")
        if not isinstance(self.fine, bool) or not isinstance(self.pick_up, bool):
            raise ValueError(f"{where}: fine and pick_up are true or false")

    @property
    def action(self) -> str:
        """The name of the action that it triggers; empty where it plays a setting."""
        return self.target.removeprefix(ACTION) if self.target.startswith(ACTION) else ""


@dataclass(frozen=True)
class Mappings:
    """All mappings; replaced whole. A control may play several targets, a target has one control."""

    all: tuple[Mapping, ...] = ()

    def of(self, target: str) -> Mapping | None:
        """What plays a setting or an action."""
        return next((one for one in self.all if one.target == target), None)

    def by(self, control: Control) -> tuple[Mapping, ...]:
        """What a control plays."""
        return tuple(one for one in self.all if one.control == control or (
            one.fine and control.kind == "control" and control == replace(one.control, number=one.control.number + 32)))

    def with_mapping(self, mapping: Mapping) -> "Mappings":
        """With one more, in place of that of the same target."""
        return Mappings((*self.without(mapping.target).all, mapping))

    def without(self, target: str) -> "Mappings":
        """Nothing plays `target`."""
        return Mappings(tuple(one for one in self.all if one.target != target))

    def write(self, path: Path) -> None:
        """As JSON. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps({"version": 1, "mappings": [asdict(one) for one in self.all]}, indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Mappings":
        """Raises OSError, or ValueError naming the file and what is wrong."""
        try:
            data = parse_json(path.read_text(encoding="utf-8"))
            items = data["mappings"] if isinstance(data, dict) else None
            if not isinstance(items, list):
                raise ValueError('expected an object with "mappings"')
            return cls(_distinct([_mapping(item) for item in items]))
        except (KeyError, TypeError, UnicodeDecodeError, ValueError) as error:
            raise ValueError(f"{path}: no MIDI mapping ({error})") from None


def first_guess(control: Control, target: str, switch: bool) -> Mapping:
    """How a control is likely meant to play. switch: the target is a switch or an action."""
    pad = control.kind in ("note", "program")
    mode = "toggle" if switch and (pad or not target.startswith(ACTION)) else "momentary" if pad and not switch else "absolute"
    return Mapping(control, target, mode, pick_up=mode == "absolute" and not switch)


def _mapping(item: Any) -> Mapping:
    known, of_control = {f.name for f in fields(Mapping)}, {f.name for f in fields(Control)}
    if not isinstance(item, dict) or not item.keys() <= known or not isinstance(item.get("control"), dict) or (
            item["control"].keys() != of_control or not isinstance(item.get("target"), str)):
        raise ValueError(f"{item!r:.80} is no mapping")
    if not all(type(item["control"][key]) is int for key in ("channel", "number")):
        raise ValueError(f"{item['control']!r:.80} is no control")
    return Mapping(**(item | {"control": Control(**item["control"])}))


def _distinct(mappings: Sequence[Mapping]) -> tuple[Mapping, ...]:
    return tuple({one.target: one for one in mappings}.values())
