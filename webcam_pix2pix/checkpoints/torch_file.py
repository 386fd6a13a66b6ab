"""Files of torch.save, both formats, read as pure data: a state dict is found in them or they are refused."""

import pickletools
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from . import Checkpoint, cryer, junyanz
from .content import zip_names

MAX_PICKLE = 64 << 20  # bytes; a state dict's pickle has some 100 per weight
WRAPPERS = ("state_dict", "model_state_dict", "generator", "netG", "net_G", "G", "model", "params")


def read(path: Path) -> Checkpoint:
    """A generator of pytorch-CycleGAN-and-pix2pix or cryer/pix2pix, whatever the keys say."""
    state = read_state(path)
    if cryer.recognises(state):
        return cryer.from_state(state, path)
    return junyanz.from_state(state, path)


def read_state(path: Path) -> dict[str, Tensor]:
    """The state dict in a file of torch.save; tensors lie in the file (memory-mapped) where the format allows it.

    Raises ValueError when the file asks for anything but tensors, or its tensors claim more than the file holds.
    """
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    _check_zip(path) if zipped else _check_legacy(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except OSError:
        raise
    except Exception as error:  # torch raises whatever its parsing stumbles over
        raise ValueError(f"{path}: not loaded: {_first_line(error)}") from None
    return _checked(_state_dict(content, path), path)


def _check_zip(path: Path) -> None:
    members = zip_names(path)
    names = {m.filename.partition("/")[2] for m in members}
    if "constants.pkl" in names:
        raise ValueError(f"{path}: a TorchScript program, expected a state dict: it would run the file's code")
    pickles = [m for m in members if m.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE:
        raise ValueError(f"{path}: not a file that torch.save wrote")
    with path.open("rb") as file:
        file.seek(pickles[0].header_offset + 26)
        extra = int.from_bytes(file.read(2), "little") + int.from_bytes(file.read(2), "little")
        file.seek(extra, 1)
        _check_pickle(file, path)


def _check_legacy(path: Path) -> None:
    """Magic number, version, system, the state dict, names of the storages: five pickles, then the storages."""
    try:
        with path.open("rb") as file:
            for _ in range(3):
                for _ in pickletools.genops(file):
                    pass
            _check_pickle(file, path)
    except ValueError as error:
        raise ValueError(str(error) if str(error).startswith(str(path)) else f"{path}: damaged file: {_first_line(error)}") from None
    except Exception as error:
        raise ValueError(f"{path}: damaged file: {_first_line(error)}") from None


def _check_pickle(file: BinaryIO, path: Path) -> None:
    """Reads the opcodes without running them: any size in it must fit into the file, any name must be harmless.

    torch checks the names again; this is for a clear message and for the memory that sizes would take.
    """
    most, strings, start = max(path.stat().st_size, 1 << 24), [], file.tell()  # smaller numbers may be counts of steps and the like
    try:
        for opcode, argument, position in pickletools.genops(file):
            if position - start > MAX_PICKLE:
                raise ValueError("its description is too long")
            if opcode.name in ("GLOBAL", "STACK_GLOBAL", "INST"):
                name = argument.replace(" ", ".") if isinstance(argument, str) else ".".join(strings[-2:])
                if not name.startswith(("torch.", "collections.", "_codecs.", "numpy.", "builtins.set", "builtins.bytearray",
                                        "__builtin__.set", "__builtin__.bytearray")):
                    raise ValueError(f"it would run {name:.60}, expected weights only")
            elif isinstance(argument, str):
                strings.append(argument)
            elif isinstance(argument, int) and abs(argument) > most and "PUT" not in opcode.name and "GET" not in opcode.name:
                raise ValueError(f"a tensor claims {argument:.3g} elements, more than the file can hold")
    except ValueError as error:
        raise ValueError(f"{path}: not loaded: {_first_line(error)}") from None
    except Exception as error:
        raise ValueError(f"{path}: damaged file: {_first_line(error)}") from None


def _state_dict(content: Any, path: Path) -> dict[str, Any]:
    for _ in range(3):
        if not isinstance(content, Mapping):
            break
        if any(isinstance(value, Tensor) for value in content.values()):
            return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}
        content = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
    raise ValueError(f"{path}: holds no state dict of a network")


def _checked(state: dict[str, Any], path: Path) -> dict[str, Tensor]:
    claimed = 0
    for key, tensor in state.items():
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
            raise ValueError(f"{path}: {key:.80} is not a plain tensor")
        nbytes = tensor.numel() * tensor.element_size()
        if nbytes > tensor.untyped_storage().nbytes():
            raise ValueError(f"{path}: {key:.80} claims {tensor.numel()} elements, more than the file holds for it")
        claimed += nbytes
        state[key] = tensor.detach()
    if claimed > 2 * path.stat().st_size + 65536:  # weights may be shared, but not without end
        raise ValueError(f"{path}: the tensors claim {claimed} bytes, more than the file holds")
    return state


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:160] if text else type(error).__name__
