"""The choice of backend and precision for a network on this machine, kept on disk, with the int8 scales."""

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import platformdirs
import torch
from torch import nn

from msa.files import write_atomic
from webcam_pix2pix import __version__

from ..cpu.calibration import INT8_RULE
from ..device.devices import processor
from ..device.instructions import instructions
from .fidelity import Fidelity
from .selection import Choice, ExecutionConfig

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """The folder of the cache. It may be deleted at any time. The environment variable WEBCAM_PIX2PIX_CACHE overrides it."""
    own = os.environ.get("WEBCAM_PIX2PIX_CACHE")
    return (Path(own) if own else platformdirs.user_cache_path("webcam-pix2pix", appauthor=False)) / "ways"


def fingerprint(network: nn.Module, *what: object) -> str:
    """A hash of the weights, this machine, the versions and `what`."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(network.state_dict().items()):
        values = tensor.flatten().double() if tensor.numel() < 4096 else tensor.flatten()[:: tensor.numel() // 4096].double()
        digest.update(f"{name} {tuple(tensor.shape)} {float(tensor.sum()):.9g} {float(values.square().sum()):.12g}".encode())
    machine = processor(), instructions(), INT8_RULE, *(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
    digest.update(repr((__version__, torch.__version__, cv2.__version__, machine, *what)).encode())
    return digest.hexdigest()


def choice_key(network: str, precision: str, tried: Sequence[ExecutionConfig], on_camera: bool, several: bool = False) -> str:
    """The name under which a choice is kept. network: its fingerprint. on_camera: were camera images used? several: at once."""
    what = repr((precision, [str(config) for config in tried], on_camera, several))
    return f"{network}-{hashlib.blake2b(what.encode(), digest_size=6).hexdigest()}"


def remembered(key: str) -> tuple[Choice, list[str]] | None:
    """The choice kept under `key`, and what was refused; None when there is none that can be read."""
    try:
        data = json.loads((cache_folder() / f"{key}.json").read_text(encoding="utf-8"))
        scales = data["scales"] and {int(k): ([float(step) for step in steps], int(zero)) for k, (steps, zero) in data["scales"].items()}
        choice = Choice(ExecutionConfig(**data["way"]), Fidelity(**data["agreement"]), float(data["ms"]), int(data["threads"]), scales)
        return choice, [str(line) for line in data["refused"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(key: str, choice: Choice, refused: list[str]) -> None:
    """Keep a choice. A folder that cannot be written to is only logged."""
    folder = cache_folder()
    stored = asdict(choice)
    stored["way"], stored["agreement"] = stored.pop("config"), stored.pop("fidelity")  # the names in the file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / f"{key}.json", json.dumps(stored | {"refused": refused}))
    except OSError as error:
        log.info("%s: the choice is not kept (%s)", folder, error)
