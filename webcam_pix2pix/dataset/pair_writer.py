"""PairWriter: a sink that turns live frames into a dataset, by the same code as `prepare`, on a thread of its own."""

import logging
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import format_error
from msa.heartbeats import Heartbeat
from msa.images import decode_image
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.recipe import Recipe

from .jobs.job import JOURNAL, JobFolder
from .jobs.tasks import SourceImage
from .jobs.work import Entry, Journal, save
from .manifest import PAIRS, read_manifest, versions, write_manifest
from .pairs.choice import public
from .pairs.makers import PairMaker
from .pairs.measures import input_statistics
from .pairs.split import PHASES, assign
from .prepare import SPLIT

log = logging.getLogger(__name__)

STILL_S = 5.0
QUEUE = 32  # frames that wait; a slower disk refuses the rest instead of holding up the show
SHOWN = 6  # last pairs kept for showing


class _TakeBack:
    """In the queue of frames: the last pair before it is to go."""


class PairWriter:
    """Records pairs into `folder` until close(), which splits them (each session in order) and writes the manifest.

    What was recorded is safe from the first moment: a session that was killed is taken in by the next one in the same folder.

    Attributes:
        count: pairs recorded in this session.
        refused: frames that came faster than they could be written.
        error: one line when it cannot go on, else None.
        last: the newest pairs as they are stored (HxWx3 RGB uint8).
    """

    def __init__(self, folder: Path, recipe: Recipe | None = None, size: tuple[int, int] = (256, 256), rate: float = 2.0,
                 limit: int | None = None, image_format: str = "png", side: str = "input-left", session: str | None = None) -> None:
        """
        folder: new, or one that was recorded with the same recipe and size.
        recipe: how inputs are made from the captured image; None takes what the network was shown.
        size: (height, width) of one half. rate: pairs per second, 0 takes every frame. limit: stop after so many.
        Raises ValueError or OSError with one line when the folder cannot take them.
        """
        self.folder, self.rate, self.limit = folder, rate, limit
        self.count, self.refused = 0, 0
        self.error: str | None = None
        self.last: deque[np.ndarray] = deque(maxlen=SHOWN)
        self.session = session or time.strftime("live %Y-%m-%d %H:%M:%S")
        self._maker = PairMaker(recipe, size, side=side, image_format=image_format)
        stored = None if recipe is None else replace(recipe, statistics={}).to_json()
        description = {"recorded": stored, "size": list(size), "side": side, "image_format": image_format}
        self._before = read_manifest(folder)
        if self._before is not None and self._before.get("job") != description:
            raise ValueError(f"{folder}: holds pairs that were made otherwise, with other settings; choose a new folder")
        self._place = JobFolder(folder, description, adds=self._before is not None)
        self._header = {"format": PAIRS, "version": 1, "versions": versions(), "stores": "pairs", "side": side,
                        "direction": "AtoB" if side == "input-left" else "BtoA", "size": list(size), "recipe": stored, "job": description}
        (self._place.work / "pictures").mkdir(exist_ok=True)
        self._journal = Journal(self._place.work / JOURNAL)
        self._next = float("-inf")  # capture time from which the next frame is due
        self._taken = 0
        self._queue: queue.Queue[Frame | _TakeBack | None] = queue.Queue(QUEUE)
        self._written: list[str] = []  # journal keys of this session, in order
        self._closed = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="pair writer", daemon=True)
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Take a frame if one is due. Never waits."""
        if frame.processed is None or self.error or frame.time < self._next or (self.limit is not None and self._taken >= self.limit):
            return
        try:
            self._queue.put_nowait(frame)
        except queue.Full:
            self.refused += 1
            return
        self._taken += 1
        if self.rate:
            behind = self._next == float("-inf") or frame.time - self._next > 1 / self.rate
            self._next = (frame.time if behind else self._next) + 1 / self.rate

    def take_back(self) -> None:
        """Throw the last pair of this session away. Never waits; does nothing when there is none."""
        try:
            self._queue.put_nowait(_TakeBack())
        except queue.Full:
            return
        self._taken = max(0, self._taken - 1)

    def close(self) -> None:
        """Write what waits, then finish the dataset. Raises OSError when that fails; what is recorded stays for the next session."""
        if not self._closed.acquire(blocking=False):
            return
        self._queue.put(None)
        self._thread.join()
        try:
            if self._finish():
                self._place.finish()
            else:
                self._journal.close()
                self._place.discard()
        finally:
            self._journal.close()

    def _run(self) -> None:
        heart = Heartbeat("collecting pairs", STILL_S, "pairs are left out; the show goes on")
        while (item := self._queue.get()) is not None:
            if self.error is None:
                try:
                    with heart:
                        if isinstance(item, _TakeBack):
                            self._remove_last()
                        else:
                            self._write(item)
                except Exception as error:
                    log.exception("recording pairs")
                    self.error = f"{self.folder}: {format_error(error)}"

    def _write(self, frame: Frame) -> None:
        key = f"{self.session}#{frame.index}"
        source_image = SourceImage(frame.captured, frame.processed if self._maker.recipe is None else None,
                          {"source": key, "time": round(frame.time, 6)})
        for data, noted in self._maker(source_image, key):
            entry = save(self._place.work / "pictures", f"{re.sub('[^0-9A-Za-z]+', '-', key)}{self._maker.suffix}", data, noted)
            self._journal.append(key, [entry])
            self._written.append(key)
            self.last.append(decode_image(data, key))
            self.count += 1

    def _remove_last(self) -> None:
        if not self._written:
            return
        key = self._written.pop()
        staged = self._place.work / "pictures" / self._journal[key][0]["staged"]
        self._journal.append(key, [])  # first: a kill in between leaves an image that nobody asks for
        staged.unlink(missing_ok=True)
        if self.last:
            self.last.pop()
        self.count -= 1

    def _finish(self) -> int:
        """Move what the journal holds into the dataset; returns how many pairs that has now. Doing it twice does no harm."""
        old = list((self._before or {}).get("pairs", []))
        known = {row["source"] for row in old}
        keys = [key for key in self._journal if key not in known and self._journal[key]]
        if not keys and not old:
            return 0
        for phase in PHASES:
            (self.folder / phase).mkdir(exist_ok=True)
        rows = old + list(self._moved(keys, assign(range(len(keys)), SPLIT, 0, in_order=True), len(old)))
        counts = {phase: sum(row["file"].startswith(phase) for row in rows) for phase in PHASES}
        recipe = self._maker.recipe
        if recipe is not None:
            trained = input_statistics(row for row in rows if row["file"].startswith("train"))
            self._header["recipe"] = replace(recipe, statistics=trained).to_json()
        header = self._header | {"split": {"rule": "order", "seed": 0, "counts": counts}}
        empty: dict[str, list[Any]] = {"cuts": [], "skipped": [], "left_out": [], "unmatched": []}
        write_manifest(self.folder, header, {"pairs": rows} | empty)
        return len(rows)

    def _moved(self, keys: list[str], phases: list[str], first: int) -> Iterator[Entry]:
        for number, (key, phase) in enumerate(zip(keys, phases, strict=True), first):
            entry = self._journal[key][0]
            staged = self._place.work / "pictures" / entry["staged"]
            name = f"{phase}/{number:06d}_live{staged.suffix}"
            if staged.exists():
                staged.replace(self.folder / name)
            yield {"file": name} | public(entry)
