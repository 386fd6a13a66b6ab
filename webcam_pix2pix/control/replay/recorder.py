"""ReplayRecorder: writes down what the engine is given, frame by frame, and what happens at the desk."""

import logging
import queue
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from msa.capturer import Captured
from msa.capturer.replay import RecordFile, is_replay
from msa.capturer.replay.recordfile import EVENT, FRAME, HEADER, IMAGE
from msa.heartbeats import Heartbeat
from msa.images import encode_jpeg
from webcam_pix2pix import __version__
from webcam_pix2pix.pipeline import Pipeline, resolved
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.settings import NAMES, Settings

log = logging.getLogger(__name__)

SUFFIX = ".replay"
QUALITY = 95  # of JPEG
WAITING = 32  # frames and events that may wait for the disk
CLOSE_S = 10.0
STILL_S = 5.0


class ReplayRecorder:
    """A hook of the engine (Pipeline.hooks): never waits. Images go to the file; those of a film stay in the film, only their times go.

    Attributes:
        error: why it ended early, in one line; else None.
        frames: written. refused: frames left out because the disk was too slow.
    """

    def __init__(self, path: Path, pipeline: Pipeline, fps: float = 30.0, wait: bool = False) -> None:
        """fps: of the source, as it says. wait: rather wait than leave frames out. Raises OSError naming the file."""
        self.path, self.frames, self.refused = path, 0, 0
        self.error: str | None = None
        self._pipeline, self._wait = pipeline, wait
        self._file = RecordFile(path)
        self._file.add(HEADER, {"program": f"webcam-pix2pix {__version__}", "began": time.strftime("%Y-%m-%d %H:%M:%S"), "fps": fps})
        self._queue: queue.Queue[tuple[dict[str, Any], Captured | None] | None] = queue.Queue(WAITING)
        self._settings: Settings | None = None  # as written down last
        self._air: tuple[Any, Any] | None = None  # likewise: predictor and its model settings
        self._image: np.ndarray | None = None
        self._films: list[str] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="replay recorder", daemon=True)
        self._thread.start()

    def __call__(self, captured: Captured, settings: Settings) -> Settings:
        if self.error is not None or self._closed:
            return settings
        record: dict[str, Any] = {"t": captured.time, "image": "same" if captured.image is self._image else self._where(captured)}
        if values := self._changed(settings):
            record["set"] = values
        air = self._pipeline.predictor, self._pipeline.on_air
        if air != self._air and air[0] is not None:
            record["air"] = self._on_air(settings)
        try:
            self._queue.put((record, captured if record["image"] == "next" else None), block=self._wait)
        except queue.Full:
            self.refused += 1
            return settings
        self._settings, self._image, self._air = settings, captured.image, air
        return settings

    def event(self, change: Any) -> None:
        """Write down a control.desk.Change, as Desk.subscribe() gives it."""
        if self.error is None and not self._closed:
            record = {"t": time.perf_counter(), "by": change.by, "text": change.text, "values": dict(change.values)}
            try:
                self._queue.put_nowait((record | ({"action": change.action, "argument": change.argument} if change.action else {}), None))
            except queue.Full:
                self.refused += 1

    def close(self) -> None:
        """Write what waits and close the file."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join(CLOSE_S)

    def _changed(self, settings: Settings) -> dict[str, Any]:
        if settings is self._settings:
            return {}
        new, old = settings.flat(), self._settings.flat() if self._settings is not None else {}
        return {name: new[name] for name in NAMES if name not in old or old[name] != new[name]}

    def _on_air(self, settings: Settings) -> dict[str, Any]:
        info = self._pipeline.predictor.info if self._pipeline.predictor else None
        edges = asdict(resolved(EdgeDetection(), getattr(info, "recipe", None)))  # as trained
        return {"model": asdict(self._pipeline.on_air or settings.model), "name": getattr(info, "name", ""),
                "edges": {f"EdgeDetection.{key}": value for key, value in edges.items()}}

    def _where(self, captured: Captured) -> Any:
        """Where the image of a frame is kept: "next" in the file, or [number of the film, seconds]."""
        name = self._pipeline.capturer.device_id
        path = Path(name).expanduser()
        if captured.place is None or not path.is_file() or is_replay(path):
            return "next"
        if name not in self._films:
            self._films.append(name)
            self._queue.put(({"name": path.name, "film": str(path.absolute()), "bytes": path.stat().st_size}, None))
        return [self._films.index(name), captured.place]

    def _run(self) -> None:
        heart = Heartbeat("replay recorder", STILL_S, "the disk does not answer; the show goes on")
        try:
            while (entry := self._queue.get()) is not None:
                record, captured = entry
                with heart:
                    self._file.add(EVENT if "by" in record else FRAME, record)
                    if captured is not None:
                        self._file.add(IMAGE, encode_jpeg(captured.image, QUALITY))
                self.frames += "image" in record
        except Exception as error:
            self.error = str(error)
            if not isinstance(error, OSError):
                log.error("the replay ended: %s", error, exc_info=error)
            while not self._closed or not self._queue.empty():  # let go of whoever waits
                try:
                    if self._queue.get(timeout=0.5) is None:
                        break
                except queue.Empty:
                    continue
        finally:
            self._file.close()
