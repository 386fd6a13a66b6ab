"""A student beside its teacher, both as the show runs them: images that were held out, metrics, milliseconds per image."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.evaluation.results import Item, held_out, write_results
from webcam_pix2pix.model import ModelInfo
from webcam_pix2pix.predictor import PyTorchPredictor, benchmark

from ..setup.options import Options

SECONDS = 2.0  # of each measurement


@dataclass(frozen=True)
class Comparison:
    """What was found."""

    page: Path
    means: dict[str, float]  # metrics of the student against the teacher
    teacher_ms: float
    student_ms: float

    def line(self) -> str:
        """For people: 7.8 ms instead of 62, SSIM 0.93."""
        before, after = (f"{ms:.1f}" if ms < 20 else f"{ms:.0f}" for ms in (self.teacher_ms, self.student_ms))
        return f"{after} ms instead of {before} per image, {self.teacher_ms / self.student_ms:.1f} times as fast, " \
               f"SSIM {self.means['SSIM']:.2f} to the teacher"


def compare(student: ModelInfo, teacher: ModelInfo, dataset: Path, options: Options, folder: Path) -> Comparison:
    """Write the page into `folder`. Raises OSError or ValueError with one line."""
    phase = next((name for name in ("test", "val", "train") if (dataset / name).is_dir()), "train")
    pairs = PairDataset(dataset, phase, direction="" if options.direction == "auto" else options.direction)
    speeds = [fastest(info, options.device) for info in (student, teacher)]
    runs = [PyTorchPredictor(info, device=options.device, size=options.crop) for info in (student, teacher)]
    try:
        items = [partial(_as_taught, load, runs[1]) for load in held_out(dataset, phase, options.crop, pairs.direction)[:options.val_size]]
        facts = {"student": student.name, "teacher": teacher.name, "data": str(dataset), "phase": phase,
                 "student ms": round(speeds[0], 2), "teacher ms": round(speeds[1], 2)}
        means = write_results(items, runs[0], folder, f"{student.name} beside its teacher {teacher.name} (target)", facts)
    finally:
        for run in runs:
            run.close()
    return Comparison(folder / "index.html", means, speeds[1], speeds[0])


def fastest(info: ModelInfo, device: str) -> float:
    """Milliseconds per image of the fastest accurate candidate on this machine."""
    rows = [row for row in benchmark(info, device=device, seconds=SECONDS) if not row.refused]
    return min(row.ms for row in rows)


def _as_taught(load, teacher: PyTorchPredictor) -> Item:
    item = load()
    return Item(item.name, item.input, np.asarray(teacher(item.input)), item.again, item.shift)
