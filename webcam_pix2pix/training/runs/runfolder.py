"""The run folder runs/00007-name/: what is in it and where."""

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from msa.files import write_atomic
from msa.words import counted

from ..setup.options import CHANGEABLE, Options

VERSION = 1


@dataclass(frozen=True)
class Steps:
    """How far a run is."""

    done: int
    all: int
    left_s: float  # seconds that the others will take, about

    def __str__(self) -> str:
        return f"{self.done} of {counted(self.all, 'step')}"


@dataclass(frozen=True)
class RunFolder:
    """One training run on disk. Files are written under another name and renamed: none is ever half written."""

    path: Path

    @property
    def options_file(self) -> Path: return self.path / "options.json"
    @property
    def stats_file(self) -> Path: return self.path / "stats.jsonl"
    @property
    def progress_file(self) -> Path: return self.path / "progress.json"
    @property
    def samples(self) -> Path: return self.path / "samples"
    @property
    def checkpoints(self) -> Path: return self.path / "checkpoints"
    @property
    def averages(self) -> Path: return self.path / "averages"
    @property
    def latest(self) -> Path: return self.checkpoints / "latest.pt"
    @property
    def best(self) -> Path: return self.checkpoints / "best.pt"
    @property
    def page(self) -> Path: return self.path / "index.html"
    @property
    def generator(self) -> Path: return self.path / "latest_net_G.pth"
    @property
    def own_generator(self) -> Path: return self.path / "latest_net_G.safetensors"
    @property
    def discriminator(self) -> Path: return self.path / "latest_net_D.pth"
    @property
    def model(self) -> Path: return self.path / "model.json"
    @property
    def pause_file(self) -> Path: return self.path / "pause"
    @property
    def stop_file(self) -> Path: return self.path / "stop"
    @property
    def finished_file(self) -> Path: return self.path / "finished.json"

    @property
    def lock_file(self) -> Path: return self.path / "lock"

    @property
    def name(self) -> str:
        """The name given by the user, without the number."""
        return re.sub(r"^\d{5}-", "", self.path.name)

    @property
    def number(self) -> str:
        return self.path.name[:5]

    def create(self, dataset: Path, options: Options, preset: str | None) -> None:
        """Make the folder with its options and the dataset's manifest."""
        self.samples.mkdir(parents=True, exist_ok=True)
        self.checkpoints.mkdir(exist_ok=True)
        self.write_options(dataset, options, preset)
        if (dataset / "manifest.json").is_file():
            shutil.copyfile(dataset / "manifest.json", self.path / "manifest.json")

    def write_options(self, dataset: Path, options: Options, preset: str | None) -> None:
        write_atomic(self.options_file, json.dumps({"version": VERSION, "id": self.identity() or uuid.uuid4().hex,
                                                   "dataset": str(dataset.resolve()), "preset": preset, "options": options.to_json()},
                                                  indent=1) + "\n")

    def identity(self) -> str:
        """Tells this run from every other one, also from those of the same name in other folders; "" for one of an older version."""
        try:
            return str(json.loads(self.options_file.read_text(encoding="utf-8")).get("id", ""))
        except (OSError, ValueError, AttributeError):
            return ""

    def read_options(self) -> tuple[Path, Options, str | None]:
        """Dataset, options and preset of the run. Raises OSError or ValueError naming the file."""
        try:
            data = json.loads(self.options_file.read_text(encoding="utf-8"))
            return Path(data["dataset"]), Options.from_json(data["options"], str(self.options_file)), data.get("preset")
        except FileNotFoundError:
            raise FileNotFoundError(f"{self.path}: this is not a run folder, it has no options.json; give one that train made") from None
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{self.options_file}: not the options of a run ({error})") from None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Held by the one process that trains; the system lets go of it with the process. Raises ValueError when another holds it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.lock_file)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise ValueError(f"{self.path}: is being trained by another process; wait for its end, or stop it first") from None
        try:
            yield
        finally:
            lock.release()

    def finished_epochs(self) -> int:
        """Epochs after which the run was finished; 0 while it is not."""
        try:
            return int(json.loads(self.finished_file.read_text(encoding="utf-8"))["epochs"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def mark_finished(self, epochs: int) -> None:
        write_atomic(self.finished_file, json.dumps({"epochs": epochs}) + "\n")

    def prepare_to_resume(self, samples_seen: int) -> None:
        """Remove log lines after the state from which the run resumes, and files that a kill left half written."""
        for leftover in self.path.rglob("*.part"):
            leftover.unlink()
        for request in (self.pause_file, self.stop_file, self.finished_file):
            request.unlink(missing_ok=True)
        kept = [line for line in read_stats(self.stats_file) if line.get("samples", 0) <= samples_seen]
        write_atomic(self.stats_file, "".join(json.dumps(line) + "\n" for line in kept))

    def tell_progress(self, steps: Steps) -> None:
        write_atomic(self.progress_file, json.dumps(asdict(steps)) + "\n")

    def progress(self) -> Steps | None:
        """How far it is; None before its first step, and of a run of an older version."""
        try:
            data = json.loads(self.progress_file.read_text(encoding="utf-8"))
            return Steps(int(data["done"]), int(data["all"]), float(data["left_s"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def add_stats(self, line: dict[str, Any]) -> None:
        with self.stats_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def kept_checkpoints(self) -> list[Path]:
        """Checkpoints besides latest and best, oldest first."""
        return sorted((p for p in self.checkpoints.glob("*.pt") if p not in (self.latest, self.best)), key=lambda p: p.stat().st_mtime_ns)

    def keep_last(self, count: int) -> None:
        for old in self.kept_checkpoints()[:-count]:
            old.unlink()


def read_stats(path: Path) -> list[dict[str, Any]]:
    """Lines of a stats.jsonl; a last line that is still being written is left out."""
    return list(_lines(path)) if path.is_file() else []


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                continue
            if isinstance(line, dict):
                yield line


def runs_in(folder: Path) -> list[RunFolder]:
    """Run folders in order of their numbers."""
    if not folder.is_dir():
        return []
    return [RunFolder(p) for p in sorted(folder.iterdir()) if re.match(r"^\d{5}-", p.name) and (p / "options.json").is_file()]


def find_run(folder: Path, name: str) -> RunFolder | None:
    """The newest run of that name."""
    return next((run for run in reversed(runs_in(folder)) if run.name == name), None)


def new_run(folder: Path, name: str) -> RunFolder:
    """A folder of the next number, not yet made. Raises ValueError when the name cannot be a folder's."""
    if not re.fullmatch(r"[\w][\w .+-]*", name):
        raise ValueError(f"--name {name!r}: expected letters, digits, space, dot, plus, dash or underscore, with a letter or digit first")
    numbers = [int(p.name[:5]) for p in folder.iterdir() if re.match(r"^\d{5}-", p.name)] if folder.is_dir() else []
    return RunFolder(folder / f"{max(numbers, default=-1) + 1:05d}-{name}")


def differences(before: Options, now: Options) -> list[str]:
    """Names of options in which `now` and `before` differ, so that they are different runs."""
    return [name for name, value in now.to_json().items() if name not in CHANGEABLE and value != getattr(before, name)]


def disk_free(folder: Path) -> int:
    """Free bytes where `folder` is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def lower_priority() -> None:
    """Yield to every other process of this machine."""
    if hasattr(os, "nice"):
        os.nice(10)
