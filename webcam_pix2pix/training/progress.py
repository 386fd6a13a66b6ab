"""How far a run is, what it has measured since the last line, and who is told."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from .estimate import Estimate
from .losses import DIVERGED
from .runfolder import RunFolder


class Watcher(Protocol):
    """Who follows a run: the terminal, a test."""

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
