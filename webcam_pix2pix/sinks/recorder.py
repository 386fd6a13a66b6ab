"""Recorder: frames to a video file, on a thread of its own."""

import logging
import os
import queue
import threading

import numpy as np

from msa.heartbeats import Heartbeat
from msa.words import duration
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output

from .about import About
from .output_image import RECORDED, composed
from .room import Room
from .video_writer import VideoWriter

log = logging.getLogger(__name__)

QUEUE = 64  # frames that may wait for the encoder
LONGEST_GAP_S = 10.0  # a longer pause between two frames is cut to this
STILL_S = 5.0  # with one frame
CLOSE_S = 30.0  # without a sign of life from the encoder or the disk, until they are given up


class Recorder:
    """A sink that records the prediction (the processed or captured image where there is none), or what `output.record` says beside it.

    The file can be played at any time, up to its last image, whatever happens to the program. Before the disk is full the
    recording ends by itself.

    Live, the video keeps real time: each frame takes the place that its time of capture gives it, gaps repeat the last image. With
    `slack_s` a frame that is off its place by less than that is neither left out nor waited for. With `block` each frame becomes one
    image of the video and nothing is lost.

    Attributes:
        refused: frames that found the queue full (never with `block`).
        written: images in the video so far.
        error: one line when recording failed; the sink takes no more then.
        ended: one line when it has ended by itself, complete, because the disk is nearly full.
        room: how long the disk lasts.
    """

    def __init__(self, path: str | os.PathLike, fps: float = 30.0, block: bool = False, slack_s: float = 0.0,
                 output: Output | None = None, about: About | None = None) -> None:
        """path: .mp4, .mkv or .mov; a file of that name is replaced at close(). slack_s: seconds. output: which images, their size and
        shape. about: kept in the metadata.

        Raises ValueError or OSError naming `path`.
        """
        self.refused = 0
        self.error: str | None = None
        self.ended: str | None = None
        self._block, self._output = block, output or Output()
        self._writer = VideoWriter(path, fps, safe=True, comment=about.text() if about else "")
        self.room = Room(self._writer.path)
        self._slack = round(slack_s * fps)  # images
        self._queue: queue.Queue[Frame | None] = queue.Queue(QUEUE)
        self._closed = False
        self._start: float | None = None  # time of the first frame
        self._cut_s = 0.0  # taken out of pauses so far
        self._last: np.ndarray | None = None
        self._thread = threading.Thread(target=self._run, name=f"record {self.path.name}", daemon=True)
        self._thread.start()

    @property
    def path(self):
        return self._writer.path

    @property
    def written(self) -> int:
        return self._writer.count

    @property
    def waiting(self) -> int:
        """Frames that the encoder has not taken yet."""
        return self._queue.qsize()

    @property
    def left(self) -> str:
        """How long the disk lasts, for people, once that is worth a word; else ""."""
        return duration(self.room.left_s) if self.room.short and self.room.left_s is not None else ""

    def put(self, frame: Frame) -> None:
        """Hand over a frame. Does not wait, unless `block`."""
        if self.error is not None or self.ended is not None or self._closed:
            return
        try:
            self._queue.put(frame, block=self._block)
        except queue.Full:
            self.refused += 1

    def close(self) -> None:
        """Write what waits, finish the file. Without frames there is no file, and `error` says so."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        signs = None
        while self._thread.is_alive() and signs != (signs := (self._writer.count, self._writer.progress)):
            self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self.error = f"{self.path}: the disk does not answer; the recording is unfinished"
            log.error("%s", self.error)

    def _run(self) -> None:
        heart = Heartbeat(f"recording {self.path.name}", STILL_S, "the encoder or the disk does not answer; the show goes on")
        try:
            while (frame := self._queue.get()) is not None:
                with heart:
                    self._write(frame)
                    self.room.check(self._writer.size)
                if self.room.full:
                    self.ended = f"{self.path}: the disk is nearly full; the recording has ended and is complete up to here"
                    break
            self._writer.close()
            if self._writer.count == 0:
                self.error = f"{self.path}: nothing was recorded: there was no frame"
            if self.ended is not None:
                self._let_go()
        except Exception as error:
            self._failed(error)

    def _write(self, frame: Frame) -> None:
        image = composed(frame, RECORDED[self._output.record], self._output)
        if not self._block:
            place = self._place(frame.time)
            if place < self._writer.count - self._slack:  # faster than the video's frame rate
                self._last = image
                return
            while self._writer.count + self._slack < place:
                self._writer.write(image if self._last is None else self._last)
        self._writer.write(image)
        self._last = image

    def _place(self, time: float) -> int:
        """Index in the video at which a frame captured at `time` belongs."""
        if self._start is None:
            self._start = time
        place = round((time - self._start - self._cut_s) * self._writer.fps)
        excess = place - self._writer.count - round(LONGEST_GAP_S * self._writer.fps)
        if excess > 0:
            self._cut_s += excess / self._writer.fps
            place -= excess
        return place

    def _failed(self, error: Exception) -> None:
        self.error = str(error)
        if not isinstance(error, OSError):  # whoever records shows `error`; a mistake of ours needs more
            log.error("recording ended: %s", error, exc_info=error)
        self._writer.discard()
        self._let_go()

    def _let_go(self) -> None:
        """Take what still comes, so that nobody waits in put()."""
        while not self._closed or not self._queue.empty(): 
            try:
                if self._queue.get(timeout=0.5) is None:
                    return
            except queue.Empty:
                continue
