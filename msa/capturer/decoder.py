"""Decoder: the pictures of a container that FFmpeg can open, upright and in RGB."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

UPRIGHT = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
BT709_FROM = 720  # lines; smaller pictures that do not name their colour matrix are BT.601
UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED


class Decoder:
    """An open video file or stream.

    Attributes:
        format: FFmpeg's name of the container, such as "mpjpeg".
        fps: average pictures a second; 30 where the container does not tell.
        duration: seconds, None when unknown (live streams).
    """

    def __init__(self, url: str, *, options: dict[str, str] | None = None, timeout: float | None = None, low_delay: bool = False) -> None:
        """timeout: seconds without data until OSError. low_delay: no frame threads, which would hold pictures back.

        Raises ValueError when there is no video in it, OSError when it cannot be read; both name `url`.
        """
        import av

        av.logging.set_level(None)  # FFmpeg writes to stderr; what matters is raised
        self._url, self._error = url, av.error.FFmpegError
        try:
            place = url if "://" in url else str(Path(url).absolute())  # "12:30.mp4" is no protocol
            self._container = av.open(place, options=options or {}, timeout=timeout)
        except av.error.FFmpegError as error:
            raise _plain(error, url, timeout) from None
        try:
            if not self._container.streams.video:
                raise ValueError(f"{url}: no video in it")
            self._stream = self._container.streams.video[0]
            self._stream.thread_type = "SLICE" if low_delay else "AUTO"
            self._timeout = timeout
            self.format = self._container.format.name
            rate = self._stream.average_rate or self._stream.guessed_rate
            self.fps = float(rate) if rate and 0 < rate <= 240 else 30.0
            self.duration = self._container.duration / av.time_base if self._container.duration else None
            self._frames = self._decoded()
        except BaseException:
            self._container.close()
            raise

    def next(self):
        """The next av.VideoFrame, None at the end; damaged ones are left out. Raises OSError when reading fails."""
        try:
            return next(self._frames, None)
        except self._error as error:
            raise OSError(str(_plain(error, self._url, self._timeout))) from None

    def seek(self, frame, seconds: float) -> None:
        """next() goes on with the last key picture at or before `seconds` after `frame`. Raises OSError when this cannot be sought in."""
        if frame.pts is None:
            raise OSError(f"{self._url}: no time stamps in it")
        try:
            self._container.seek(frame.pts + round(seconds / frame.time_base), stream=self._stream)
        except self._error as error:
            raise OSError(str(_plain(error, self._url, self._timeout))) from None
        self._frames = self._decoded()

    def image(self, frame) -> np.ndarray:
        """`frame` as HxWx3 RGB uint8, turned upright as its metadata says, with square pixels."""
        matrix = "ITU709" if frame.colorspace == UNSPECIFIED and frame.height >= BT709_FROM else None
        width = frame.width
        aspect = self._stream.sample_aspect_ratio
        if aspect and abs(aspect - 1) > 0.01:
            width = max(1, round(width * float(aspect)))
        image = frame.to_ndarray(format="rgb24", width=width, height=frame.height, src_colorspace=matrix)
        turn = UPRIGHT.get(round(frame.rotation) % 360)
        return image if turn is None else cv2.rotate(image, turn)

    def close(self) -> None:
        self._container.close()

    def _decoded(self) -> Iterator:
        for packet in self._container.demux(self._stream):
            try:
                yield from packet.decode()
            except ValueError:  # InvalidDataError: this packet is damaged, the next may not be
                continue


def _plain(error: Exception, url: str, timeout: float | None) -> OSError | ValueError:
    """FFmpeg's error as one line that says what was wrong with `url`."""
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(f"{url}: no such file")
    if type(error).__name__ == "ExitError":  # the time limit
        return TimeoutError(f"{url}: no answer within {timeout:g} s")
    if isinstance(error, OSError) or "://" in url:
        return OSError(f"{url}: cannot be read ({getattr(error, 'strerror', None) or error})")
    return ValueError(f"{url}: not a video that can be read")
