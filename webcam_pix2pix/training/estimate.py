"""Time, memory and disk of a run, estimated on this machine before the first step."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from webcam_pix2pix.specs import Generator

from . import parallel
from .runs.runfolder import disk_free
from .setup.options import Options
from .trainer import Trainer


@dataclass(frozen=True)
class Estimate:
    """Of a whole run."""

    step_ms: float
    memory: int  # bytes: weights, gradients, optimiser, activations
    checkpoint: int  # bytes of one
    disk: int  # bytes of all that is kept
    steps: int

    def lines(self) -> list[str]:
        seconds = self.step_ms * self.steps / 1000
        return [f"time: about {duration(seconds)} ({self.steps} steps of {self.step_ms:.0f} ms)",
                f"memory: about {size(self.memory)}, disk: about {size(self.disk)} ({size(self.checkpoint)} per checkpoint)"]

    def check_disk(self, folder: Path) -> None:
        """Raises OSError with advice where the disk of `folder` has no room for the run."""
        free = disk_free(folder)
        if free < 2 * self.checkpoint:
            raise OSError(f"{folder}: only {free / 1e6:.0f} MB are free, but the run needs {self.disk / 1e6:.0f} MB; "
                          "free some disk space or choose another --runs folder")


def estimate(options: Options, spec: Generator, device: torch.device, shape: tuple[int, int], steps: int) -> Estimate:
    """Measure two steps on noise of `shape` (height, width), with networks that are thrown away.

    Raises ValueError with advice when a batch does not fit into memory.
    """
    stored = 0

    def note(x: torch.Tensor) -> torch.Tensor:
        nonlocal stored
        stored += x.numel() * x.element_size()
        return x

    try:
        trainer = Trainer(options, spec, device)
        a = torch.rand(options.batch_size * (2 if options.lambda_stable else 1), options.input_nc, *shape) * 2 - 1
        shifts = torch.zeros(options.batch_size, 2) if options.lambda_stable else None
        b = torch.rand(options.batch_size, options.output_nc, *shape) * 2 - 1
        with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x):
            trainer.step(a, b, shifts)
        if device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        trainer.step(a, b, shifts)["G_L1"].item()
        step_ms = 1000 * (time.perf_counter() - start)
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise ValueError(too_large(options, shape)) from None
    weights = sum(p.numel() * 4 for net in (trainer.G, trainer.D) for p in net.parameters())
    shown = sum(p.numel() * 4 for p in trainer.G.parameters()) if options.ema else 0
    checkpoint = 3 * weights + shown
    kept = options.keep_last + 2 + 1  # latest and best, and the next latest while it is written
    generator = sum(p.numel() * 4 for p in trainer.G.parameters())
    memory = torch.cuda.max_memory_allocated() if device.type == "cuda" else 4 * weights + shown + stored
    if (there := total_memory()) and device.type == "cpu" and memory > there:
        raise ValueError(too_large(options, shape))
    return Estimate(step_ms, memory, checkpoint, kept * checkpoint + 2 * generator, steps)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "not enough memory" in str(error) or "out of memory" in str(error)


def too_large(options: Options, shape: tuple[int, int]) -> str:
    """The error for a batch that does not fit into memory, with advice."""
    smaller = f"--batch_size {options.batch_size // 2}"
    if options.batch_size == 1:
        smaller = f"--ngf {max(1, options.ngf // 2)} or a smaller --crop_size"
    return (f"--batch_size {options.batch_size} at {shape[1]}x{shape[0]} with --ngf {options.ngf} does not fit into memory: "
            f"try {smaller}, or --precision bf16")


def total_memory() -> int:
    """Bytes of this machine's memory for one of the run's processes; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // parallel.world()
    except (AttributeError, ValueError, OSError):
        return 0


def duration(seconds: float) -> str:
    """For people: 40 s, 12 min, 3 h 05 min, 2 d 4 h."""
    minutes, hours, days = round(seconds / 60), seconds / 3600, seconds / 86400
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{int(days)} d {int(hours % 24)} h"


def size(count: float) -> str:
    """For people: bytes as MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 0.1):.{0 if count > 1e7 else 1}f} MB"
