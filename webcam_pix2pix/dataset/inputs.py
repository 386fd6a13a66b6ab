"""What was given -> what there is to do: images, folders, films, frames, folders A and B, published datasets."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from msa.images import read_image
from msa.utils import IMAGE_SUFFIXES, natural_key

from .archive import is_archive, unpack
from .download import Progress, download, is_url
from .film import Film, Index, Moment, is_video
from .manifest import FRAMES, read_manifest
from .pairing import halves, match
from .selection import Selection, select_some
from .split import PHASES
from .tasks import Clip, Couple, Photo, SideBySide, Task

KINDS = ("auto", "photos", "pairs", "ab")
CLIP = 48  # frames of a film in one task

log = logging.getLogger(__name__)


@dataclass
class Found:
    """Everything that the inputs hold."""

    tasks: list[Task] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)  # files without a partner
    skipped: list[dict[str, Any]] = field(default_factory=list)  # films that cannot be opened
    given: bool = False  # the inputs of the pairs exist already


def find(inputs: Iterable[str], kind: str, matching: str, selection: Selection, work: Path, out: Path,
         loading: Progress | None = None) -> Found:
    """List the inputs in a fixed order. Films and archives from the web, and what archives hold, lie below `work`; nothing below `out`
    is taken for an input.

    kind: photos (inputs are made by the recipe), pairs (side by side already), ab (folders A and B), or auto: told from the folders.
    Raises ValueError or OSError with one line naming the input.
    """
    found = Found()
    places = [_place(text, number, work, loading) for number, text in enumerate(inputs)]
    if kind == "ab" or (kind == "auto" and len(places) == 1 and _ab_folders(places[0][1]) is not None):
        found.given = True
        _add_couples(found, places, matching, out)
        return found
    if kind == "auto":
        paired = [path for _, path in places if path.is_dir() and _published(path)]
        if paired and len(paired) < len(places):
            raise ValueError(f"{paired[0]}: holds finished pairs, the other inputs do not; give them to separate jobs")
        kind = "pairs" if paired else "photos"
    found.given = kind == "pairs"
    seen: set[str] = set()
    for name, path in places:
        for task in _tasks(found, name, path, kind, selection, out):
            if task.key not in seen:
                seen.add(task.key)
                found.tasks.append(task)
    return found


def clips(name: str, path: Path, selection: Selection) -> list[Clip]:
    """The frames of a film that `selection` takes. Raises ValueError or OSError."""
    film = Film(str(path))
    try:
        index = film.index()
    finally:
        film.close()
    return pieces(name, path, index, selection)


def pieces(name: str, path: Path, index: Index, selection: Selection) -> list[Clip]:
    """The frames that `selection` takes, in clips that can be decoded side by side. Raises OutsideFilm."""
    moments = index.moments(select_some(index.times, selection, name))
    result = []
    for first in range(0, len(moments), CLIP):
        piece = moments[first:first + CLIP]
        if first:
            piece[0] = Moment(piece[0].stamp, index.entry(piece[0].stamp))
        until = moments[first + CLIP].stamp if first + CLIP < len(moments) else None
        result.append(Clip(name, str(path), tuple(piece), until, index.seconds))
    return result


def list_files(folder: Path, out: Path | None = None) -> list[Path]:
    """Images and films below `folder` in natural order, as paths within it; hidden ones and everything below `out` are left out."""
    listed = []
    barred = str(out.resolve()) if out is not None else None
    for base, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [f for f in folders if not f.startswith(".")]
        if barred is not None:
            here = os.path.realpath(base)
            folders[:] = [f for f in folders if str(Path(here, f)) != barred]
        inside = Path(base).relative_to(folder)
        for name in names:
            path = inside / name
            if not name.startswith(".") and _is_text(name) and (path.suffix.lower() in IMAGE_SUFFIXES or is_video(path)):
                listed.append(path)
    return sorted(listed, key=natural_key)


def _unreadable(error: OSError) -> None:
    log.warning("%s: left out, %s", error.filename, error.strerror)


def _is_text(name: str) -> bool:
    """Whether a file's name can be written down; some systems have others."""
    try:
        name.encode()
    except UnicodeEncodeError:
        log.warning("%r: left out, its name is no text", name)
        return False
    return True


def _images(folder: Path, out: Path) -> list[Path]:
    return [path for path in list_files(folder, out) if not is_video(path)]


