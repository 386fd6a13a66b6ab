"""Files of torch.save, both formats, read as pure data: a generator is found in them or they are refused."""

import functools
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import Checkpoint
from ..finding import find_generator
from ..weights import Weight
from .skeleton import Stub, skeleton

if TYPE_CHECKING:
    from torch import Tensor

DEEPEST = 5  # dicts inside each other
Place = tuple[Any, ...]  # the keys that lead to a dict


def read(path: Path) -> Checkpoint:
    """A generator of pytorch-CycleGAN-and-pix2pix, pix2pixHD or cryer/pix2pix, whatever the keys say and whatever lies around it.

    Raises ValueError when the file holds anything but data and tensors, or its tensors claim more than the file holds.
    """
    return find_generator(state_dicts(path), path)


def state_dicts(path: Path) -> dict[str, dict[str, Weight]]:
    """Every dict of tensors in the file, by the keys that lead to it ("" is the outermost); tensors are loaded when the first is asked for.

    Raises ValueError as read() does.
    """
    content = functools.cache(lambda: _load(path))
    groups: dict[str, dict[str, Weight]] = {}
    tree = skeleton(path)
    known: list[dict[Any, str]] = []
    for place, stubs in _groups(tree, (), set()):
        storages = {key: stub.storage.key for key, stub in stubs.items()}
        if storages in known:  # the same tensors under a second name
            continue
        known.append(storages)
        name = ".".join(str(key)[:60] for key in place)
        groups[name] = {str(key): Weight(stub.shape, functools.partial(_tensor, content, (*place, key), stub.shape, path))
                        for key, stub in stubs.items()}
    return groups


def _groups(content: Any, place: Place, seen: set[int]) -> Iterator[tuple[Place, dict[Any, Stub]]]:
    """The dicts in a file that hold tensors, from the outside in, each once."""
    if not isinstance(content, Mapping) or len(place) > DEEPEST or id(content) in seen:
        return
    seen.add(id(content))
    if stubs := {key: value for key, value in content.items() if isinstance(value, Stub)}:
        yield place, stubs
    for key, value in content.items():
        yield from _groups(value, (*place, key), seen)


def _load(path: Path) -> Any:
    """What the file holds, by torch. Not memory-mapped: a file that is replaced while it is read would end the whole program."""
    import torch
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # torch raises whatever its parsing stumbles over
        raise ValueError(f"{path}: not loaded: {str(error).splitlines()[0][:160] if str(error) else type(error).__name__}") from None
    return content


def _tensor(content: Any, place: Place, shape: tuple[int, ...], path: Path) -> "Tensor":
    tensor = content()
    for key in place:
        tensor = tensor.get(key) if isinstance(tensor, Mapping) else None
    if tensor is None or tuple(tensor.shape) != shape:
        raise ValueError(f"{path}: damaged file: {'.'.join(map(str, place)):.80} is not what its description says")
    return tensor.detach()
