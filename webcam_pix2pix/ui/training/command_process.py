"""Job: a command of this program in a process of its own; its last line is what people see."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TAIL = 4096  # bytes of the log that are looked at


class Job:
    """Runs `python -m webcam_pix2pix` with `arguments`; what it says goes to the file `log`."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self.began = time.time()  # s
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        package = Path(__file__).parent.parent.parent
        path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webcam_pix2pix", *arguments], stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0))  # on Windows; elsewhere --nice does that

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs."""
        return self._process.poll()

    def last_line(self) -> str:
        """The newest line that it said."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL))
            lines = file.read().decode("utf-8", "replace").replace("\r", "\n").strip().splitlines()
        return lines[-1] if lines else ""

    def line_with(self, start: str) -> str:
        """The newest line that begins with `start`, leading spaces aside; "" when there is none."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").replace("\r", "\n").splitlines()]
        return next((line for line in reversed(lines) if line.startswith(start)), "")

    def stop(self) -> None:
        """Ask it to end: a training finishes its step and saves."""
        if self.code is None:
            self._process.terminate()

    def wait(self) -> int:
        """Until it has ended; gives the exit code."""
        return self._process.wait()
