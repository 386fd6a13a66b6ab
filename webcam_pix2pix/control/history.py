"""History: the steps that can be undone, as plain values."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STEPS = 200  # kept
MERGE_S = 1.0  # steps of one key closer together than this are one: a drag is one


@dataclass
class Step:
    """before, after: values by dotted name. key: what steps that may be merged have in common; empty: never merged."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    text: str  # for people: "Undo ..."
    key: tuple[str, ...] = ()
    time: float = 0.0  # time.monotonic() of the last change in it


class History:
    """Steps done and steps undone. It changes no settings: undo() and redo() give the values to go to. Used under the lock of the desk."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """A step has been made; those that were undone are gone."""
        step.time = time.monotonic()
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if last is not None and step.key and step.key == last.key and step.time - last.time <= MERGE_S:
            self._done[-1] = Step({**step.before, **last.before}, {**last.after, **step.after}, step.text, step.key, step.time)
            if self._done[-1].before == self._done[-1].after:  # all the way back: there is nothing to undo
                self._done = self._done[:-1]
        else:
            self._done = [*self._done[1 - STEPS:], step]

    def undo(self) -> Mapping[str, Any] | None:
        """The values before the last step; None without one."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1].before

    def redo(self) -> Mapping[str, Any] | None:
        """The values after the step that was undone last; None without one."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1].after

    def count(self) -> int:
        """Steps, undone ones included."""
        return len(self._done) + len(self._undone)

    def texts(self) -> tuple[str | None, str | None]:
        """What undo and redo would do, for people; None: nothing."""
        return self._done[-1].text if self._done else None, self._undone[-1].text if self._undone else None

    def clear(self) -> None:
        """Forget everything."""
        self._done, self._undone = [], []
