"""Devices of this machine, and the number of threads."""

import contextlib
import ctypes
import gc
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import torch

from msa.words import counted

_METAL = threading.RLock()

DEVICES = ("auto", "cuda", "mps", "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """The device asked for; auto: CUDA, else an Apple GPU, else the CPU. Also takes cuda:1.

    Raises ValueError with one line when it is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    kind, _, index = str(name).partition(":")
    if kind not in there or (index and not index.isdigit()):
        raise ValueError(f"device: {name!r} is not one of {', '.join(DEVICES)}")
    if not there[kind]:
        found = ", ".join(kind for kind, is_there in there.items() if is_there)
        raise ValueError(f"device: {name} is not available on this machine, found {found}")
    if kind == "cuda" and index and int(index) >= torch.cuda.device_count():
        raise ValueError(f"device: {name} is not there, this machine has cuda:0 to cuda:{torch.cuda.device_count() - 1}")
    return torch.device(name)


def device_message(device: torch.device) -> str:
    """For people: "Using MPS (Apple Silicon GPU)"."""
    if device.type == "cuda":
        return f"Using CUDA ({torch.cuda.get_device_name(device)})"
    if device.type == "mps":
        return "Using MPS (Apple Silicon GPU)"
    return f"Using CPU ({counted(thread_count(), 'thread')})"


def thread_count(asked: int = 0) -> int:
    """CPU threads for the network: as asked, else every core but one, which is left to camera and window.

    With two or three cores all are used: camera and window need little of one, and the network would lose half of its speed.
    The usual OMP_NUM_THREADS is an upper limit.
    """
    limit = os.environ.get("OMP_NUM_THREADS", "")
    cores = min(available_cores(), int(limit)) if limit.isdigit() and int(limit) else available_cores()
    if asked > 0:
        return min(asked, cores)
    return cores if cores <= 3 else cores - 1


def available_cores() -> int:
    """Physical cores that this process may use: a second thread on a core adds nothing to matrix work."""
    try:
        logical = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        logical = os.cpu_count() or 1
    return max(1, min(logical, _physical_cores() or logical))


def _physical_cores() -> int | None:
    if platform.system() != "Linux":
        return None if platform.machine() == "arm64" else max(1, (os.cpu_count() or 2) // 2)
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            pairs = [line.partition(":")[2].strip() for line in file if line.startswith(("physical id", "core id"))]
    except OSError:
        return None
    return len(set(zip(pairs[::2], pairs[1::2], strict=False))) or None


def use_threads(count: int) -> None:
    """Set the number of threads for torch operations of this thread."""
    torch.get_num_threads()  # the first asking in a thread sets it to what any other thread has set last
    torch.set_num_threads(count)


def has_low_priority() -> bool:
    """Whether this thread has a lower priority than the program. Threads that OpenVINO starts would keep that priority."""
    return sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, 0) > os.getpriority(os.PRIO_PROCESS, os.getpid())


@contextmanager
def with_threads(count: int) -> Iterator[None]:
    """Inside, torch uses `count` threads. Use 1 for short work: waking a second thread takes longer than the work."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def exclusive_access(device: torch.device) -> AbstractContextManager:
    """Use the device alone: where two threads of a process use an Apple GPU at once, Metal ends the process (torch 2.14). Others may."""
    return _METAL if device.type == "mps" else contextlib.nullcontext()


def trim_memory(collect: bool = True) -> None:
    """Return freed memory to the system: glibc would keep hundreds of megabytes."""
    if collect:
        gc.collect(1)  # what was just built and dropped; a full collection holds up every thread for a tenth of a second
    if platform.system() == "Linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def processor() -> str:
    """The name of the CPU, for people and for the cache."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            name = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        name = ""
    return name or platform.processor() or platform.machine()
