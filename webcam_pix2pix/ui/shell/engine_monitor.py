"""EngineMonitor: follows the engine for the window: problems to report, a new model and its recipe, a model that did not load."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QObject, Signal

from msa.heartbeats import Heartbeat
from webcam_pix2pix.pipeline import Pipeline, Status
from webcam_pix2pix.settings import Model
from webcam_pix2pix.specs import from_json

from ..settings.live_settings import LiveSettings
from .messages import Messages

STILL_S = 2.0  # without a tick for longer, the window stands still
SIZES = (64, 128, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 2048)  # px, offered where the network can take them

REPLACED = "{} brought its own settings. The ones that you had set by hand are kept: Ctrl+Z brings them back."


class EngineMonitor(QObject):
    """Reads the status of the engine a few times a second.

    chosen: settings asked for by name; the recipe of the first model does not replace them.
    keep: the recipe of the first model replaces nothing.

    Attributes:
        info: ModelInfo of the running model, None before the first one.

    Signals:
        model_changed(): `info` is another one.
    """

    model_changed = Signal()

    def __init__(self, pipeline: Pipeline, live: LiveSettings, messages: Messages, chosen: Mapping[str, Any], keep: bool) -> None:
        super().__init__(live)
        self.info: Any = None
        self._pipeline, self._live, self._messages = pipeline, live, messages
        self._chosen, self._keep = dict(chosen), keep
        self._good = live.value.model  # as the running model was asked for
        self._reported_at = 0.0  # time of the last problem told
        self._note = ""
        self._heart = Heartbeat("window", STILL_S, "it shows nothing new and takes no key; the outputs go on")
        self._trouble: tuple[str, str, str] | None = None  # with the source: what was told, device, name

    def tick(self) -> Status:
        """Bring the window up to date; the status it was brought to."""
        self._heart.beat()
        status = self._pipeline.status
        for problem in status.problems:
            if problem.time > self._reported_at:
                self._reported_at = problem.time
                if problem.over:
                    self._messages.withdraw(problem.over)
                    self._messages.note(problem.text)
                else:
                    self._messages.problem(problem.text)
        if status.refused is not None and status.refused == self._live.value.model:
            self.return_to_running_model()
        if self._pipeline.capturer.refused == self._live.value.capture_init:
            self._live.correct({f"Capture.Init.{key}": value for key, value in asdict(self._pipeline.capturer.init).items()})
        self._follow_source(status)
        if status.model is not None and status.model is not self.info:
            self._new_model(status.model)
        return status

    def close(self) -> None:
        """The window is about to close: no tick is expected."""
        self._heart.rest()

    def _follow_source(self, status: Status) -> None:
        note = re.sub(r"\d+", "", status.source_note)  # "no image for 3 s" is told once
        if note == self._note:
            return
        capturer = self._pipeline.capturer
        error = capturer.error
        self._note = note
        if self._trouble is not None:
            text, device_id, name = self._trouble
            self._messages.withdraw(text)
            self._trouble = None
            if not error and capturer.device_id == device_id and status.source:
                self._messages.note(f"{status.source or name} is back.")
        if note and error:
            lost = capturer.device_id if capturer.refused is None else ""  # else another one could not be opened
            self._trouble = status.source_note, lost, status.source
            self._messages.problem(status.source_note)
        elif note:
            self._messages.note(status.source_note)

    def _new_model(self, info: Any) -> None:
        first, before = self.info is None, self.info
        same = before is not None and (before.path, before.recipe) == (info.path, info.recipe)  # names are given twice
        self.info, self._good = info, self._live.value.model
        replaced = self._live.adopt(info.recipe, keep=same or (first and self._keep))
        if first and self._chosen and not self._keep:
            self._live.apply(self._chosen, "as asked for")
        if first:
            self._live.undo.clear()
        elif replaced:
            self._messages.note(REPLACED.format(info.name))
        self.model_changed.emit()

    def sizes(self) -> list[int]:
        """Short sides in pixels that the running network can take."""
        if self.info is None or not getattr(self.info, "network", None) or self.info.input is None:
            return []
        spec, (height, width, _) = from_json(self.info.network), self.info.input.shape
        if getattr(spec, "fixed", False):
            return []
        multiple = spec.multiple
        short = min(height, width)
        return [size for size in SIZES if not any(side * size % (short * multiple) for side in (height, width))]

    def return_to_running_model(self) -> None:
        """To the model that runs, leaving one that is being built; to the default one when none does."""
        good = self._good if self.info is not None else Model()
        if good != self._live.value.model:
            self._live.correct({f"Model.{key}": value for key, value in asdict(good).items()})
