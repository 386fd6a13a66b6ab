"""Bank: the presets in their order, with their keys, and the undo of what is done to them. It lives in one folder.

Each preset is a file of its own; `.bank.json` beside them holds order, keys and the two ends of the crossfader. A key stays with its
preset when others come or go. Files that someone puts into the folder are presets too.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msa.files import parse_json, write_atomic
from msa.utils import natural_key
from webcam_pix2pix.settings import BUILT_IN_PRESETS

from .preset import Preset, file_name, read, write

log = logging.getLogger(__name__)

KEYS = range(1, 10)
FILE, OLD_FILE = ".bank.json", ".keys.json"  # the old one knew keys alone; it is read where there is no other
VERSION = 1
STEPS = 100  # of undo
BUILT_IN = tuple(Preset(name, values) for name, values in BUILT_IN_PRESETS.items())


@dataclass(frozen=True)
class State:
    """All that undo brings back. ends: identities of A and B of the crossfader, "" without."""

    presets: tuple[Preset, ...] = ()
    ends: tuple[str, str] = ("", "")


class Bank:
    """What changes it may come from any thread. Each change is written at once and raises OSError when it cannot be; then nothing changed.

    Attributes:
        version: counts changes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.version = folder, 0
        self._lock = threading.RLock()
        self._state = State()
        self._seen: tuple | None = None  # of the folder, when it was read last
        self._read: dict[str, tuple[tuple, Preset]] = {}  # file name -> (time and size, what was in it)
        self._done: list[tuple[State, str]] = []
        self._undone: list[tuple[State, str]] = []

    # ---- what there is

    @property
    def presets(self) -> tuple[Preset, ...]:
        """All of them in their order, built-in ones too."""
        with self._lock:
            self._refresh()
            return self._state.presets

    @property
    def ends(self) -> tuple[Preset | None, Preset | None]:
        """A and B of the crossfader."""
        with self._lock:
            known = {preset.identity: preset for preset in self.presets}
            return known.get(self._state.ends[0]), known.get(self._state.ends[1])

    def by_key(self, key: int) -> Preset | None:
        """The preset on a key."""
        return next((preset for preset in self.presets if preset.key == key), None)

    def named(self, identity: str) -> Preset | None:
        """The preset of this identity, or else of this name."""
        presets = self.presets
        return next((p for p in presets if p.identity == identity), None) or next((p for p in presets if p.name == identity), None)

    def beside(self, identity: str, by: int) -> Preset | None:
        """The next (1) or previous (-1) preset after the one of `identity`; after the last comes the first. None: there are none."""
        presets = [preset for preset in self.presets if not preset.problem]
        here = next((i for i, preset in enumerate(presets) if preset.identity == identity), -1 if by > 0 else 0)
        return presets[(here + by) % len(presets)] if presets else None

    # ---- changes

    def store(self, name: str, values: Mapping[str, Any], thumbnail: bytes = b"") -> Preset:
        """A new preset at the end of one's own, on the first free key."""
        with self._lock:
            presets = self.presets
            new = Preset(name.strip() or "preset", dict(values), thumbnail, file_name(name, [p.file for p in presets]), _free_key(presets))
            at = 1 + max((i for i, preset in enumerate(presets) if preset.file), default=-1)
            self._change((*presets[:at], new, *presets[at:]), f"store “{new.name}”")
            return new

    def overwrite(self, preset: Preset, values: Mapping[str, Any], thumbnail: bytes = b"") -> Preset:
        """Other values under the same name and key. Raises ValueError for a built-in one."""
        return self._replace(preset, replace(_own(preset), values=dict(values), thumbnail=thumbnail, problem=""), "overwrite")

    def rename(self, preset: Preset, name: str) -> Preset:
        """Another name, and another name of its file. Raises ValueError for a built-in one or an empty name."""
        if not name.strip():
            raise ValueError("a preset needs a name")
        taken = [other.file for other in self.presets if other.identity != preset.identity]
        return self._replace(preset, replace(_own(preset), name=name.strip(), file=file_name(name, taken)), "rename")

    def move(self, preset: Preset, to: int) -> None:
        """To the place `to`, counted without it."""
        with self._lock:
            others = [other for other in self.presets if other.identity != preset.identity]
            self._change((*others[:to], preset, *others[to:]), f"move “{preset.name}”")

    def delete(self, preset: Preset) -> None:
        """Remove it and its file. Raises ValueError for a built-in one."""
        with self._lock:
            _own(preset)
            self._change(tuple(other for other in self.presets if other.identity != preset.identity), f"delete “{preset.name}”")

    def assign(self, preset: Preset, key: int | None) -> None:
        """Put it on `key` (None: on no key); the preset that had the key takes the old one."""
        with self._lock:
            presets = self.presets
            before = next((other.key for other in presets if other.identity == preset.identity), None)
            changed = (replace(other, key=key) if other.identity == preset.identity else
                       replace(other, key=before) if other.key == key is not None else other for other in presets)
            self._change(tuple(changed), f"key of “{preset.name}”")

    def set_end(self, end: int, preset: Preset | None) -> None:
        """Make it A (0) or B (1) of the crossfader."""
        with self._lock:
            ends = list(self._state.ends)
            ends[end] = preset.identity if preset else ""
            self._change(self.presets, f"{'AB'[end]} of the crossfader", (ends[0], ends[1]))

    def add(self, presets: list[Preset], text: str) -> None:
        """Presets from elsewhere, after one's own; their keys where those are free."""
        with self._lock:
            now = self.presets
            taken, keys, new = [p.file for p in now], {p.key for p in now}, []
            for preset in presets:
                file = file_name(preset.name, taken)
                key = preset.key if preset.key not in keys else None
                taken, keys = [*taken, file], keys | {key}
                new.append(replace(preset, file=file, key=key))
            at = 1 + max((i for i, preset in enumerate(now) if preset.file), default=-1)
            self._change((*now[:at], *new, *now[at:]), text)

    # ---- undo

    def texts(self) -> tuple[str, str]:
        """What undo and redo would do, for people; "": nothing."""
        return self._done[-1][1] if self._done else "", self._undone[-1][1] if self._undone else ""

    def undo(self) -> str:
        """Take the last change back, files too; what it was, "" for nothing. Raises OSError."""
        return self._step(self._done, self._undone)

    def redo(self) -> str:
        """Make the change again that was taken back last. Raises OSError."""
        return self._step(self._undone, self._done)

    # ---- inside; all under the lock

    def _step(self, of: list[tuple[State, str]], to: list[tuple[State, str]]) -> str:
        with self._lock:
            self._refresh()
            if not of:
                return ""
            state, text = of[-1]
            before = self._state
            self._save(state)
            of.pop()
            to.append((before, text))
            return text

    def _replace(self, preset: Preset, other: Preset, what: str) -> Preset:
        with self._lock:
            ends = tuple(other.identity if end == preset.identity else end for end in self._state.ends)
            presets = tuple(other if known.identity == preset.identity else known for known in self.presets)
            self._change(presets, f"{what} “{preset.name}”", (ends[0], ends[1]))
            return other

    def _change(self, presets: tuple[Preset, ...], text: str, ends: tuple[str, str] | None = None) -> None:
        before, state = self._state, State(presets, ends or self._state.ends)
        if state != before:
            self._save(state)
            self._done = [*self._done[1 - STEPS:], (before, text)]
            self._undone.clear()

    def _save(self, state: State) -> None:
        """Bring the folder to `state`: first what is new, then the order, then what is to go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        before = {preset.file: replace(preset, key=None) for preset in self._state.presets if preset.file}
        after = {preset.file: replace(preset, key=None) for preset in state.presets if preset.file}
        try:
            for file, preset in after.items():
                if before.get(file) != preset and not preset.problem:
                    write(self.folder, preset)
            self._write_order(state)
            for file in before.keys() - after.keys():
                if file.lower() not in {name.lower() for name in after}:  # else it is the same file, where case does not count
                    (self.folder / file).unlink(missing_ok=True)
        finally:
            self._seen = None
            self.version += 1
        self._state = state

    def _write_order(self, state: State) -> None:
        data = {"version": VERSION, "order": [p.identity for p in state.presets],
                "keys": {str(p.key): p.identity for p in sorted(state.presets, key=lambda p: p.key or 0) if p.key},
                "crossfader": list(state.ends)}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / FILE, json.dumps(data, indent=1, ensure_ascii=False) + "\n")

    def _refresh(self) -> None:
        """Read the folder again if something has changed there."""
        files = {path.name: path for path in self.folder.glob("*.json") if not path.name.startswith(".")} if self.folder.is_dir() else {}
        stamps = {name: _stamp(path) for name, path in files.items()}
        seen = tuple(sorted(stamps.items()))
        if seen == self._seen:
            return
        presets = {name: self._preset(files[name], stamps[name]) for name in files} | {preset.name: preset for preset in BUILT_IN}
        order, keys, known, ends = self._order()
        own = [name for name in sorted(files, key=lambda name: natural_key(Path(name))) if name not in order]
        at = 1 + max((i for i, name in enumerate(order) if name in files), default=-1)
        names = [*order[:at], *own, *order[at:], *(preset.name for preset in BUILT_IN if preset.name not in order)]
        key_of = {name: key for key, name in keys.items()}
        found = [replace(presets[name], key=key_of.get(name)) for name in names if name in presets]
        for i, preset in enumerate(found):  # a new one gets the first free key
            if preset.file and preset.identity not in known:
                found[i] = replace(preset, key=_free_key(found))
        self._state, self._seen = State(tuple(found), ends), seen
        self.version += 1
        if {preset.identity for preset in found} - known:
            try:
                self._write_order(self._state)
            except OSError as error:
                log.warning("the order of the presets is not stored: %s", error)

    def _preset(self, path: Path, stamp: tuple) -> Preset:
        known = self._read.get(path.name)
        if known is None or known[0] != stamp:
            try:
                preset = read(path)
            except (OSError, ValueError) as error:
                preset = Preset(path.stem, file=path.name, problem=str(error))
            self._read[path.name] = known = stamp, preset
        return known[1]

    def _order(self) -> tuple[list[str], dict[int, str], set[str], tuple[str, str]]:
        """Order, keys, which presets had their chance to get a key, ends; as `.bank.json` or `.keys.json` says."""
        path = next((self.folder / name for name in (FILE, OLD_FILE) if (self.folder / name).exists()), None)
        if path is None:
            return [], {}, set(), ("", "")
        try:
            data = parse_json(path.read_text(encoding="utf-8"))
            keys = {int(key): str(name) for key, name in data["keys"].items() if int(key) in KEYS}
            order = [str(name) for name in data.get("order", [])]
            ends = [*(str(name) for name in data.get("crossfader", [])), "", ""]
            known = {str(name) for name in data.get("known", order)}
            return list(dict.fromkeys(order)), keys, known, (ends[0], ends[1])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s: not used (%s)", path, error)
            return [], {}, set(), ("", "")


def _own(preset: Preset) -> Preset:
    if not preset.file:
        raise ValueError(f"“{preset.name}” is built in: store it under another name")
    return preset


def _free_key(presets) -> int | None:
    taken = {preset.key for preset in presets}
    return next((key for key in KEYS if key not in taken), None)


def _stamp(path: Path) -> tuple:
    try:
        stat = path.stat()
    except OSError:  # it went while we looked
        return (0, 0)
    return stat.st_mtime_ns, stat.st_size
