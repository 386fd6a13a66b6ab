"""KeyMap: which keys trigger which action: the usual ones, and what the user has made of them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msa.files import parse_json, write_atomic

RESERVED = {"Esc": "leaves what has the keys", "Tab": "goes from control to control", "Shift+Tab": "goes from control to control"}
MOST = 4  # keys of one action


class KeyMap:
    """usual: action -> its keys, as Qt writes them ("Ctrl+R"). Only what differs is stored, so that new actions come with their keys."""

    def __init__(self, usual: Mapping[str, Iterable[str]], path: Path) -> None:
        self.usual = {name: tuple(keys) for name, keys in usual.items()}
        self._path = path
        self._own: dict[str, tuple[str, ...]] = {}

    def read(self) -> None:
        """Read what is stored. Raises OSError, or ValueError naming the file; nothing has changed then."""
        try:
            data = parse_json(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"{self._path}: no keys, expected JSON ({error})") from None
        own: Any = data.get("keys") if isinstance(data, dict) else None
        if not isinstance(own, dict) or not all(isinstance(keys, list) and len(keys) <= MOST and all(isinstance(key, str) for key in keys)
                                                for keys in own.values()):
            raise ValueError(f'{self._path}: no keys, expected an object "keys" of lists')
        self._own = {name: tuple(keys) for name, keys in own.items() if name in self.usual}

    def write(self) -> None:
        """Store what differs from the usual keys. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        data = {"version": 1, "keys": {name: list(keys) for name, keys in sorted(self._own.items())}}
        write_atomic(self._path, json.dumps(data, indent=1) + "\n")

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of an action."""
        return self._own.get(name, self.usual[name])

    def is_changed(self, name: str) -> bool:
        """Whether its keys are not the usual ones."""
        return name in self._own

    def owner(self, key: str, but: str = "") -> str | None:
        """The action that `key` triggers, other than `but`; None: it is free."""
        return next((name for name in self.usual if name != but and key in self.keys(name)), None)

    def assign(self, name: str, keys: Iterable[str]) -> list[str]:
        """Give the action these keys; they are taken from others, whose names are returned. Raises ValueError for a key that cannot be."""
        keys = tuple(dict.fromkeys(key for key in keys if key))
        if reserved := [key for key in keys if key in RESERVED]:
            raise ValueError(f"{reserved[0]} {RESERVED[reserved[0]]}, choose another key")
        if len(keys) > MOST:
            raise ValueError(f"{len(keys)} keys, expected {MOST} at most")
        robbed = [other for other in self.usual if other != name and set(keys) & set(self.keys(other))]
        for other in robbed:
            self._set(other, tuple(key for key in self.keys(other) if key not in keys))
        self._set(name, keys)
        return robbed

    def reset(self, name: str | None = None) -> None:
        """Back to the usual keys: of one action, which others then lose, or of all."""
        if name is None:
            self._own.clear()
        else:
            self.assign(name, self.usual[name])

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        if keys == self.usual[name]:
            self._own.pop(name, None)
        else:
            self._own[name] = keys
