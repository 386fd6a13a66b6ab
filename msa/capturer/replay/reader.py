"""Replay: a replay file, read. Nothing in it is believed: sizes and kinds are checked, and nothing in it can run."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import parse_json
from msa.images import decode_image

from .filmframes import FilmFrames
from .recordfile import END, EVENT, FRAME, HEADER, IMAGE, MAGIC, content_at, records

MOST = 10_000_000  # moments, events
LONGEST_PAUSE_S = 60.0  # between two moments; of a longer one the rest is left out


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of the performance.

    seconds: since the first one. time: of the clock of then. values: what changed with it; air: what then ran, where that changed.
    Its image lies in the file at `place`, or in the film number `film` at `at` seconds; neither: it is that of the moment before.
    """

    seconds: float
    time: float
    values: dict[str, Any] = field(default_factory=dict)
    air: dict[str, Any] | None = None
    place: int = 0
    film: int = -1
    at: float = 0.0


class Replay:
    """Moments and events of a replay file, and their images.

    Attributes:
        header: what was recorded, by which program.
        moments: in order. events: dicts with "t", the seconds of the performance.
        whole: False when it was not closed, as after a crash.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises OSError or ValueError with one line naming the file when it is none, or has no moment in it."""
        self.path = Path(path)
        try:
            self._file = self.path.open("rb")
        except OSError as error:
            raise OSError(f"{path}: {error.strerror or error}") from None
        self.header: dict[str, Any] = {}
        self.moments: list[Moment] = []
        self.events: list[dict[str, Any]] = []
        self.films: list[tuple[str, int]] = []  # path, bytes
        self.whole = False
        self._film: tuple[int, FilmFrames] | None = None
        self._kept: tuple[int, np.ndarray] | None = None
        try:
            if self._file.read(len(MAGIC)) != MAGIC:
                raise ValueError("not a replay of this program")
            self._read()
            if not self.moments or (self.moments[0].film < 0 and not self.moments[0].place):
                raise ValueError("there is no image in this replay")
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            self.close()
            what = str(error) if type(error) is ValueError else f"damaged ({type(error).__name__})"
            raise ValueError(f"{path}: {what}") from None

    @property
    def seconds(self) -> float:
        """Length of the performance."""
        return self.moments[-1].seconds

    @property
    def fps(self) -> float:
        """Frames per second of its source, as that said; 1 to 240."""
        fps = self.header.get("fps")
        return float(fps) if isinstance(fps, int | float) and 1 <= fps <= 240 else 30.0

    def image(self, number: int) -> np.ndarray:
        """The image of a moment: HxWx3 RGB uint8, read-only. Raises OSError or ValueError with one line."""
        while number and self.moments[number].place == 0 and self.moments[number].film < 0:
            number -= 1
        if self._kept is None or self._kept[0] != number:
            moment = self.moments[number]
            image = self._of_film(moment) if moment.film >= 0 else self._stored(moment)
            image.flags.writeable = False
            self._kept = number, image
        return self._kept[1]

    def close(self) -> None:
        self._file.close()
        if self._film is not None:
            self._film[1].close()
            self._film = None

    def _stored(self, moment: Moment) -> np.ndarray:
        name = f"{self.path} at {moment.seconds:.2f} s"
        try:
            return decode_image(content_at(self._file, moment.place), name)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def _of_film(self, moment: Moment) -> np.ndarray:
        if self._film is None or self._film[0] != moment.film:
            if self._film is not None:
                self._film[1].close()
            self._film = None
            self._film = moment.film, FilmFrames(self.path, *self.films[moment.film])
        return self._film[1].at(moment.at)

    def _read(self) -> None:
        waiting: tuple[dict[str, Any], float] | None = None  # a moment whose image follows it
        for kind, place, data in records(self._file):
            if kind == IMAGE:
                if waiting is not None:
                    self._add(*waiting, place=place)
                waiting = None
                continue
            if kind == END:
                self.whole = True
                break
            record = _object(data)
            if kind == HEADER:
                self.header = self.header or record
            elif kind == EVENT:
                self.events.append(record | {"t": _number(record["t"]) - self._start(record)})
            elif kind == FRAME and "name" in record:
                self.films.append((str(record["film"]), int(record["bytes"])))
            elif kind == FRAME and record.get("image") == "next":
                waiting = record, _number(record["t"])
            elif kind == FRAME:
                self._add(record, _number(record["t"]))
            if max(len(self.moments), len(self.events), len(self.films)) > MOST:
                raise ValueError(f"more than {MOST} entries, too large to open")
        self.events.sort(key=lambda event: event["t"])

    def _start(self, record: dict[str, Any]) -> float:
        return self.moments[0].time if self.moments else _number(record["t"])

    def _add(self, record: dict[str, Any], time: float, place: int = 0) -> None:
        seconds = 0.0
        if self.moments:
            before = self.moments[-1]
            seconds = before.seconds + min(max(time - before.time, 0.0), LONGEST_PAUSE_S)
        values, air, film, at = record.get("set", {}), record.get("air"), -1, 0.0
        if isinstance(record.get("image"), list):
            film, at = int(record["image"][0]), _number(record["image"][1])
            if not 0 <= film < len(self.films):
                raise ValueError(f"film {film} is not named in it")
        if not isinstance(values, dict) or not isinstance(air, dict | None):
            raise ValueError("damaged (settings)")
        self.moments.append(Moment(seconds, time, values, air, place, film, at))


def is_replay(path: Path) -> bool:
    """Whether the file begins as a replay does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _object(data: bytes) -> dict[str, Any]:
    try:
        record = parse_json(data)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError("damaged (a record is no JSON)") from None
    if not isinstance(record, dict):
        raise ValueError("damaged (a record is no object)")
    return record


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e12:
        raise ValueError(f"damaged ({value!r:.40} is no time)")
    return float(value)
