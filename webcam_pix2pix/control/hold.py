"""Hold: the bypass as long as a key, a pad or a pedal is held, and back to what it was."""

from .actions import Action
from .desk import Desk

ENABLED = "Prediction.enabled"


class HoldBypass:
    """The action hold_bypass of `desk`: on while it is held. Where the network is bypassed already, holding shows the painting."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.held = False
        desk.register(Action("hold_bypass", "Bypass while held", self._set, "toggle", lambda: self.held))

    def _set(self, held: bool) -> None:
        if held != self.held:
            self.held = held
            self._desk.apply({ENABLED: not self._desk.settings.prediction.enabled}, "bypass while held")
