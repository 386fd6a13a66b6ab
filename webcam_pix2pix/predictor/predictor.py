"""PyTorchPredictor: a model on a device; HxWx3 RGB uint8 in, HxWx3 RGB uint8 out."""

import logging
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from webcam_pix2pix.bend import Bending
from webcam_pix2pix.channels import check_channels, from_network, to_network
from webcam_pix2pix.model import ModelInfo
from webcam_pix2pix.settings import Prediction
from webcam_pix2pix.sizes import fitted, legal, times, widescreen
from webcam_pix2pix.specs import Generator

from .bend.bender import Bender
from .cpu.onednn import OneDnnRunner
from .device.devices import (
    choose_device,
    device_message,
    exclusive_access,
    has_low_priority,
    thread_count,
    trim_memory,
    use_threads,
    with_threads,
)
from .device.executors import Executor
from .following import Build, Stage, stages
from .loading import check_size, load_network
from .selection.cache import cache_folder, choice_key, fingerprint, remember, remembered
from .selection.fidelity import Fidelity
from .selection.selection import FALLBACK, Choice, ExecutionConfig, ExecutorFactory, best, candidates, with_fewer_threads

log = logging.getLogger(__name__)

MOST_AT_ONCE = 4  # images: reading and writing a film cannot keep up with more


