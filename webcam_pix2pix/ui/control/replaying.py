"""Replaying: performances that the window records, and the one that is its source."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal

from msa.capturer.replay import is_replay
from webcam_pix2pix.control import Desk
from webcam_pix2pix.control.replay import SUFFIX, ReplayPlayer, ReplayRecorder
from webcam_pix2pix.pipeline import Pipeline

from ..foundation.background import Background
from ..output.recording import Output


class Replaying(QObject):
    """Attributes:
        player: sets what a replay that is the source had set.

    Signals:
        note(str), problem(str): the result.
        saved(str, str): a performance was written: what to say, and the file.
        recording(bool): whether one is being written.
    """

    note = Signal(str)
    problem = Signal(str)
    saved = Signal(str, str)
    recording = Signal(bool)

    def __init__(self, pipeline: Pipeline, desk: Desk, output: Output) -> None:
        super().__init__()
        self.recorder: ReplayRecorder | None = None
        self._pipeline, self._desk, self._output = pipeline, desk, output
        self._unsubscribe: Callable[[], None] = lambda: None
        self._started = 0.0  # seconds
        self._background = Background("replay")
        self.player = ReplayPlayer(lambda: pipeline.capturer.device_id, self._correct, pipeline.report)
        pipeline.hooks.add(self.player)

    @property
    def is_playing(self) -> bool:
        """Whether the source is a replay."""
        return is_replay(Path(self._pipeline.capturer.device_id).expanduser())

    def toggle(self) -> None:
        """Start to write a performance down, or finish it."""
        if self.recorder is not None:
            return self._finish(self._stop())
        try:
            self.start(self._output.path(QStandardPaths.StandardLocation.MoviesLocation, "performance", SUFFIX))
        except OSError as error:
            self.problem.emit(f"Not recording: {error}. Choose another folder: File, Change output folder.")
            self.recording.emit(False)

    def start(self, path: Path) -> None:
        """Write the performance to `path`. Raises OSError with one line."""
        source = self._pipeline.capturer.source
        self.recorder = ReplayRecorder(path, self._pipeline, source.fps if source else self._pipeline.settings.capture_init.fps)
        self._started = time.monotonic()
        self._unsubscribe = self._desk.subscribe(self.recorder.event)
        self._pipeline.hooks.add(self.recorder)
        self.recording.emit(True)

    def tick(self) -> None:
        """Called a few times a second."""
        self._background.poll()
        if self.recorder is not None and self.recorder.error:
            self._finish(self._stop())

    def elapsed(self) -> str:
        """Length of the running recording, as m:ss; empty when none runs."""
        seconds = int(time.monotonic() - self._started)
        return f"{seconds // 60}:{seconds % 60:02d}" if self.recorder is not None else ""

    def at_work(self) -> str:
        """What runs, in a few words; "" when nothing does."""
        return "the recording of a performance" if self.recorder is not None else ""

    def close(self) -> None:
        """Finish what runs; the file is complete afterwards."""
        if self.recorder is not None:
            self._stop().close()
        self._background.close()

    def _stop(self) -> ReplayRecorder:
        recorder, self.recorder = self.recorder, None
        assert recorder is not None
        self._pipeline.hooks.remove(recorder)
        self._unsubscribe()
        self.recording.emit(False)
        return recorder

    def _finish(self, recorder: ReplayRecorder) -> None:
        self._background.submit(recorder.close, lambda _: self._tell(recorder), must=True)

    def _tell(self, recorder: ReplayRecorder) -> None:
        if recorder.error:
            return self.problem.emit(f"The performance is written up to here only: {recorder.error}")
        lost = f", {recorder.refused} left out because the disk was too slow" if recorder.refused else ""
        self.saved.emit(f"Performance saved: {recorder.path}, {recorder.frames} images{lost}", str(recorder.path))

    def _correct(self, values: Mapping[str, Any]) -> None:
        """On the engine thread."""
        self._desk.correct(values)
        if any(name.startswith("Model.") for name in values):
            self._desk.keep_values()
