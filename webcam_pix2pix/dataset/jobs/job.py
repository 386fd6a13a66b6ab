"""A job's folder: new, or that of the same job to resume. Files of the user are never deleted or mixed with new ones."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msa.files import write_atomic

WORK = ".unfinished"  # inside the job's folder, gone when the job is finished
NOTE = "job.json"  # in it: which job this is
JOURNAL = "journal.jsonl"  # in it: what is done


class JobFolder:
    """The place of one job while it is not finished.

    Attributes:
        work: where the journal and the images lie meanwhile.
        done: the same job was finished before; there is nothing to do.
    """

    def __init__(self, folder: Path, description: Mapping[str, Any], finished: Mapping[str, Any] | None = None,
                 adds: bool = False) -> None:
        """Open `folder` for the job that `description` (JSON values) names; the same job again goes on where it was stopped.

        finished: describes the finished job that the folder holds, if any. adds: the job adds to what is there.
        Raises ValueError when the folder is in use by anything but the same job.
        """
        self.folder, self.work = folder, folder / WORK
        self._note = self.work / NOTE
        description = json.loads(json.dumps(description))
        known = _known(self._note)
        if known is not None and not (self.work / JOURNAL).exists() and known != description:
            shutil.rmtree(self.work)  # nothing had been done
            known = None
        self.done = known is None and finished == description
        if self.done:
            return
        if known is None and not adds:
            self._check_new(finished, description)
        elif known is not None and known != description:
            raise ValueError(f"{folder}: an unfinished job with other values is in this folder ({_difference(known, description)}); "
                             "choose a new folder, or give the same values as before to continue it")
        self._new = not folder.exists()
        self.work.mkdir(parents=True, exist_ok=True)
        if known is None:
            write_atomic(self._note, json.dumps(description, indent=1) + "\n")

    def finish(self) -> None:
        """Remove the work folder; the note of the job goes first, so that a kill meanwhile leaves nothing to resume."""
        self._note.unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def discard(self) -> None:
        """Remove everything that an unsuccessful job has made."""
        self.finish()
        if self._new:
            self.folder.rmdir()

    def _check_new(self, finished: Mapping[str, Any] | None, description: Mapping[str, Any]) -> None:
        if finished is not None:
            raise ValueError(f"{self.folder}: holds the result of another job ({_difference(finished, description)}); choose a new folder")
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"{self.folder}: this is a file; choose a new folder")
        if self.folder.is_dir() and any(path != self.work for path in self.folder.iterdir()):
            raise ValueError(f"{self.folder}: exists and is not empty; choose a new folder")


def holds(folder: Path, description: Mapping[str, Any]) -> bool:
    """Whether the job that `description` names was begun in `folder` and is not finished."""
    try:
        return _known(folder / WORK / NOTE) == json.loads(json.dumps(description))
    except ValueError:
        return False


def description_of(folder: Path, finished: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The job that is not finished in `folder`, else `finished`. Raises ValueError where it cannot be read."""
    return _known(folder / WORK / NOTE) or (dict(finished) if finished else None)


def clear_finished(folder: Path, films: list[str]) -> None:
    """Remove the work folder of a job that was killed between its last step and its cleaning up: all its films are known."""
    known = _known(folder / WORK / NOTE)
    if known is not None and known.get("films") and set(known["films"]) <= set(films):
        shutil.rmtree(folder / WORK)


def _known(note: Path) -> dict[str, Any] | None:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError(f"{note}: this file is damaged, so the job cannot continue; start it again in a new folder") from None


def _difference(known: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    names = [name for name in {**known, **asked} if known.get(name) != asked.get(name)]
    return "; ".join(f"{name} was {json.dumps(known.get(name))}, now {json.dumps(asked.get(name))}" for name in names)