class PyTorchPredictor:
    """Runs one model at one size, as fast as is accurate. `at_once` threads may call it at a time, others wait.

    precision: auto, or fp32, bf16, fp16, int8; with fp32, raw() gives exactly what the network computes.
    norm_mode: eval, batch or paper; None: as the model says.
    size: (height, width); None: as the model says.
    wide: 16:9, as high as the shorter side of that. Where the network cannot take such a width, the image is mirrored
        around its borders, and the painting is cut back.
    frames: camera images (HxWx3 RGB uint8) for the comparison with fp32; without them the test scene is used.
    fresh: ignore the cache.
    compared: False: run the network as it is, without looking for a faster way.
    parallel: run several images at once if one leaves cores free: more frames per second at the same latency.
    images: refuse a network that cannot paint images, because of its channels, at once; it may still be given arrays.
    Raises ValueError or OSError with one line for a model, device, size or backend that cannot be used.

    Attributes:
        info: the model, complete: ports, network and norm mode as they are run.
        input_size: (height, width) of the images it takes.
        scale: how many times as high and wide those are that it gives.
        fixed: whether it runs at that size only; sizes that were asked for are left alone then.
        numbers: what goes in beside the image, from an ONNX file: (name, lowest, highest, at first).
        multiple: heights and widths that the network can take are multiples of this.
        label: where and how it runs, for the status line, such as "CPU bf16".
        note: its fidelity, and what was refused and why, in one line.
        choice: the same as a value: config, fidelity, milliseconds per image, threads.
        refusal: one line when another precision runs than was asked for, and why; else empty.
        at_once: how many images it can run at the same time.
        unbendable: why it cannot be bent, in one line; empty when it can.
    """

    def __init__(self, model: ModelInfo | str | Path, *, device: str = "auto", precision: str = "auto", backend: str = "auto",
                 norm_mode: str | None = None, size: tuple[int, int] | None = None, threads: int = 0, compiled: bool = False,
                 frames: Sequence[np.ndarray] = (), fresh: bool = False, parallel: bool = False, images: bool = False,
                 compared: bool = True, wide: bool = False) -> None:
        self.device = choose_device(device)
        tried = candidates(self.device, precision, backend, compiled)
        use_threads(thread_count(threads))
        log.info("%s", device_message(self.device))
        network, spec, self.info = load_network(model, norm_mode)
        runtime = getattr(network, "runtime", "")  # a library that runs what has no graph here
        tried = tried if not runtime else []
        self.scale, self.numbers = spec.scale, getattr(spec, "parameters", ())
        self._shares = (0.5,) * len(self.numbers)  # 0.5: the usual value, 0 and 1: the lowest and the highest
        self.stages: list[Stage] = []  # what follows
        self.followed = True
        size, wide = (None, False) if spec.fixed else (size, wide)
        if images:
            check_channels(spec.in_channels, self.info.output.shape[2] if self.info.output else spec.out_channels)
        assert self.info.output is not None
        self._given = self.info.output.shape[2]
        runs_at = check_size(spec, size, self.info)
        self.input_size = widescreen(runs_at) if wide else runs_at
        self._runs_at = runs_at = self.input_size if spec.fixed else legal(self.input_size, spec.multiple)
        torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32
        self.multiple, self.fixed = min(self.input_size) if spec.fixed else spec.multiple, spec.fixed
        known_as = fingerprint(network, self.info.norm_mode, runs_at, self.device, torch.get_num_threads(), threads)
        key = choice_key(known_as, precision, tried, bool(frames), parallel)
        factory = ExecutorFactory(network, self.info, runs_at, self.device, frames, cache_folder() / known_as)
        self._exact = factory.moved() if precision == "fp32" else None
        self._channels = factory.shape[2]
        del network  # the factory releases it as soon as it can
        known = None if fresh or not compared else remembered(key)
        refused: list[str] = []
        if not compared:
            executor, self.choice = factory.exact(), Choice(FALLBACK, Fidelity(1.0, 0.0), 0.0, torch.get_num_threads())
        else:
            executor, self.choice, refused = _rebuilt(factory, known) or _found(factory, tried, precision, key, threads, parallel)
        refused += [f"{runtime} runs it, on the CPU in fp32"] if runtime else []
        self._executors = [executor, *(_others(factory, executor, self.choice) if parallel else ())]
        self.at_once = len(self._executors)
        self.unbendable = self._make_bendable(spec, factory.shape)
        self._free: queue.SimpleQueue[Executor] = queue.SimpleQueue()  # those that do not paint now
        for executor in self._executors:
            self._free.put(executor)
        del factory
        trim_memory()
        self._written: dict[int, tuple[float, ...]] = {}  # by executor: the shares that it has
        self.label = f"{self.device.type.upper()} {self.choice.config}" + (f" {runtime}" if runtime else "")
        cores = torch.get_num_threads()
        left = f"; {self.choice.threads} of {cores} cores, more threads hardly help" if self.choice.threads < cores else ""
        left += f", so {self.at_once} images at once" if self.at_once > 1 else ""
        self.note = "; refused: ".join([f"{self.label}: {self.choice.fidelity} against fp32{left}", *refused])
        log.info("%s", self.note)
        self.refusal = "" if not compared or precision in ("auto", self.choice.config.precision) else (
            f"precision {precision}: not used for {self.info.name}, {self.choice.config.precision} runs instead ({'; '.join(refused)})")
        if self.refusal:
            log.warning("%s", self.refusal)

    def _make_bendable(self, spec: Generator, shape: tuple[int, int, int]) -> str:
        height, width, channels = shape
        try:
            for executor in self._executors:
                executor.bender = Bender(executor.run, spec, (channels, height, width))
        except ValueError as error:
            return f"{self.info.name}: cannot be bent, {error}"
        return ""

    @torch.inference_mode()
    def __call__(self, image: np.ndarray, bending: Bending | None = None) -> np.ndarray:
        """HxWx3 RGB uint8 of `input_size` -> HxWx3 RGB uint8, a fresh array.

        bending: what to bend in the network; None, or where it is `unbendable`: nothing.
        """
        torch.set_flush_denormal(True)  # denormal numbers are slow, and this is a setting of each thread
        check_channels(self._channels, self._given)
        if image.shape[:2] != self.input_size:
            raise ValueError(f"image of {image.shape[1]}x{image.shape[0]}: the model runs at {self.input_size[1]}x{self.input_size[0]}")
        with self._idle() as executor:
            seen, cut_back = (image, np.asarray) if self.fixed else fitted(image, self.multiple, scale=self.scale)
            on_camera = to_network(seen, self._channels, self._given)
            infer = executor.infer if bending is None or self.unbendable else partial(executor.bent, bending=bending)
            painting = np.ascontiguousarray(cut_back(from_network(infer(on_camera), on_camera)))
        for stage in self.stages if self.followed else ():
            painting = stage(painting)
        return painting

    def with_stages(self, then: str, build: Build) -> "PyTorchPredictor":
        """Itself, followed by what `then` names (with commas), or by what the model says. Raises OSError or ValueError with one line."""
        names = [name.strip() for name in then.split(",") if name.strip()] or list(self.info.then)
        names = [name for name in names if name != "none"]
        if names:
            try:
                self.stages = stages(names, build, times(self.input_size, self.scale))
            except BaseException:
                self.close()
                raise
            self.label += "".join(f" + {stage.name}" for stage in self.stages)
        return self

    @torch.inference_mode()
    def raw(self, batch: np.ndarray) -> np.ndarray:
        """NxHxWxC float32 in the range of the input port -> NxHxWxC float32 in that of the output port, one image at a time.

        With fp32 any size that the network can take, else only the one it runs at: `input_size`, padded. Raises ValueError.
        """
        channels, multiple = self._channels, self.multiple
        if batch.ndim != 4 or batch.shape[3] != channels or not len(batch):
            raise ValueError(f"array of shape {batch.shape}: expected N x H x W x {channels}")
        if not self.fixed and (batch.shape[1] % multiple or batch.shape[2] % multiple):
            raise ValueError(f"array of shape {batch.shape}: height and width must be multiples of {multiple}")
        if (self._exact is None or self.fixed) and batch.shape[1:3] != self._runs_at:
            raise ValueError(f"array of shape {batch.shape}: height and width must be {self._runs_at[0]} and {self._runs_at[1]}")
        planes = torch.tensor(batch, dtype=torch.float32).permute(0, 3, 1, 2)
        with self._idle() as executor:
            run = executor.raw if self._exact is None else self._exactly
            return np.concatenate([run(planes[i:i + 1]).permute(0, 2, 3, 1).numpy() for i in range(len(planes))])

    def _exactly(self, x: torch.Tensor) -> torch.Tensor:
        assert self._exact is not None
        self._write(self._exact, 0)
        with exclusive_access(self.device):
            return self._exact(x.to(self.device)).cpu()

    def follow(self, live: Prediction) -> None:
        """Take over what may change from image to image: the numbers that go in beside it, and whether others follow."""
        self._shares = (live.number_1, live.number_2, live.number_3, live.number_4)[:len(self.numbers)]
        self.followed = live.then

    def _write(self, target: Executor | nn.Module, key: int) -> None:
        """Bring the numbers that go in beside the image to `target`, where they have changed."""
        shares = self._shares
        if shares and self._written.get(key) != shares:
            for (name, low, high, usual), share in zip(self.numbers, shares, strict=False):
                value = low + 2 * share * (usual - low) if share < 0.5 else usual + (2 * share - 1) * (high - usual)
                target.write(name, value)  # type: ignore[operator]
            self._written[key] = shares

    @contextmanager
    def _idle(self) -> Iterator[Executor]:
        executor = self._free.get()
        try:
            self._write(executor, id(executor))
            yield executor
        finally:
            self._free.put(executor)

    def close(self) -> None:
        """Let go of the network and of device memory."""
        for part in (*self._executors, *self.stages):
            part.close()
        self._exact = None


