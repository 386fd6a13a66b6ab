"""FrameStats: frames a second, milliseconds per stage, frames skipped."""

import time

SMOOTHING = 0.9  # share of the past in each figure
SILENT_S = 1.0  # a loop that has not ticked for so long, and for three of its usual intervals, has stopped


class FrameStats:
    """Smoothed figures of a loop, kept by the thread that runs it; any thread may read them.

    Attributes:
        ms: milliseconds per stage, in order of first appearance.
        skipped: what the loop counted as skipped.
        ticks: how many there were.
    """

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self.skipped = 0
        self.ticks = 0
        self._interval: float | None = None  # seconds from tick to tick, smoothed
        self._last: float | None = None

    @property
    def fps(self) -> float:
        """Ticks a second now."""
        return self.rate()

    def rate(self, now: float | None = None) -> float:
        """Ticks a second: one over the mean interval. 0 before the second tick, and when none has come for a while.

        now: time.perf_counter() seconds, if the caller has it at hand.
        """
        interval, last = self._interval, self._last
        if interval is None or last is None:
            return 0.0
        silent = (time.perf_counter() if now is None else now) - last
        return 0.0 if silent > max(SILENT_S, 3 * interval) else 1.0 / interval

    def add(self, stage: str, ms: float) -> None:
        """Note that `stage` took `ms` milliseconds this time."""
        self.ms[stage] = ms if stage not in self.ms else SMOOTHING * self.ms[stage] + (1 - SMOOTHING) * ms

    def tick(self, now: float | None = None) -> None:
        """Once per frame. now: time.perf_counter() seconds, if the caller has it at hand."""
        now = time.perf_counter() if now is None else now
        if self._last is not None and now > self._last:
            gone, known = now - self._last, self._interval
            if known is None or gone > max(SILENT_S, 3 * known):  # begins, or begins again after a rest
                self._interval = gone if known is None else known
            else:
                self._interval = SMOOTHING * known + (1 - SMOOTHING) * gone
        self._last = now
        self.ticks += 1
