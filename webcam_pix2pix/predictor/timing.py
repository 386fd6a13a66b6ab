"""How long pictures take."""

import threading
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from .forms import Form

BLOCK = 5  # pictures a turn

quiet = threading.Lock()  # held while something is measured: what can wait waits

Key = TypeVar("Key", bound=Hashable)


def in_turns(forms: Mapping[Key, Form], pictures: Sequence[np.ndarray], seconds: float = 0.0) -> dict[Key, float]:
    """Median milliseconds of each form, in turns of BLOCK pictures, so that all meet the same disturbances.

    The first picture of a turn does not count: it pays for what the form before has left. Slow forms paint three pictures, however long.
    seconds: of all forms together; 0: 0.05 for one alone, 0.15 for several, which must be told apart.
    """
    seconds = seconds or (0.05 if len(forms) == 1 else 0.15)
    times: dict[Key, list[float]] = {key: [] for key in forms}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(times.values()):
        for key, form in forms.items():
            with quiet:
                for i in range(BLOCK):
                    start = time.perf_counter()
                    if start > end and len(times[key]) >= 2:
                        break
                    form.paint(pictures[i % len(pictures)])
                    if i:
                        times[key].append(1000 * (time.perf_counter() - start))
    return {key: float(np.median(values)) for key, values in times.items()}
