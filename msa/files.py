"""Files: written completely or not at all; errors as one line of text."""

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LONGEST = 240  # bytes of a name, so that there is room for the suffix of the partial file
PATIENCE_S = 10.0


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file (text as UTF-8) under a temporary name, then rename it.

    Raises OSError naming the file; then the old file is unchanged.
    """
    partial = path.with_name(f"{shortened(path.name)}.part")
    try:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        replace_file(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OSError(f"{path}: {error.strerror or error}") from None


def check_writable(folder: Path) -> None:
    """Raises OSError naming `folder` when no file can be made in it, or it cannot be made itself. Leaves nothing behind."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryDirectory(dir=place):
            pass
    except OSError as error:
        raise OSError(f"{folder}: cannot be written ({error.strerror or error})") from None


def shortened(name: str, longest: int = LONGEST) -> str:
    """A file name cut to at most `longest` bytes."""
    return name.encode(errors="surrogateescape")[:longest].decode(errors="ignore")


def replace_file(partial: Path, path: Path) -> None:
    """Rename a finished file to its final name.

    On Windows this waits while another program, such as a virus scanner, reads the old file.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            partial.replace(path)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > end:
                raise
            time.sleep(0.05)


def parse_json(text: str | bytes) -> Any:
    """json.loads; what is nested too deeply is a json.JSONDecodeError (a ValueError) like every other damage."""
    try:
        return json.loads(text)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", "", 0) from None


def format_error(error: BaseException) -> str:
    """An error as one line of text: without its number, with the file that it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__
