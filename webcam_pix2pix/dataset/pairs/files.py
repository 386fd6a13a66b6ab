"""The images and films below a folder of footage."""

import logging
from collections import Counter
from pathlib import Path

from msa.content import IMAGE_SUFFIXES, listed_as
from msa.listing import files_below, note_left_out
from msa.utils import natural_key

from ..manifest import NAME

log = logging.getLogger(__name__)


def list_files(folder: Path, out: Path | None = None, left_out: Counter | None = None) -> list[Path]:
    """Images and films below `folder` in natural order, as paths within it; hidden ones and everything below `out` are left out.

    left_out: counts what is neither, by suffix.
    """
    listed = []
    for path in files_below(folder, out, _unreadable):
        if not _is_text(path.name):
            continue
        if path.suffix.lower() in IMAGE_SUFFIXES or listed_as(folder / path):
            listed.append(path)
        elif left_out is not None and path.name != NAME:
            note_left_out(left_out, path)
    return sorted(listed, key=natural_key)


def _unreadable(error: OSError) -> None:
    log.warning("%s: left out, %s", error.filename, error.strerror)


def _is_text(name: str) -> bool:
    """Whether a file's name can be written down; some systems have others."""
    try:
        name.encode()
    except UnicodeEncodeError:
        log.warning("%r: left out, its name is not valid text", name)
        return False
    return True


def images_in(folder: Path, out: Path) -> list[Path]:
    """The images alone."""
    return [path for path in list_files(folder, out) if path.suffix.lower() in IMAGE_SUFFIXES or listed_as(folder / path) == "image"]
