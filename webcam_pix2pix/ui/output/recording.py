"""Output: recordings and snapshots from the window, into the user's folders or one that was chosen."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output as Outgoing
from webcam_pix2pix.sinks import About, Recorder, write_snapshot
from webcam_pix2pix.sinks.output_image import RECORDED, composed_size

from ..foundation.background import Background
from ..foundation.store import Remembered
from ..sources import dialogs
from .programs import Programs

SUFFIX = ".mp4"  # of recordings


class Output(QObject):
    """Starts and stops the recorder, saves snapshots; files are written off the GUI thread. `programs` feeds other programs.

    Signals:
        note(str), problem(str): the result.
        recording(bool): whether a recording runs.
        saved(str, str): a file was written: what to say, and the file.
        planned(str): what a recording that is begun now would be, for people, when that has changed.
    """

    saved = Signal(str, str)
    note = Signal(str)
    problem = Signal(str)
    recording = Signal(bool)
    planned = Signal(str)

    def __init__(self, pipeline, folder: str = "") -> None:
        super().__init__()
        self.folder = folder  # chosen by the user; empty: Movies and Pictures
        self.recorder: Recorder | None = None
        self._pipeline = pipeline
        self.programs = Programs(pipeline)
        self._started = 0.0
        self._plan: tuple = ()  # on which `lines` and the last planned() depend
        self.lines = 0  # height of a recording that is begun now; 0: not known yet
        self._warned: set[str] = set()  # of what, in the recording that runs
        self._asked: Path | None = None  # to be recorded from the first painting on
        self._background = Background("output")
        self._saving: list[Recorder] = []

    @property
    def saving(self) -> bool:
        """Whether a recording that has ended is not yet a whole file."""
        return bool(self._saving)

    def begin(self, outputs: Mapping[str, str], record: Path | None) -> None:
        """What the command line asks for: outputs to other programs, and a recording from the first painting on."""
        self.programs.start(outputs)
        self._asked = record

    @property
    def fps(self) -> float:
        """Of a recording that is begun now: those of the source."""
        source = self._pipeline.capturer.source
        return source.fps if source and source.fps else 30.0

    def plan(self, frame: Frame | None, output: Outgoing) -> None:
        """Told often what is shown and set: says what a recording would be when that has changed."""
        if frame is None:
            return
        plan = *(image is not None and image.shape for image in (frame.captured, frame.processed, frame.predicted)), output, self.fps
        if plan != self._plan:
            self._plan = plan
            height, width = (side // 2 * 2 for side in composed_size(frame, RECORDED[output.record], output))
            self.lines = height
            self.planned.emit(f"{width}×{height} pixels, {self.fps:.3g} fps, {SUFFIX[1:].upper()}")

    def toggle_recording(self, fps: float, path: Path | None = None) -> None:
        """Start a recording of `fps` frames per second, or finish the one that runs. path: None for a new file in the folder."""
        if self.recorder is not None:
            return self._stop()
        try:
            path = path or self.path(QStandardPaths.StandardLocation.MoviesLocation, "painting", SUFFIX)
            settings, predictor = self._pipeline.settings, self._pipeline.predictor
            info = predictor.info if predictor else None
            about = About(settings.flat(), getattr(info, "name", ""), getattr(info, "recipe", None))
            self.recorder = Recorder(path, fps, output=settings.output, about=about)
            self._warned.clear()
        except (ValueError, OSError) as error:
            self.problem.emit(f"Not recording: {error}. Choose another folder: File, Change output folder.")
            return self.recording.emit(False)
        self._started = time.monotonic()
        self._pipeline.add_sink(self.recorder)
        self.recording.emit(True)

    def snapshot(self, frame: Frame | None, settings: dict, info: Any, modulation: dict | None = None) -> None:
        """Save the image that is shown, with its settings in it, apart from them what moved them, and the name and recipe of its model.

        info: ModelInfo or None.
        """
        if frame is None:
            return self.problem.emit("There is no image to save yet.")
        try:
            path = self.path(QStandardPaths.StandardLocation.PicturesLocation, "snapshot", ".png")
        except OSError as error:
            return self.problem.emit(f"No snapshot: {error}. Choose another folder: File, Change output folder.")
        name, recipe = getattr(info, "name", ""), getattr(info, "recipe", None)
        self._background.submit(lambda: write_snapshot(path, frame, settings, name, modulation, recipe),
                                lambda _: self.saved.emit(f"Snapshot saved: {path}", str(path)),
                                lambda error: self.problem.emit(f"No snapshot: {error}"), must=True)

    def folders(self) -> tuple[Path, Path]:
        """Of recordings, and of snapshots. They need not exist."""
        return self._folder(QStandardPaths.StandardLocation.MoviesLocation), self._folder(QStandardPaths.StandardLocation.PicturesLocation)

    def tick(self) -> None:
        """Called a few times a second."""
        self._background.poll()
        self.programs.tick()
        if self._asked is not None and (status := self._pipeline.status).model is not None:
            path, self._asked = self._asked, None
            self.toggle_recording(self._pipeline.capturer.source.fps or status.source_fps or 30.0, path)
        if self.recorder is not None and self.recorder.error:
            self.problem.emit(f"Recording ended: {self.recorder.error}")
            self._stop(quiet=True)
        elif self.recorder is not None and self.recorder.ended:
            self.problem.emit(f"Recording ended: {self.recorder.ended}")
            self._stop()
        elif self.recorder is not None:
            if self.recorder.left:
                self._warn("disk", f"The disk has room for {self.recorder.left} of this recording. It stops before the disk is full.")
            if self.recorder.refused:
                self._warn("slow", "The recording loses frames: this computer is too slow for it. A smaller Output, Size helps.")

    def _warn(self, of: str, text: str) -> None:
        """Once in each recording."""
        if of not in self._warned:
            self._warned.add(of)
            self.problem.emit(text)

    def ask(self, parent: QWidget, remembered: Remembered) -> None:
        """Let the user choose the folder."""
        if folder := dialogs.output(parent, self.folders()[0]):
            self.folder = remembered.output = folder
            self.note.emit(f"Recordings and snapshots go to {folder} from now on.")

    def at_work(self) -> str:
        """What runs, in a few words; "" when nothing does."""
        return "a recording" if self.recorder is not None else ""

    def words(self) -> str:
        """Of the button: what a click does now, with the length of the recording that runs, the frames it has lost, and, when the disk
        is short, how long that lasts; or how many frames of what has ended are still to be written."""
        if self.recorder is None:
            waiting = sum(recorder.waiting for recorder in self._saving)
            idle = f"Record {self.lines}p" if self.lines else "Record"
            return idle if not self._saving else f"Saving… {waiting} left" if waiting else "Saving…"
        seconds = int(time.monotonic() - self._started)
        lost = f" · {self.recorder.refused} lost" if self.recorder.refused else ""
        left = f" · {self.recorder.left} left" if self.recorder.left else ""
        return f"Stop {seconds // 60}:{seconds % 60:02d}{lost}{left}"

    def finish(self) -> None:
        """End what runs: it is `saving` from then on."""
        if self.recorder is not None:
            self._stop()

    def close(self) -> None:
        """Finish what runs; the files are complete afterwards."""
        self.programs.close()
        if self.recorder is not None:
            self._pipeline.remove_sink(self.recorder)
            self.recorder.close()
            self.recorder = None
        self._background.close()

    def _stop(self, quiet: bool = False) -> None:
        recorder, self.recorder = self.recorder, None
        assert recorder is not None
        self._pipeline.remove_sink(recorder)
        self.recording.emit(False)
        self._saving.append(recorder)
        self._background.submit(recorder.close, lambda _: self._finished(recorder, quiet),
                                lambda error: self._lost(recorder, error), must=True)

    def _lost(self, recorder: Recorder, error: BaseException) -> None:
        self._saving.remove(recorder)
        self.problem.emit(f"{recorder.path}: not saved to its end ({error})")

    def _finished(self, recorder: Recorder, quiet: bool) -> None:
        self._saving.remove(recorder)
        if quiet:
            return
        if recorder.error:
            return self.problem.emit(f"Recording: {recorder.error}")
        lost = f", {recorder.refused} frames lost as this computer was too slow: a smaller Output, Size helps" if recorder.refused else ""
        self.saved.emit(f"Recording saved: {recorder.path}{lost}", str(recorder.path))

    def path(self, place: QStandardPaths.StandardLocation, stem: str, suffix: str) -> Path:
        """A file name that is not taken. Raises OSError."""
        folder = self._folder(place)
        folder.mkdir(parents=True, exist_ok=True)
        first = folder / f"{stem} {time.strftime('%Y-%m-%d %H.%M.%S')}{suffix}"
        path, number = first, 2
        while path.exists():
            path, number = first.with_stem(f"{first.stem} {number}"), number + 1
        return path

    def _folder(self, place: QStandardPaths.StandardLocation) -> Path:
        return Path(self.folder) if self.folder else Path(QStandardPaths.writableLocation(place) or Path.home()) / "webcam-pix2pix"
