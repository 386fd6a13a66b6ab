"""What kind of checkpoint is this? Decided by content, never by the file name. Knows no torch, so that folders are listed at once."""

import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msa.files import parse_json
from msa.utils import natural_key

from .foreign import foreign

TORCH_LEGACY = bytes.fromhex("8a0a6cfc9c46f920")  # magic number of the torch format before 1.6, as a pickle writes it
TABLE_MAGIC = bytes.fromhex("57fb808b247547db")  # last 8 bytes of a TensorFlow .index file
MAX_HEADER = 16 << 20  # bytes of JSON in a safetensors file that we are ready to parse

FORMATS = {"torch": "PyTorch", "safetensors": "safetensors", "tensorflow": "TensorFlow checkpoint", "pict": ".pict",
           "mindspore": "MindSpore", "keras": "Keras .h5", "onnx": "ONNX"}


@dataclass(frozen=True)
class Content:
    """What kind of checkpoint lies at a path."""

    format: str  # a key of FORMATS
    path: Path  # the file; for tensorflow the prefix: path + ".index" is there


def identify(path: Path) -> Content:
    """The checkpoint at `path`: a file, a folder that holds one, or the prefix of a TensorFlow checkpoint.

    Raises OSError when there is nothing, ValueError when it is no checkpoint; one line naming the path.
    """
    if path.is_dir():
        return _in_folder(path)
    if _index(path).is_file():
        return Content("tensorflow", path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if not path.is_file():
        raise ValueError(f"{path}: not a file")
    if advice := foreign(path):
        raise ValueError(f"{path}: {advice}")
    if (found := _sniff(path)) is None:
        raise ValueError(f"{path}: not a checkpoint of any known kind ({', '.join(FORMATS.values())})")
    return found


def safetensors_header(path: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file. Raises ValueError when it has none."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(MAX_HEADER, path.stat().st_size - 8):
            raise ValueError(f"{path}: not a safetensors file: a header of {length} bytes does not fit in")
        try:
            header = parse_json(file.read(length))
        except (ValueError, RecursionError):
            raise ValueError(f"{path}: not a safetensors file: its header is no JSON") from None
    if not isinstance(header, dict):
        raise ValueError(f"{path}: not a safetensors file: its header is no object")
    return header


def _sniff(path: Path) -> Content | None:
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{path}: empty file, expected a checkpoint")
    with path.open("rb") as file:
        head = file.read(512)
        file.seek(max(0, size - 8))
        tail = file.read()
    if tail == TABLE_MAGIC:
        return Content("tensorflow", path.with_suffix("")) if path.suffix == ".index" else None
    if head.startswith(b"model_checkpoint_path"):  # TensorFlow's text file `checkpoint`
        if not any(path.parent.glob("*.index")):
            raise ValueError(f"{path}: points to TensorFlow checkpoints, there are none in this folder")
        return _in_folder(path.parent)
    companion = path.name.removesuffix(".meta") if path.suffix == ".meta" else path.name.rpartition(".data-")[0]
    if companion and _index(path.with_name(companion)).is_file():
        return Content("tensorflow", path.with_name(companion))
    if head.startswith(b"PK\x03\x04"):
        return Content("torch", path)
    if TORCH_LEGACY in head[:32]:
        return Content("torch", path)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Content("keras", path)
    if len(head) > 8 and head[8:9] == b"{" and 2 <= struct.unpack("<Q", head[:8])[0] <= size - 8:
        return Content("safetensors", path)
    if len(head) > 8 and re.match(rb'\[\s*(\{|\])', head[4:]):
        return Content("pict", path)
    if head[0] == 0x08 and (path.suffix.lower() == ".onnx" or re.search(rb"pytorch|onnx", head[:64])):
        return Content("onnx", path)
    if head[0] == 0x0A:
        return Content("mindspore", path)
    return None


def _is_checkpoint(path: Path) -> bool:
    try:
        return not foreign(path) and _sniff(path) is not None
    except ValueError:
        return False


def _index(prefix: Path) -> Path:
    return prefix.with_name(prefix.name + ".index")


def _in_folder(folder: Path) -> Content:
    """The newest generator in a folder, as the programs that wrote it would choose."""
    if (folder / "saved_model.pb").is_file() and _index(folder / "variables" / "variables").is_file():
        return Content("tensorflow", folder / "variables" / "variables")  # of a SavedModel
    indexes = {p.name.removesuffix(".index"): p.with_suffix("") for p in folder.glob("*.index") if p.is_file()}
    if indexes:
        newest = _newest_by_state(folder / "checkpoint")
        if newest not in indexes:  # moved, foreign or hostile path: the highest step that is here
            newest = max(indexes, key=lambda name: natural_key(Path(name)))
        return Content("tensorflow", indexes[newest])
    files = sorted((p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")), key=natural_key)
    files = [p for p in files if not re.search(r"_net_D|discriminator", p.name) and _is_checkpoint(p)]
    latest = [p for p in files if p.name.startswith("latest")]
    generators = latest or [p for p in files if re.search(r"_net_G|generator", p.name, re.IGNORECASE)] or files
    if not generators:
        raise ValueError(f"{folder}: no checkpoint in this folder")
    if len(latest) > 1 or (not latest and len({re.sub(r"\d+", "", p.name) for p in generators}) > 1):
        raise ValueError(f"{folder}: several checkpoints, name one of {', '.join(p.name for p in generators[:6])}")
    found = _sniff(generators[-1])
    assert found is not None
    return found


def _newest_by_state(file: Path) -> str | None:
    """The name that TensorFlow's text file `checkpoint` gives as the newest; only the name: its folder may be another machine's."""
    try:
        with file.open("rb") as f:
            match = re.search(rb'model_checkpoint_path:\s*"([^"\n]{1,4096})"', f.read(65536))
    except OSError:
        return None
    return re.split(r"[/\\]", match[1].decode("utf-8", "replace"))[-1] if match else None


def zip_names(path: Path) -> list[zipfile.ZipInfo]:
    """Directory of a torch zip, checked: nothing compressed, nothing that claims more than the file holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, UnicodeDecodeError):
        raise ValueError(f"{path}: damaged file: its directory cannot be read") from None
    names = {m.filename.rpartition("/")[2] for m in members}
    if "constants.pkl" in names:
        raise ValueError(f"{path}: a TorchScript program (torch.jit), which would run the code in it; where it was made, save "
                         "net.state_dict() of the network it was made from")
    if {"config.json", "model.weights.h5"} <= names:
        raise ValueError(f"{path}: a Keras 3 model (.keras); in Keras, save it with model.save('model.h5') or model.save_weights(...)")
    size = path.stat().st_size
    if any(m.compress_type != zipfile.ZIP_STORED or m.flag_bits & 1 for m in members):
        raise ValueError(f"{path}: compressed or encrypted members, expected a file that torch.save wrote")
    if sum(m.file_size for m in members) > size:
        raise ValueError(f"{path}: damaged file: its members claim more than its {size} bytes")
    return members
