"""This machine and its roofline: the speeds that it could reach at most."""

import platform
import time
from importlib.metadata import PackageNotFoundError, version

import torch

from msa.words import counted

from .devices import available_cores, choose_device, processor, thread_count
from .instructions import instructions

PACKAGES = ("torch", "openvino", "onnxruntime")


def describe(device: str = "auto") -> dict[str, str]:
    """For people: processor, cores, device, versions."""
    where = choose_device(device)
    known = {"processor": processor(), "instructions": instructions(), "cores": counted(available_cores(), "core"),
             "threads": counted(thread_count(), "thread"), "system": platform.system(),
             "device": torch.cuda.get_device_name(where) if where.type == "cuda" else where.type}
    for package in PACKAGES:
        try:
            known[package] = f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
    return known


@torch.inference_mode()
def peak(dtype: torch.dtype, seconds: float = 0.5, device: str = "cpu") -> float:
    """The most operations per second (multiplications and additions, 1e9) that a large product of matrices reaches here."""
    n = 1024 if device == "cpu" else 8192
    a, b = (torch.randn(n, n).to(device, dtype) for _ in range(2))
    return 2 * n ** 3 / _best(lambda: a @ b, seconds, device) / 1e9


def bandwidth(seconds: float = 0.5, device: str = "cpu") -> float:
    """GB per second that memory gives when everything is read once."""
    values = torch.ones(64 << 20, device=device)
    return values.numel() * 4 / _best(lambda: values.sum(), seconds, device) / 1e9


def _best(call, seconds: float, device: str) -> float:
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return best
