"""What lies in a file of torch.save, without torch and without running anything in it: names and shapes of the tensors."""

import io
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from webcam_pix2pix.identify.content import zip_names

MAX_PICKLE = 64 << 20  # bytes; a state dict's pickle has some 100 per weight
ITEM_SIZES = {"Float": 4, "Double": 8, "Half": 2, "BFloat16": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1, "Byte": 1, "Bool": 1}
BESIDE = {"numpy", "argparse", "pathlib", "datetime", "builtins", "omegaconf", "easydict", "types", "posixpath", "uuid"}  # no networks
# Other opcodes build objects by other means or take memory by a number in the file
OPCODES = {getattr(pickle, name)[0] for name in (
    "PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 FLOAT BINFLOAT UNICODE BINUNICODE "
    "SHORT_BINUNICODE BINUNICODE8 BINSTRING SHORT_BINSTRING EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST LIST APPEND APPENDS "
    "EMPTY_DICT DICT SETITEM SETITEMS GLOBAL STACK_GLOBAL REDUCE BUILD "
    "PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET MEMOIZE BINPERSID").split()}


@dataclass(frozen=True)
class Storage:
    """The bytes of one or more tensors, by name and size."""

    key: str
    nbytes: int
    item: int  # bytes per element


@dataclass(frozen=True)
class Stub:
    """A tensor of which only the outside is known."""

    storage: Storage
    shape: tuple[int, ...]


def skeleton(path: Path) -> Any:
    """The saved object with a Stub for each tensor. Raises ValueError when it holds anything else than plain data and tensors,
    or when a tensor claims more than the file holds."""
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    try:
        return _zipped(path) if zipped else _legacy(path)
    except ValueError as error:
        text = str(error)
        raise ValueError(text if text.startswith(str(path)) else f"{path}: not loaded: {text}") from None
    except Exception as error:  # damage makes an unpickler stumble in many ways
        raise ValueError(f"{path}: damaged file: {str(error).splitlines()[0][:120] if str(error) else type(error).__name__}") from None


def _zipped(path: Path) -> Any:
    members = {m.filename.partition("/")[2]: m for m in zip_names(path)}
    if "data.pkl" not in members or members["data.pkl"].file_size > MAX_PICKLE:
        raise ValueError("not a file that torch.save wrote")
    with zipfile.ZipFile(path) as archive:
        reader = _Reader(io.BytesIO(archive.read(members["data.pkl"])))
    content = reader.load()
    for storage in reader.storages.values():
        member = members.get(f"data/{storage.key}")
        if member is None or member.file_size < storage.nbytes:
            raise ValueError(f"damaged file: storage {storage.key:.40} is missing or too short")
    return content


def _legacy(path: Path) -> Any:
    """Magic number, version, system, the object, names of the storages: five pickles, then the storages one after the other."""
    with path.open("rb") as file:
        stream = io.BytesIO(file.read(MAX_PICKLE))
    for _ in range(3):
        _Reader(stream).load()
    reader = _Reader(stream)
    content = reader.load()
    if sum(storage.nbytes for storage in reader.storages.values()) > path.stat().st_size:
        raise ValueError("the tensors claim more bytes than the file holds")
    return content


class _Reader(pickle._Unpickler):  # the one in Python: that in C takes memory by numbers in the file
    """Unpickles plain data; tensors become Stubs; everything else is refused."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="utf-8")
        self.storages: dict[str, Storage] = {}
        self._file = file

    dispatch = {code: method for code, method in pickle._Unpickler.dispatch.items() if code in OPCODES}  # noqa: RUF012

    def load(self) -> Any:
        try:
            return super().load()
        except KeyError as error:
            if error.args and error.args[0] in pickle._Unpickler.dispatch:
                raise ValueError(f"its description holds more than tensors (opcode {error.args[0]})") from None
            raise

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor_v2", "_rebuild_tensor"):
            return self._tensor
        if module == "torch._utils" and name == "_rebuild_parameter":
            return lambda data, *_: data
        if module == "torch" and name == "Size":
            return tuple
        if module == "torch" and name.endswith("Storage") and name.removesuffix("Storage") in ITEM_SIZES:
            return ITEM_SIZES[name.removesuffix("Storage")]
        what = f"{module:.40}.{name:.40}"
        beside = module.partition(".")[0] in BESIDE
        raise ValueError(f"it would run {what}, expected weights only; " + (
            f"{what} lies beside the weights: load it where it was made and save the state_dict alone" if beside else
            "this looks like a whole pickled model: load it in the program that wrote it and save net.state_dict()")
            + " (torch.save(net.state_dict(), 'net_G.pth'))")

    def persistent_load(self, pid: Any) -> Storage:
        kind, item, key, _, elements = pid[:5]
        if kind != "storage" or not all(type(n) is int for n in (item, elements)) or elements < 0:
            raise ValueError("damaged file: a storage without size")
        storage = Storage(str(key), elements * item, item)
        if self.storages.setdefault(storage.key, storage) != storage:
            raise ValueError(f"damaged file: storage {storage.key:.40} comes with two sizes")
        return storage

    @staticmethod
    def _tensor(storage: Storage, offset: int, size: tuple, stride: tuple, *_: Any) -> Stub:
        if not isinstance(storage, Storage) or not len(size) == len(stride) <= 8 or not all(
                type(n) is int and n >= 0 for n in (offset, *size, *stride)):
            raise ValueError("damaged file: a tensor without shape")
        elements = 1
        for n in size:
            elements *= n
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) if elements else 0
        if elements * storage.item > storage.nbytes or last * storage.item >= max(storage.nbytes, 1):
            raise ValueError(f"a tensor claims {elements:.6g} elements, more than the file holds for it")
        return Stub(storage, tuple(size))