def _again(factory: ExecutorFactory, choice: Choice) -> Executor:
    with with_threads(choice.threads):
        return factory.executor(choice.config, choice.scales)


def _others(factory: ExecutorFactory, executor: Executor, choice: Choice) -> Iterator[Executor]:
    """More executors, as many as there are free cores."""
    room = min(MOST_AT_ONCE, torch.get_num_threads() // choice.threads) if isinstance(executor.run, OneDnnRunner) else 1
    for _ in range(room - 1):
        try:
            yield _again(factory, choice)
        except RuntimeError as error:  # no memory: one image at a time is enough
            log.info("%s: not twice, %s", choice.config, error)
            return


def _rebuilt(factory: ExecutorFactory, known: tuple[Choice, list[str]] | None) -> tuple[Executor, Choice, list[str]] | None:
    """The executor that the cache names; None when it cannot be built."""
    if known is None:
        return None
    try:
        return _again(factory, known[0]), *known
    except Exception as error:  # a stale cache entry: search again
        log.info("%s: %s", known[0].config, error)
        return None


def _found(factory: ExecutorFactory, tried: Sequence[ExecutionConfig], precision: str, key: str, threads: int,
           parallel: bool) -> tuple[Executor, Choice, list[str]]:
    """Search for the fastest accurate candidate, and keep the choice."""
    with factory.steady():
        executor, choice, refused = best(factory, tried, precision)
        if not threads and not has_low_priority():  # nobody asked for so many; and beside a model on air the fewest would seem the best
            executor, choice = with_fewer_threads(factory, executor, choice, parallel)
    remember(key, choice, refused)
    return executor, choice, refused
