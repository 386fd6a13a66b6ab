"""The quality ladder: what is lowered when frames take too long, and when it is raised again.

The rungs, best first: as the settings ask; the fastest precision; smaller and smaller sizes that the network can take; and last, only
every second frame painted, with a blend in between. It only computes with the times that it is given: no clock, no thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from webcam_pix2pix.settings import Model, Quality

DOWN_S = 1.0  # the target is missed for this long before a step down
UP_S = 5.0  # there is room for this long before a step up; doubled each time that it was too early
LONGEST_S = 120.0
ROOM = 0.8  # share of the budget that the better rung may be expected to need
SMOOTH = 0.9


@dataclass(frozen=True)
class Rung:
    """One way to paint."""

    precision: str
    size: int  # short side; 0: as the model says
    every: int = 1  # 2: every second frame
    cost: float = 1.0  # expected time per image, relative to the best rung

    def applied(self, model: Model) -> Model:
        """The model settings with which the predictor of this rung is built."""
        return replace(model, precision=self.precision, size=self.size)


class Ladder:
    """Where on the ladder the show is. A fresh one for each model and each change of the settings.

    side: short side that the running model paints at, pixels. multiple: sizes must be multiples of it.
    """

    def __init__(self, quality: Quality, model: Model, side: int, multiple: int) -> None:
        self.rungs = rungs(quality, model, side, multiple)
        self.position = 0
        self._quality = quality
        self._wait_s = UP_S
        self._since_up_s = LONGEST_S
        self._load: float | None = None  # share of the budget, smoothed
        self._slow_s = self._roomy_s = 0.0

    @property
    def rung(self) -> Rung:
        return self.rungs[self.position]

    @property
    def text(self) -> str:
        """For the status line; empty on the best rung."""
        if not self.position:
            return ""
        rung = self.rung
        parts = ([f"{rung.size} px"] if rung.size != self.rungs[0].size else []) + (["every 2nd frame"] if rung.every > 1 else [])
        return f"quality {self.position + 1} of {len(self.rungs)}: {', '.join(parts or [f'{rung.precision} precision'])}"

    def observe(self, busy_ms: float, latency_ms: float = 0.0, period_ms: float | None = None) -> Rung | None:
        """Tell how long one frame took; gives the rung to change to, or None.

        busy_ms: time the engine worked on it. latency_ms: from camera to image. period_ms: time since the image before (default:
        busy_ms), by which the seconds are counted.
        """
        budget = 1000 / self._quality.target_fps
        load = busy_ms / budget
        if self._quality.target_latency_ms:
            load = max(load, latency_ms / self._quality.target_latency_ms)
        self._load = load if self._load is None else SMOOTH * self._load + (1 - SMOOTH) * load
        seconds = (busy_ms if period_ms is None else period_ms) / 1000
        self._since_up_s += seconds
        self._slow_s = self._slow_s + seconds if self._load > 1.0 else 0.0
        expected = self._load * self.rungs[max(0, self.position - 1)].cost / self.rung.cost
        self._roomy_s = self._roomy_s + seconds if expected < ROOM else 0.0
        if self._slow_s >= DOWN_S and self.position + 1 < len(self.rungs):
            self._wait_s = min(LONGEST_S, 2 * self._wait_s) if self._since_up_s < self._wait_s else UP_S
            return self._move(1)
        if self._roomy_s >= self._wait_s and self.position:
            self._since_up_s = 0.0
            return self._move(-1)
        return None

    def _move(self, by: int) -> Rung:
        self.position += by
        self._forget()
        return self.rung

    def _forget(self) -> None:
        self._load = None
        self._slow_s = self._roomy_s = 0.0


def rungs(quality: Quality, model: Model, side: int, multiple: int) -> list[Rung]:
    """What the ladder of these settings consists of, best first."""
    found = [Rung(model.precision, model.size)]
    if model.precision not in ("auto", "int8"):
        found.append(Rung("auto", model.size, cost=0.5))
    precision, cost = found[-1].precision, found[-1].cost
    smaller = range(side - multiple, 0, -multiple)
    for size in _spread([s for s in smaller if s >= quality.smallest_size]):
        found.append(Rung(precision, size, cost=cost * (size / side) ** 2))
    if quality.skip:
        last = found[-1]
        found.append(replace(last, every=2, cost=last.cost / 2))
    return found


def _spread(sizes: list[int]) -> list[int]:
    """At most three sizes, each at least a fifth smaller than the one before: smaller steps are not worth a change."""
    kept: list[int] = []
    for size in sizes:
        if not kept or size <= 0.8 * kept[-1]:
            kept.append(size)
    return kept[:3]


class EverySecond:
    """Paints every second frame; the one in between is the mean of its neighbours, so that motion stays even.

    Shown are: half way to the new image when it is painted, the new image itself at the next turn.

    Attributes:
        predicted: whether the network worked at the last turn.
    """

    def __init__(self, predict: Callable[..., np.ndarray]) -> None:
        self._predict = predict
        self.predicted = False
        self._last: np.ndarray | None = None
        self._next: np.ndarray | None = None

    def __call__(self, image: np.ndarray, **how: Any) -> np.ndarray:
        """HxWx3 RGB uint8 -> HxWx3 RGB uint8, a fresh array. how: what else the predictor takes."""
        if self._next is not None and self._next.shape[:2] == image.shape[:2]:
            self._last, self._next, self.predicted = self._next, None, False
            return self._last
        predicted = self._predict(image, **how)
        self._next, self.predicted = predicted, True
        if self._last is None or self._last.shape != predicted.shape:
            return predicted.copy()
        return cv2.addWeighted(self._last, 0.5, predicted, 0.5, 0)
