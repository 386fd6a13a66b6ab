"""Candidates of backend and precision, and the search for the fastest accurate one."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import nn

from msa.files import format_error
from webcam_pix2pix.model import ModelInfo
from webcam_pix2pix.networks import set_norm_mode
from webcam_pix2pix.networks.layers import Dropout, at_size

from ..cpu.int8 import Int8Runner, Scales
from ..cpu.onednn import OneDnnRunner
from ..device.devices import exclusive_access, has_low_priority, trim_memory, with_threads
from ..device.executors import BytesExecutor, CudaExecutor, DeviceExecutor, Executor, Run
from ..graph.eager import EagerRunner
from ..graph.nodes import Graph
from ..graph.rewriting import simplified
from ..graph.shapes import pruned
from ..graph.tracing import traced
from .fidelity import Fidelity, fidelity
from .samples import sample_images
from .timing import time_in_turns

log = logging.getLogger(__name__)

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
ORDER = {"cpu": ("int8", "bf16", "fp32"), "cuda": ("fp16", "bf16", "fp32"), "mps": ("fp16", "fp32")}  # what auto tries


@dataclass(frozen=True)
class ExecutionConfig:
    """A candidate: what runs the network, and in which precision."""

    backend: str  # torch, compile, openvino
    precision: str  # fp32, bf16, fp16, int8

    def __str__(self) -> str:
        return self.precision if self.backend == "torch" else f"{self.precision} {self.backend}"


FALLBACK = ExecutionConfig("torch", "fp32")
SHORT_MS = 20.0  # images that take longer are always worth every thread
NEARLY = 1.5  # an image may take so many times as long with fewer threads: their cores are worth more to camera and window
LONG_MS, TOGETHER = 60.0, 1.85  # both limits when several images are inferred at once, one on each core: images per second count then
FAR = 2.5  # so many times faster than the network as it is: then auto tries nothing else, the image is waited for
CLEARLY = 1.5  # then at least not fp32, which takes memory too


@dataclass(frozen=True)
class Choice:
    """A candidate that was tried on real images, with its figures."""

    config: ExecutionConfig
    fidelity: Fidelity
    ms: float  # per image
    threads: int  # of the CPU
    scales: Scales | None = None


def candidates(device: torch.device, precision: str = "auto", backend: str = "auto", compiled: bool = False) -> list[ExecutionConfig]:
    """The candidates that the settings allow, in the order of trial. fp32 is always one of them, in case all others are refused.

    Raises ValueError with one line when the backend is not installed.
    """
    if backend == "openvino":
        from ..cpu.openvino import check_installed
        check_installed()
        if device.type != "cpu":
            raise ValueError(f"backend: openvino runs on the CPU, not on {device.type}")
    name = "openvino" if backend == "openvino" else "compile" if compiled else "torch"
    precisions = ORDER[device.type] if precision == "auto" else (precision, "fp32")
    found = [ExecutionConfig("torch" if name == "compile" and p == "int8" else name, p) for p in dict.fromkeys(precisions)]
    if (precision, backend, device.type) == ("int8", "auto",
                                             "cpu") and find_spec("openvino") and find_spec("nncf") and not has_low_priority():
        found.insert(1, ExecutionConfig("openvino", "int8"))  # which is faster depends on the machine; auto starts sooner without
    return found + [FALLBACK] * (FALLBACK not in found)


def all_candidates(device: torch.device, compiled: bool = False) -> list[ExecutionConfig]:
    """All candidates on this machine, with OpenVINO if it is installed."""
    found = [ExecutionConfig("torch", p) for p in ORDER[device.type]]
    found += [ExecutionConfig("compile", p) for p in ORDER[device.type] if p != "int8"] if compiled else []
    return found + ([ExecutionConfig("openvino", p) for p in ORDER["cpu"]] if device.type == "cpu" and find_spec("openvino") else [])


class ExecutorFactory:
    """Builds the executors of one network at one size. The network is in fp32 on the CPU, in its norm mode.

    frames: images of the camera (HxWx3 RGB uint8). kept: start of the names of files that save work at the next start.
    """

    def __init__(self, network: nn.Module, info: ModelInfo, size: tuple[int, int], device: torch.device,
                 frames: Sequence[np.ndarray] = (), kept: Path | None = None) -> None:
        self.network: nn.Module | None = network
        self.info, self.size, self.device, self._frames, self._kept = info, size, device, frames, kept
        assert info.input and info.output and info.norm_mode  # the info is complete
        self.shape = (*size, info.input.shape[2])
        self.ranges, self.norm_mode = (info.input.range, info.output.range), info.norm_mode
        self.random = self.norm_mode == "paper" and any(isinstance(m, Dropout) for m in network.modules())
        self._graph: Graph | None = None

    @cached_property
    def images(self) -> list[np.ndarray]:
        """Test images as the network will see them, HxWxC uint8."""
        return sample_images(self.info, self.size, self._frames)

    @property
    def graph(self) -> Graph:
        """The graph, traced once. The network is released then to save memory, unless its dropout is still needed."""
        if self._graph is None:
            assert self.network is not None
            network = self.network
            graph = traced(at_size(network, self.size))
            if not self.random:
                self.network = None
                trim_memory()  # the trace goes round in circles
            self._graph = pruned(simplified(graph), (self.shape[2], *self.shape[:2]))
        return self._graph

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Inside, dropout uses one fixed mask, so that executors can be compared."""
        if self.random and self.network is not None:
            set_norm_mode(self.network, self.norm_mode, seed=0)
        yield
        if self.random and self.network is not None:
            set_norm_mode(self.network, self.norm_mode)

    def moved(self) -> nn.Module | None:
        """The unchanged network on its device; None when it was released."""
        network = self.network
        if self.device.type != "cpu":
            _ = self.graph  # first: its weights stay on the CPU, where they can be folded in double precision (MPS has none)
        with exclusive_access(self.device):
            return None if network is None else network.to(self.device)

    def exact(self) -> Executor:
        """The reference: the unchanged network in fp32, or its graph when the network was released."""
        with exclusive_access(self.device):
            run: Run = self.moved() or EagerRunner(self.graph, device=self.device)
            kind = Executor if self.device.type == "cpu" else DeviceExecutor
            return kind(run, self.shape, self.ranges, device=self.device)

    def executor(self, config: ExecutionConfig, scales: Scales | None = None) -> Executor:
        """The executor of a candidate. Raises RuntimeError or ValueError when this machine or this build of torch cannot run it."""
        if config.backend == "openvino":
            return self._openvino(config)
        if config.backend == "compile":
            self._check_numbers("torch.compile")
        if self.device.type != "cpu":
            return self._elsewhere(config)
        planes = self.shape[2], *self.shape[:2]
        if config.precision == "int8":
            quantised = Int8Runner(self.graph, planes, self.ranges[0], self._tensors() if scales is None else (), scales)
            executor = BytesExecutor(quantised, self.shape, self.ranges)
            executor.scales = quantised.stored
            return executor
        dtype = DTYPES[config.precision]
        if config.backend == "compile":
            return Executor(_compiled(EagerRunner(self.graph, dtype)), self.shape, self.ranges, dtype)
        if dtype == torch.float32 and not torch.backends.mkldnn.is_available():
            return Executor(EagerRunner(self.graph), self.shape, self.ranges)
        return Executor(OneDnnRunner(self.graph, planes, dtype), self.shape, self.ranges, dtype)

    def _elsewhere(self, config: ExecutionConfig) -> Executor:
        if config.precision == "int8":
            raise RuntimeError(f"int8 is not available on {self.device.type}")
        dtype = DTYPES[config.precision]
        with exclusive_access(self.device):
            runner = EagerRunner(self.graph, dtype, self.device)
            run = _compiled(runner) if config.backend == "compile" else runner
            if self.device.type == "cuda":
                return CudaExecutor(run, self.shape, self.ranges, dtype, self.device, recorded=not self.random)
            return DeviceExecutor(run, self.shape, self.ranges, dtype, self.device)

    def _check_numbers(self, backend: str) -> None:
        """Raises RuntimeError for a backend that would keep the numbers that go in beside the image as they are now."""
        if any(getattr(getattr(node, "function", None), "scalar", "") for node in self.graph.nodes):
            raise RuntimeError(f"inputs that change while it runs are not available in {backend}")

    def _openvino(self, config: ExecutionConfig) -> Executor:
        from ..cpu.openvino import converted
        self._check_numbers("openvino")
        if self.random:
            raise RuntimeError("the dropout of norm mode paper is not available in openvino")
        shape = 1, self.shape[2], *self.shape[:2]
        run = converted(EagerRunner(self.graph), shape, config.precision, self._tensors(), torch.get_num_threads(), self._kept)
        return Executor(run, self.shape, self.ranges)

    def _tensors(self) -> list[torch.Tensor]:
        (low, high), _ = self.ranges
        return [torch.from_numpy(p).permute(2, 0, 1)[None].float().mul_((high - low) / 255).add_(low) for p in self.images[::2]]


