"""Tasks: one for each file or piece of video. Each opens its own images, in any process."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from msa.images import GROUND, decode

from ..footage.film import Film
from ..footage.index import Moment, Order

SMALLEST = 16  # pixels: a smaller image is a mistake


@dataclass(frozen=True)
class SourceImage:
    """One image to make a pair of. Images: HxWx3 RGB uint8."""

    photo: np.ndarray
    given: np.ndarray | None = None  # an input that exists already
    note: dict[str, Any] = field(default_factory=dict)  # where it comes from, for the manifest


@dataclass(frozen=True)
class Failure:
    """A frame of a film that could not be decoded."""

    note: dict[str, Any]
    reason: str


@dataclass(frozen=True)
class Cut:
    """A new scene begins."""

    time: float  # seconds


class Task(Protocol):
    """Small, picklable, and named: `key` is the same in every run of the same job."""

    @property
    def key(self) -> str: ...
    @property
    def weight(self) -> int: ...  # images it will give, for the progress
    def source_images(self) -> Iterator[SourceImage | Failure | Cut]: ...  # raises OSError or ValueError when there is nothing to be had


@dataclass(frozen=True)
class Photo:
    """An image file."""

    key: str  # as the user would name it
    path: str
    film: str | None = None  # the film it was taken from, its scene and time, where `frames` has noted them
    scene: int | None = None
    time: float | None = None
    ground: tuple[int, int, int] = GROUND  # behind transparent images
    weight = 1

    def source_images(self) -> Iterator[SourceImage]:
        image, note = _read(self.path, self.key, self.ground)
        origin = {"film": self.film, "scene": self.scene, "time": self.time} if self.film is not None else {}
        yield SourceImage(image, note={"source": self.key, **note, **origin})


@dataclass(frozen=True)
class Couple:
    """An input and a photograph in two files."""

    key: str
    path_a: str
    path_b: str
    name_b: str
    split: str | None = None
    ground: tuple[int, int, int] = GROUND
    weight = 1

    def source_images(self) -> Iterator[SourceImage]:
        (a, note), (b, of_b) = _read(self.path_a, self.key, self.ground), _read(self.path_b, self.name_b, self.ground)
        note = {"source": self.key, "source_b": self.name_b, "source_b_sha256": of_b.pop("source_sha256"), **of_b, **note}
        yield SourceImage(b, a, note | ({"given_split": self.split} if self.split else {}))


@dataclass(frozen=True)
class SideBySide:
    """A pair as others have made it: left half A, right half B."""

    key: str
    path: str
    split: str | None = None
    ground: tuple[int, int, int] = GROUND
    weight = 1

    def source_images(self) -> Iterator[SourceImage]:
        image, note = _read(self.path, self.key, self.ground)
        half = image.shape[1] // 2
        note = {"source": self.key, **note} | ({"given_split": self.split} if self.split else {})
        yield SourceImage(image[:, half:2 * half], image[:, :half], note)


@dataclass(frozen=True)
class Clip:
    """Some frames of a film."""

    film: str  # as the user would name it
    path: str
    moments: tuple[Moment, ...]
    until: int | None  # the first frame of the next clip: whether a scene changes before it
    seconds: float  # one unit of the stamps
    order: Order | None = None  # of films that are read by number

    @property
    def key(self) -> str:
        return f"{self.film}#{self.moments[0].stamp}-{self.moments[-1].stamp}"

    @property
    def weight(self) -> int:
        return len(self.moments)

    def source_images(self) -> Iterator[SourceImage | Failure | Cut]:
        film = Film(self.path)
        try:
            for stamp, frame, cut in film.frames(self.moments, self.until, self.order):
                time = round(stamp * self.seconds, 6)
                note = {"source": self.film, "film": self.film, "stamp": stamp, "time": time}
                if cut:
                    yield Cut(time)
                elif frame is None:
                    yield Failure(note, f"{self.film} at {time:.3f} s: cannot be decoded")
                else:
                    yield SourceImage(film.image(frame), note=note)
        finally:
            film.close()


def _read(path: str, name: str, ground: tuple[int, int, int]) -> tuple[np.ndarray, dict[str, Any]]:
    """An image, and what to note of its file."""
    data = Path(path).read_bytes()
    decoded = decode(data, name, ground)
    image = decoded.pixels
    if min(image.shape[:2]) < SMALLEST:
        raise ValueError(f"{name}: {image.shape[1]}x{image.shape[0]} pixels, expected at least {SMALLEST} each way")
    return image, {"source_sha256": hashlib.sha256(data).hexdigest()} | ({"remark": decoded.remark} if decoded.remark else {})
