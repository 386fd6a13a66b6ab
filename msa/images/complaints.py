"""What the codecs inside OpenCV say of a damaged file. They say it on stderr, without the name of the file, and to nobody else."""

import contextlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator

import cv2

CODEC = re.compile(r"Corrupt JPEG|Premature end of JPEG|Warning: unknown JFIF|Invalid (SOS|JPEG|progressive)|Inconsistent progression|"
                   r"Unsupported (JPEG|marker)|Unknown Adobe|Bogus |Application transferred|lib(png|tiff|webp)|"
                   r"\[ ?(WARN|ERROR)|\w*TIFF\w*:|\w+(Decode|Lib)\w*:|OpenCV\(|imdecode_")

LONGEST = 1 << 16  # bytes that are looked at

_lock = threading.Lock()
_heard: int | None = None  # descriptor of a nameless file that stands in for stderr while a codec works
_aside: int | None = None  # the real stderr meanwhile


@contextlib.contextmanager
def complaints(opencv: bool = False) -> Iterator[list[str]]:
    """A list that holds, after the block, the lines that codecs wrote to stderr in it; what others wrote there is passed on.

    opencv: also those that OpenCV passes on in its own log, which the program keeps silent: of libtiff.
    One thread at a time: the lines belong to the file that is being decoded.
    """
    global _heard, _aside
    lines: list[str] = []
    with _lock:
        try:
            if _heard is None:
                with tempfile.TemporaryFile() as file:
                    _heard = os.dup(file.fileno())
            aside = os.dup(2)
        except OSError:  # no stderr, or no room for a file: the lines go where they went before
            yield lines
            return
        _aside = aside
        os.dup2(_heard, 2)
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_WARNING) if opencv else None
        try:
            yield lines
        finally:
            if level is not None:
                cv2.utils.logging.setLogLevel(level)
            os.dup2(aside, 2)
            _aside = None
            os.close(aside)
            if os.fstat(_heard).st_size:
                lines += _taken(_heard)


def _taken(file: int) -> list[str]:
    os.lseek(file, 0, os.SEEK_SET)
    text = os.read(file, LONGEST)
    os.lseek(file, 0, os.SEEK_SET)
    os.ftruncate(file, 0)
    lines = text.decode(errors="replace").splitlines()
    if others := [line for line in lines if line and not CODEC.match(line)]:
        with contextlib.suppress(OSError):
            os.write(2, "".join(f"{line}\n" for line in others).encode())
    return [line for line in lines if CODEC.match(line)]


def _in_a_fork() -> None:
    """A process that was forked while another thread decoded gets its stderr, and a lock that nobody holds."""
    global _lock, _heard, _aside
    _lock, _heard = threading.Lock(), None
    if _aside is not None:
        os.dup2(_aside, 2)
        _aside = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_fork)
