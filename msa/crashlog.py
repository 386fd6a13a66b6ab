"""Crash log: when Python itself crashes, or the window stands still for long, the stacks of all threads go to a file."""

import contextlib
import faulthandler
from pathlib import Path

STILL_S = 15.0  # without a sign of life for so long, the stacks are written


class CrashLog:
    """`folder`/crash.log while the program runs; an empty one is removed at the end, that of a crash stays as crash.last.log.

    Attributes:
        last: what the last session left, None when it ended well.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path, before = folder / "crash.log", folder / "crash.last.log"
        self.last: Path | None = None
        if self._path.exists() and self._path.stat().st_size:
            self._path.replace(before)
            self.last = before
        self._file = self._path.open("a", encoding="utf-8")
        faulthandler.enable(self._file)

    def alive(self) -> None:
        """A sign of life, once a second or so: the next one is expected within STILL_S."""
        faulthandler.dump_traceback_later(STILL_S, file=self._file)

    def rest(self) -> None:
        """What follows may take as long as it takes; the next sign of life counts again."""
        faulthandler.cancel_dump_traceback_later()

    def close(self) -> None:
        """The session ends well."""
        faulthandler.cancel_dump_traceback_later()
        faulthandler.disable()
        self._file.close()
        with contextlib.suppress(OSError):
            if not self._path.stat().st_size:
                self._path.unlink()
