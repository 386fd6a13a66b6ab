"""Source: what every giver of pictures looks like; the clock of those that are not driven by a device."""

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Source(Protocol):
    """A camera, a file, a stream, the screen or the test scene, opened. Used and closed by one thread at a time.

    Attributes:
        name: for people, such as 'camera "FaceTime HD"'.
        size: (width, height) of its pictures, as it really gives them.
        fps: pictures a second that it says it gives.
        live: read() waits for the next picture in real time; otherwise it gives every picture in order, at once.
        finite: read() gives None at the end.
        note: one line about it that a user should know, or "".
        skipped: pictures it left out to keep up with real time.
        camera: what to remember it by if it is a camera: its name, or its path where several share the name; else "".
    """

    name: str
    size: tuple[int, int]
    fps: float
    live: bool
    finite: bool
    note: str
    skipped: int
    camera: str

    def read(self) -> np.ndarray | None:
        """The next picture, HxWx3 RGB uint8; None at the end of a finite source. Raises OSError when the source is lost."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class SourceInfo:
    """What a source says of itself, as a value that other threads may keep."""

    name: str
    size: tuple[int, int]  # (width, height)
    fps: float
    live: bool
    finite: bool
    note: str
    camera: str


class Pace:
    """Holds a source that could give pictures at once to `fps` pictures a second."""

    def __init__(self, fps: float) -> None:
        self._interval = 1.0 / fps
        self._due = float("-inf")

    def wait(self) -> None:
        """Return when the next picture is due; one that is late starts a new count rather than a race to catch up."""
        now = time.perf_counter()
        self._due = max(self._due + self._interval, now)
        if self._due > now:
            time.sleep(self._due - now)
