"""Bank: the looks that can be recalled, and the keys 1 to 9 that recall them. A key stays with its look when others come or go."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msa.files import write_atomic
from msa.utils import natural_key
from webcam_pix2pix.settings import BUILT_IN_PRESETS

log = logging.getLogger(__name__)

KEYS = range(1, 10)
FILE = ".keys.json"  # beside the presets; the dot keeps it out of their list


@dataclass(frozen=True)
class PresetEntry:
    """A preset: built in (values) or a file of the user's (path)."""

    name: str
    key: int | None  # 1 to 9, None without one
    path: Path | None = None
    values: Mapping[str, Any] | None = None

    @property
    def identity(self) -> str:
        """As the keys are stored: the file name, or the name of a built-in look."""
        return self.name if self.path is None else self.path.name


class Bank:
    """The built-in looks and the presets in `folder`. Keys are stored in the folder, so that they travel with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[PresetEntry]:
        """The built-in ones, then the user's by name. A new look of the user gets the first free key; built-in ones get one by hand."""
        own = [path for path in self.folder.glob("*.json") if not path.name.startswith(".")] if self.folder.is_dir() else []
        found = [PresetEntry(name, None, values=values) for name, values in BUILT_IN_PRESETS.items()]
        found += [PresetEntry(path.stem, None, path) for path in sorted(own, key=natural_key)]
        keys, known = self._read()
        names = {entry.identity for entry in found}
        keys = {key: name for key, name in keys.items() if name in names}
        new = [entry.identity for entry in found if entry.identity not in known]
        own_new = [entry.identity for entry in found if entry.path is not None and entry.identity in new]
        for name, key in zip(own_new, [key for key in KEYS if key not in keys], strict=False):
            keys[key] = name
        if new or names != known:
            self._write(keys, names)
        key_of = {name: key for key, name in keys.items()}
        return [PresetEntry(entry.name, key_of.get(entry.identity), entry.path, entry.values) for entry in found]

    def by_key(self, key: int) -> PresetEntry | None:
        """The look on a key."""
        return next((entry for entry in self.entries() if entry.key == key), None)

    def assign(self, entry: PresetEntry, key: int | None) -> None:
        """Put `look` on `key` (None: on no key); the look that had the key takes the old one of `look`. Raises OSError."""
        entries = self.entries()
        before = next((other.key for other in entries if other.identity == entry.identity), None)
        keys = {other.key: other.identity for other in entries if other.key is not None}
        if before is not None:
            del keys[before]
        if key is not None:
            if key in keys and before is not None:
                keys[before] = keys[key]
            keys[key] = entry.identity
        self._store(keys, {other.identity for other in entries})

    def _read(self) -> tuple[dict[int, str], set[str]]:
        """Keys, and the looks that had their chance to get one."""
        try:
            data = json.loads((self.folder / FILE).read_text(encoding="utf-8"))
            keys = {int(key): str(name) for key, name in data["keys"].items() if int(key) in KEYS}
            return keys, {str(name) for name in data["known"]}
        except FileNotFoundError:
            return {}, set()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s: not used (%s)", self.folder / FILE, error)
            return {}, set()

    def _write(self, keys: Mapping[int, str], known: set[str]) -> None:
        try:
            self._store(keys, known)
        except OSError as error:
            log.warning("the keys of the presets are not stored: %s", error)

    def _store(self, keys: Mapping[int, str], known: set[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        data = {"version": 1, "keys": {str(key): keys[key] for key in sorted(keys)}, "known": sorted(known)}
        write_atomic(self.folder / FILE, json.dumps(data, indent=1) + "\n")
