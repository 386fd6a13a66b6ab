"""Replayed: the images of a replay file as a source, at the times of the performance."""

import time
from bisect import bisect_right
from pathlib import Path

import numpy as np

from ..transport import Transport
from .reader import Replay

LONGEST_S = 0.1  # an image that stays longer is given again, so that the program sees changes


class Replayed:
    """Live: in its own time, and from the start again at the end. Not live: each image in order, then None.

    Attributes:
        position: seconds of the performance of the image that was given last.
    """

    note = camera = ""

    def __init__(self, path: Path, live: bool) -> None:
        """Raises OSError or ValueError naming the file."""
        self.replay = Replay(path)
        self.live, self.finite, self.skipped = live, not live, 0
        self.name = f'replay "{path.name}"'
        self.fps, self.position = self.replay.fps, 0.0
        try:
            image = self.replay.image(0)
        except (OSError, ValueError):
            self.replay.close()
            raise
        self.size = (image.shape[1], image.shape[0])
        self._times = [moment.seconds for moment in self.replay.moments]
        self._number = -1
        self._since = time.perf_counter()
        step = 1.0 / self.fps
        self.transport = Transport(self.replay.seconds + step, step, "s") if live and len(self._times) > 1 else None

    def read(self) -> np.ndarray | None:
        if not self.live or self.transport is None:
            if not self.live and self._number + 1 == len(self._times):
                return None
            return self._given(min(self._number + 1, len(self._times) - 1), pause_s=1.0 / self.fps if self.live else 0.0)
        return self._read_live(self.transport)

    def close(self) -> None:
        self.replay.close()

    def _read_live(self, transport: Transport) -> np.ndarray:
        place, steps = transport.asked()
        if place is not None or steps:
            number = self._number if place is None else bisect_right(self._times, place) - 1
            return self._given(min(max(number + steps, 0), len(self._times) - 1))
        if transport.resting:
            return self._given(self._number, pause_s=LONGEST_S)
        number = self._number + 1
        end = self.replay.seconds if transport.end is None else transport.end
        if number == len(self._times) or self._times[number] > end:
            number = bisect_right(self._times, transport.start) - 1
            gap = 1.0 / self.fps
        else:
            gap = self._times[number] - self._times[max(self._number, 0)]
        wait = gap / transport.speed - (time.perf_counter() - self._since)
        if wait > LONGEST_S:
            time.sleep(LONGEST_S)
            return self.replay.image(max(self._number, 0))
        return self._given(number, max(0.0, wait), gap / transport.speed)

    def _given(self, number: int, pause_s: float = 0.0, gap_s: float = 0.0) -> np.ndarray:
        """The image of a moment, after `pause_s`. gap_s: that this was due after the one before; a small delay is made up for."""
        if pause_s:
            time.sleep(pause_s)
        now = time.perf_counter()
        self._since = self._since + gap_s if gap_s > 0 and now - self._since - gap_s < 1.0 else now
        self._number = max(number, 0)
        self.position = self._times[self._number]
        if self.transport is not None:
            self.transport.position = self.position
        return self.replay.image(self._number)
