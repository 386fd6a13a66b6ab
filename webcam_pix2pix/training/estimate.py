"""Time, memory and disk of a run, estimated on this machine before the first step."""

import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from msa import memory
from msa.words import duration
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.specs import Generator

from . import feeding, parallel
from .runs import state
from .runs.between import Between
from .runs.runfolder import disk_free
from .setup.options import Options
from .steps.captured import EAGER
from .trainer import Trainer
from .validate import norm_mode, validate

STEPS, SECONDS = 5, 3.0  # that are timed, at most
JUDGED = 4  # held-out pairs on which judging is timed
WRITTEN = 4e8  # bytes per second that a disk takes
PAGE = 80_000_000  # bytes of memory that TensorBoard and the page of the run take
PNG = 0.6  # of the bytes of an image, where there is none to try


@dataclass(frozen=True)
class Estimate:
    """Of a whole run."""

    step_ms: float  # with its data
    memory: int  # bytes: on a GPU that of the card, else all that this process takes
    checkpoint: int  # bytes of one
    disk: int  # bytes of all that is kept in the end
    steps: int
    other_s: float = 0.0  # validation, samples, saving

    @property
    def seconds(self) -> float:
        """Of all steps and what comes between them."""
        return self.step_ms * self.steps / 1000 + self.other_s

    def lines(self) -> list[str]:
        return [f"time: about {duration(self.seconds)} ({self.steps} steps of {self.step_ms:.0f} ms)",
                f"memory: about {size(self.memory)}, disk: about {size(self.disk)} ({size(self.checkpoint)} per checkpoint)"]

    def check_disk(self, folder: Path) -> None:
        """Raises OSError with advice where the disk of `folder` has no room for the run."""
        free = disk_free(folder)
        if free < 2 * self.checkpoint:
            raise OSError(f"{folder}: only {free / 1e6:.0f} MB are free, but the run needs {self.disk / 1e6:.0f} MB; "
                          "free some disk space or choose another --runs folder")


def estimate(options: Options, spec: Generator, device: torch.device, shape: tuple[int, int], steps: int,
             pairs: PairDataset | None = None, held_out: PairDataset | None = None, folder: Path | None = None) -> Estimate:
    """Measure some steps on noise of `shape` (height, width), with networks that are thrown away.

    steps: that are left. pairs, held_out: what is trained and validated on; without them, their part of the time is left out.
    folder: where the run is kept; without it, saving is taken to be as fast as disks are.
    Raises ValueError with advice when a batch does not fit into memory.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    try:
        trainer = Trainer(options, spec, device)
        stored, step_ms = _measured(trainer, options, shape)
        judging_s, net = 0.0, trainer.shown_generator(norm_mode(options))
        if held_out is not None:
            validate(net, held_out, device, lambda text: None, count=1)  # the first time takes longer
            start, count = time.perf_counter(), min(JUDGED, len(held_out))
            validate(net, held_out, device, lambda text: None, count=count)
            judging_s = (time.perf_counter() - start) / count
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise ValueError(too_large(options, shape)) from None
    generator = _bytes(net)
    networks = [net for net in (trainer.G, trainer.D, trainer.critic) if net is not None]
    learned = sum(p.numel() * 4 for network in networks for p in network.parameters())
    weights = sum(map(_bytes, networks))
    checkpoint = weights + 2 * learned + (generator if options.ema else 0)
    if device.type == "cuda":
        needed = torch.cuda.max_memory_reserved()
    else:  # copies of the generator are written, looked at, and averaged
        kept = pairs.originals.store.room if pairs is not None else 0
        needed = max(process_peak(), 4 * learned + stored) + (1 + options.average) * generator + kept + PAGE
    if (there := total_memory()) and device.type == "cpu" and needed > there:
        raise ValueError(too_large(options, shape))
    per_epoch = steps_per_epoch(options, pairs)
    between = Between(options, steps / per_epoch if per_epoch else 0.0, len(pairs or ()), len(held_out or ()))
    if pairs is not None:
        step_ms = feeding.fed_ms(options, feeding.pair_ms(pairs), step_ms)
    other_s = 0.0 if pairs is None else judging_s * between.looked_at() + between.saves() * (checkpoint + weights) * _byte_s(net, folder)
    disk = between.checkpoints() * checkpoint + (2 + between.averaged()) * generator + (0 if options.spectral_norm else _bytes(trainer.D))
    samples = (1 + options.epochs / options.sample_freq) * options.n_samples * 3 * _png_bytes(shape, pairs)
    return Estimate(step_ms, needed, checkpoint, int(disk + samples), steps, other_s)


def steps_per_epoch(options: Options, pairs: PairDataset | None) -> int:
    """Of all processes together; 0 where the pairs are not known."""
    return -(-len(pairs) // (options.batch_size * parallel.world())) if pairs is not None else 0


def _measured(trainer: Trainer, options: Options, shape: tuple[int, int]) -> tuple[int, float]:
    """Bytes that a step keeps for the way back, and milliseconds of one."""
    stored = 0

    def note(x: torch.Tensor) -> torch.Tensor:
        nonlocal stored
        stored += x.numel() * x.element_size()
        return x

    a = torch.rand(options.batch_size * (2 if options.lambda_stable else 1), options.input_nc, *shape) * 2 - 1
    b = torch.rand(options.batch_size, options.output_nc, *shape) * 2 - 1
    shifts = torch.zeros(options.batch_size, 2) if options.lambda_stable else None
    with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x):
        trainer.step(a, b, shifts)
    for _ in range(EAGER + 1 if trainer.captured is not None else 0):
        trainer.step(a, b, shifts)
    times: list[float] = []
    while len(times) < STEPS and sum(times) < SECONDS:
        if trainer.device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        trainer.step(a, b, shifts)["G_L1"].item()
        times.append(time.perf_counter() - start)
    return stored, 1000 * statistics.median(times)


def _bytes(net: torch.nn.Module) -> int:
    return sum(x.numel() * x.element_size() for x in net.state_dict().values())


def _byte_s(net: torch.nn.Module, folder: Path | None) -> float:
    """Seconds that it takes to write a byte of a checkpoint."""
    if folder is None:
        return 1 / WRITTEN
    probe, start = folder / "probe.pt", time.perf_counter()
    state.write(net.state_dict(), probe)
    took = time.perf_counter() - start
    probe.unlink()
    return took / _bytes(net)


def _png_bytes(shape: tuple[int, int], pairs: PairDataset | None) -> float:
    """Of one image among the samples."""
    if pairs is not None:
        with suppress(OSError, ValueError):
            item = pairs.images(0)
            return float(np.mean([len(cv2.imencode(".png", np.ascontiguousarray(item[key]))[1]) for key in "AB"]))
    return PNG * 3 * shape[0] * shape[1]


def process_peak() -> int:
    """The most bytes of memory that this process has had; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource  # not on Windows
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


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
    return memory.total_memory() // parallel.local_world()


def size(count: float) -> str:
    """For people: bytes as MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 0.1):.{0 if count > 1e7 else 1}f} MB"
