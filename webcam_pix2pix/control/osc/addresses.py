"""Addresses: /Group/name is a setting, /normalised/Group/name the same from 0 to 1, /action/name an action. What a message may carry."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..desk import Desk
from ..parameters import PARAMETERS, Parameter
from ..values import value_of

NORMALISED, ACTION = "/normalised", "/action/"
TYPES = {"switch": "T", "whole": "i", "number": "f", "choice": "s", "text": "s"}  # OSC type tags
LONGEST, STARS = 200, 4  # of an address; more is no address of ours


@dataclass(frozen=True)
class Target:
    """What an address means."""

    address: str
    parameter: Parameter | None = None
    normalised: bool = False
    action: str = ""

    def set(self, desk: Desk, arguments: Sequence[Any], by: str) -> None:
        """Do what a message with these arguments asks for. Raises ValueError with one line."""
        if self.action:
            if len(arguments) > 1:
                raise ValueError(f"{self.address}: {len(arguments)} values, expected none or one")
            return desk.trigger(self.action, arguments[0] if arguments else None, by)
        assert self.parameter is not None
        if len(arguments) != 1:
            raise ValueError(f"{self.address}: {len(arguments)} values, expected one")
        value = arguments[0]
        if self.normalised:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ValueError(f"{self.address}: {_named(value)} is out of range, expected a number from 0 to 1")
            return desk.set(self.parameter.name, self.parameter.value_at(value), by)
        desk.set(self.parameter.name, self._typed(value), by)

    def value(self, desk: Desk) -> Any:
        """The value now; None for an action without a state."""
        if self.action:
            action = desk.actions[self.action]
            return action.state() if action.state else None
        assert self.parameter is not None
        value = value_of(desk.settings, self.parameter.name)
        return self.parameter.share_of(value) if self.normalised else value

    def _typed(self, value: Any) -> Any:
        """An OSC argument as the setting wants it: OSC has no switch on every controller, and faders know no whole numbers."""
        assert self.parameter is not None
        kind, choices = self.parameter.kind, self.parameter.choices
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind == "switch" and (isinstance(value, bool) or (number and value in (0, 1))):
            return bool(value)
        if kind == "whole" and number and abs(value) < 1e9:  # what is no number is not either
            return round(value)
        if kind == "number" and number:
            return float(value)
        if kind == "choice" and choices and isinstance(value, int) and 0 <= value < len(choices):
            return choices[int(value)]
        if kind in ("choice", "text") and isinstance(value, str):
            return value
        expected = {"switch": "true or false", "whole": "a whole number", "number": "a number", "text": "a text",
                    "choice": f"one of {', '.join(choices or ())}"}[kind]
        raise ValueError(f"{self.address}: {_named(value)} does not fit, expected {expected}")


def address_of(name: str) -> str:
    """ "Capture.Processing.canny_t1" -> "/Capture/Processing/canny_t1"."""
    return "/" + name.replace(".", "/")


SETTINGS = {address_of(name): Target(address_of(name), parameter) for name, parameter in PARAMETERS.items()}
SHARES = {NORMALISED + address: Target(NORMALISED + address, target.parameter, True) for address, target in SETTINGS.items()
          if target.parameter and target.parameter.can_be_normalised}


def targets(desk: Desk) -> dict[str, Target]:
    """Every address."""
    return {**SETTINGS, **SHARES, **{f"{ACTION}{name}": Target(f"{ACTION}{name}", action=name) for name in desk.actions}}


def find(address: str, desk: Desk) -> list[Target]:
    """What an address means; several where it is a pattern of OSC, with ? * [] {}. Raises ValueError."""
    target = SETTINGS.get(address) or SHARES.get(address)
    if target is None and address.startswith(ACTION) and address.removeprefix(ACTION) in desk.actions:
        target = Target(address, action=address.removeprefix(ACTION))
    if target is not None:
        return [target]
    if len(address) <= LONGEST and re.search(r"[*?\[{]", address) and address.count("*") <= STARS and address.count("{") <= STARS:
        expression = _expression(address)
        found = [target for known, target in targets(desk).items() if expression.fullmatch(known)]
        if found:
            return found
    raise ValueError(f"{_named(address)}: no such address; they are listed in Help, Control by OSC")


def _expression(pattern: str) -> re.Pattern[str]:
    """An OSC 1.0 pattern as a regular expression."""
    text = ""
    for part in re.findall(r"\[[^\]/]*\]|\{[^}/]*\}|.", pattern, re.S):
        if part in "*?":
            text += "[^/]*" if part == "*" else "[^/]"
        elif part[0] == "{" and len(part) > 1:
            text += "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
        elif part[0] == "[" and len(part) > 2:
            inside = re.sub(r"([\\\]\[^&~|])", r"\\\1", part[1:-1].removeprefix("!"))
            text += f"[{'^' if part[1] == '!' else ''}{inside}]" if inside else re.escape(part)
        else:
            text += re.escape(part)
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(pattern))


def _named(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
