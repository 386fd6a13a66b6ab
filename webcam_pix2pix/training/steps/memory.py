"""Memory as training steps want it: what one step frees, the next one takes, instead of having it from the system anew, page by page."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of mallopt() in glibc's malloc.h
MOST = 2 ** 31 - 1


def keep_freed() -> None:
    """From now on this process keeps the memory that it frees, up to 2 GB at a time. Where the C library is not glibc, nothing changes."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)  # large blocks too come from the heap, which is not given back
        mallopt(M_TRIM_THRESHOLD, MOST)
