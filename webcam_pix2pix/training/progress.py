"""Progress of a run, its mean losses and its pace; what is told of them, and the interface of those who are told."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from .estimate import Estimate
from .losses import DIVERGED
from .runs.runfolder import RunFolder, Steps


class RunMonitor(Protocol):
    """The interface of monitors: something that follows a run, such as the terminal."""

    def starts(self, run: RunFolder, estimate: Estimate, remaining_steps: int) -> None: ...
    def note(self, text: str) -> None: ...
    def moved(self, steps: Steps) -> None: ...
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

    def done(self, steps_per_epoch: int) -> int:
        """Steps of the whole run."""
        return (self.epoch - 1) * steps_per_epoch + self.position


class Pace:
    """How long a step takes, as estimated and then as measured, and when to tell how far the run is."""

    EVERY_S = 2.0
    LEAST = 0.1  # weight of what was measured last, beside all before: a machine that does other things too is not steady

    def __init__(self, step_s: float, between_s: float) -> None:
        """Estimated seconds of a step, and of what comes between two of them: validation, samples, saving."""
        self._step_s, self._between_s = step_s, between_s
        self._since, self._steps = 0.0, -1  # the first step of a sitting warms up
        self._measured = 0  # times

    def left_s(self, steps: int) -> float:
        """Seconds that so many steps will take."""
        return steps * (self._step_s + self._between_s)

    def step(self) -> bool:
        """One is done; whether it is time to tell: after the first, then at most every EVERY_S."""
        now = time.monotonic()
        self._steps += 1
        first = self._steps == 0
        if not first and now - self._since < self.EVERY_S:
            return False
        if not first:
            self._measured += 1
            self._step_s += max(self.LEAST, 1 / (1 + self._measured)) * ((now - self._since) / self._steps - self._step_s)
        self._since, self._steps = now, 0
        return True

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Around what takes time and is no step."""
        start = time.monotonic()
        yield
        self._since += time.monotonic() - start


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


class Reporter:
    """Tells how a run goes: its folder, TensorBoard and the monitor."""

    def __init__(self, run: RunFolder, monitor: RunMonitor, progress: Progress, epochs: int, steps_per_epoch: int, pace: Pace) -> None:
        """progress: that of the loop, which goes on."""
        from torch.utils.tensorboard import SummaryWriter  # slow to import
        self._run, self._monitor, self._progress, self._pace = run, monitor, progress, pace
        self._epochs, self._each = epochs, steps_per_epoch
        self._writer = SummaryWriter(str(run.path), purge_step=progress.samples + 1 if progress.samples else None)

    def steps(self) -> None:
        """How far it is."""
        done, all_ = self._progress.done(self._each), self._epochs * self._each
        steps = Steps(done, all_, round(self._pace.left_s(all_ - done), 1))
        self._run.tell_progress(steps)
        self._monitor.moved(steps)

    def losses(self, means: Mapping[str, float], lr: float, images_per_s: float) -> None:
        """Mean losses since the last time."""
        progress, images_per_s = self._progress, round(images_per_s, 3)
        stats = {"epoch": progress.epoch, "epochs": self._epochs, "position": progress.position, "steps_per_epoch": self._each,
                 "samples": progress.samples, "lr": lr, "images_per_s": images_per_s,
                 **{name: round(value, 6) for name, value in means.items()}}
        self._log(stats, {**means, "lr": lr, "images_per_s": images_per_s})
        self._monitor.line(stats, self._pace.left_s(self._epochs * self._each - progress.done(self._each)))

    def validation(self, epoch: int, metrics: Mapping[str, float], better: bool) -> None:
        """How near the paintings are to the pairs that were held out."""
        self._log({"epoch": epoch, "samples": self._progress.samples, **{f"val_{k}": round(v, 6) for k, v in metrics.items()}},
                  {f"val_{k}": v for k, v in metrics.items()})
        scores = ", ".join(f"{k} {v:.4f}" for k, v in metrics.items())
        self._monitor.note(f"epoch {epoch}: validation {scores}{', best so far' if better else ''}")

    def close(self) -> None:
        self._writer.close()

    def _log(self, stats: dict[str, Any], scalars: Mapping[str, float]) -> None:
        self._run.add_stats({"time": round(time.time(), 2), **stats})
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, self._progress.samples)
