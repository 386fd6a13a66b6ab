"""How much memory this machine has, and how much of it is free."""

import ctypes
import os
import sys
from pathlib import Path

GROUP = Path("/sys/fs/cgroup")  # limits of containers
INFO = Path("/proc/meminfo")


def total_memory() -> int:
    """Bytes of memory that programs here may use together; 0 where the system does not say."""
    if sys.platform == "win32":
        return _windows()[0]
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
    limit = _number(GROUP / "memory.max")
    return min(total, limit) if limit else total


def free_memory() -> int:
    """Bytes that can be taken without pushing other programs out; half of all where the system does not say."""
    if sys.platform == "win32":
        return _windows()[1]
    try:
        free = next(1024 * int(line.split()[1]) for line in INFO.read_text().splitlines() if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration, IndexError):
        return total_memory() // 2
    limit = _number(GROUP / "memory.max")
    return max(0, min(free, limit - _number(GROUP / "memory.current"))) if limit else free


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such limit, or "max"
        return 0


def _windows() -> tuple[int, int]:
    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong),
                    *((name, ctypes.c_ulonglong) for name in ("total", "free", "page", "page_free", "virtual", "virtual_free", "more"))]

    status = Status()
    status.length = ctypes.sizeof(Status)
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return status.total, status.free
