"""Store: images by number, kept in memory as far as there is room, one copy for all processes that load pairs."""

import mmap
import multiprocessing
import sys
import threading
from typing import Any

import numpy as np

SHAPE = 3  # numbers of an image: height, width, where it begins


class Store:
    """Images of any size, HxWx3 uint8. What was put in stays; when it is full, nothing more is taken.

    Processes that are forked from this one see the same memory. Where processes are spawned (Windows, macOS) each has a store of its
    own, and `room` is for all of them together.

    Attributes:
        processes: that have stores, where they are spawned.
    """

    def __init__(self, count: int, room: int) -> None:
        """count: number of images. room: bytes at most."""
        self.count, self.room, self.processes = count, max(0, room), 1
        self._memory: mmap.mmap | None = None
        self._shared = sys.platform == "linux"
        if self._shared:
            self._open(multiprocessing.get_context("fork").Lock())

    def get(self, index: int) -> np.ndarray | None:
        """A view of the image that was put under `index`; None where there is none."""
        if self._memory is None:
            return None
        height, width, start = self._table[index].tolist()
        if height == 0:
            return None
        return self._pixels[start:start + 3 * height * width].reshape(height, width, 3)

    def put(self, index: int, image: np.ndarray) -> None:
        """Keep a copy of `image` if there is room."""
        if self._memory is None and not self._shared:
            self._open(threading.Lock())
        if self._memory is None:
            return
        with self._lock:
            start = int(self._used[0])
            if start + image.size > len(self._pixels) or self._table[index, 0]:
                return
            self._used[0] = start + image.size
        self._pixels[start:start + image.size] = image.reshape(-1)
        self._table[index, 1:] = image.shape[1], start
        self._table[index, 0] = image.shape[0]  # last: from now on others read it

    @property
    def used(self) -> int:
        """Bytes that are taken."""
        return 0 if self._memory is None else int(self._used[0])

    def _open(self, lock: Any) -> None:
        room = self.room // (1 if self._shared else self.processes)
        if room == 0 or self.count == 0:
            return
        table = 8 * (SHAPE * self.count + 1)
        try:  # pages that nobody has written to take no memory
            self._memory = mmap.mmap(-1, table + room)
        except (OSError, ValueError, OverflowError):  # the system promises no such amount
            self.room = 0
            return
        numbers = np.frombuffer(self._memory, np.int64, SHAPE * self.count + 1)
        self._used, self._table = numbers[:1], numbers[1:].reshape(self.count, SHAPE)
        self._pixels = np.frombuffer(self._memory, np.uint8, room, offset=table)
        self._lock = lock

    def __getstate__(self) -> dict[str, Any]:
        return {"count": self.count, "room": self.room, "processes": self.processes, "_shared": False, "_memory": None}
