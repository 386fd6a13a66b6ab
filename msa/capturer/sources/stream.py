"""What lies behind an address: a live stream, a film or an image."""

import time

import numpy as np

from ..decoding.decoder import Decoder, UnknownFormat
from ..init import Init
from ..source import Source
from .snapshot import Snapshot, without_password
from .video import VideoFile

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp", "tcp", "rtp", "srt")
TIMEOUT_S = 5.0  # without an answer or an image
RTSP = {"rtsp_transport": "tcp"}  # over UDP, half the images of a wireless camera are torn
PARTS = ("mpjpeg", "hls", "dash", "rtsp", "sdp")  # formats in which a known size says nothing of an end
CLOCKLESS = ("mpjpeg", "mjpeg", "h264", "hevc", "rtsp", "sdp")  # formats whose time stamps FFmpeg invents, or that come as they are made
JPEGS = {"analyzeduration": "100000", "fpsprobesize": "0"}  # the size of the first image is all that must be known
AHEAD_S = 3.0  # what a server may send at once of what it has kept; beyond it, images are shown at their own pace
LONGEST_GAP_S = 30.0  # between two time stamps; more is a fault of the stream
RATES = (5.0, 10.0, 12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0)  # usual ones
NEAR = 0.02  # share by which a usual one may be off
COUNT_S, COUNT = 1.0, 60  # so long, and so many images at most, it takes to see how fast they come


def open_address(url: str, init: Init, live: bool) -> Source:
    """Open `url`. Raises ValueError or OSError naming it, after about five seconds without an answer."""
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise ValueError(f"{url}: {scheme}:// is not known, expected one of {', '.join(f'{s}://' for s in SCHEMES)}")
    try:
        return _opened(url, scheme, init, live)
    except UnknownFormat as error:
        if not scheme.startswith("http"):
            raise
        return _loose_jpegs(url, live, error)


def _opened(url: str, scheme: str, init: Init, live: bool) -> Source:
    web = scheme.startswith("http")
    decoder = Decoder(url, options=RTSP if scheme.startswith("rtsp") else {}, timeout=TIMEOUT_S, low_delay=True)
    if web and decoder.format.endswith("_pipe"):  # of one image, or of one after the other
        first, second = _images(url, decoder)
        if second is None:
            decoder.close()
            return Snapshot(url, first, init.fps, live, TIMEOUT_S)
        return Stream(url, decoder, [first, second], counted=not live)
    if decoder.duration is not None or (web and decoder.bytes is not None and decoder.format not in PARTS):
        decoder.close()
        return VideoFile(url, live, TIMEOUT_S)
    clockless = decoder.format in CLOCKLESS
    return Stream(url, decoder, paced=web and not clockless, counted=clockless and not live)


def _loose_jpegs(url: str, live: bool, error: OSError) -> Source:
    """A motion JPEG stream whose parts are not marked as they should be; browsers find the images all the same. Else raises `error`."""
    try:
        return Stream(url, Decoder(url, options=JPEGS, timeout=TIMEOUT_S, low_delay=True, container="mjpeg"), counted=not live)
    except (ValueError, OSError):
        raise error from None


def _images(url: str, decoder: Decoder) -> tuple[np.ndarray, np.ndarray | None]:
    """The first image, and the second if there is one."""
    try:
        images = [decoder.image(frame) for frame in (decoder.next(), decoder.next()) if frame is not None]
        if not images:
            raise OSError(f"{url}: there is no image in it; check the address")
    except BaseException:
        decoder.close()
        raise
    return images[0], images[1] if len(images) > 1 else None


class Stream:
    """A live stream: each image as it comes."""

    finite = False
    live = True
    note = camera = ""
    skipped = 0

    def __init__(self, url: str, decoder: Decoder, read: list[np.ndarray] | None = None, *, paced: bool = False,
                 counted: bool = False) -> None:
        """Takes `decoder` over. read: images that were taken from it already. paced: hold back what comes much faster than its stamps
        say. counted: find the rate by watching the images come, for about a second; the container does not know it.

        Raises OSError when no image comes.
        """
        self.name = f"stream {without_password(url)}"
        self._decoder, self._read, self._paced = decoder, list(read or ()), paced
        self._origin: float | None = None  # perf_counter() at which stamp 0 would be shown
        self._stamp = 0.0
        self.fps = decoder.fps
        try:
            if not self._read:
                frame = decoder.next()
                if frame is None:
                    raise OSError(f"{self.name}: no image in it")
                self._read.append(decoder.image(frame))
            if counted:
                self._count()
        except BaseException:
            decoder.close()
            raise
        self.size = (self._read[0].shape[1], self._read[0].shape[0])

    def read(self) -> np.ndarray | None:
        if self._read:
            return self._read.pop(0)
        frame = self._decoder.next()
        if frame is None:
            raise OSError(f"{self.name} ended")
        if self._paced and frame.time is not None:
            self._hold(frame.time)
        return self._decoder.image(frame)

    def close(self) -> None:
        self._decoder.close()

    def _count(self) -> None:
        times = [time.perf_counter()]
        while len(times) < 3 or (times[-1] - times[0] < COUNT_S and len(times) < COUNT):
            frame = self._decoder.next()
            if frame is None:
                return
            self._read.append(self._decoder.image(frame))
            times.append(time.perf_counter())
        self.fps = rate_of(times) or self.fps

    def _hold(self, stamp: float) -> None:
        now = time.perf_counter()
        if self._origin is None or not 0 <= stamp - self._stamp <= LONGEST_GAP_S or self._origin + stamp < now:
            self._origin = now - stamp  # the first, or late: what was missed is not made up for
        self._stamp = stamp
        early = self._origin + stamp - now - AHEAD_S
        if early > 0:
            time.sleep(early)


def rate_of(times: list[float]) -> float | None:
    """frames per second by when they came (seconds); one of RATES if it is near. What came in one go at the start does not count."""
    gaps = np.diff(times)
    if not gaps.any():
        return None
    seconds = float(gaps[np.argmax(gaps > np.median(gaps) / 3):].mean())
    fps = min(120.0, 1 / seconds)
    nearest = min(RATES, key=lambda rate: abs(rate - fps))
    return nearest if abs(nearest - fps) < NEAR * nearest else round(fps, 1) if fps >= 1 else fps
