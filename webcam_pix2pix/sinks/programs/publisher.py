"""Publisher: the newest image to another program, on a thread of its own."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np

from msa.files import format_error
from msa.heartbeats import Heartbeat
from msa.utils import Latest
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output
from webcam_pix2pix.preprocessing import resized

from ..output_image import composed

log = logging.getLogger(__name__)

REPEAT_S = 0.2  # an image that stays is sent again: some programs take a still sender for gone
CLOSE_S = 5.0
STILL_S = 4.0


class Sender(Protocol):
    """What an opener gives."""

    def send(self, image: np.ndarray) -> None:
        """HxWx3 RGB uint8, contiguous, of the size that it was opened with."""

    def close(self) -> None: ...


Open = Callable[[str, int, int, float], Sender]  # name, width, height, images a second


class Publisher:
    """A sink that opens a sender with the first image, and gives it the newest one whenever it has taken the one before.

    Attributes:
        error: one line when it failed; then it takes no more.
        sent: images so far.
    """

    def __init__(self, label: str, opener: Open, name: str, output: Callable[[], Output] = Output, fps: float = 30.0,
                 keeps_size: bool = False, failed: Callable[[str], None] = lambda text: None) -> None:
        """keeps_size: the receiver cannot follow another size; later images are fitted into the first one, which has even sides.
        failed: called with `error`, on its thread.
        """
        self.error: str | None = None
        self.sent = 0
        self._label, self._open, self._name, self._output, self._fps = label, opener, name, output, fps
        self._keeps_size, self._failed = keeps_size, failed
        self._newest: Latest[Frame] = Latest()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=label, daemon=True)
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Take the newest frame. Does not wait."""
        if self.error is None:
            self._newest.put(frame)

    def close(self) -> None:
        """End the connection to the other program."""
        self._stop.set()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            log.error("%s does not end", self._label)

    def _run(self) -> None:
        sender: Sender | None = None
        size: tuple[int, int] | None = None  # height, width that it was opened with
        frame: Frame | None = None
        heart = Heartbeat(self._label, STILL_S, "it gets no images until it is back; the show goes on")
        try:
            while not self._stop.is_set():
                heart.beat()
                frame = self._newest.take(REPEAT_S) or frame
                if frame is None:
                    continue
                image = composed(frame, "painting", self._output())
                if self._keeps_size:
                    size = size or (image.shape[0] // 2 * 2, image.shape[1] // 2 * 2)
                    image = image if image.shape[:2] == size else resized(image, size, "pad")
                if sender is None or image.shape[:2] != size:
                    if sender is not None:
                        sender.close()
                    size = image.shape[0], image.shape[1]
                    sender = self._open(self._name, size[1], size[0], self._fps)
                sender.send(np.ascontiguousarray(image))
                self.sent += 1
        except Exception as error:  # a driver or a library of others
            self.error = f"{self._label}: {format_error(error)}"
            log.info("%s", self.error, exc_info=error)
            self._failed(self.error)
        finally:
            if sender is not None:
                try:
                    sender.close()
                except Exception:
                    log.exception("closing %s", self._label)
