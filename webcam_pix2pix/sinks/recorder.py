"""Recorder: frames to a video file, on a thread of its own."""

import logging
import os
import queue
import threading

import numpy as np

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output, outgoing

from .output_image import output_image
from .video_writer import VideoWriter

log = logging.getLogger(__name__)

QUEUE = 64  # frames that may wait for the encoder
LONGEST_GAP_S = 10.0  # a longer pause between two frames is cut to this
CLOSE_S = 30.0  # for the encoder to finish what waits


class Recorder:
    """A sink that records the prediction (the processed or captured image where there is none).

    Live, the video keeps real time: each frame takes the place that its time of capture gives it, gaps repeat the last image. With
    `slack_s` a frame that is off its place by less than that is neither left out nor waited for. With `block` each frame becomes one
    image of the video and nothing is lost.

    Attributes:
        refused: frames that found the queue full (never with `block`).
        written: images in the video so far.
        error: one line when recording failed; the sink takes no more then.
    """

    def __init__(self, path: str | os.PathLike, fps: float = 30.0, block: bool = False, slack_s: float = 0.0,
                 output: Output | None = None) -> None:
        """path: .mp4, .mkv or .mov; takes its name at close(). slack_s: seconds. output: size and shape of the images.

        Raises ValueError or OSError naming `path`.
        """
        self.refused = 0
        self.error: str | None = None
        self._block, self._output = block, output or Output()
        self._writer = VideoWriter(path, fps)
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

    def put(self, frame: Frame) -> None:
        """Hand over a frame. Does not wait, unless `block`."""
        if self.error is not None or self._closed:
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
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self.error = f"{self.path}: the disk does not answer; the recording is unfinished"
            log.error("%s", self.error)

    def _run(self) -> None:
        try:
            while (frame := self._queue.get()) is not None:
                self._write(frame)
            self._writer.close()
            if self._writer.count == 0:
                self.error = f"{self.path}: nothing was recorded: there was no frame"
        except Exception as error:
            self._failed(error)

    def _write(self, frame: Frame) -> None:
        image = outgoing(output_image(frame), self._output)
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
        while not self._closed or not self._queue.empty():  # let go of whoever waits in put()
            try:
                if self._queue.get(timeout=0.5) is None:
                    return
            except queue.Empty:
                continue
