"""How long pictures take."""

import time
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from .forms import Form

BLOCK = 5  # pictures a turn

Key = TypeVar("Key", bound=Hashable)


def quickest(form: Form, pictures: Sequence[np.ndarray], seconds: float = 0.15) -> float:
    """Milliseconds of the fastest of several runs: what else the machine does only ever adds to it."""
    best, end = float("inf"), time.perf_counter() + seconds
    for turn in range(1000):
        start = time.perf_counter()
        form.paint(pictures[turn % len(pictures)])
        stop = time.perf_counter()
        best = min(best, stop - start)
        if stop > end and turn >= 3:
            break
    return 1000 * best


def in_turns(forms: Mapping[Key, Form], pictures: Sequence[np.ndarray], seconds: float) -> dict[Key, float]:
    """Median milliseconds of each form, in turns of BLOCK pictures; the first one of a turn pays for what the form before has left."""
    times: dict[Key, list[float]] = {key: [] for key in forms}
    end = time.perf_counter() + seconds
    turn = 0
    while turn < 2 or time.perf_counter() < end:
        for key, form in forms.items():
            for i in range(BLOCK):
                start = time.perf_counter()
                form.paint(pictures[i % len(pictures)])
                if i:
                    times[key].append(1000 * (time.perf_counter() - start))
        turn += 1
    return {key: float(np.median(values)) for key, values in times.items()}
