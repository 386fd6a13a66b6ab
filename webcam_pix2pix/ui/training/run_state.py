"""What is told of a training: how far it is, and how it ended. Imports no torch."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QProgressBar

from msa.words import duration
from webcam_pix2pix.training.runs.runfolder import RunFolder, read_stats

from .command_process import Job

STOPPED = (130, -15)  # exit codes of a training that was asked to stop

STOPPING = "stopping: it finishes its step and saves"
NOTHING_YET = ("New model… asks for films or images and does everything else.\n\nTrain… takes a dataset that you have already.\n\n"
               "The show keeps running. You can load what was learned into it at any time.")


def epochs_of(run: RunFolder) -> int:
    """Epochs that the run will take; 0 when it does not say."""
    try:
        return run.read_options()[1].epochs
    except (OSError, ValueError):
        return 0


def progress_of(stats: Sequence[dict[str, Any]], epochs: int = 0) -> tuple[float, float | None] | None:
    """(share that is done, 0 to 1; seconds left, None when not known) by the lines of stats.jsonl; None before the first.

    epochs: of the whole run, for the time when only validations are there.
    """
    last = next((line for line in reversed(stats) if "images_per_s" in line), None)
    if last is None:
        return _by_validations([line for line in stats if "val_L1" in line], epochs)
    each = last["steps_per_epoch"]
    done, total = (last["epoch"] - 1) * each + last["position"], last["epochs"] * each
    if not done or not total or not last["images_per_s"]:
        return None
    pairs_a_step = last["samples"] / done
    return min(1.0, done / total), max(0, total - done) * pairs_a_step / last["images_per_s"]


def state_line(run: RunFolder, stats: Sequence[dict[str, Any]], doing: str, job: Job | None) -> str:
    """How a run stands. doing: "training", "paused", ...; job: the process that trains it from here, while no time left is known."""
    last = next((line for line in reversed(stats) if "images_per_s" in line), None)
    parts = [doing]
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
    if job.code in STOPPED and run is not None:
        return f"Training of {name} is stopped and saved. Press “Continue this run” to train further.", False, page
    if job.code in STOPPED:
        return f"{name} is stopped. New model… with the same name and footage goes on with it.", False, ""
    line = re.sub(r"^webcam-pix2pix [\w-]+: ", "", job.last_line())
    return f"Training of {name} ended with an error: {line}", True, str(job.log)


def _by_validations(lines: Sequence[dict[str, Any]], epochs: int) -> tuple[float, float | None] | None:
    if not lines or not epochs:
        return None
    first, last = lines[0], lines[-1]
    passed = last["epoch"] - first["epoch"]
    left = (epochs - last["epoch"]) * (last["time"] - first["time"]) / passed if passed > 0 else None
    return min(1.0, last["epoch"] / epochs), left


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
        self._stamp = 0, 0  # of the figures that were read last
        self._far: tuple[float, float | None] | None = None  # what they say

    @property
    def known(self) -> bool:
        """Whether the time that is left is shown."""
        return self._far is not None and self._far[1] is not None

    def show_run(self, run: RunFolder | None, paused: bool) -> None:
        """run: the one in training; None while its folder is not there yet."""
        if run is None:
            self._stamp, self._far = (0, 0), None
        elif (stamp := stamp_of(run.stats_file)) != self._stamp:
            self._stamp, self._far = stamp, progress_of(read_stats(run.stats_file), epochs_of(run))
        if self._far is None:  # nothing is known yet: moving
            self.setRange(0, 0)
            self.setFormat("")
        else:
            done, seconds = self._far
            self.setRange(0, 1000)
            self.setValue(round(1000 * done))
            since = max(0.0, time.time() - self._stamp[0] / 1e9)
            left = "paused" if paused else "" if seconds is None else f"{duration(max(0.0, seconds - since))} left"
            self.setFormat(" · ".join(filter(None, (f"{100 * done:.0f} %", left))))
        self.setAccessibleDescription(self.format())
