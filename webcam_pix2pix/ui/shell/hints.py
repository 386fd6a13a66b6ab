"""Hints: what a newcomer needs in the first minute, one quiet line at a time; each is shown once, ever."""

import time
from collections.abc import Callable

from ..foundation.store import Remembered

HINTS = (
    "The button at the top left chooses the source: a camera, a film, a folder or a stream. You can also drop a file on the window.",
    "The keys 1 to 9 recall presets, R returns to the settings that the model was trained with. Ctrl+Z undoes a change.",
    "F shows the painting on the full screen, Space holds the camera image, S saves a snapshot.",
    "Model, New model… makes a model of your own from a film. Help, First steps shows how.",
)
FIRST_S, NEXT_S = 5.0, 14.0  # after the first painting, and between two


class Hints:
    """Tells what of HINTS was not shown yet. tell(text): shows it; free(): whether nothing else is being told."""

    def __init__(self, remembered: Remembered, tell: Callable[[str], None], free: Callable[[], bool]) -> None:
        self._remembered, self._tell, self._free = remembered, tell, free
        self._due: float | None = None

    def tick(self, painting: bool, now: float | None = None) -> None:
        """Called a few times a second. painting: there is a painting to look at. now: time.monotonic()."""
        now = time.monotonic() if now is None else now
        if self._remembered.hints >= len(HINTS) or not painting:
            return
        if self._due is None:
            self._due = now + FIRST_S
        if now >= self._due and self._free():
            self._tell(HINTS[self._remembered.hints])
            self._remembered.hints += 1
            self._due = now + NEXT_S
