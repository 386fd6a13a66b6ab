"""Which images to keep, the scene of each, and their names."""

import re
from collections.abc import Iterator, Sequence

from ..footage.film import scene_at, scene_starts
from ..jobs.tasks import Clip, Task
from ..jobs.work import Entry, Journal
from .measures import change

INTERNAL = ("staged", "signature", "given_split")  # of an entry: of no use once the job is finished


class Choice:
    """A walk over the journal in the order of the tasks; nothing but places is kept in memory.

    Attributes:
        skipped: what could not be used, with the reason as "skipped".
        left_out: what was left out on request, likewise.
        cuts: the times of the scene changes of each film, in seconds.
    """

    def __init__(self, tasks: Sequence[Task], journal: Journal, min_change: float, sharp: float) -> None:
        """
        min_change: an image that differs less from the last one kept of the same film or folder is left out; grey levels, 0 keeps all.
        sharp: one that is less sharp than this share of the median of all is left out; 0 keeps all.
        """
        self._tasks, self._journal = tasks, journal
        self.skipped: list[Entry] = []
        self.left_out: list[Entry] = []
        self.cuts: dict[str, list[float]] = {}
        self._kept = self._choose(min_change, self._floor(sharp))

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[tuple[int, Entry]]:
        """(number of the task, entry) of each image that is kept. Frames of films have their "scene" in it."""
        for task, place in self._kept:
            entry = dict(self._journal[self._tasks[task].key][place])
            starts = self.cuts.get(entry["source"])
            yield task, entry if starts is None else entry | {"scene": scene_at(starts, entry["time"])}

    def _floor(self, sharp: float) -> float:
        if not sharp:
            return 0.0
        values = sorted(e["sharpness"] for task in self._tasks for e in self._journal[task.key] if "staged" in e)
        return sharp * values[len(values) // 2] if values else 0.0

    def _choose(self, min_change: float, floor: float) -> list[tuple[int, int]]:
        chosen = []
        last: dict[tuple[str, str], str] = {}  # signature of the last one kept of each strand
        for number, task in enumerate(self._tasks):
            if isinstance(task, Clip):
                self.cuts.setdefault(task.film, [])
            for place, entry in enumerate(self._journal[task.key]):
                if "cut" in entry and isinstance(task, Clip):
                    self.cuts[task.film].append(entry["cut"])
                elif "skipped" in entry:
                    self.skipped.append(entry)
                elif floor and entry["sharpness"] < floor:
                    self._leave_out(entry, f"blurred: sharpness {entry['sharpness']:g}, less than {floor:.1f}")
                else:
                    strand = source_of(entry), str(entry.get("window", entry.get("crop")))
                    if min_change and strand in last and change(last[strand], entry["signature"]) < min_change:
                        self._leave_out(entry, "hardly differs from the one before")
                        continue
                    last[strand] = entry.get("signature", "")
                    chosen.append((number, place))
        self.cuts = {film: scene_starts(times) for film, times in self.cuts.items()}
        return chosen

    def _leave_out(self, entry: Entry, reason: str) -> None:
        self.left_out.append({"skipped": reason} | {key: entry[key] for key in ("source", "time", "window", "crop") if key in entry})


def source_of(entry: Entry) -> str:
    """The film of a frame, the folder of an image."""
    return entry["film"] if "film" in entry else entry["source"].rpartition("/")[0]


def public(entry: Entry) -> Entry:
    """What of an entry belongs into a manifest."""
    return {key: value for key, value in entry.items() if key not in INTERNAL}


def slug(source: str) -> str:
    """The bare name of a file, made of letters that every program takes in a file name."""
    name = source.rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name.rpartition(".")[0] or name)[:80].strip("-.") or "picture"
