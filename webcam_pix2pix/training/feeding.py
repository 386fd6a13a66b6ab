"""How fast pairs must come: memory that keeps their images, and processes that load them."""

import math
import os
import time
from contextlib import suppress

import numpy as np

from msa.memory import free_memory
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset

from . import parallel
from .setup.options import Options

SHARES = {"auto": 0.4, "ram": 0.8, "off": 0.0}  # of the memory that is free
LOOKED_AT = 8  # pairs that are timed
LITTLE = 0.03  # of a step: what loads that fast needs no process of its own
MARGIN = 1.25  # some pairs take longer than others
MOST = 16  # processes


def room(cache: str) -> int:
    """Bytes of memory that --cache `cache` allows this process."""
    return int(SHARES[cache] * free_memory() / parallel.local_world())


def cache_remark(pairs: PairDataset, cache: str) -> list[str]:
    """What is kept in memory, for people; nothing with --cache off."""
    if cache == "off":
        return []
    kept, needed = pairs.originals.store.room, pairs.originals.all_bytes
    if kept >= needed:
        return [f"images: all of them stay in memory once they are read, about {needed / 1e6:.0f} MB"]
    more = "; --cache ram takes more" if cache == "auto" else ""
    return [f"images: {kept / 1e6:.0f} of about {needed / 1e6:.0f} MB stay in memory, the others are read each time{more}"]


def pair_ms(pairs: PairDataset) -> float:
    """Milliseconds that one process takes for a pair, once images are in memory where they fit. Reads some."""
    times = []
    for index in np.linspace(0, len(pairs) - 1, min(LOOKED_AT, len(pairs))).astype(int).tolist():
        with suppress(OSError, ValueError):  # damaged ones are told of in training
            pairs.images(index)
            start = time.perf_counter()
            pairs.images(index)
            times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times)) if times else 0.0


def workers(options: Options, pair: float, step_ms: float) -> int:
    """Processes that load pairs, each taking `pair` milliseconds, while a step takes `step_ms`. 0: the training process does it itself."""
    if options.num_threads != "auto":
        return int(options.num_threads)
    needed = pair * options.batch_size / max(step_ms, 1e-3)
    if needed < LITTLE:
        return 0
    cores = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) // parallel.local_world()
    return max(1, min(math.ceil(MARGIN * needed), cores - 1, MOST))


def fed_ms(options: Options, pair: float, step_ms: float) -> float:
    """Milliseconds of a step with its data."""
    loading, processes = pair * options.batch_size, workers(options, pair, step_ms)
    return max(step_ms, loading / processes) if processes else step_ms + loading
