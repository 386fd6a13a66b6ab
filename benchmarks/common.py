"""What the benchmarks share: measuring in turns, a table of ratios, the last line of JSON."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

BLOCK_S = 0.1  # of one turn, seconds
ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
import webcam_pix2pix  # noqa: E402, F401  sets how torch's threads wait, before torch is loaded


def time_in_turns(calls: Mapping[str, Callable[[], object]], seconds: float, warm: int = 2, busy: bool = False) -> dict[str, float]:
    """Median milliseconds of each call; all take turns, so that each meets the same disturbances.

    A turn is a block of calls whose first one does not count: it still meets the waiting threads and the memory of the one before.
    busy: count the time of the processors, all threads together, instead of that on the wall: for machines that others use too.
    """
    clock = time.process_time if busy else time.perf_counter
    for call in calls.values():
        for _ in range(warm):
            call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(next(iter(times.values()))) < 5:
        for name, call in calls.items():
            call()
            block = time.perf_counter() + BLOCK_S
            while True:
                start = clock()
                call()
                times[name].append(1000 * (clock() - start))
                if time.perf_counter() > block:
                    break
    return {name: float(np.median(values)) for name, values in times.items()}


def show(title: str, times: Mapping[str, float], against: str, remarks: Mapping[str, str] | None = None) -> None:
    """A table: milliseconds and how many times faster than `against`."""
    print(f"\n{title}")
    for name, ms in times.items():
        print(f"  {name:<44}{ms:9.2f} ms {times[against] / ms:7.2f}x  {(remarks or {}).get(name, '')}".rstrip())


def last_line(**results: object) -> None:
    """Everything as one line of JSON, for programs."""
    print(json.dumps(results, default=float))
