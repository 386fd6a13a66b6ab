"""Index: what frames are in a film, when each is shown, and where decoding can start."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

SEEK_S = 1.0  # worth a jump to a key frame
LONGEST_GAP_S = 30.0  # between two frames of a broadcast format; a longer one is a fault of the clock
RESTART_S = 0.1  # a step back by more is no fault of one stamp: the clock has started again
CLOCKED = ("mpegts", "mpeg")  # containers whose clock may jump: recordings in parts, joined with others
REORDERED = ("h264", "hevc", "vvc")  # codecs for which FFmpeg cannot work out the time of showing from the order of decoding


@dataclass(frozen=True)
class Moment:
    """One frame to take."""

    stamp: int  # presentation time stamp, in units of the film's time base
    seek: int | None = None  # stamp of the key frame to jump to first


class Packet(NamedTuple):
    """What the container says of one coded frame."""

    pts: int | None
    dts: int | None
    is_key: bool


class Entry(NamedTuple):
    """A key frame of a film that is read by number."""

    place: int  # of the frame in the order of showing, from 0
    packet: int  # number of the packet from which decoding starts
    number: int  # of the packet that brings this frame


@dataclass(frozen=True)
class Order:
    """A part of a film that is read by number, because its own time stamps cannot tell its frames apart."""

    entry: Entry
    stamps: tuple[int, ...]  # of the frame at `entry` and those after it, in order of showing


@dataclass(frozen=True)
class Index:
    """The frames of a film in order of showing.

    Films whose time stamps are wrong (they start again, are missing, or do not follow the order of showing) have stamps made from what
    is right in them, and `entries`; their frames are found by number.
    """

    stamps: np.ndarray  # int64, ascending: one per frame
    keys: np.ndarray  # of the frames from which decoding can start
    seconds: float  # one unit of the stamps
    start: float  # seconds: what the stamps say at the start of the film
    size: tuple[int, int]  # width, height as coded
    entries: tuple[Entry, ...] = ()
    joins: tuple[float, ...] = ()  # seconds added to the film's own stamps, one for each place where they start again

    @property
    def times(self) -> np.ndarray:
        """Seconds from the start of the film, one per frame."""
        return self.stamps * self.seconds - self.start

    def moments(self, indices: np.ndarray) -> list[Moment]:
        """The frames at `indices` (ascending), with the jumps that save decoding."""
        moments: list[Moment] = []
        position = int(self.stamps[0])
        for stamp in self.stamps[indices].tolist():
            key = self.key(stamp)
            far = not self.entries and (key - position) * self.seconds > SEEK_S
            moments.append(Moment(stamp, key if far else None))
            position = stamp
        return moments

    def key(self, stamp: int) -> int:
        """The stamp of the key frame from which the frame at `stamp` can be decoded."""
        return int(self.keys[max(0, int(np.searchsorted(self.keys, stamp, "right")) - 1)])

    def entry(self, stamp: int) -> Moment:
        """The frame at `stamp`, with the jump to its key frame."""
        return Moment(stamp, None if self.entries else self.key(stamp))

    def order(self, moments: Sequence[Moment], until: int | None = None) -> Order | None:
        """What Film.frames needs for these frames if the film is read by number; None if it is not."""
        if not self.entries:
            return None
        first, last = np.searchsorted(self.stamps, [moments[0].stamp, moments[-1].stamp if until is None else until]).tolist()
        entry = max((entry for entry in self.entries if entry.place <= first), default=self.entries[0])
        return Order(entry, tuple(self.stamps[entry.place:last + 1].tolist()))


def stamps_are_right(packets: Sequence[Packet], seconds: float, container: str, codec: str, reorders: bool) -> bool:
    """Whether the packets' own stamps tell every frame apart and put them into the order of showing. seconds: one unit of the stamps."""
    shown = [packet.pts for packet in packets]
    if None in shown or len(set(shown)) < len(shown):
        return False
    decoded = [packet.dts for packet in packets if packet.dts is not None]
    steps = [after - before for before, after in pairwise(decoded)]
    if steps and min(steps) < 0:
        return False
    if container in CLOCKED and steps and max(steps) * seconds > LONGEST_GAP_S:
        return False
    ascending = all(before < after for before, after in pairwise(shown))  # type: ignore[operator]
    return not (codec in REORDERED and reorders and ascending)


def made_stamps(numbers: Sequence[int], packets: Sequence[Packet], seconds: float, fps: float,
                container: str) -> tuple[np.ndarray, list[float]]:
    """Ascending stamps for frames that come from the packets `numbers`, in order of showing; and Index.joins.

    They follow the stamps of the packets, of showing or else of decoding, whichever are more often in order; where these are missing,
    go back or jump, one frame's time is added.
    """
    of_showing = [packets[number].pts for number in numbers]
    of_decoding = [packet.pts if packet.dts is None else packet.dts for packet in packets][:len(numbers)]
    given = min((of_showing, of_decoding), key=lambda stamps: -sum(gap > 0 for gap in _gaps(stamps)))
    longest = LONGEST_GAP_S / seconds if container in CLOCKED else float("inf")
    step = max(1, round(1 / (fps * seconds)))
    stamps, joins = [given[0] or 0], []
    for gap, own in zip(_gaps(given), given[1:], strict=True):
        right = 0 < gap <= longest
        stamps.append(stamps[-1] + (int(gap) if right else step))
        if abs(gap) * seconds > RESTART_S and not right and own is not None:
            joins.append((stamps[-1] - own) * seconds)
    return np.array(stamps, np.int64), joins


def _gaps(stamps: Sequence[int | None]) -> list[float]:
    return [float("nan") if before is None or after is None else after - before for before, after in pairwise(stamps)]
