"""What is told of a training: how far it is, and how it ended. Imports no torch."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QProgressBar

from msa.words import duration
from webcam_pix2pix.training.runs.runfolder import RunFolder, Steps

from .command_process import Job

ASKED = (130, -15)  # exit codes of a training that was asked to stop

STARTING = "starting…"
STOPPED = "stopped"
STOPPING = "stopping: it finishes its step and saves"
NOTHING_YET = ("New model… asks for films or images and does everything else.\n\nTrain… takes a dataset that you have already.\n\n"
               "The show keeps running. You can load what was learned into it at any time.")


def state_line(run: RunFolder, stats: Sequence[dict[str, Any]], doing: str, job: Job | None) -> str:
    """How a run stands. doing: "training", "paused", ...; job: the process that trains it from here, while no time left is known."""
    last = next((line for line in reversed(stats) if "images_per_s" in line), None)
    steps = run.progress() if doing == STOPPED else None  # the bar says it of one in training
    parts = [doing] + ([str(steps)] if steps is not None else [])
    if last is not None:
        parts += [f"epoch {last['epoch']}/{last['epochs']}", f"{last['images_per_s']:.1f} images/s"]
    validations = [line["val_L1"] for line in stats if "val_L1" in line]
    if validations:
        parts.append(f"L1 {validations[-1]:.3f}, best {min(validations):.3f}")
    if last is None and job is not None and doing != STOPPING:
        parts.append(re.sub(r" \(.*\)$", "", job.line_with("time: ")) or job.last_line().strip())
    return " · ".join(filter(None, parts))


def ending(job: Job, name: str, run: RunFolder | None) -> tuple[str, bool, str]:
    """(one line, whether it is a problem, page to open) for a training that has ended."""
    page = str(run.page) if run is not None and run.page.is_file() else ""
    if job.code == 0:
        return f"Training of {name} is finished. Press “Load into the show” to use it.", False, page
    if job.code in ASKED and run is not None:
        return f"Training of {name} is stopped and saved. Press “Continue this run” to train further.", False, page
    if job.code in ASKED:
        return f"{name} is stopped. New model… with the same name and footage goes on with it.", False, ""
    line = re.sub(r"^webcam-pix2pix [\w-]+: ", "", job.last_line())
    return f"Training of {name} ended with an error: {line}", True, str(job.log)


def stamp_of(path: Path) -> tuple[int, int]:
    """Changes when the file does."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def is_taken(run: RunFolder) -> bool:
    """Whether a process trains the run."""
    try:
        with run.taken():
            return False
    except ValueError:
        return True
    except OSError:
        return False


class TrainingProgress(QProgressBar):
    """Call `show_run` a few times a second while something is in training."""

    def __init__(self) -> None:
        super().__init__(accessibleName="progress of the training", visible=False)
        self._stamp = 0, 0  # of what was read last
        self._steps: Steps | None = None
        self.known = False  # whether the time that is left is shown

    def show_run(self, run: RunFolder | None, paused: bool, since: float) -> None:
        """run: the one in training; None while its folder is not there yet. since: time (s) at which that began."""
        if run is None:
            self._stamp, self._steps = (0, 0), None
        elif (stamp := stamp_of(run.progress_file)) != self._stamp:
            self._stamp, self._steps = stamp, run.progress()
        written = self._stamp[0] / 1e9
        self.known = self._steps is not None and written >= since  # else it is how far the sitting before came
        if self._steps is None:  # nothing is known yet: moving
            self.setRange(0, 0)
            self.setFormat("")
        else:
            self.setRange(0, 1000)
            self.setValue(round(1000 * self._steps.done / max(self._steps.all, 1)))
            left = self._steps.left_s - max(0.0, time.time() - written)
            self.setFormat(" · ".join(filter(None, (str(self._steps), "paused" if paused else
                                                    f"{duration(max(0.0, left))} left" if self.known else ""))))
        self.setAccessibleDescription(self.format())
