"""A whole bank as one file: to take along, to keep, to give away."""

import json
from pathlib import Path

from msa.files import parse_json, write_atomic

from .bank import KEYS, Bank
from .preset import Preset, from_json, to_json

VERSION = 1
LARGEST = 512 << 20  # bytes


def export_bank(bank: Bank, path: Path) -> int:
    """Write every preset of one's own with its key, in order; how many. Raises OSError."""
    own = [preset for preset in bank.presets if preset.file and not preset.problem]
    data = {"version": VERSION, "presets": [to_json(preset) | ({"key": preset.key} if preset.key else {}) for preset in own]}
    write_atomic(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return len(own)


def is_bank(path: Path) -> bool:
    """Whether a file is a whole bank."""
    try:
        with path.open(encoding="utf-8") as file:
            return '"presets"' in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def import_bank(bank: Bank, path: Path) -> int:
    """Add the presets of a file to the bank as one step of its undo; how many. Raises OSError or ValueError naming the file."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path}: too large for a bank of presets, at most {LARGEST >> 20} MB")
    try:
        data = parse_json(path.read_text(encoding="utf-8"))
        entries = data["presets"]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        raise ValueError(f'{path}: this is not a bank of presets, it has no "presets"') from None
    if not isinstance(entries, list):
        raise ValueError(f'{path}: "presets": expected a list')
    found: list[Preset] = []
    for number, entry in enumerate(entries, 1):
        preset = from_json(entry, f"preset {number}.json", f"{path}: preset {number}")
        key = entry.get("key")
        found.append(Preset(preset.name, preset.values, preset.thumbnail, preset.file, key if type(key) is int and key in KEYS else None))
    bank.add(found, f"import of {len(found)} presets")
    return len(found)