def _place(text: str, number: int, work: Path, loading: Progress | None) -> tuple[str, Path]:
    """What the user calls an input, and where it lies."""
    path = download(text, work / f"download-{number}", loading) if is_url(text) else Path(text)
    if path.is_file() and is_archive(path):
        return path.name, unpack(path, work / f"archive-{number}")
    if not path.exists():
        raise FileNotFoundError(f"{text}: no such file or folder")
    return text.rstrip("/\\") or text, path


def _tasks(found: Found, name: str, path: Path, kind: str, selection: Selection, out: Path) -> Iterable[Task]:
    if path.is_dir():
        origins = _origins(path) if kind == "photos" else {}
        for file in list_files(path, out):
            yield from _file_tasks(found, f"{name}/{file.as_posix()}", path / file, file, kind, selection, origins.get(file.as_posix(), {}))
    else:
        yield from _file_tasks(found, name, path, PurePath(path.name), kind, selection, {})


def _file_tasks(found: Found, name: str, path: Path, inside: PurePath, kind: str, selection: Selection, origin: dict) -> Iterable[Task]:
    if is_video(path) or is_url(name):
        if kind == "photos":
            try:
                yield from clips(name, path, selection)
            except (ValueError, OSError) as error:
                found.skipped.append({"skipped": str(error), "source": name})
    elif kind == "pairs":
        yield SideBySide(name, str(path), _phase(inside))
    else:
        yield Photo(name, str(path), **origin)


def _add_couples(found: Found, places: list[tuple[str, Path]], matching: str, out: Path) -> None:
    for name, path in places:
        if not path.is_dir():
            raise ValueError(f"{name}: not a folder, expected the folders A and B")
    if len(places) == 2:
        a, b = ((name, path, _images(path, out)) for name, path in places)
        _couple(found, a, b, matching, None)
    elif len(places) == 1:
        name, path = places[0]
        folders = _ab_folders(path)
        if folders is None:
            first, second = halves(_images(path, out))
            _couple(found, (name, path, first), (name, path, second), matching, None)
        for phase, *sides in folders or []:
            a, b = ((f"{name}/{side}", path / side, _images(path / side, out)) for side in sides)
            _couple(found, a, b, matching, phase)
    else:
        raise ValueError(f"{len(places)} inputs, expected two folders A and B, or one that holds both")


def _couple(found: Found, a: tuple[str, Path, list], b: tuple[str, Path, list], matching: str, phase: str | None) -> None:
    (name_a, folder_a, files_a), (name_b, folder_b, files_b) = a, b
    try:
        pairs, alone = match(files_a, files_b, matching)
    except ValueError as error:
        raise ValueError(f"{name_a}, {name_b}: {error}") from None
    rest_a = set(files_a)
    found.unmatched += [f"{name_a if p in rest_a else name_b}/{p.as_posix()}" for p in alone]
    for x, y in pairs:
        found.tasks.append(Couple(f"{name_a}/{x.as_posix()}", str(folder_a / x), str(folder_b / y), f"{name_b}/{y.as_posix()}",
                                  phase or _phase(x)))


def _ab_folders(path: Path) -> list[tuple[str | None, str, str]] | None:
    """(phase, folder A, folder B) where a folder is laid out as A and B, or as trainA, trainB, testA, ...; None where it is not."""
    if not path.is_dir():
        return None
    if (path / "A").is_dir() and (path / "B").is_dir():
        return [(None, "A", "B")]
    return [(p, f"{p}A", f"{p}B") for p in PHASES if (path / f"{p}A").is_dir() and (path / f"{p}B").is_dir()] or None


def _published(path: Path) -> bool:
    """A folder with train, val or test somewhere inside whose pictures are twice as wide as high."""
    phases = [p for p in (*path.glob("*/"), *path.glob("*/*/"), path) if p.name in PHASES and p.is_dir()]
    images = [folder / file for folder in phases for file in list_files(folder)[:4] if not is_video(file)]
    shapes = []
    for image in images:
        try:
            shapes.append(read_image(image).shape)
        except (OSError, ValueError):
            continue
    return bool(shapes) and all(width == 2 * height for height, width, _ in shapes)


def _phase(inside: PurePath) -> str | None:
    return next((part for part in inside.parts[:-1] if part in PHASES), None)


def _origins(folder: Path) -> dict[str, dict[str, Any]]:
    """What `frames` has noted of the images of a folder: film, scene and time by file name."""
    manifest = read_manifest(folder, FRAMES)
    return {row["file"]: {"film": row["film"], "scene": row["scene"], "time": row["time"]} for row in (manifest or {}).get("frames", [])}
