"""Loader: builds the next predictor beside the running one."""

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from msa.utils import Latest
from webcam_pix2pix.model import DEFAULT_MODEL
from webcam_pix2pix.settings import Model, Settings

from .status import Predictor

Build = Callable[[Settings, Collection[np.ndarray]], Predictor]  # settings, what the camera saw lately -> predictor
NICE = 10


class Loader:
    """Builds on its own thread. A build that ends after a newer one was requested is thrown away.

    Attributes:
        asked: the settings of the last build, whether it goes on, succeeded or failed; None before the first.
        loading: name of the model that is being built, or "".
        refused: the settings of the last build, when it failed.
    """

    def __init__(self, build: Build, failed: Callable[[str, Exception], None], seen: Collection[np.ndarray],
                 preview: Build | None = None) -> None:
        """build: may take seconds; raises when it cannot. failed: told what did not load, and why. seen: camera images, HxWx3 RGB
        uint8, growing meanwhile: what an accelerated form is compared on. preview: builds something that paints until the first
        predictor is ready."""
        self.asked: Model | None = None
        self.loading = ""
        self.refused: Model | None = None
        self._build, self._failed, self._seen, self._preview = build, failed, seen, preview
        self._generation = 0
        self._ready: Latest[tuple[int, Predictor, Model, bool]] = Latest()  # the last: whether it is a preview
        self._threads: list[threading.Thread] = []
        self._on_air = False  # whether a model is painting
        self._building = threading.Lock()  # one at a time: what was asked for in between is never built
        self._frozen = False  # whether the libraries are out of the garbage collector's sight

    def ask(self, settings: Settings, model: Model) -> None:
        """Build the predictor of `settings` with `model` in place of theirs; take() gives it."""
        self._generation += 1
        self.refused = None
        name = self.loading = model.model_name or DEFAULT_MODEL
        work = self._generation, name, replace(settings, model=model)
        thread = threading.Thread(target=self._work, args=work, name="loader", daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()
        self.asked = model  # after: who sees it asked and nothing loading knows that it is done

    def keep(self, model: Model) -> None:
        """What runs is what is asked for: forget a build that goes on."""
        self._generation += 1
        self.loading, self.asked, self.refused = "", model, None

    def take(self) -> tuple[Predictor, Model | None] | None:
        """The predictor that was asked for last and the settings it was built with (None: a preview), once it is ready."""
        ready = self._ready.take()
        if ready is None:
            return None
        generation, predictor, model, is_preview = ready
        if generation != self._generation:
            predictor.close()
            return None
        if is_preview:
            return predictor, None
        self.loading, self._on_air = "", True
        return predictor, model

    def close(self) -> None:
        """Wait for what is being built and throw it away."""
        self._generation += 1
        for thread in self._threads:
            thread.join(timeout=10)
        self.take()

    def _work(self, generation: int, name: str, settings: Settings) -> None:
        # the first model has no one to make room for: stepping back, on a busy machine it would never come; and the threads that OpenVINO
        # starts would stay so for ever
        if self._on_air and settings.model.backend != "openvino":
            _lower_priority()
        with self._building:
            if generation != self._generation:
                return
            try:
                if self._preview and not self._on_air:
                    self._ready.put((generation, self._preview(settings, self._seen), settings.model, True))
                predictor = self._build(settings, self._seen)
            except Exception as error:
                if generation == self._generation:
                    self._failed(f"model {Path(name).name} did not load", error)
                    self.loading, self.refused = "", settings.model
                return
        if not self._frozen:  # the libraries stay: a full collection that looks through them stops every thread for 0.15 s
            self._frozen = True
            gc.freeze()
        if generation == self._generation:
            self._ready.put((generation, predictor, settings.model, False))
        else:
            predictor.close()


def _lower_priority() -> None:
    """On Linux a thread may be less urgent than its process: what is built never takes the processor from what is on air."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
