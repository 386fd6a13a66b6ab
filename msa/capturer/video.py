"""VideoFile: a video as a source, in real time for ever or every picture in order once."""

import time
from pathlib import Path

import numpy as np

from .decoder import Decoder

LATE_S = 1.0  # behind by more (paused, computer asleep): go on from here instead of leaving out what was missed
LONGEST_GAP_S = 30.0  # between two time stamps; more is a fault of the file
LONGEST_S = 0.1  # a picture that stays longer is given again, so that whatever moves after it keeps moving


class VideoFile:
    """Live: plays at its own speed and starts again at its end; a reader that is too slow misses pictures, not time.

    Not live: gives every picture in order, then None.
    """

    note = camera = ""

    def __init__(self, path: str, live: bool = False, timeout: float | None = None) -> None:
        """path: a file, or the address of one. Raises ValueError or OSError naming it."""
        self.live, self.finite, self.skipped = live, not live, 0
        self.name = f'video "{Path(path).name}"'
        self._path, self._timeout = path, timeout
        self._decoder = Decoder(path, timeout=timeout)
        self._clock = _Clock()
        self.fps = self._decoder.fps
        first = self._decoder.next()
        if first is None:
            self._decoder.close()
            raise ValueError(f"{path}: no picture in it that can be read")
        self._shown = self._decoder.image(first)
        self.size = (self._shown.shape[1], self._shown.shape[0])
        self._ahead = first  # decoded, not yet given
        self._time = 0.0  # seconds from the very first picture to the one ahead, passes added up
        self._still = True  # until a second picture is seen
        self._origin = float("-inf")  # perf_counter() at which time 0 plays

    def read(self) -> np.ndarray | None:
        return self._read_live() if self.live else self._read_next()

    def close(self) -> None:
        self._decoder.close()

    def _read_next(self) -> np.ndarray | None:
        if self._ahead is None:
            return None
        frame, self._ahead = self._ahead, self._decoder.next()
        return self._decoder.image(frame)

    def _read_live(self) -> np.ndarray:
        now = time.perf_counter()
        if now - (self._origin + self._time) > LATE_S:
            self._origin = now - self._time
        wait = self._origin + self._time - now
        if wait > LONGEST_S:
            time.sleep(LONGEST_S)
            return self._shown
        if wait > 0:
            time.sleep(wait)
            now += wait
        frame = self._advance()
        while self._origin + self._time <= now:  # the next one is due already
            frame = self._advance()
            self.skipped += 1
        self._shown = self._decoder.image(frame)
        return self._shown

    def _advance(self):
        """The frame ahead; the one after it takes its place, from the start of the file if it was the last."""
        frame = self._ahead
        following = self._decoder.next()
        step_s = 1.0 / self.fps
        if following is not None:
            self._still = False
            step_s = self._clock.seconds(frame, following) or step_s
        elif self._still:
            following = frame
        else:
            following = self._rewound()
        self._ahead = following
        self._time += step_s
        return frame

    def _rewound(self):
        """The first picture of the file, opened anew: not everything that plays can be sought in."""
        self._decoder.close()
        self._decoder = Decoder(self._path, timeout=self._timeout)
        first = self._decoder.next()
        if first is None:
            raise OSError(f"{self._path}: no picture in it any more")
        return first


class _Clock:
    """How long each frame stays: by the stamps of showing, or of decoding where those are more often in order (H.264 in AVI)."""

    def __init__(self) -> None:
        self._faults = {"pts": 0, "dts": 0}

    def seconds(self, frame, following) -> float | None:
        """From one frame to the next; None where the stamps make no sense."""
        gaps = {}
        for name in self._faults:
            before, after = getattr(frame, name), getattr(following, name)
            gap = float((after - before) * following.time_base) if before is not None and after is not None else 0.0
            self._faults[name] += gap <= 0
            gaps[name] = gap if 0 < gap <= LONGEST_GAP_S else None
        return gaps[min(self._faults, key=self._faults.__getitem__)]
