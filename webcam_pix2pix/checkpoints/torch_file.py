"""Files of torch.save, both formats, read as pure data: a state dict is found in them or they are refused."""

import functools
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import Checkpoint, cryer, junyanz
from .skeleton import Stub, skeleton
from .weights import Weight

if TYPE_CHECKING:
    from torch import Tensor

WRAPPERS = ("state_dict", "model_state_dict", "generator", "netG", "net_G", "G", "model", "params")  # of forks that save more at once


def read(path: Path) -> Checkpoint:
    """A generator of pytorch-CycleGAN-and-pix2pix or cryer/pix2pix, whatever the keys say."""
    weights = read_weights(path)
    if cryer.recognises(weights):
        return cryer.from_weights(weights, path)
    return junyanz.from_weights(weights, path)


def read_weights(path: Path) -> dict[str, Weight]:
    """The state dict in a file of torch.save; its tensors are loaded, all at once, when the first one is asked for.

    Raises ValueError when the file holds anything but data and tensors, or its tensors claim more than the file holds.
    """
    stubs = _state_dict(skeleton(path), Stub)
    if not stubs:
        raise ValueError(f"{path}: holds no state dict of a network")
    content = functools.cache(lambda: _load(path))
    return {key: Weight(stub.shape, functools.partial(_tensor, content, key, stub.shape, path)) for key, stub in stubs.items()}


def _load(path: Path) -> "dict[str, Tensor]":
    """The same, by torch: tensors lie in the file (memory-mapped) where the format allows it."""
    import torch
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except OSError:
        raise
    except Exception as error:  # torch raises whatever its parsing stumbles over
        raise ValueError(f"{path}: not loaded: {str(error).splitlines()[0][:160] if str(error) else type(error).__name__}") from None
    return _state_dict(content, torch.Tensor)


def _tensor(content: Any, key: str, shape: tuple[int, ...], path: Path) -> "Tensor":
    tensor = content().get(key)
    if tensor is None or tuple(tensor.shape) != shape:
        raise ValueError(f"{path}: damaged file: {key:.80} is not what its description says")
    return tensor.detach()


def _state_dict(content: Any, kind: type) -> dict[str, Any]:
    """The tensors of the state dict in `content`, or in the usual places inside it; empty when there are none."""
    for _ in range(3):
        if not isinstance(content, Mapping):
            break
        if any(isinstance(value, kind) for value in content.values()):
            return {str(key): value for key, value in content.items() if isinstance(value, kind)}
        content = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
    return {}
