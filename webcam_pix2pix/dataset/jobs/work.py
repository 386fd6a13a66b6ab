"""Work: tasks over several processes. A journal records what is done, so that a stopped or killed job can be resumed.

A finished image lies under its own name in the job's work folder; a finished task has its line in the journal. Both appear whole
or not at all, and neither depends on which process made it, so a resumed job ends exactly like one that was never stopped.
"""

import hashlib
import json
import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import cv2

from msa.files import format_error

from .job import JOURNAL
from .tasks import Clip, Cut, Failure, SourceImage, Task

log = logging.getLogger(__name__)

CHUNK = 16  # images that a process takes at once
Entry = dict[str, Any]  # of the journal: an image ("staged"), a scene change ("cut") or what could not be used ("skipped")
Progress = Callable[[int, int], None]  # images done, images in all


class Stopped(Exception):
    """The job was stopped on request; what is done is kept."""


class Maker(Protocol):
    """Turns one image into files: pairs of (bytes, what to note). Picklable. Raises ValueError for an image it cannot use."""

    @property
    def suffix(self) -> str: ...  # of the files, such as ".png"

    def __call__(self, source_image: SourceImage, key: str) -> Iterable[tuple[bytes, Entry]]: ...


class Journal:
    """One line per finished task. Kept on disk; in memory only the place of each line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        self._places: dict[str, int] = {}
        self._last: tuple[str, list[Entry]] = ("", [])  # read in order, one task's line serves many times
        self._file.seek(0)
        whole = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break  # killed while it was being written
            self._places[json.loads(line)["task"]] = whole
            whole += len(line)
        self._file.truncate(whole)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, key: str) -> list[Entry]:
        if self._last[0] != key:
            self._file.seek(self._places[key])
            self._last = key, json.loads(self._file.readline())["entries"]
        return self._last[1]

    def append(self, key: str, entries: list[Entry]) -> None:
        self._last = ("", [])  # it may have been of this task, which is done anew
        self._places[key] = self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps({"task": key, "entries": entries}).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def default_workers() -> int:
    """The processor cores this process may use, at most 16."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(16, cores)


def run(tasks: Sequence[Task], maker: Maker, folder: Path, workers: int, progress: Progress | None = None,
        stop: Callable[[], bool] | None = None) -> Journal:
    """Do what is not done yet; `folder` holds the journal and the images (in pictures/). The caller closes the journal.

    Raises Stopped when `stop` says so, OSError when a file cannot be written. Nothing that is done gets lost by that.
    """
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / JOURNAL)
    todo = [task for task in tasks if task.key not in journal]
    total = sum(task.weight for task in tasks)
    done = total - sum(task.weight for task in todo)
    try:
        if progress is not None:
            progress(done, total)
        for finished in spread(partial(_work, maker, folder / "pictures"), list(_chunks(todo)), workers):
            for key, weight, entries in finished:
                journal.append(key, entries)
                done += weight
            if progress is not None:
                progress(done, total)
            if stop is not None and stop():
                raise Stopped(f"stopped at {done} of {total}")
    except BaseException:
        journal.close()
        raise
    return journal


def _chunks(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    for task in tasks:
        chunk.append(task)
        if sum(t.weight for t in chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def spread(function: Callable[[Any], Any], chunks: Sequence[Any], workers: int) -> Iterator[Any]:
    """`function` of each of `chunks`, in order, done by `workers` processes; few are under way at a time, so that memory stays flat.

    Raises OSError when a process dies.
    """
    if workers <= 1 or len(chunks) <= 1:
        yield from map(function, chunks)
        return
    context = multiprocessing.get_context("spawn")  # the same everywhere, and safe beside threads and Qt
    pool = ProcessPoolExecutor(min(workers, len(chunks)), context, _start_worker)
    waiting: deque = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(function, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise OSError("a worker process died, perhaps because memory ran out; try fewer --workers") from None
    finally:
        pool.shutdown(cancel_futures=True)


def save(folder: Path, name: str, data: bytes, noted: Entry) -> Entry:
    """Write an image whole or not at all; returns its entry for the journal."""
    unfinished = folder / f".{name}.{os.getpid()}"
    unfinished.write_bytes(data)
    unfinished.replace(folder / name)
    return {"staged": name, "sha256": hashlib.sha256(data).hexdigest(), **noted}


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    cv2.setNumThreads(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # codecs complain there about files that are reported as skipped
    parent = multiprocessing.parent_process()
    if parent is not None:  # a killed parent must not leave us waiting for work for ever
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent) -> None:
    parent.join()
    os._exit(1)


def _work(maker: Maker, folder: Path, chunk: list[Task]) -> list[tuple[str, int, list[Entry]]]:
    return [(task.key, task.weight, _entries(maker, task, folder)) for task in chunk]


def _entries(maker: Maker, task: Task, folder: Path) -> list[Entry]:
    """Everything one task gives. What cannot be used is noted; what cannot be written raises OSError."""
    stem = hashlib.blake2b(task.key.encode(), digest_size=10).hexdigest()
    entries: list[Entry] = []
    source_images = task.source_images()
    while True:
        try:
            item = next(source_images, None)
            made = list(maker(item, f"{task.key}:{len(entries)}")) if isinstance(item, SourceImage) else []
        except Exception as error:
            if not isinstance(error, OSError | ValueError):
                log.exception("%s", task.key)
            source = task.film if isinstance(task, Clip) else task.key
            reason = format_error(error)
            return [*entries, {"skipped": reason if source in reason else f"{source}: {reason}", "source": task.key}]
        if item is None:
            return entries
        if isinstance(item, Cut):
            entries.append({"cut": item.time})
        elif isinstance(item, Failure):
            entries.append({"skipped": item.reason, **item.note})
        for data, noted in made:
            entries.append(save(folder, f"{stem}-{len(entries)}{maker.suffix}", data, noted))
