"""Preset: a look with a name, a key and a thumbnail; its file is JSON that people can read."""

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from msa.files import parse_json, write_atomic
from msa.images import encode_jpeg, shrunk
from webcam_pix2pix.settings import PRESET_GROUPS, Settings, read_preset

VERSION = 1
THUMBNAIL = 192  # px, longer side
LARGEST = 4 << 20  # bytes of a preset file; those we write have some 20 kB
PARTS: Mapping[str, tuple[str, ...]] = {  # what a preset can hold: how the names of the settings begin
    "settings": PRESET_GROUPS,
    "model": ("Model.model_name", "Model.size", "Model.shape", "Model.norm_mode"),
    "source": ("Capture.Init.device_id",)}


@dataclass(frozen=True)
class Preset:
    """One look. Built-in ones have no file; one whose file cannot be read has a problem and no values."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)  # dotted name -> value
    thumbnail: bytes = b""  # JPEG
    file: str = ""  # name of its file in the folder of the bank
    key: int | None = None  # 1 to 9
    problem: str = ""  # one line

    @property
    def identity(self) -> str:
        """As order and keys are stored: the file name, or the name of a built-in look."""
        return self.file or self.name

    @property
    def parts(self) -> tuple[str, ...]:
        """What of PARTS it holds."""
        return tuple(part for part, starts in PARTS.items() if any(name.startswith(starts) for name in self.values))


def presets_folder(config: Path | None = None) -> Path:
    """Folder of the user's presets. config: where settings are remembered; None: the user's own place."""
    return (config or Path(platformdirs.user_config_dir("webcam-pix2pix", appauthor=False))) / "presets"


def values_of(settings: Settings, parts: Collection[str] = ("settings",)) -> dict[str, Any]:
    """The values of `settings` that a preset of these `parts` holds, by dotted name."""
    starts = tuple(start for part in parts for start in PARTS[part])
    return {name: value for name, value in settings.flat().items() if name.startswith(starts)}


def thumbnail_of(image: np.ndarray | None) -> bytes:
    """`image` (HxWx3 RGB uint8) as a small JPEG; empty without one."""
    return encode_jpeg(shrunk(image, THUMBNAIL, THUMBNAIL), 85) if image is not None else b""


def file_name(name: str, taken: Collection[str]) -> str:
    """A name for the file of the preset `name` that every system can take and that is not among `taken`."""
    stem = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", name).strip(" .")[:80] or "preset"
    known, number, free = {one.lower() for one in taken}, 2, f"{stem}.json"
    while free.lower() in known:
        free, number = f"{stem} {number}.json", number + 1
    return free


def to_json(preset: Preset) -> dict[str, Any]:
    """As it is stored: what people want to read comes first."""
    data = {"version": VERSION, "name": preset.name, "settings": dict(preset.values)}
    return data | ({"thumbnail": base64.b64encode(preset.thumbnail).decode()} if preset.thumbnail else {})


def from_json(data: Any, file: str, where: str) -> Preset:
    """A preset out of what to_json() or an older version stored. Raises ValueError naming `where`."""
    if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
        raise ValueError(f'{where}: this is not a preset, it has no "settings"; choose a preset file')
    try:
        Settings().with_values(data["settings"])
        thumbnail = base64.b64decode(str(data.get("thumbnail", "")), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"{where}: {error}") from None
    name = data.get("name")
    return Preset(name[:200] if isinstance(name, str) and name.strip() else Path(file).stem, data["settings"], thumbnail, file)


def read(path: Path) -> Preset:
    """The preset in a file. Raises OSError or ValueError naming it."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path}: too large for a preset, at most {LARGEST >> 20} MB")
    read_preset(path)  # its errors are those of --preset
    return from_json(parse_json(path.read_text(encoding="utf-8")), path.name, str(path))


def write(folder: Path, preset: Preset) -> None:
    """Write its file, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / preset.file, json.dumps(to_json(preset), indent=1, ensure_ascii=False) + "\n")
