"""Panels: the three images of the same frame, and their latency."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.model import called
from webcam_pix2pix.pipeline import Status
from webcam_pix2pix.settings import Settings

from .dock import Panel

NO_MODEL = "The painting appears here when the model is loaded"
NO_IMAGE = "The source gives no image: choose another one"
LEAST_ROOM, LEAST_ASIDE = 260, 200  # px, for a message
STEADY = 40  # images after which a model has shown what it can


class Panels:
    """Attributes:
        capture, processed, prediction: the panels. all: the three of them.
        frame: the one that is shown, None before the first.
        composed: gives what the third panel shows of a frame.
        latency_ms: from capture to the screen, smoothed; None before the first frame.
    """

    def __init__(self) -> None:
        self.capture = Panel("capture", "capture", "Waiting for the first image")
        self.processed = Panel("processed", "processed", "What the network will see")
        self.prediction = Panel("prediction", "prediction", NO_MODEL)
        self.all = (self.capture, self.processed, self.prediction)
        self.frame: Frame | None = None
        self.latency_ms: float | None = None
        self.composed: Callable[[Frame], np.ndarray | None] = lambda frame: frame.predicted
        self._predicting: tuple[Any, int] = (None, 0)  # the running model, and the number of its first image

    def room(self, aside: bool = False) -> QWidget | None:
        """The image over which a message may stand, the painting or one aside; None while none is in sight."""
        order, least = (self.prediction, self.capture, self.processed), LEAST_ASIDE if aside else LEAST_ROOM
        seen = [panel.view for panel in (reversed(order) if aside else order)
                if not panel.isFloating() and not panel.visibleRegion().isEmpty() and panel.view.width() >= least]
        return seen[0] if seen else None

    def show(self, frame: Frame) -> None:
        """All three stages at once."""
        self.frame = frame
        self.capture.show_image(frame.captured)
        self.processed.show_image(frame.processed)
        self.prediction.show_image(self.composed(frame))
        ms = 1000 * (time.perf_counter() - frame.time)
        self.latency_ms = ms if self.latency_ms is None else 0.9 * self.latency_ms + 0.1 * ms

    def show_marks(self, status: Status, settings: Settings, lost: bool) -> None:
        """Say beside the titles what is out of the ordinary."""
        capture = settings.capture
        self.capture.show_mark("off" if not capture.enabled else "frozen" if capture.freeze else "no signal" if lost else "")
        self.prediction.view.empty = NO_IMAGE if status.model is not None and not status.loading else NO_MODEL
        self.prediction.show_mark(f"loading {called(status.loading)}…" if status.loading else
                                  "" if settings.prediction.enabled else "bypassed: this is what the network sees")

    def steady(self, status: Status) -> bool:
        """Whether the running model has painted for a while."""
        if status.model is not self._predicting[0]:
            self._predicting = status.model, status.frames
        return status.model is not None and status.frames - self._predicting[1] > STEADY
