"""What lies behind an address: a live stream, a video file or an image."""

import numpy as np

from .decoder import Decoder
from .init import Init
from .source import Pace, Source
from .video import VideoFile

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp", "tcp", "rtp", "srt")
TIMEOUT_S = 5.0  # without an answer or a picture
RTSP = {"rtsp_transport": "tcp"}  # over UDP, half the pictures of a wireless camera are torn


def open_address(url: str, init: Init, live: bool) -> Source:
    """Open `url`. Raises ValueError or OSError naming it, after about five seconds without an answer."""
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise ValueError(f"{url}: {scheme}:// is not known, expected one of {', '.join(f'{s}://' for s in SCHEMES)}")
    decoder = Decoder(url, options=RTSP if scheme.startswith("rtsp") else {}, timeout=TIMEOUT_S, low_delay=True)
    if decoder.duration is None:
        return Stream(url, decoder, init.fps, live)
    decoder.close()
    return VideoFile(url, live, TIMEOUT_S)


class Stream:
    """A live stream; also a single image behind an address, which stays."""

    finite = False
    note = camera = ""
    skipped = 0

    def __init__(self, url: str, decoder: Decoder, fps: float, live: bool) -> None:
        """Takes `decoder` over. Raises OSError when no picture comes."""
        self.name = f"stream {_without_password(url)}"
        self._url, self._decoder = url, decoder
        self.fps = decoder.fps
        try:
            first = decoder.next()
            if first is None:
                raise OSError(f"{self.name}: no picture in it")
            self._image: np.ndarray | None = decoder.image(first)
            self._still = decoder.format.endswith("_pipe") and decoder.next() is None
        except BaseException:
            decoder.close()
            raise
        self.size = (self._image.shape[1], self._image.shape[0])
        self.live = live or not self._still
        self.finite = self._still and not live
        if self._still:
            self.name, self.fps, self._pace = f"image {_without_password(url)}", float(fps), Pace(fps)

    def read(self) -> np.ndarray | None:
        if self._still and self.live:
            self._pace.wait()
            return self._image
        if self._image is not None or self._still:
            image, self._image = self._image, None
            return image
        frame = self._decoder.next()
        if frame is None:
            raise OSError(f"{self.name} ended")
        return self._decoder.image(frame)

    def close(self) -> None:
        self._decoder.close()


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
