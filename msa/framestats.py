"""FrameStats: frames a second, milliseconds per stage, frames skipped."""

import time

SMOOTHING = 0.9  # share of the past in each figure


class FrameStats:
    """Smoothed figures of a loop, kept by the thread that runs it.

    Attributes:
        fps: ticks a second; 0 before the second tick.
        ms: milliseconds per stage, in order of first appearance.
        skipped: what the loop counted as skipped.
        ticks: how many there were.
    """

    def __init__(self) -> None:
        self.fps = 0.0
        self.ms: dict[str, float] = {}
        self.skipped = 0
        self.ticks = 0
        self._last: float | None = None

    def add(self, stage: str, ms: float) -> None:
        """Note that `stage` took `ms` milliseconds this time."""
        self.ms[stage] = ms if stage not in self.ms else SMOOTHING * self.ms[stage] + (1 - SMOOTHING) * ms

    def tick(self, now: float | None = None) -> None:
        """Once per frame. now: time.perf_counter() seconds, if the caller has it at hand."""
        now = time.perf_counter() if now is None else now
        if self._last is not None and now > self._last:
            fps = 1.0 / (now - self._last)
            self.fps = fps if self.fps == 0.0 else SMOOTHING * self.fps + (1 - SMOOTHING) * fps
        self._last = now
        self.ticks += 1
