"""Decoder: the images of a container that FFmpeg can open: whole, upright and in sRGB."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..rgb import RgbConverter
from .deinterlace import Deinterlacer
from .orientation import upright
from .tonemap import ToneMapper, is_wide
from .tracks import film_track


class UnknownFormat(OSError):
    """What lies behind an address is nothing that FFmpeg knows."""


class Decoder:
    """An open video file or stream.

    Attributes:
        format: FFmpeg's name of the container, such as "mpjpeg".
        fps: average frames per second; 30 where the container does not tell.
        duration: seconds, None when unknown (live streams).
        bytes: size of the file, None when unknown (live streams).
    """

    def __init__(self, url: str, *, options: dict[str, str] | None = None, timeout: float | None = None, low_delay: bool = False,
                 container: str | None = None) -> None:
        """timeout: seconds without data until OSError. low_delay: no frame threads, which would hold images back.
        container: FFmpeg's name of the format; None: found by content.

        Raises ValueError when there is no video in it, OSError (UnknownFormat for an address) when it cannot be read; both name `url`.
        """
        import av

        av.logging.set_level(None)  # FFmpeg writes to stderr; what matters is raised
        self._url, self._error = url, av.error.FFmpegError
        try:
            place = url if "://" in url else str(Path(url).absolute())  # "12:30.mp4" is no protocol
            self._container = av.open(place, format=container, options=options or {}, timeout=timeout)
        except av.error.FFmpegError as error:
            raise _clear_error(error, url, timeout) from None
        try:
            self._stream = film_track(self._container, url)
            self._stream.thread_type = "SLICE" if low_delay else "AUTO"
            self._timeout = timeout
            self.format = self._container.format.name
            rate = self._stream.average_rate or self._stream.guessed_rate
            self.fps = float(rate) if rate and 0 < rate <= 240 else 30.0
            self.duration = self._container.duration / av.time_base if self._container.duration else None
            self.bytes = self._container.size if self._container.size > 0 else None
            self._rgb = RgbConverter()
            self._rotation: float | None = None  # of the last frame whose display matrix was looked at
            self._matrix: bytes | None = None
            self._tones = ToneMapper(url)
            self._frames = self._decoded()
        except BaseException:
            self._container.close()
            raise

    def next(self):
        """The next av.VideoFrame, None at the end; damaged ones are left out. Raises OSError when reading fails."""
        try:
            return next(self._frames, None)
        except self._error as error:
            clear = _clear_error(error, self._url, self._timeout)
            raise clear if isinstance(clear, OSError) else OSError(str(clear)) from None

    def seek(self, frame, seconds: float) -> None:
        """next() goes on with the last key image at or before `seconds` after `frame`. Raises OSError when this cannot be sought in."""
        if frame.pts is None:
            raise OSError(f"{self._url}: there are no time stamps in it, so the program cannot jump; convert it to MP4 (H.264) first")
        try:
            self._container.seek(frame.pts + round(seconds / frame.time_base), stream=self._stream)
        except self._error as error:
            raise OSError(str(_clear_error(error, self._url, self._timeout))) from None
        self._frames = self._decoded()

    def image(self, frame) -> np.ndarray:
        """`frame` as HxWx3 RGB uint8 in sRGB, turned and mirrored as its metadata says, with square pixels."""
        width = frame.width
        aspect = self._stream.sample_aspect_ratio
        if aspect and abs(aspect - 1) > 0.01:
            width = max(1, round(width * float(aspect)))
        if frame.rotation != self._rotation:  # else the matrix is that of the frame before: to look at it keeps the frame in memory
            self._rotation, matrix = frame.rotation, frame.side_data.get("DISPLAYMATRIX")
            self._matrix = None if matrix is None else bytes(matrix)
        if is_wide(frame):
            frame = self._tones.sdr(frame)
        image = self._rgb.array(frame, width)
        return upright(image, self._matrix)

    def close(self) -> None:
        """Let go of the file. After that image() raises instead of reading freed memory."""
        self._container.close()
        vars(self).pop("_stream", None)

    def _decoded(self, packets: Iterable | None = None) -> Iterator:
        """Frames of `packets`, or of those from where the container stands."""
        whole = Deinterlacer(self._url)
        for packet in self._container.demux(self._stream) if packets is None else packets:
            for frame in self._of(packet):
                yield from whole.put(frame)
        yield from whole.rest()

    @staticmethod
    def _of(packet) -> Iterable:
        try:
            return packet.decode()
        except ValueError:  # InvalidDataError: this packet is damaged, the next may not be
            return ()


def _clear_error(error: Exception, url: str, timeout: float | None) -> OSError | ValueError:
    """FFmpeg's error as one line that says what was wrong with `url`."""
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(f"{url}: no such file")
    if type(error).__name__ == "ExitError":  # the time limit
        return TimeoutError(f"{url}: no answer within {timeout:g} s")
    if isinstance(error, OSError) or "://" in url:
        kind = UnknownFormat if type(error).__name__ == "InvalidDataError" else OSError
        return kind(f"{url}: cannot be read ({getattr(error, 'strerror', None) or error})")
    return ValueError(f"{url}: not a video that can be read")
