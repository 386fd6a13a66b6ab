"""A training step that is recorded once and replayed: the GPU no longer waits for Python, which takes longer than a small batch.

Everything that changes from step to step lies in memory that stays where it is: the batch, the learning rates, the weight of the
average. Random numbers go on from replay to replay.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from .. import parallel
from ..setup.options import Options

NOT_REPLAYED = "steps are not replayed from a CUDA graph, which is faster"
EAGER = 3  # steps before the recording: they allocate what stays, and let cuDNN choose its kernels

Losses = dict[str, Tensor]
Step = Callable[..., Losses]  # step(a, b, shifts)


class Recorder(Protocol):
    """What records work, and runs the steps before as it needs them to be run."""

    def eager(self, work: Callable[[], Losses]) -> Losses: ...
    def record(self, work: Callable[[], Losses]) -> tuple[Callable[[], None], Losses]: ...


class CudaGraphs:
    """Records into a CUDA graph (Gray 2019, Getting Started with CUDA Graphs)."""

    def eager(self, work: Callable[[], Losses]) -> Losses:
        """Run `work` on a stream beside the usual one, as recording wants it."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            losses = work()
        torch.cuda.current_stream().wait_stream(stream)
        return losses

    def record(self, work: Callable[[], Losses]) -> tuple[Callable[[], None], Losses]:
        """What replays `work`, and where its losses are then. Recording itself calculates nothing."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # another thread pins batches meanwhile
            losses = work()
        return graph.replay, losses


class CapturedStep:
    """Calls `step` a few times, records it, then replays it. Goes on without recording where that is impossible, and says so."""

    def __init__(self, step: Step, recorder: Recorder, device: torch.device, note: Callable[[str], None]) -> None:
        """note: told once when steps are not replayed after all."""
        self.step, self.recorder, self.device, self.note = step, recorder, device, note
        self.eager_steps = 0
        self._inputs: list[Tensor | None] = []  # as they lie on the device
        self._replay: Callable[[], None] | None = None
        self._losses: Losses = {}
        self._off = False

    @property
    def replays(self) -> bool:
        """Whether steps are replayed by now."""
        return self._replay is not None

    def __call__(self, *inputs: Tensor | None) -> Losses:
        """One step on `inputs`; gives its losses."""
        if not self._off and self._inputs and _sizes(inputs) != _sizes(self._inputs):
            self._give_up("sizes of batches change")
        if self._off:
            return self.step(*inputs)
        if not self._inputs:
            self._inputs = [None if x is None else torch.empty_like(x, device=self.device) for x in inputs]
        for own, new in zip(self._inputs, inputs, strict=True):
            if own is not None and new is not None:
                own.copy_(new, non_blocking=True)
        if self.eager_steps < EAGER:
            self.eager_steps += 1
            return self.recorder.eager(self._work)
        if self._replay is None:
            try:
                self._replay, self._losses = self.recorder.record(self._work)
            except RuntimeError as error:
                self._give_up((str(error).splitlines() or ["no reason given"])[0])
                return self.step(*inputs)
        self._replay()
        return dict(zip(self._losses, torch.stack(list(self._losses.values())).unbind(), strict=True))  # copies: the next replay overwrites

    def forget(self) -> None:
        """Record anew: what a step works on lies elsewhere."""
        self.eager_steps, self._replay, self._inputs, self._losses = 0, None, [], {}

    def _work(self) -> Losses:
        return self.step(*self._inputs)

    def _give_up(self, reason: str) -> None:
        self.forget()
        self._off = True
        self.note(f"{NOT_REPLAYED}: {reason}")


def recorder_for(options: Options, device: torch.device, note: Callable[[str], None]) -> Recorder | None:
    """What records steps on `device`; None where they cannot be recorded, or are not to be. note: told why they cannot."""
    if device.type != "cuda" or options.cuda_graphs == "off":
        return None
    reason = ""
    if options.gan_mode == "wgangp":
        reason = "--gan_mode wgangp differentiates twice"
    elif parallel.world() > 1:
        reason = "several processes exchange gradients in each step"
    elif not options.one_size:
        reason = f"--preprocess {options.preprocess} gives batches of different sizes"
    if reason:
        note(f"{NOT_REPLAYED}: {reason}")
        return None
    return CudaGraphs()


def allow_tf32(choice: str) -> None:
    """Whether fp32 on NVIDIA cards multiplies with 10 bits of mantissa (TF32). auto: as PyTorch does, in convolutions only."""
    torch.backends.cudnn.allow_tf32 = choice != "off"
    torch.set_float32_matmul_precision("high" if choice == "on" else "highest")


def _sizes(tensors: Sequence[Tensor | None]) -> list[tuple | None]:
    return [None if x is None else (tuple(x.shape), x.dtype) for x in tensors]
