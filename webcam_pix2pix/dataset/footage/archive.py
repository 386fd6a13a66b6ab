"""Archives of published datasets, unpacked without trusting them."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from msa.content import IMAGE_SUFFIXES

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
MAX_FILE = 256 << 20  # bytes of one unpacked image
MAX_RATIO = 200  # unpacked to packed bytes of the whole archive; images hardly compress
MAX_FILES = 2_000_000
DONE = ".unpacked"


def is_archive(path: Path) -> bool:
    """Whether the name of a file is that of an archive."""
    return path.name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the images of `archive` below `folder`, which is the program's own; again only when it was not finished before.

    Links, devices, hidden files and everything but images are left out; no name reaches outside `folder`.
    Raises ValueError or OSError with one line for what is no archive, is damaged, or grows beyond reason.
    """
    if (folder / DONE).exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    left = max(MAX_FILE, archive.stat().st_size * MAX_RATIO)
    try:
        for count, (name, file) in enumerate(_members(archive)):
            if count >= MAX_FILES:
                raise ValueError(f"{archive}: more than {MAX_FILES} files are too many; unpack it yourself and give the folder")
            path = folder.joinpath(*name.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(file, path, min(left, MAX_FILE), archive)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{archive}: not an archive that can be unpacked ({error})") from None
    (folder / DONE).touch()
    return folder


def _members(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir() and (name := _safe(entry.filename)):
                    with zipped.open(entry) as file:
                        yield name, file
        return
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            if member.isfile() and (name := _safe(member.name)):
                content = tar.extractfile(member)
                if content is not None:
                    yield name, content


def _safe(name: str) -> PurePosixPath | None:
    """The path of an image inside the archive; None for anything else, and for names that lead outside."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(p.startswith(".") for p in path.parts):
        return None
    return path if path.suffix.lower() in IMAGE_SUFFIXES and ":" not in name else None


def _copy(source: IO[bytes], path: Path, limit: int, archive: Path) -> int:
    size = 0
    with path.open("wb") as target:
        while block := source.read(1 << 20):
            size += len(block)
            if size > limit:
                raise ValueError(f"{archive}: {path.name} unpacks to more than {limit >> 20} MB, too large; unpack it yourself")
            target.write(block)
    return size
