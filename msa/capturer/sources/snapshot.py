"""Snapshot: one image behind an address. Cameras and telephones give another one each time they are asked."""

import logging
import threading

import numpy as np

from ..decoding.decoder import Decoder
from ..source import Pace

log = logging.getLogger(__name__)

ASK_S = 0.2  # from one question to the next while the image changes
SELDOM_S = 2.0  # at most, while it stays the same
LOST_S = 5.0  # without an answer: the camera is gone


class Snapshot:
    """Live: asks for the image again and again on a thread of its own, and gives the newest at `fps`, for ever.

    Not live: an image that is the same when asked again is given once; one that has changed is a camera, and live.
    """

    note = camera = ""
    skipped = 0

    def __init__(self, url: str, image: np.ndarray, fps: float, live: bool, timeout: float) -> None:
        """image: what the address gave just now, HxWx3 RGB uint8. timeout: seconds to wait for an answer. Raises OSError naming `url`."""
        self.name, self.fps = f"image {without_password(url)}", float(fps)
        self.size = (image.shape[1], image.shape[0])
        self._url, self._timeout, self._image = url, timeout, image
        self._given = False
        self._pace = Pace(fps)
        self._closed = threading.Event()
        self._lost: str | None = None
        if not live:
            self._closed.wait(ASK_S)
            live = not np.array_equal(image, self._asked())
        self.live, self.finite = live, not live
        if live:
            threading.Thread(target=self._ask, name=self.name, daemon=True).start()

    def read(self) -> np.ndarray | None:
        if not self.live:
            image = None if self._given else self._image
            self._given = True
            return image
        if self._lost is not None:
            raise OSError(self._lost)
        self._pace.wait()
        return self._image

    def close(self) -> None:
        self._closed.set()

    def _asked(self) -> np.ndarray:
        decoder = Decoder(self._url, timeout=self._timeout, low_delay=True)
        try:
            frame = decoder.next()
            if frame is None:
                raise OSError(f"{self.name}: the camera gives no image any more; check the camera")
            return decoder.image(frame)
        finally:
            decoder.close()

    def _ask(self) -> None:
        wait_s, silent_s = ASK_S, 0.0
        while not self._closed.wait(wait_s):
            try:
                image = self._asked()
            except (OSError, ValueError) as error:  # a camera that is busy answers the next time
                silent_s += wait_s
                if silent_s >= LOST_S or isinstance(error, TimeoutError):
                    self._lost = str(error)
                    return
                log.debug("%s", error)
                continue
            silent_s = 0.0
            wait_s = min(2 * wait_s, SELDOM_S) if np.array_equal(image, self._image) else ASK_S
            self._image = image


def without_password(url: str) -> str:
    """An address as it may be shown."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
