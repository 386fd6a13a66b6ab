"""The images and films in a folder. Linked folders are followed, each folder once."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from msa.content import listed_as
from msa.utils import natural_key

SYSTEM = {"thumbs.db", "desktop.ini"}  # what systems leave in folders of images


def files_below(folder: Path, barred: Path | None = None, unreadable: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Every file below `folder` that is not hidden, as a path within it; nothing below the folder `barred`.

    A linked folder is followed unless it leads to what is listed anyway: a second link to the same folder, or a link up or down the
    tree, gives nothing twice and goes round no circle.
    """
    top = os.path.realpath(folder)
    stop = os.path.realpath(barred) if barred is not None else None
    followed = [top]
    for base, folders, names in os.walk(folder, onerror=unreadable, followlinks=True):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and _worth(Path(base, f), followed))
        if stop is not None:
            here = os.path.realpath(base)
            folders[:] = [f for f in folders if str(Path(here, f)) != stop]
        inside = Path(base).relative_to(folder)
        for name in names:
            if not name.startswith("."):
                yield inside / name


def list_images(folder: Path, recursive: bool = False, left_out: Counter | None = None) -> list[Path]:
    """Image files of `folder` in natural order (frame_2 before frame_10), by content; hidden files are left out.

    left_out: counts what is no image, by suffix.
    """
    found = (folder / file for file in files_below(folder)) if recursive else \
        (path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_dir())
    images = []
    for path in found:
        if listed_as(path) == "image":
            images.append(path)
        elif left_out is not None:
            note_left_out(left_out, path)
    return sorted(images, key=natural_key)


def note_left_out(left_out: Counter, path: Path) -> None:
    """Count a file that is of no use, unless the system put it there."""
    if path.name.lower() not in SYSTEM:
        left_out[path.suffix.lower() or "without a suffix"] += 1


def left_out_line(folder: str | Path, left_out: Counter, expected: str = "no images") -> str:
    """"photos: 3 files left out, no images: 2 .txt, 1 .json"; empty when there were none."""
    if not left_out:
        return ""
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(left_out.items(), key=lambda item: (-item[1], item[0]))[:8])
    count = left_out.total()
    return f"{folder}: {count} file{'s' * (count > 1)} left out, {expected}: {kinds}{', ...' * (len(left_out) > 8)}"


def _worth(path: Path, followed: list[str]) -> bool:
    """Whether to walk into a folder: always, but through links only to where nothing has been and nothing will be."""
    if not path.is_symlink():
        return True
    target = os.path.realpath(path)
    if any(_inside(target, known) or _inside(known, target) for known in followed):
        return False
    followed.append(target)
    return True


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