@torch.inference_mode()
def best(factory: ExecutorFactory, tried: Sequence[ExecutionConfig], precision: str = "auto") -> tuple[Executor, Choice, list[str]]:
    """The fastest accurate candidate; and for each refused one, one line saying why.

    precision: if one is asked for, others are tried only when it is refused. When all are refused, the network runs unchanged in fp32.
    """
    images = factory.images[1::2]  # the others have chosen the int8 scales
    executor = factory.exact()
    exact = [executor.infer(p) for p in images]
    naive_ms = time_in_turns({FALLBACK: executor}, images)[FALLBACK]
    executor.close()
    chosen: tuple[Executor, Choice] | None = None
    refused = []
    for config in tried:
        if chosen and _is_enough(naive_ms / chosen[1].ms, config, precision):
            break
        trim_memory()
        try:
            executor = factory.executor(config)
            result = fidelity([executor.infer(p) for p in images], exact)
            times = time_in_turns({config: executor} | ({chosen[1].config: chosen[0]} if chosen else {}), images) if result.good else {}
        except Exception as error:  # whatever this machine has against it, the next one may do
            refused.append(f"{config}: {format_error(error)[:200]}")
            log.debug("%s", config, exc_info=True)
            continue
        if not result.good:
            refused.append(f"{config}: {result}")
            executor.close()
            continue
        log.info("%s; naive %.1f ms; %s: %s", ", ".join(f"{w} {ms:.1f} ms" for w, ms in times.items()), naive_ms, config, result)
        if chosen is None or times[config] < times[chosen[1].config]:
            if chosen is not None:
                chosen[0].close()
            chosen = executor, Choice(config, result, times[config], torch.get_num_threads(), executor.scales)
        else:
            executor.close()
    return *(chosen or (factory.exact(), Choice(FALLBACK, Fidelity(1.0, 0.0), naive_ms, torch.get_num_threads()))), refused


