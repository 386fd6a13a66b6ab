"""Room: how long a disk lasts for what is being written to it."""

import shutil
import time
from pathlib import Path

RESERVE = 200 << 20  # bytes that stay free: a full disk stops more than the recording
CHECK_S = 1.0
RATE_S = 5.0  # of writing, before it is said how long the disk lasts
SHORT_S = 600.0  # from here on it is pointed out


class Room:
    """Free space beside a file that grows.

    Attributes:
        left_s: seconds until the disk is full, at the rate so far; None while that is not known.
        full: whether writing must stop.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError naming `path` where there is no room to begin with."""
        self.left_s: float | None = None
        self.full = False
        self._path, self._folder = path, path.absolute().parent
        self._started = self._checked = time.monotonic()
        if (free := self._free()) < RESERVE:
            raise OSError(f"{path}: only {free >> 20} MB are free on this disk; a recording needs more than {RESERVE >> 20}")

    def check(self, written: int) -> None:
        """Look, at most once a second. written: bytes so far."""
        now = time.monotonic()
        if now - self._checked < CHECK_S:
            return
        self._checked = now
        room, seconds = self._free() - RESERVE, now - self._started
        self.full = room <= 0
        if seconds >= RATE_S and written > 0:
            self.left_s = max(0.0, room * seconds / written)

    @property
    def short(self) -> bool:
        """Whether it is time to point out how long the disk lasts."""
        return self.left_s is not None and self.left_s < SHORT_S

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:  # the folder has gone: the writer says so
            return RESERVE
