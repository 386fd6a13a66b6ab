"""Progress of a run, its mean losses, and the interface of monitors."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from .estimate import Estimate
from .losses import DIVERGED
from .runs.runfolder import RunFolder


class RunMonitor(Protocol):
    """The interface of monitors: something that follows a run, such as the terminal."""

    def starts(self, run: RunFolder, estimate: Estimate, remaining_steps: int) -> None: ...
    def note(self, text: str) -> None: ...
    def line(self, stats: Mapping[str, Any], remaining_s: float) -> None: ...


@dataclass
class Progress:
    """Where a run stands. `position` steps of `epoch` (the first is 1) are done."""

    epoch: int = 1
    position: int = 0
    samples: int = 0  # pairs seen, by all processes
    steps: int = 0
    reductions: int = 0  # of the learning rate by --lr_policy plateau
    since_best: int = 0  # validations
    best: dict[str, float] = field(default_factory=dict)  # metrics of the best checkpoint


class Renewal:
    """When the page of a run is written again, and how long that may take: longer than this, and the run was stopped or killed."""

    EVERY_S = 30.0
    SHARE = 0.02  # of the time, at most, goes into writing pages

    def __init__(self, longest_s: float) -> None:
        """longest_s: a first guess of the longest time between two pages."""
        self._longest_s, self._cost_s, self._state = longest_s, 0.0, ""
        self._at = time.monotonic()

    def due(self, state: str) -> bool:
        return state != self._state or time.monotonic() - self._at > max(self.EVERY_S, self._cost_s / self.SHARE)

    def next_in_s(self) -> float:
        return 60 + 3 * max(self.EVERY_S, self._cost_s / self.SHARE, self._longest_s)

    @contextmanager
    def timed(self, state: str) -> Iterator[None]:
        """Around the writing of a page."""
        start = time.monotonic()
        self._longest_s = max(self._longest_s, start - self._at) if self._state else self._longest_s
        yield
        self._at, self._state = time.monotonic(), state
        self._cost_s = self._at - start


class Meter:
    """Mean losses and the time of a step."""

    def __init__(self) -> None:
        self.sums: dict[str, torch.Tensor] = {}
        self.count, self.start = 0, time.perf_counter()

    def add(self, losses: Mapping[str, torch.Tensor]) -> None:
        self.count += 1
        for name, value in losses.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value

    def check(self) -> dict[str, float]:
        """The means. Raises ValueError with advice when one is no number, before anything of it is saved."""
        means = {name: float(total) / self.count for name, total in self.sums.items()}
        bad = [name for name, value in means.items() if not math.isfinite(value)]
        if bad:  # in all processes at once: they are told the same losses
            raise ValueError(f"loss {', '.join(bad)} is no longer a number: {DIVERGED}")
        return means

    def step_s(self) -> float:
        return (time.perf_counter() - self.start) / max(self.count, 1)