def _is_enough(times_faster: float, config: ExecutionConfig, precision: str) -> bool:
    """Whether `config` need not be tried any more."""
    if precision != "auto" or config.backend == "compile":  # these were asked for
        return config == FALLBACK
    return times_faster > (CLEARLY if config == FALLBACK else FAR)


@torch.inference_mode()
def with_fewer_threads(factory: ExecutorFactory, executor: Executor, choice: Choice, several: bool = False) -> tuple[Executor, Choice]:
    """The same with the fewest threads that are nearly as fast: the other cores are left to camera and window.

    Small networks are hardly faster with more, above all on virtual machines, where waking a thread takes long.
    several: the other cores infer other images meanwhile, so that more images per second count, not the time of one.
    """
    limit, nearly = (LONG_MS, TOGETHER) if several else (SHORT_MS, NEARLY)
    if not isinstance(executor.run, OneDnnRunner) or choice.ms > limit:
        return executor, choice
    images = factory.images[1::2]
    fewer = choice.threads // 2
    while fewer:
        with with_threads(fewer):
            other = factory.executor(choice.config, choice.scales)
        same = fidelity([other.infer(images[0])], [executor.infer(images[0])]).good
        times = time_in_turns({choice.threads: executor, fewer: other}, images)
        log.info("%s: %s", choice.config, ", ".join(f"{ms:.1f} ms with {n} threads" for n, ms in times.items()))
        limit = min(limit, nearly * times[choice.threads])  # the first one is that of all threads
        if not same or times[fewer] > limit:
            other.close()
            break
        executor.close()
        executor, choice, fewer = other, replace(choice, ms=times[fewer], threads=fewer), fewer // 2
    return executor, choice


def _compiled(run: EagerRunner) -> Run:
    import torch._dynamo
    import torch._inductor.config as inductor
    torch._dynamo.reset()  # it may reuse an earlier graph when only an option changed
    inductor.freezing = run.device == "cpu"
    return torch.compile(run.__call__, dynamic=False)
