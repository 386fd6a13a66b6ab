"""All candidates for a model on this machine, measured in turns: `bench` shows them, `auto` uses the result."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from msa.files import format_error
from webcam_pix2pix.model import ModelInfo

from .device.devices import choose_device, thread_count, use_threads
from .device.executors import Executor
from .loading import check_size, load_network
from .selection.cache import cache_folder, choice_key, fingerprint, remember
from .selection.fidelity import Fidelity, fidelity
from .selection.selection import Choice, ExecutionConfig, ExecutorFactory, all_candidates, candidates, with_fewer_threads
from .selection.timing import time_in_turns


@dataclass(frozen=True)
class BenchmarkRow:
    """One line of the benchmark: a model and a candidate."""

    model: str
    size: tuple[int, int]  # height, width
    config: str  # "naive" is the network as it is, in fp32
    ms: float = 0.0  # median from image to image
    fidelity: Fidelity | None = None
    refused: str = ""  # why it is not used; empty if it may be


@torch.inference_mode()
def benchmark(model: ModelInfo | str | Path, *, device: str = "auto", size: tuple[int, int] | None = None, threads: int = 0,
           compiled: bool = False, seconds: float = 3.0, progress: Callable[[str], None] = lambda text: None) -> list[BenchmarkRow]:
    """Measure all candidates in turns, so that all meet the same disturbances. `auto` then uses the fastest accurate one.

    Raises ValueError or OSError with one line for a model, device or size that cannot be used.
    """
    where = choose_device(device)
    use_threads(thread_count(threads))
    network, spec, info = load_network(model)
    size = check_size(spec, size, info)
    known_as = fingerprint(network, info.norm_mode, size, where, torch.get_num_threads(), threads)
    factory = ExecutorFactory(network, info, size, where, kept=cache_folder() / known_as)
    images = factory.images[1::2]
    executors: dict[ExecutionConfig | None, Executor] = {}
    refused: dict[ExecutionConfig, str] = {}
    found: dict[ExecutionConfig | None, Fidelity] = {}
    with factory.steady():
        executors[None] = factory.exact()
        exact = [executors[None].infer(p) for p in images]
        for config in all_candidates(where, compiled) if not getattr(network, "runtime", "") else []:
            progress(f"{info.name}: {config}")
            try:
                executor = factory.executor(config)
                found[config] = fidelity([executor.infer(p) for p in images], exact)
                executors[config] = executor
            except Exception as error:  # as in best()
                refused[config] = format_error(error)[:120]
        progress(f"{info.name}: measuring")
        times = time_in_turns(executors, images, seconds)
    rows = [BenchmarkRow(info.name, size, "naive", times[None], Fidelity(1.0, 0.0))]
    rows += [BenchmarkRow(info.name, size, str(config), times[config], found[config], "" if found[config].good
                          else "image too different from fp32")
             for config in executors if config is not None]
    rows += [BenchmarkRow(info.name, size, str(config), refused=why) for config, why in refused.items()]
    right = [config for config in executors if config is not None and found[config].good]
    if right:
        config = min(right, key=times.__getitem__)
        if config.backend != "compile":  # that one has to be asked for: it needs a compiler and starts late
            choice = Choice(config, found[config], times[config], torch.get_num_threads(), executors[config].scales)
            if not threads:
                with factory.steady():
                    executors[config], choice = with_fewer_threads(factory, executors[config], choice)
            for on_camera in (False, True):
                remember(choice_key(known_as, "auto", candidates(where), on_camera), choice, [f"{w}: {why}" for w, why in refused.items()])
    for executor in executors.values():
        executor.close()
    return rows
