"""Pieces: a film is painted in short pieces beside its place, so that one that was stopped or killed goes on where it was."""

import contextlib
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import shortened, write_atomic
from webcam_pix2pix.sinks import VideoWriter

PIECE = 50  # images, or a few more: so many are painted again at most
NOTE = "job.json"  # in the folder: which film this is


@dataclass(frozen=True)
class Done:
    """How far the finished pieces reach."""

    pieces: int = 0
    images: int = 0  # in them
    items: int = 0  # different images of the film in them
    picks: int = 0  # frames of the schedule that are used up
    state: np.ndarray | None = None  # float32, of the smoothing over time


class Pieces:
    """The folder `OUT.unfinished` with one video per piece, for one job.

    A piece counts once its video has its name; what comes after it (the state of the smoothing) is written before that.

    Attributes:
        done: the pieces that were found there.
        images: written so far, those of `done` included.
        other: an unfinished film of another job was there; it is gone.
    """

    def __init__(self, out: Path, description: Mapping[str, Any], fps: float) -> None:
        """description: JSON values that say everything the images depend on. Raises OSError when the folder cannot be made."""
        self.folder = unfinished(out)
        self.fps = fps
        description = json.loads(json.dumps(description))
        known = _read(self.folder / NOTE)
        self.other = known is not None and known != description
        if known != description and self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(exist_ok=True)
        write_atomic(self.folder / NOTE, json.dumps(description, indent=1) + "\n")
        self.done = self._found()
        self.images, self._pieces = self.done.images, self.done.pieces
        self._reached = self.done
        self._writer: VideoWriter | None = None

    def write(self, image: np.ndarray) -> None:
        """Add HxWx3 RGB uint8. Raises OSError."""
        if self._writer is None:
            self._writer = VideoWriter(self._path(self._pieces), self.fps)
        self._writer.write(image)
        self.images += 1

    def item_done(self, items: int, picks: int, state: np.ndarray | None) -> None:
        """So many different images of the film are painted and written; a piece that is long enough is closed. Raises OSError."""
        self._reached = Done(self._pieces + 1, self.images, items, picks, state)
        if self._writer is not None and self._writer.count >= PIECE:
            self._close_piece()

    def close(self) -> list[Path]:
        """Close the last piece; the videos of all, in order. Raises OSError."""
        if self._writer is not None:
            self._close_piece()
        return [self._path(number) for number in range(self._pieces)]

    def _close_piece(self) -> None:
        assert self._writer is not None
        here = self._reached
        if here.images == self.images:  # else an interrupt came between two images that are the same
            with io.BytesIO() as data:
                np.savez(data, numbers=[here.images, here.items, here.picks], state=np.empty(0) if here.state is None else here.state)
                write_atomic(self._state(self._pieces), data.getvalue())
        self._writer.close()
        self._writer = None
        if here.images == self.images:
            self._state(self._pieces - 1).unlink(missing_ok=True)
        self._pieces += 1

    def leave(self) -> int:
        """Leave what can be gone on with, or nothing; how many images that are."""
        if self._writer is not None:
            self._writer.discard()
        found = self._found() if self.folder.exists() else Done()
        if not found.pieces:
            self.remove()
        return found.images

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _found(self) -> Done:
        """The whole pieces with the state after the last; everything else in the folder is removed."""
        videos = 0
        while self._path(videos).exists():
            videos += 1
        done = Done()
        for pieces in range(videos, 0, -1):
            with contextlib.suppress(OSError, ValueError, KeyError), np.load(self._state(pieces - 1), allow_pickle=False) as saved:
                images, items, picks = saved["numbers"].tolist()
                done = Done(pieces, images, items, picks, saved["state"] if saved["state"].size else None)
                break
        kept = {self.folder / NOTE, self._state(done.pieces - 1), *(self._path(number) for number in range(done.pieces))}
        for path in set(self.folder.iterdir()) - kept:
            path.unlink()
        return done

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.mp4"

    def _state(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"


def unfinished(out: Path) -> Path:
    """Where the pieces of a film lie until it is whole."""
    return out.absolute().with_name(f"{shortened(out.name)}.unfinished")


def _read(note: Path) -> Any:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
