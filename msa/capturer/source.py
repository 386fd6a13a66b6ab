"""The interface of all sources, and the clock of those that have none."""

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Source(Protocol):
    """A camera, a file, a stream, the screen or the test scene, opened. Used and closed by one thread at a time.

    Attributes:
        name: for people, such as 'camera "FaceTime HD"'.
        size: (width, height) of its images, as it really gives them.
        fps: frames per second that it says it gives.
        live: read() waits for the next image in real time; otherwise it gives every image in order, at once.
        finite: read() gives None at the end.
        note: one line about it that a user should know, or "".
        skipped: images it left out to keep up with real time.
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
        """The next image, HxWx3 RGB uint8; None at the end of a finite source. Raises OSError when the source is lost."""

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
    """Slows a source that could give images at once down to `fps` frames per second."""

    def __init__(self, fps: float) -> None:
        self._interval = 1.0 / fps
        self._due = float("-inf")

    def wait(self) -> None:
        """Return when the next frame is due. After a late frame, counting starts anew, so that no frames are rushed."""
        now = time.perf_counter()
        self._due = max(self._due + self._interval, now)
        if self._due > now:
            time.sleep(self._due - now)
