"""Timing of executors."""

import threading
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from ..device.executors import Executor

BLOCK = 5  # images a turn

quiet = threading.Lock()  # held while something is measured: what can wait waits

Key = TypeVar("Key", bound=Hashable)


def time_in_turns(executors: Mapping[Key, Executor], images: Sequence[np.ndarray], seconds: float = 0.0) -> dict[Key, float]:
    """Median milliseconds of each executor, in turns of BLOCK images, so that all meet the same disturbances.

    The first image of a turn does not count: its caches are cold. Slow executors run three images, however long that takes.
    seconds: of all forms together; 0: 0.05 for one alone, 0.15 for several, which must be told apart.
    """
    seconds = seconds or (0.05 if len(executors) == 1 else 0.15)
    times: dict[Key, list[float]] = {key: [] for key in executors}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(times.values()):
        for key, executor in executors.items():
            with quiet:
                for i in range(BLOCK):
                    start = time.perf_counter()
                    if start > end and len(times[key]) >= 2:
                        break
                    executor.infer(images[i % len(images)])
                    if i:
                        times[key].append(1000 * (time.perf_counter() - start))
    return {key: float(np.median(values)) for key, values in times.items()}
