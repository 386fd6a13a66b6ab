"""Tempo: beats as a function of time, tapped or from a clock."""

from collections import deque
from dataclasses import dataclass

SLOWEST, FASTEST = 20.0, 400.0  # beats per minute
PULSES = 24  # of a MIDI clock, for each beat
TAPS = 8  # the last ones count
NEW_S = 3.0  # after so long, a tap begins anew


@dataclass(frozen=True)
class Tempo:
    """bpm: beats per minute. beat: the number of the beat at `time`, in seconds."""

    bpm: float = 120.0
    time: float = 0.0
    beat: float = 0.0

    def beats(self, time: float) -> float:
        """Beats that have passed at `time`, in seconds."""
        return self.beat + (time - self.time) * self.bpm / 60

    def changed(self, bpm: float, time: float) -> "Tempo":
        """Another speed from `time` on; the beat does not jump. Raises ValueError for a speed that cannot be."""
        if not SLOWEST <= bpm <= FASTEST:
            raise ValueError(f"tempo: {bpm:g} is out of range, expected {SLOWEST:g} to {FASTEST:g} beats per minute")
        return Tempo(float(bpm), time, self.beats(time))

    def struck(self, time: float) -> "Tempo":
        """A beat falls on `time`."""
        return Tempo(self.bpm, time, round(self.beats(time)))


class Taps:
    """Finds the tempo from taps, or from the pulses of a MIDI clock. Used from one thread.

    pulses: for each beat, 1 for taps. kept: so many of the last ones count. new_s: after such a pause it begins anew.
    """

    def __init__(self, pulses: int = 1, kept: int = TAPS, new_s: float = NEW_S) -> None:
        self._pulses, self._new_s = pulses, new_s
        self._times: deque[float] = deque(maxlen=kept)

    def tap(self, time: float) -> float | None:
        """Beats per minute now; None after the first tap, and where it is no tempo. time: seconds."""
        if self._times and not 0 < time - self._times[-1] < self._new_s:
            self._times.clear()
        self._times.append(time)
        if len(self._times) < 2:
            return None
        bpm = 60 * (len(self._times) - 1) / (self._times[-1] - self._times[0]) / self._pulses
        return bpm if SLOWEST <= bpm <= FASTEST else None


def clock_taps() -> Taps:
    """For the pulses of a MIDI clock: measured over two beats, so that jitter of single pulses does not count."""
    return Taps(PULSES, 2 * PULSES + 1, 1.0)
