"""From inputs to tasks: images, folders, videos, frames, folders A and B, published datasets."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from msa.content import is_video, listed_as
from msa.listing import left_out_line, note_left_out

from ..footage.archive import is_archive, unpack
from ..footage.download import Progress, download, is_url
from ..footage.film import Film
from ..footage.index import Index
from ..footage.selection import Selection, select_some
from ..jobs.tasks import Clip, Couple, Photo, SideBySide, Task
from ..manifest import FRAMES, read_manifest
from .files import images_in, list_files
from .layout import find_sides, phase_of
from .pairing import halves, match
from .taken import TAKEN, taken_for

CLIP = 48  # frames of a film in one task
CLIPS = 64  # at most, of a film that is read by number: each reads it from the start


@dataclass
class Found:
    """Everything that the inputs hold."""

    tasks: list[Task] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)  # files without a partner
    skipped: list[dict[str, Any]] = field(default_factory=list)  # films that cannot be opened
    given: bool = False  # the inputs of the pairs exist already
    said: list[str] = field(default_factory=list)  # what people should read before the work: what it was taken for, what is left out
    ground: tuple[int, int, int] = (255, 255, 255)  # behind transparent images


def find(inputs: Iterable[str], kind: str, matching: str, selection: Selection, work: Path, out: Path,
         loading: Progress | None = None, ground: tuple[int, int, int] = (255, 255, 255)) -> Found:
    """List the inputs in a fixed order. Films and archives from the web, and what archives hold, lie below `work`; nothing below `out`
    is taken for an input.

    kind: photos (inputs are made by the recipe), pairs (side by side already), ab (folders A and B), or auto: told from the folders.
    Raises ValueError or OSError with one line naming the input; Unclear where `auto` cannot tell.
    """
    found = Found(ground=ground)
    places = [_place(text, number, work, loading) for number, text in enumerate(inputs)]
    asked = kind != "auto"
    if not asked:
        kind = taken_for(places, out)
    found.said += [f"{name}: {'taken as asked, as' if asked else 'taken for'} {TAKEN[kind]}" for name, path in places if path.is_dir()]
    found.given = kind != "photos"
    if kind == "ab":
        _add_couples(found, places, matching, out)
        return found
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
    length = max(CLIP, len(moments) // CLIPS) if index.entries else CLIP
    for first in range(0, len(moments), length):
        piece = moments[first:first + length]
        if first:
            piece[0] = index.entry(piece[0].stamp)
        until = moments[first + length].stamp if first + length < len(moments) else None
        result.append(Clip(name, str(path), tuple(piece), until, index.seconds, index.order(piece, until)))
    return result


def _place(text: str, number: int, work: Path, loading: Progress | None) -> tuple[str, Path]:
    """What the user calls an input, and where it lies."""
    path = download(text, work / f"download-{number}", loading) if is_url(text) else Path(text)
    if path.is_file() and is_archive(path):
        return path.name, unpack(path, work / f"archive-{number}")
    if not path.exists():
        raise FileNotFoundError(f"{text}: no such file or folder")
    return text.rstrip("/\\") or text, path


def _tasks(found: Found, name: str, path: Path, kind: str, selection: Selection, out: Path) -> Iterator[Task]:
    if not path.is_dir():
        yield from _file_tasks(found, name, path, PurePath(path.name), kind, selection, {}, is_video(path) or is_url(name))
        return
    origins = _origins(path) if kind == "photos" else {}
    left_out: Counter[str] = Counter()
    for file in list_files(path, out, left_out):
        film = listed_as(path / file) == "film"
        if film and kind == "pairs":
            note_left_out(left_out, file)
            continue
        origin = origins.get(file.as_posix(), {})
        yield from _file_tasks(found, f"{name}/{file.as_posix()}", path / file, file, kind, selection, origin, film)
    if line := left_out_line(name, left_out, "no images" if kind == "pairs" else "neither image nor film"):
        found.said.append(line)


def _file_tasks(found: Found, name: str, path: Path, inside: PurePath, kind: str, selection: Selection, origin: dict,
                film: bool) -> Iterator[Task]:
    if film:
        if kind == "photos":
            try:
                yield from clips(name, path, selection)
            except (ValueError, OSError) as error:
                found.skipped.append({"skipped": str(error), "source": name})
        else:
            found.skipped.append({"skipped": f"{name}: a film, expected an image of two side by side", "source": name})
    elif kind == "pairs":
        yield SideBySide(name, str(path), phase_of(inside), found.ground)
    else:
        yield Photo(name, str(path), **origin, ground=found.ground)


def _add_couples(found: Found, places: list[tuple[str, Path]], matching: str, out: Path) -> None:
    for name, path in places:
        if not path.is_dir():
            raise ValueError(f"{name}: this is not a folder; give the folders A and B")
    if len(places) == 2:
        a, b = ((name, path, images_in(path, out)) for name, path in places)
        _couple(found, a, b, matching, None)
    elif len(places) == 1:
        name, path = places[0]
        folders = find_sides(path)
        if not folders:
            first, second = halves(images_in(path, out))
            _couple(found, (name, path, first), (name, path, second), matching, None)
        used = 0
        for sides in folders:
            a, b = ((f"{name}/{side}", path / side, images_in(path / side, out)) for side in (sides.a, sides.b))
            _couple(found, a, b, matching, sides.phase)
            found.said.append(f"  {sides.a} ({len(a[2])} files) and {sides.b} ({len(b[2])} files)"
                              + (f" for {sides.phase}" if sides.phase else ""))
            used += len(a[2]) + len(b[2])
        if folders and (rest := len(images_in(path, out)) - used) > 0:
            found.said.append(f"{name}: {rest} image{'s' * (rest > 1)} in other folders left out")
    else:
        raise ValueError(f"{len(places)} inputs are given, expected two folders A and B, or one folder that holds both")


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
                                  phase or phase_of(x), found.ground))


def _origins(folder: Path) -> dict[str, dict[str, Any]]:
    """What `frames` has noted of the images of a folder: film, scene and time by file name."""
    manifest = read_manifest(folder, FRAMES)
    return {row["file"]: {"film": row["film"], "scene": row["scene"], "time": row["time"]} for row in (manifest or {}).get("frames", [])}
