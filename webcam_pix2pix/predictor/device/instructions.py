"""Which vector instructions this CPU has, as far as this process may use them."""

import os
import platform
from functools import lru_cache

import torch

# From the widest down. What the environment variable ONEDNN_MAX_CPU_ISA allows -> the most that can be used then.
LEVELS = ("AMX", "AVX-512 bf16", "AVX-512 VNNI", "AVX-512", "AVX2 VNNI", "AVX2", "SSE4.1")
ALLOWED = {"SSE41": "SSE4.1", "AVX": "SSE4.1", "AVX2": "AVX2", "AVX2_VNNI": "AVX2 VNNI", "AVX2_VNNI_2": "AVX2 VNNI",
           "AVX512_CORE": "AVX-512", "AVX512_CORE_VNNI": "AVX-512 VNNI", "AVX512_CORE_BF16": "AVX-512 bf16"}


def instructions() -> str:
    """One of LEVELS, or the architecture where it is not x86, such as "arm64"."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return platform.machine()
    limit = ALLOWED.get(os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper(), LEVELS[0])
    return next(level for level in LEVELS[LEVELS.index(limit):] if level in _there())


@lru_cache(maxsize=1)
def _there() -> set[str]:
    """Those of LEVELS that the CPU has."""
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is None:  # torch before 2.10 tells less
        levels = {"AVX512": {"AVX-512", "AVX2"}, "AVX2": {"AVX2"}}
        return {"SSE4.1"} | levels.get(torch.backends.cpu.get_cpu_capability(), set())
    names = {"AMX": "amx_tile", "AVX-512 bf16": "avx512_bf16", "AVX-512 VNNI": "avx512_vnni", "AVX-512": "avx512_bw",
             "AVX2 VNNI": "avx_vnni", "AVX2": "avx2", "SSE4.1": "sse4_1"}
    return {level for level, name in names.items() if ask().get(name)} | {"SSE4.1"}


def vector_width() -> int:
    """float32 values that one instruction works on."""
    level = instructions()  # Arm's registers hold 4
    return 16 if level.startswith(("AMX", "AVX-512")) else 8 if level.startswith("AVX2") else 4
