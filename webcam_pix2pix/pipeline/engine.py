"""Pipeline: the engine thread, and the step that it repeats.

The engine never calls into the window: the window assigns `settings`, takes from `output` and reads `status`.
"""

import contextlib
import logging
import sys
import threading
import time
from collections import deque
from dataclasses import replace

import numpy as np

from msa.capturer import Captured, Capturer
from msa.files import format_error
from msa.framestats import FrameStats
from msa.heartbeats import Heartbeat, Watchdog
from msa.utils import Latest
from webcam_pix2pix.bend import bending
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.preprocessing import DetectorError, resized
from webcam_pix2pix.preprocessing.detector import detector, is_open
from webcam_pix2pix.quality import EverySecond, Ladder, Rung
from webcam_pix2pix.settings import Model, Settings

from .chain import Chain, resolved
from .comparison import Comparison
from .hooks import Hooks
from .loader import Build, Loader
from .outlets import Outlets
from .rescue import Rescue
from .status import Predictor, Problem, Sink, Status, why_not_bent

log = logging.getLogger(__name__)

SWITCH_S = 0.0005  # an image is some fifty steps that each want the interpreter: at 5 ms a builder in Python would add them all up
WAITING_S = 0.07  # between two images while the first model is built: it comes the sooner
STILL_S = 5.0  # a turn that takes longer: the engine stands still
SEEN_S = 0.5  # between two images that are kept for the next model
SEEN_HEIGHT = 720


