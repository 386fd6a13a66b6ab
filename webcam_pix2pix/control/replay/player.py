"""ReplayPlayer: while a replay is the source of the show, its settings change as they changed in the performance."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from msa.capturer import Captured
from msa.capturer.replay import is_replay
from webcam_pix2pix.settings import Settings

from .performance import Performance, playable


class ReplayPlayer:
    """A hook of the engine. correct(values) sets settings by dotted name, without a step of undo; device_id() is the source in use.

    kept: names of settings that stay as they are. failed(text): told what cannot be played, in one line.
    """

    def __init__(self, device_id: Callable[[], str], correct: Callable[[Mapping[str, Any]], object], failed: Callable[[str], object],
                 kept: Collection[str] = ()) -> None:
        self.kept = kept
        self._device_id, self._correct, self._failed = device_id, correct, failed
        self._source = ""
        self._changes: tuple[list[float], list[dict[str, Any]]] = [], []  # seconds, and the values that changed then
        self._done = 0  # changes that were made

    def __call__(self, captured: Captured, settings: Settings) -> Settings:
        source = self._device_id()
        if source != self._source:
            self._source = source
            self._changes, self._done = ([], []), 0
            if is_replay(path := Path(source).expanduser()):
                threading.Thread(target=self._read, args=(source, path), name="replay player", daemon=True).start()
        times, changes = self._changes
        if captured.place is None or not times:
            return settings
        due = bisect_right(times, captured.place + 1e-6)
        if due == self._done:
            return settings
        begin = self._done if due > self._done else 0  # sent back: everything up to here counts again
        values: dict[str, Any] = {}
        for change in changes[begin:due]:
            values |= change
        self._done = due
        values = playable(settings, values, self.kept)
        if not values:
            return settings
        changed = settings.with_values(values)
        self._correct(values)
        return changed

    def _read(self, source: str, path: Path) -> None:
        """On a thread: a long performance takes a while."""
        try:
            performance = Performance(path)
        except (OSError, ValueError) as error:
            self._failed(str(error))
            return
        changed = [moment for moment in performance.replay.moments if moment.values]
        performance.close()
        if source == self._source:
            self._changes = [moment.seconds for moment in changed], [moment.values for moment in changed]
