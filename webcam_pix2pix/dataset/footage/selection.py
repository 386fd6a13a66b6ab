"""Which frames of a film to take: pure arithmetic on their times."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Selection:
    """At most one of `fps`, `every`, `count`; none of them takes every frame. Times are seconds from the start of the film."""

    fps: float | None = None  # images per second of film
    every: int | None = None  # every n-th frame
    count: int | None = None  # so many, spread evenly over the whole film
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("fps", "every", "count") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)}: these exclude each other; use only one of them")
        for name in given:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} is out of range, expected more than 0")
        if self.start is not None and self.end is not None and not self.start < self.end:
            raise ValueError(f"start: {self.start:g} s is not before end {self.end:g} s")


def select(times: np.ndarray, selection: Selection) -> np.ndarray:
    """Indices into `times` (seconds from the start of the film, ascending) of the frames to take, ascending, each once."""
    inside = np.ones(len(times), bool)
    if selection.start is not None:
        inside &= times >= selection.start - 1e-6
    if selection.end is not None:
        inside &= times < selection.end - 1e-6
    indices = np.flatnonzero(inside)
    if len(indices) == 0:
        return indices
    times = times[indices]
    if selection.fps is not None:
        ticks = times[0] + np.arange(int((times[-1] - times[0]) * selection.fps + 1e-6) + 1) / selection.fps
        return indices[np.unique(_nearest(times, ticks))]
    if selection.every is not None:
        return indices[::selection.every]
    if selection.count is not None and selection.count < len(indices):
        return indices[_spread(times, selection.count)]
    return indices


class OutsideFilm(ValueError):
    """No frame lies between the start and the end asked for."""


def select_some(times: np.ndarray, selection: Selection, film: str) -> np.ndarray:
    """As select(). Raises OutsideFilm, which says how long the film is, where there is no such frame."""
    indices = select(times, selection)
    if len(indices) == 0 and len(times):
        length = float(times[-1]) + (float(np.median(np.diff(times))) if len(times) > 1 else 0.0)
        asked = " ".join(f"--{name} {value:g}" for name, value in (("start", selection.start), ("end", selection.end)) if value is not None)
        raise OutsideFilm(f"{film}: no image there ({asked}), the film is {length:.1f} s long")
    return indices


def parse_time(text: str) -> float:
    """Seconds from "90", "1:30" or "0:01:30.5". Raises ValueError."""
    try:
        seconds = 0.0
        for part in text.split(":"):
            seconds = 60 * seconds + float(part)
    except ValueError:
        raise ValueError(f"{text!r} is not a time, expected seconds, m:ss or h:mm:ss") from None
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{text!r} is not a time, expected 0 or more")
    return seconds


def _nearest(times: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Index of the time nearest to each tick, the earlier one of two that are equally near."""
    after = np.clip(np.searchsorted(times, ticks), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(ticks - times[before] <= times[after] - ticks + 1e-9, before, after)


def _spread(times: np.ndarray, count: int) -> np.ndarray:
    """`count` different indices whose times lie as evenly as the frames allow, from the first frame to the last."""
    if count == 1:
        return np.array([len(times) // 2])
    wanted = _nearest(times, np.linspace(times[0], times[-1], count))
    room = np.arange(count)
    wanted = np.maximum.accumulate(wanted - room) + room  # each at least one later than the one before
    return np.minimum(wanted, len(times) - count + room)