class Pipeline(Chain):
    """The chain with a capturer, sinks and an engine thread, all of which it owns: `close()` stops it and closes them.

    build: makes the predictor that `settings.model` asks for, with some images of the camera (HxWx3 RGB uint8) to prove it on; runs on
        a loader thread whenever those settings change, may take seconds, and raises ValueError or OSError with one line when it cannot.
    preview: makes one that is ready sooner and may be slow: it paints until the first predictor of `build` is there.
    """

    def __init__(self, capturer: Capturer, settings: Settings | None = None,
                 build: Build | None = None, preview: Build | None = None) -> None:
        super().__init__()
        self.capturer = capturer
        self.settings = settings or Settings()  # replaced whole by the window; read once per frame
        self.output: Latest[Frame] = Latest()
        self.comparison = Comparison(self._failed)
        self.hooks = Hooks(self._failed)
        self._outlets = Outlets(self._failed)
        self.watchdog = Watchdog(self.report)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._opening: threading.Thread | None = None  # opens an edge detector
        self._seen: deque[np.ndarray] = deque(maxlen=4)  # camera images some time apart
        self._seen_at = 0.0
        self._loader = Loader(build, self._not_loaded, self._seen, preview) if build else None
        self._running: Model | None = None  # the settings that the predictor in use was built with; None: of a preview
        self._refused: Predictor | None = None  # the one that was said not to bend
        self._ladder: Ladder | None = None
        self._rung: Rung | None = None  # None: as the settings ask
        self._rescue = Rescue()
        self._basis = (self.settings.model, self.settings.quality)  # what the ladder was made for
        self._last = 0.0  # when the last image was finished
        self._stats = FrameStats()
        self._problems: deque[Problem] = deque(maxlen=50)
        self._known: set[str] = set()
        self._init = self.settings.capture_init
        self._frames, self._printed_at = 0, 0.0  # images finished; when the figures were printed last

    # ---- what the window does

    def start(self) -> None:
        """Start the engine thread."""
        sys.setswitchinterval(SWITCH_S)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._heart = Heartbeat("engine", STILL_S, "the painting stays as it is", self._thread)
        self._thread.start()
        self.watchdog.start()

    def reload_model(self) -> None:
        """Build the predictor again, though its settings have not changed: its file has."""
        if self._loader:
            self._running = self._loader.asked = None  # in this order: the engine looks at what is asked for

    def add_sink(self, sink: Sink) -> None:
        self._outlets.add(sink)

    def remove_sink(self, sink: Sink) -> None:
        """Remove a sink, once it has what it was to get. Its owner closes it."""
        self._outlets.remove(sink)

    @property
    def on_air(self) -> Model | None:
        """The model settings that the predictor in use was built with; None for a preview, and while there is none."""
        return self._running

    def report(self, text: str, over: str = "") -> None:
        """Add a problem to the list; the same text twice in a row is kept once. over: the text of one that this one ends."""
        if not self._problems or self._problems[-1].text != text:
            self._problems.append(Problem(time.perf_counter(), text, over))

    @property
    def status(self) -> Status:
        predictor, capturer, source, loader = self.predictor, self.capturer, self.capturer.source, self._loader
        return Status(
            source=source.name if source else "", source_size=source.size if source else None,
            source_note=capturer.error or (source.note if source else ""), model=predictor.info if predictor else None,
            device=predictor.label if predictor else "", device_note=predictor.note if predictor else "",
            asked=loader.asked if loader else None, refused=loader.refused if loader else None,
            loading=loader.loading if loader else "", quality=self._ladder.text if self._ladder else "",
            input_size=predictor.input_size if predictor else None, fps=self._stats.fps, source_fps=capturer.fps, still=self.watchdog.still,
            stages=tuple(self._stats.ms.copy().items()),
            frames=self._frames, skipped=capturer.dropped, problems=tuple(self._problems), finished=capturer.finished)

    def close(self) -> None:
        """Stop the engine, then close what it used. Each step is guarded: one that fails does not keep the others from closing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        for part in (self.watchdog, self._outlets, self._loader, self.predictor, self.capturer):
            if part is not None:
                try:
                    part.close()
                except Exception:
                    log.exception("closing %s", part)
        self.predictor = None

    # ---- the chain, counted

    def finish(self, frame: Frame, settings: Settings) -> Frame:
        frame = super().finish(frame, settings)
        blended = settings.prediction.enabled and self.every_second is not None and not self.every_second.predicted
        self._count(frame, settings.main.verbose, blended)
        return frame

    def _count(self, frame: Frame, verbose: bool, blended: bool) -> None:
        self._frames += 1
        if not blended:
            self._stats.tick()
        for timing in frame.timings:
            self._stats.add(*timing)
        now = time.monotonic()
        if verbose and now - self._printed_at >= 1.0:
            self._printed_at = now
            stages = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in self._stats.ms.items())
            sys.stderr.write(f"frame {frame.index}: {self._stats.fps:.1f} fps, {stages}, skipped {self.capturer.dropped}\n")

    def use(self, predictor: Predictor) -> None:
        super().use(predictor)
        self.every_second = EverySecond(predictor) if self._rung and self._rung.every > 1 else None

    # ---- the engine thread

    def _run(self) -> None:
        while not self._stop.is_set():
            self._heart.beat()
            settings = self.settings
            try:
                self._follow(settings)
                captured = self.capturer.take(0.1)
                if captured is not None:
                    self._turn(captured, self.hooks(captured, settings))
            except Exception as error:  # one bad frame never stops the show
                self._failed("this frame failed", error)
                self._stop.wait(0.05)
            waiting = self._running is None and self._loader is not None and bool(self._loader.loading)
            if pause := max(settings.main.sleep_s, WAITING_S if waiting else 0.0):
                self._stop.wait(pause)

    def _follow(self, settings: Settings) -> None:
        """Apply changed settings to the capturer and the predictor."""
        if self._loader:
            self._follow_model(settings, self._loader)
        if settings.capture_init != self._init:
            self._init = settings.capture_init
            self.capturer.follow(settings.capture_init)
        self.capturer.enabled, self.capturer.frozen = settings.capture.enabled, settings.capture.freeze
        if (transport := self.capturer.transport) is not None:
            transport.stay_s = settings.capture.slide_s

    def _follow_model(self, settings: Settings, loader: Loader) -> None:
        if (ready := loader.take()) is not None:
            predictor, self._running = ready
            self.use(predictor)
        self._report_unbendable(settings)
        if (settings.model, settings.quality) != self._basis:
            self._basis, self._ladder, self._rung = (settings.model, settings.quality), None, None
        wanted = self._rescue.follow(self._rung.applied(settings.model) if self._rung else settings.model)
        if wanted != loader.asked:
            if wanted == self._running:
                loader.keep(wanted)
            else:
                loader.ask(settings, wanted)

    def _report_unbendable(self, settings: Settings) -> None:
        """Once for each model that is asked to bend and cannot."""
        if self.predictor is None or self._running is None or self.predictor is self._refused or bending(settings.bend, 0.0) is None:
            return
        if why := why_not_bent(self.predictor):
            self._refused = self.predictor
            self.report(why)

    def _update_quality(self, frame: Frame, settings: Settings) -> None:
        """Tell the quality ladder how long the frame took; it may ask for another rung."""
        now, before = time.perf_counter(), self._last
        self._last = now
        if not (settings.quality.ladder and self._loader and self.predictor) or self._loader.loading or self.capturer.frozen:
            return
        if self._ladder is None:
            if self._running != settings.model:  # the best rung comes back first
                return
            self._ladder = Ladder(settings.quality, settings.model, min(self.predictor.input_size), self.predictor.multiple)
        busy_ms = sum(ms for stage, ms in frame.timings if stage != "capture")
        rung = self._ladder.observe(busy_ms, 1000 * (now - frame.time), 1000 * (now - before))
        if rung is not None:
            self._rung = rung
            log.info("quality ladder: %s", self._ladder.text or "back to the best")
            if rung.applied(settings.model) == self._running:  # the same predictor, painting more or less often
                self.every_second = EverySecond(self.predictor) if rung.every > 1 else None

    def _turn(self, captured: Captured, settings: Settings) -> None:
        if captured.time - self._seen_at > SEEN_S:
            self._seen_at = captured.time
            height, width = captured.image.shape[:2]
            scale = min(1.0, SEEN_HEIGHT / height)  # of a large image, less memory
            self._seen.append(resized(captured.image, (round(scale * height), round(scale * width)), "stretch"))
        try:
            frame = self._step_without_fail(captured, settings)
        except Exception as error:
            self._failed("this frame failed", error)
            frame = Frame(captured.index, captured.time, sealed(captured.image.copy()))
        self._update_quality(frame, settings)
        frame = self.comparison.added(frame, captured, settings, self.predictor)
        self.output.put(frame)
        self._outlets.post(frame)

    def _step_without_fail(self, captured: Captured, settings: Settings) -> Frame:
        """A step; with no lines while the edge detector is being opened beside the show, and when it cannot be used."""
        edges = resolved(settings.edges, self.predictor.info.recipe if self.predictor else None)
        without = replace(settings, edges=replace(settings.edges, method="none"))
        if edges.method == "network" and not settings.processing.canny and not is_open(edges.network):
            if self._opening is None or not self._opening.is_alive():
                self._opening = threading.Thread(target=_open_detector, args=(edges.network,), name="edge detector", daemon=True)
                self._opening.start()
            return self.step(captured, without)
        try:
            return self.step(captured, settings)
        except DetectorError as error:
            self._failed("no lines", error, expected=True)
            return self.step(captured, without)

    def predict(self, frame: Frame, settings: Settings) -> Frame:
        """As Chain.predict; on air a network that fails is replaced by a safer one, and meanwhile the last good painting stays."""
        if threading.current_thread() is not self._thread:
            return super().predict(frame, settings)
        if not self._rescue.bypassed:
            try:
                frame = super().predict(frame, settings)
                self._rescue.succeeded()
                return frame
            except Exception as error:
                instead = "" if self._loader and self._loader.loading else self._rescue.failed()
                if f"the network failed: {format_error(error)}" not in self._known:
                    self._failed("the network failed", error)
                if instead:
                    self.report(f"the network failed {self._rescue.failures} times ({format_error(error)}); {instead}")
        good = None if self._rescue.bypassed or self._shown is None else self._shown
        return replace(frame, predicted=frame.processed if good is None else good)

    def deliver(self, frame: Frame) -> None:
        """Give the frame to every sink, here. A sink that fails is removed and closed; the others continue."""
        self._outlets.deliver(frame)

    def _not_loaded(self, what: str, error: Exception) -> None:
        """A bad file leaves the old model running and says why."""
        self._failed(what, error, expected=isinstance(error, ValueError | OSError))

    def _failed(self, what: str, error: Exception, expected: bool = False) -> None:
        text = f"{what}: {format_error(error)}"
        if text not in self._known and not expected:
            self._known.add(text)
            log.error(text, exc_info=error)
        self.report(text)


def _open_detector(path: str) -> None:
    with contextlib.suppress(DetectorError):  # told when it is used
        detector(path)
