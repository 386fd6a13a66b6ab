"""The state of a run: everything needed to resume to the bit, in one file that is replaced completely or not at all."""

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from msa.files import replace_file

from .runfolder import disk_free

VERSION = 1
FULL = 2**20  # bytes: less is nothing


def save(state: dict[str, Any], path: Path) -> None:
    """Write `state` (tensors, numbers, text, lists, dicts) as a checkpoint. Raises OSError with one line when the disk is full."""
    write({"version": VERSION, **state}, path)


def write(content: Any, path: Path) -> None:
    """torch.save, whole or not at all. Raises OSError with one line."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        replace_file(partial, path)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as RuntimeError
        full = disk_free(path.parent) < FULL
        partial.unlink(missing_ok=True)
        reason = "the disk is full" if full else _first_line(error)
        raise OSError(f"{path}: cannot be written: {reason}; what was saved before is kept: free some disk space and start the same "
                      "command again") from None


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote, onto the CPU. Raises OSError or ValueError naming the file."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such checkpoint") from None
    except Exception as error:  # whatever a damaged file makes the unpickler raise
        raise ValueError(f"{path}: not a checkpoint of a run ({_first_line(error)})") from None
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise ValueError(f"{path}: another version of this program made this checkpoint, expected version {VERSION}")
    return state


def link(path: Path, to: Path) -> None:
    """The file `path` under another name too, without writing it twice where the file system can."""
    if to.exists() and to.samefile(path):
        return
    partial = to.with_name(to.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        os.link(path, partial)
    except OSError:
        shutil.copyfile(path, partial)
    replace_file(partial, to)


def random_state() -> dict[str, Any]:
    """Where the random numbers of torch (on the device in use too), numpy and python stand; the same in all processes of a run."""
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002
    return {"torch": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
            "mps": torch.mps.get_rng_state() if torch.backends.mps.is_available() else None,
            "python": json.dumps(random.getstate()), "numpy": json.dumps([name, np.asarray(keys).tolist(), *rest])}


def restore_random_state(state: dict[str, Any]) -> None:
    """Set the random generators to what random_state() gave."""
    torch.set_rng_state(state["torch"])
    if isinstance(state["cuda"], torch.Tensor) and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
    if isinstance(state.get("mps"), torch.Tensor) and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"])
    version, keys, gauss = json.loads(state["python"])
    random.setstate((version, tuple(keys), gauss))
    name, keys, *rest = json.loads(state["numpy"])
    np.random.set_state((name, np.array(keys, np.uint32), *rest))  # noqa: NPY002


def seed_all(seed: int) -> None:
    """Seed the random generators of torch, numpy and Python."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
