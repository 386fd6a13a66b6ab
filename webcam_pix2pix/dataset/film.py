"""Film: the frames of a video by their exact time stamps, also where the frame rate varies, and where its scenes change."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from msa.capturer.decoder import Decoder

CUT = 27.0  # mean change of hue, saturation and value (0..255) from one frame to the next that makes a new scene
SHORTEST_SCENE_S = 0.5  # a flash is no scene
SEEK_S = 1.0  # worth a jump to a key frame
RETREAT_S = 10  # further back, where the jump went too far


@dataclass(frozen=True)
class Moment:
    """One frame to take."""

    stamp: int  # presentation time stamp, in units of the film's time base
    seek: int | None = None  # stamp of the key frame to jump to first


@dataclass(frozen=True)
class Index:
    """What is in a film: the stamps of all its frames in order of showing, and of its key frames."""

    stamps: np.ndarray
    keys: np.ndarray
    seconds: float  # one unit of the stamps
    start: float  # seconds: what the stamps say at the start of the film
    size: tuple[int, int]  # width, height as coded

    @property
    def times(self) -> np.ndarray:
        """Seconds from the start of the film, one per frame."""
        return self.stamps * self.seconds - self.start

    def moments(self, indices: np.ndarray) -> list[Moment]:
        """The frames at `indices` (ascending), with the jumps that save decoding."""
        moments: list[Moment] = []
        position = int(self.stamps[0])
        for stamp in self.stamps[indices].tolist():
            key = self.entry(stamp)
            far = (key - position) * self.seconds > SEEK_S
            moments.append(Moment(stamp, key if far else None))
            position = stamp
        return moments

    def entry(self, stamp: int) -> int:
        """The key frame from which the frame at `stamp` can be decoded."""
        return int(self.keys[max(0, int(np.searchsorted(self.keys, stamp, "right")) - 1)])


class Film(Decoder):
    """A video file whose frames are asked for by stamp."""

    def __init__(self, path: str) -> None:
        from av.video.reformatter import VideoReformatter

        super().__init__(path)
        self._path = path
        self._shrink = VideoReformatter()  # kept: setting one up costs more than using it

    def index(self) -> Index:
        """Read through the file without decoding it; where it carries no stamps, with decoding. Raises ValueError when it is empty."""
        packets = [(p.pts, p.is_keyframe) for p in self._container.demux(self._stream) if p.size and not p.is_discard]
        if any(stamp is None for stamp, _ in packets):
            self._restart()
            packets = [(f.pts, f.key_frame) for f in iter(self.next, None) if f.pts is not None]
        if not packets:
            raise ValueError(f"{self._path}: no picture in it that can be read")
        stamps = np.unique(np.array([stamp for stamp, _ in packets], np.int64))
        keys = np.unique(np.array([stamp for stamp, key in packets if key] or stamps[:1], np.int64))
        start = self._container.start_time
        self._restart()
        size = self._stream.codec_context.width, self._stream.codec_context.height
        return Index(stamps, keys, self._seconds, start / 1e6 if start is not None else 0.0, size)

    def frames(self, moments: Sequence[Moment], until: int | None = None) -> Iterator[tuple[int, object, bool]]:
        """Decode the frames at `moments` and go on to the one at `until`.

        Yields (stamp, frame, False) for each, with frame None for one that cannot be decoded, and (stamp, None, True) for each
        cut on the way: the first frame of a new scene.
        """
        waiting = deque(moments)
        last = max(until if until is not None else moments[-1].stamp, moments[-1].stamp)
        sought, jumps = self._seek(waiting[0].seek), True
        before = None
        while True:
            frame = self.next()
            if sought is not None and (frame is None or (frame.pts is not None and frame.pts > waiting[0].stamp)):
                # some containers jump too far: from further back, or from the start and without any more jumps
                if jumps:
                    sought = self._seek(max(0, sought - round(RETREAT_S / self._seconds)))
                else:
                    sought = None
                    self._restart()
                jumps = False
                continue
            if frame is None:
                break
            stamp = frame.pts
            if stamp is None:
                continue
            sought = None
            now = self._thumbnail(frame)
            if before is not None and _change(before, now) >= CUT:
                yield stamp, None, True
            before = now
            while waiting and waiting[0].stamp < stamp:
                yield waiting.popleft().stamp, None, False
            if waiting and waiting[0].stamp == stamp:
                waiting.popleft()
                yield stamp, frame, False
            if stamp >= last:
                break
            if jumps and waiting and waiting[0].seek is not None and waiting[0].seek > stamp:
                sought = self._seek(waiting[0].seek)
        for moment in waiting:
            yield moment.stamp, None, False

    @property
    def _seconds(self) -> float:
        return float(self._stream.time_base or 1)

    def _thumbnail(self, frame) -> np.ndarray:
        small = self._shrink.reformat(frame, width=64, height=36, format="rgb24", interpolation="AREA").to_ndarray()
        return cv2.cvtColor(small, cv2.COLOR_RGB2HSV)

    def _seek(self, stamp: int | None) -> int | None:
        """Jump to the key frame at `stamp`; returns it, None where there was no jump."""
        if stamp is None:
            return None
        try:
            self._container.seek(stamp, stream=self._stream)
        except self._error:
            self._restart()
            return None
        self._frames = self._decoded()
        return stamp

    def _restart(self) -> None:
        self.close()
        Decoder.__init__(self, self._path)


def scene_starts(cuts: Iterable[float]) -> list[float]:
    """When the second scene and those after it begin, in seconds: `cuts` without those that follow too closely."""
    starts: list[float] = []
    for cut in sorted(set(cuts)):
        if cut - (starts[-1] if starts else 0.0) >= SHORTEST_SCENE_S:
            starts.append(cut)
    return starts


def scene_at(starts: Sequence[float], time: float) -> int:
    """The number, from 0, of the scene that is on at `time` (seconds)."""
    return bisect_right(starts, time + 1e-6)


def _change(before: np.ndarray, now: np.ndarray) -> float:
    return float(np.mean(cv2.absdiff(before, now)))
