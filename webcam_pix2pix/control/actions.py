"""Action: something that can be triggered by name, from keys, OSC, MIDI or a phone. Change: what the desk tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("trigger", "toggle", "value")


@dataclass(frozen=True)
class Action:
    """One action. It is called from any thread and must not wait: an action of the window puts itself into the window's queue.

    call: takes the argument. trigger: None. toggle: True or False, the state to go to. value: a number from 0 to 1.
    """

    name: str
    text: str  # for people
    call: Callable[[Any], object]
    kind: str = "trigger"  # one of KINDS
    state: Callable[[], bool] | None = None  # of a toggle: whether it is on

    def run(self, argument: Any = None) -> bool:
        """Call it; whether anything was done: 0 or False to a trigger is a button that is let go.

        A toggle without an argument changes its state. Raises ValueError for an argument that cannot be.
        """
        if argument is not None and not isinstance(argument, bool | int | float):
            raise ValueError(f"{self.name}: {argument!r} is not a number or a switch")
        if self.kind == "trigger":
            if argument is not None and not argument:
                return False
            self.call(None)
        elif self.kind == "toggle":
            if argument is None and self.state is None:
                raise ValueError(f"{self.name}: expected on or off")
            self.call(not self.state() if argument is None and self.state else bool(argument))
        else:
            if argument is None or not 0 <= argument <= 1:
                raise ValueError(f"{self.name}: {argument!r} is out of range, expected 0 to 1")
            self.call(float(argument))
        return True


@dataclass(frozen=True)
class Change:
    """What has happened: settings that are others now, or an action that was triggered."""

    version: int  # of the desk; orders changes of several threads
    values: Mapping[str, Any] = field(default_factory=dict)  # dotted name -> new value
    by: str = ""  # who did it: "osc", "midi", ...; empty: the window
    text: str = ""  # for people
    merged: bool = False  # from set(): it may come a moment later than it was set
    action: str = ""
    argument: Any = None
