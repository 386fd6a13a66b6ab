"""frames: films -> numbered images, with the exact time of each and the scene it belongs to."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from msa.content import listed_as

from .footage.download import download, is_url
from .footage.film import Film
from .footage.index import Index
from .footage.selection import OutsideFilm, Selection
from .jobs.job import JobFolder, clear_finished
from .jobs.tasks import Clip
from .jobs.work import Entry, Progress, default_workers, run
from .manifest import FRAMES, read_manifest, versions, write_manifest
from .pairs.choice import Choice, public, slug
from .pairs.files import list_files
from .pairs.inputs import pieces
from .pairs.makers import FrameMaker


@dataclass(frozen=True)
class FramesJob:
    """Everything the images depend on."""

    films: tuple[str, ...]  # files, folders with films, http addresses
    selection: Selection = field(default_factory=lambda: Selection(fps=2.0))
    crop: str = "none"  # makers.CROPS
    size: tuple[int, int] | None = None  # height, width; (n, 0): the shorter side becomes n; None: as it is
    contrast: float = 1.0
    gamma: float = 1.0
    image_format: str = "png"
    min_change: float = 0.0  # grey levels; 0 keeps all
    sharp: float = 0.0  # share of the median sharpness; 0 keeps all

    def options(self) -> dict[str, Any]:
        """All but the films, as JSON values."""
        as_they_are = {name: getattr(self, name) for name in ("crop", "size", "contrast", "gamma", "image_format", "min_change", "sharp")}
        return as_they_are | {"size": list(self.size) if self.size else None, "selection": asdict(self.selection)}

    def maker(self) -> FrameMaker:
        return FrameMaker(self.crop, self.size, self.contrast, self.gamma, self.image_format, self.min_change, self.sharp)


@dataclass(frozen=True)
class FramesReport:
    """The result of a job."""

    folder: Path
    images: dict[str, int]  # by film; films whose images were there already are left out
    skipped: list[Entry]  # what could not be used: "source", and the reason as "skipped"
    left_out: list[Entry]  # on request: blurred, or hardly different; likewise
    known: list[str]  # films whose images were there already

    @property
    def total(self) -> int:
        return sum(self.images.values())


@dataclass(frozen=True)
class _Listed:
    """A film that can be opened."""

    name: str  # as the user would call it
    path: Path
    index: Index


def extract(job: FramesJob, out: Path, workers: int | None = None, progress: Progress | None = None,
            stop: Callable[[], bool] | None = None, loading: Progress | None = None) -> FramesReport:
    """Take the images of `job` into `out`. Stopped or killed, the same job goes on where it was; films whose images are there already
    are left alone, others are added under names of their own.

    progress: images done, in all. loading: bytes of a download done, in all.
    Raises ValueError or OSError with one line for what cannot be done, work.Stopped when `stop` says so.
    """
    before = read_manifest(out, FRAMES)
    clear_finished(out, [row["film"] for row in (before or {}).get("films", [])])
    names = list(dict.fromkeys(_names(job.films, out)))
    known = [row["film"] for row in (before or {}).get("films", []) if row["film"] in names]
    for row in (before or {}).get("films", []):
        if row["film"] in names and row["options"] != job.options():
            raise ValueError(f"{out}: has images of {row['film']} taken otherwise ({_options(row['options'])}); choose a new folder")
        if row["film"] in names and row.get("bytes") not in (None, _bytes(row["film"])):
            raise ValueError(f"{out}: has images of another film called {row['film']} ({row['bytes']} bytes, now {_bytes(row['film'])}); "
                             "choose a new folder, or give the film another name")
    names = [name for name in names if name not in known]
    if not names:
        return FramesReport(out, {}, [], [], known)
    place = JobFolder(out, {"films": names, "options": job.options()}, adds=before is not None)
    try:
        listed, skipped = _open(names, place.work / "downloads", loading)
    except ValueError:
        place.discard()
        raise
    clips: dict[str, list[Clip]] = {}
    for film in list(listed):
        try:
            clips[film.name] = pieces(film.name, film.path, film.index, _for_crops(job, film.index))
        except OutsideFilm as error:
            if len(names) == 1:
                place.discard()
                raise
            listed.remove(film)
            skipped.append({"skipped": str(error), "source": film.name})
    tasks = [clip for film in listed for clip in clips[film.name]]
    journal = run(tasks, job.maker(), place.work, workers or default_workers(), progress, stop)
    try:
        report = _finish(job, listed, skipped, Choice(tasks, journal, job.min_change, job.sharp), place, before or {}, known)
    finally:
        journal.close()
    if report.total or before:
        place.finish()
    else:
        place.discard()
    return report


def _names(films: tuple[str, ...], out: Path) -> Iterator[str]:
    for text in films:
        path = Path(text)
        if is_url(text) or path.is_file():
            yield text
        elif path.is_dir():
            yield from (str(path / file) for file in list_files(path, out) if listed_as(path / file) == "film")
        else:
            raise FileNotFoundError(f"{text}: no such file or folder")


def _open(names: list[str], downloads: Path, loading: Progress | None) -> tuple[list[_Listed], list[Entry]]:
    listed, skipped = [], []
    for number, name in enumerate(names):
        try:
            path = download(name, downloads / str(number), loading) if is_url(name) else Path(name)
            film = Film(str(path))
            try:
                listed.append(_Listed(name, path, film.index()))
            finally:
                film.close()
        except (ValueError, OSError) as error:
            if len(names) == 1:
                raise
            skipped.append({"skipped": str(error), "source": name})
    return listed, skipped


def _for_crops(job: FramesJob, index: Index) -> Selection:
    """count means images: where each moment gives two of them, half as many moments are wanted."""
    twice = job.crop == "left-right" and index.size[0] != index.size[1]
    count = job.selection.count
    return replace(job.selection, count=(count + 1) // 2) if twice and count else job.selection


def _finish(job: FramesJob, listed: list[_Listed], skipped: list[Entry], choice: Choice, place: JobFolder, before: dict[str, Any],
            known: list[str]) -> FramesReport:
    """Name and move the images, describe them together with those that were there. Doing it twice does no harm."""
    taken = {row["name"] for row in before.get("films", [])}
    prefixes: dict[str, str] = {}
    for film in listed:
        base = slug(film.name)
        prefixes[film.name] = next(n for n in (base, *(f"{base}-{i}" for i in range(2, 10_000))) if n not in taken)
        taken.add(prefixes[film.name])
    images = dict.fromkeys(prefixes, 0)
    rows = list(_moved(choice, prefixes, images, job.selection.count, place))
    films = [{"film": f.name, "name": prefixes[f.name], "frames": len(f.index.stamps), "start": f.index.start, "size": list(f.index.size),
              "bytes": _bytes(f.name),
              "options": job.options(), "cuts": choice.cuts.get(f.name, [])} for f in listed]
    if rows or before:
        new = {"films": films, "frames": rows, "skipped": [*skipped, *map(public, choice.skipped)], "left_out": choice.left_out}
        write_manifest(place.folder, {"format": FRAMES, "version": 1, "versions": versions()},
                       {key: [*before.get(key, []), *entries] for key, entries in new.items()})
    return FramesReport(place.folder, images, [*skipped, *choice.skipped], choice.left_out, known)


def _moved(choice: Choice, prefixes: dict[str, str], images: dict[str, int], limit: int | None, place: JobFolder) -> Iterator[Entry]:
    for _, entry in choice:
        film = entry["film"]
        if limit is not None and images[film] >= limit:
            continue
        images[film] += 1
        staged = place.work / "pictures" / entry["staged"]
        name = f"{prefixes[film]}_{images[film]:06d}{staged.suffix}"
        if staged.exists():
            staged.replace(place.folder / name)
        yield {"file": name} | {key: value for key, value in public(entry).items() if key != "source"}


def _bytes(name: str) -> int | None:
    """The size of a film's file, which tells two of the same name apart; None for an address."""
    return None if is_url(name) else Path(name).stat().st_size


def _options(options: dict[str, Any]) -> str:
    given = options | options["selection"]
    return ", ".join(f"{name} {value}" for name, value in given.items() if name != "selection" and value not in (None, 0.0, 1.0))
