"""Keras .h5 files of cci-auto-pix2pix. HDF5 can point to other files and unpack without end: plain data of this file only.

Some damaged files hold the HDF5 library in an endless loop, which nothing in this process could end: another one reads the headers first.
"""

import functools
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

from .. import Checkpoint, keras_headers
from ..weights import Weight
from . import cciauto

PARTS = ("kernel", "bias", *cciauto.PARTS)
SIGNATURE = b"\x89HDF\r\n\x1a\n"  # then the version, and the sizes of addresses and lengths: 8
PATIENCE_S = 60.0  # where processor time cannot be limited


def read(path: Path) -> Checkpoint:
    """The generator; as Keras and tfjs run it: with running statistics. Raises OSError or ValueError."""
    _check_headers(path)
    try:
        layers = keras_headers.layers(path, PARTS)
    except (OSError, KeyError, RuntimeError, TypeError, AttributeError, UnicodeDecodeError, ValueError) as error:
        text = str(error).strip("'\" ").splitlines()[0][:160] if str(error) else type(error).__name__
        raise ValueError(text if text.startswith(str(path)) else f"{path}: not a readable Keras file: {text}") from None
    weights = [{part: Weight(shape, functools.partial(_values, path, name)) for part, (shape, name) in layer.items()} for layer in layers]
    return cciauto.from_layers([layer for layer in weights if layer], path, ".h5", "eval")


def _check_headers(path: Path) -> None:
    """Raises ValueError where reading them comes to no end, or ends the process that reads."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(SIGNATURE) and (start[8:9] > b"\3" or start[9 if start[8:9] > b"\1" else 13:][:2] != b"\10\10"):
        raise ValueError(f"{path}: not a readable Keras file: damaged at its beginning")  # no process is needed to see that
    command = [sys.executable, "-P", keras_headers.__file__, str(path), *PARTS]
    try:
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_S,
                              creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
        ended = done.returncode == 0
    except subprocess.TimeoutExpired:
        ended = False
    if not ended:
        raise ValueError(f"{path}: not a readable Keras file: damaged: the HDF5 library cannot read it to its end")


def _values(path: Path, name: str) -> np.ndarray:
    try:
        with h5py.File(path, "r") as file:
            return file[name][()]
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path}: not a readable Keras file: {error}") from None
