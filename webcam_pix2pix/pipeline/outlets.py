"""Outlets: the sinks of an engine, each on a thread of its own, so that one that waits never makes the show wait."""

import logging
import queue
import threading
from collections.abc import Callable

from msa.heartbeats import Heartbeat
from webcam_pix2pix.frame import Frame

from .status import Sink

log = logging.getLogger(__name__)

QUEUE = 8  # frames that may wait for a sink
STUCK_S = 2.0  # a sink that is busy with one frame for longer stands still
MEANWHILE = "it gets no frames until it is back; the show goes on"
CLOSE_S = 2.0  # for a sink to take what waits


class Outlet:
    """Hands frames to `sink.put` in order. A frame that finds the queue full is left out and counted.

    failed(sink, error): called on the thread of the outlet when the sink raises; it gets no frame after that.

    Attributes:
        refused: frames left out.
    """

    def __init__(self, sink: Sink, failed: Callable[[Sink, Exception], None]) -> None:
        self.sink, self.refused = sink, 0
        self._failed, self._left = failed, False
        self._frames: queue.Queue[Frame | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name=f"sink {type(sink).__name__}", daemon=True)
        self._heart = Heartbeat(f"output {type(sink).__name__}", STUCK_S, MEANWHILE, self._thread)
        self._thread.start()

    def post(self, frame: Frame) -> None:
        """Hand over a frame. Never waits."""
        try:
            self._frames.put_nowait(frame)
        except queue.Full:
            self.refused += 1

    def _is_stuck(self) -> bool:
        return self._heart.busy_s > STUCK_S

    def close(self) -> bool:
        """Let the sink take what waits, and end the thread. False when the sink does not answer: then it is left behind at once."""
        if self._thread is threading.current_thread() or not self._thread.is_alive():  # its sink has failed
            return True
        try:
            self._frames.put(None, timeout=0.0 if self._is_stuck() else CLOSE_S)
        except queue.Full:
            self._left = True  # should it be back one day, its thread ends
        else:
            self._thread.join(0.0 if self._is_stuck() else CLOSE_S)
        if self._thread.is_alive():
            log.warning("%s does not answer; it is left behind", type(self.sink).__name__)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._left and (frame := self._frames.get()) is not None:
            try:
                with self._heart:
                    self.sink.put(frame)
            except Exception as error:
                return self._failed(self.sink, error)


class Outlets:
    """All sinks. post() is for the show; deliver() for files, where each frame counts and the sinks may wait.

    failed(what, error): told when a sink failed; it has been removed and closed then.
    """

    def __init__(self, failed: Callable[[str, Exception], None]) -> None:
        self._failed = failed
        self._lock = threading.Lock()
        self._sinks: tuple[Sink, ...] = ()
        self._outlets: dict[int, Outlet] = {}  # by id of the sink: sinks need not be hashable

    def add(self, sink: Sink) -> None:
        with self._lock:
            self._sinks = (*self._sinks, sink)

    def remove(self, sink: Sink) -> bool:
        """Remove a sink, once it has what waits for it. False when it does not answer."""
        with self._lock:
            self._sinks = tuple(s for s in self._sinks if s is not sink)
            outlet = self._outlets.pop(id(sink), None)
        return outlet is None or outlet.close()

    def post(self, frame: Frame) -> None:
        """Hand the frame to every sink on its own thread. Never waits."""
        for sink in self._sinks:
            with self._lock:
                outlet = self._outlets.get(id(sink))
                if outlet is None and any(s is sink for s in self._sinks):
                    outlet = self._outlets[id(sink)] = Outlet(sink, self._sink_failed)
            if outlet is not None:
                outlet.post(frame)

    def deliver(self, frame: Frame) -> None:
        """Give the frame to every sink, here."""
        for sink in self._sinks:
            try:
                sink.put(frame)
            except Exception as error:
                self._sink_failed(sink, error)

    def close(self) -> None:
        """Remove and close all sinks; one that does not answer is left behind."""
        for sink in self._sinks:
            if self.remove(sink):
                self._close(sink)

    def _sink_failed(self, sink: Sink, error: Exception) -> None:
        self.remove(sink)
        self._failed(f"{type(sink).__name__} stopped", error)
        self._close(sink)

    def _close(self, sink: Sink) -> None:
        try:
            sink.close()
        except Exception:
            log.exception("closing %s", sink)
