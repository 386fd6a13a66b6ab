"""VideoFile: a video as a source, in real time for ever or every image in order once."""

import time
from collections import deque
from pathlib import Path

import numpy as np

from ..decoding.decoder import Decoder
from ..transport import Transport

LATE_S = 1.0  # behind by more (paused, computer asleep): go on from here instead of leaving out what was missed
LONGEST_GAP_S = 30.0  # between two time stamps; more is a fault of the file
TICK_S = 0.002  # time stamps in whole milliseconds are not exact
LONGEST_S = 0.1  # an image that stays longer is given again, so that whatever moves after it keeps moving


class VideoFile:
    """Live: plays at its own speed and starts again at its end; a reader that is too slow misses images, not time.

    Not live: gives every image in order, then None.
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
            raise ValueError(f"{path}: this program finds no image in it that it can read; convert it to MP4 (H.264) first")
        self._shown = self._decoder.image(first)
        self.size = (self._shown.shape[1], self._shown.shape[0])
        self._ahead = first  # decoded, not yet given
        self._time = 0.0  # seconds from the very first image to the one ahead, passes added up
        self.position: float | None = None  # seconds from the first image to the one that was given; None where the film has no stamps
        self._still = True  # until a second image is seen
        self._origin = float("-inf")  # perf_counter() at which time 0 plays
        self._first = first
        length = self._decoder.duration
        self.transport = Transport(length, 1.0 / self.fps, "s") if live and length and length > 1.5 / self.fps else None

    def read(self) -> np.ndarray | None:
        return self._read_live() if self.live else self._read_next()

    def close(self) -> None:
        self._decoder.close()

    def _read_next(self) -> np.ndarray | None:
        if self._ahead is None:
            return None
        frame, self._ahead = self._ahead, self._decoder.next()
        self.position = None if frame.pts is None else self._seconds(frame)
        return self._decoder.image(frame)

    def _read_live(self) -> np.ndarray:
        now = time.perf_counter()
        if self.transport is not None and self._directed(self.transport, now):
            return self._shown
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
        if self.transport is not None:
            self.transport.position = self._seconds(frame)
            following = self._looped(self.transport, following)
            step_s /= self.transport.speed
        self._ahead = following
        self.position = None if frame.pts is None else self._seconds(frame)
        self._time += step_s
        return frame

    def _directed(self, transport: Transport, now: float) -> bool:
        """Whether `_shown` is to be given because the film was sent to another place, or rests."""
        asked, steps = transport.asked()
        if asked is not None:
            self._ahead = self._sought(asked)
        if steps:
            self._ahead = self._moved(steps + (asked is not None) * (steps > 0), transport.position if asked is None else asked)
        if asked is not None or steps:
            self._origin = now - self._time
            frame = self._advance()  # first: at the end of the film it opens another decoder
            self._shown = self._decoder.image(frame)
        elif transport.resting:
            time.sleep(min(1.0 / self.fps, LONGEST_S))
            self._origin = float("-inf")
        return bool(asked is not None or steps or transport.resting)

    def _looped(self, transport: Transport, following):
        """`following`, or the image where the loop starts when it lies outside the loop."""
        at = self._seconds(following)
        behind = transport.end is not None and at > transport.end + TICK_S
        rewound = at < transport.position and at < transport.start - TICK_S
        return self._sought(transport.start) if behind or rewound else following

    def _sought(self, seconds: float):
        """The image at `seconds`."""
        try:
            self._decoder.seek(self._first, seconds)
            frame = self._decoder.next()
        except OSError:
            frame = None
        if frame is None or self._seconds(frame) > seconds + 1.0 / self.fps:  # it cannot be sought in, or not well: from the start
            frame = self._rewound()
        while self._seconds(frame) < seconds - TICK_S:
            following = self._decoder.next()
            if following is None:
                break
            frame = following
        return frame

    def _moved(self, steps: int, at: float):
        """The image so many after the one at `at` (the next one is ahead), or before it; the first or the last where there are fewer."""
        if steps < 0:
            passed = deque([self._sought(max(0.0, at + 3 * steps / self.fps - 1.0))], maxlen=-steps)
            while (following := self._decoder.next()) is not None and self._seconds(following) < at - TICK_S:
                passed.append(following)
            return self._sought(self._seconds(passed[0]))
        frame = self._ahead
        for _ in range(steps - 1):
            following = self._decoder.next()
            if following is None:
                break
            frame = following
        return frame

    def _seconds(self, frame) -> float:
        """Of an image, from the first one of the film."""
        if frame.pts is None or self._first.pts is None:
            return 0.0
        return float((frame.pts - self._first.pts) * frame.time_base)

    def _rewound(self):
        """The first image of the file, opened anew: not everything that plays can be sought in."""
        self._decoder.close()
        self._decoder = Decoder(self._path, timeout=self._timeout)
        first = self._decoder.next()
        if first is None:
            raise OSError(f"{self._path}: no image in it any more")
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
