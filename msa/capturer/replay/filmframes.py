"""FilmFrames: the images of a film by their times, in any order."""

from pathlib import Path
from typing import Any

import numpy as np

from ..decoding.decoder import Decoder

NEAR_S = 0.002  # time stamps in whole milliseconds are not exact
AHEAD_S = 2.0  # what lies further is sought, not decoded up to


class FilmFrames:
    """The film `name` that the replay `replay` was recorded from."""

    def __init__(self, replay: Path, name: str, size: int) -> None:
        """size: bytes of the film then. Raises OSError or ValueError with one line when it is not there, or another one."""
        path = Path(name)
        if not path.is_file():  # an address or a device is nothing that a file may have opened
            path = replay.parent / path.name
        if not path.is_file():
            raise FileNotFoundError(f"{replay}: the film it was recorded from is not there: {name[:200]}; put it beside the replay")
        if path.stat().st_size != size:
            raise ValueError(f"{replay}: {path} is another film than the one it was recorded from; it had {size} bytes")
        self._path = str(path)
        self._frame: Any = None  # decoded last
        self._open()

    def at(self, seconds: float) -> np.ndarray:
        """The image that is shown at `seconds` from the first one: HxWx3 RGB uint8. Raises OSError."""
        if seconds < self._seconds(self._frame) - NEAR_S or seconds > self._seconds(self._frame) + AHEAD_S:
            self._seek(seconds)
        while self._seconds(self._frame) < seconds - NEAR_S:
            following = self._decoder.next()
            if following is None:
                break
            self._frame = following
        return self._decoder.image(self._frame)

    def close(self) -> None:
        self._decoder.close()

    def _open(self) -> None:
        self._decoder = Decoder(self._path)
        first = self._decoder.next()
        if first is None:
            self._decoder.close()
            raise ValueError(f"{self._path}: there is no image in it that can be read")
        self._frame = self._first = first

    def _seek(self, seconds: float) -> None:
        try:
            self._decoder.seek(self._first, seconds)
            frame = self._decoder.next()
        except OSError:
            frame = None
        if frame is None or self._seconds(frame) > seconds + NEAR_S:  # it cannot be sought in, or not well
            self._decoder.close()
            self._open()
        else:
            self._frame = frame

    def _seconds(self, frame) -> float:
        if frame.pts is None or self._first.pts is None:
            return 0.0
        return float((frame.pts - self._first.pts) * frame.time_base)
