"""Images and folders of images as sources."""

import logging
import time
from collections import Counter
from pathlib import Path

import numpy as np

from msa.images import parse_ground, read_image
from msa.listing import left_out_line, list_images

from ..source import Pace
from ..transport import Transport

log = logging.getLogger(__name__)

LARGEST = 20000  # pixels a side


class Stills:
    """Live: each image stays as long as the transport says, given again at `fps`, for ever. Not live: each once, in order.

    An image of a folder that cannot be read is left out, with a line in the log.
    """

    note = camera = ""
    skipped = 0

    def __init__(self, name: str, paths: list[Path], fps: float, live: bool, ground: str = "white") -> None:
        """paths: at least one. Raises ValueError or OSError naming the first if none can be read."""
        self.name, self.fps, self.live, self.finite = name, float(fps), live, not live
        self._paths, self._index, self._ground = paths, -1, parse_ground(ground)
        image = self._readable()
        self._image = self._opened(paths[0]) if image is None else image
        self._given = False
        self.size = (self._image.shape[1], self._image.shape[0])
        self._pace = Pace(fps)
        self._since: float | None = None  # perf_counter() when this slide came
        self.transport = Transport(len(paths), 1, "images") if live and len(paths) > 1 else None

    @classmethod
    def folder(cls, path: Path, fps: float, live: bool, ground: str = "white") -> "Stills":
        """The images of a folder in natural order. Raises ValueError when there are none."""
        left_out: Counter[str] = Counter()
        paths = list_images(path, left_out=left_out)
        if not paths:
            raise ValueError(f"{path}: no images in this folder")
        if line := left_out_line(path, left_out):
            log.warning("%s", line)
        return cls(f'folder "{path.resolve().name}"', paths, fps, live, ground)

    @classmethod
    def file(cls, path: Path, fps: float, live: bool, ground: str = "white") -> "Stills":
        return cls(f'image "{path.name}"', [path], fps, live, ground)

    def read(self) -> np.ndarray | None:
        return self._read_live() if self.live else self._read_next()

    def close(self) -> None:
        """Nothing is held."""

    def _read_next(self) -> np.ndarray | None:
        if not self._given:  # the first was read on opening
            self._given = True
            return self._image
        image = self._readable()
        if image is not None:
            self._image = image
        return image

    def _read_live(self) -> np.ndarray:
        self._pace.wait()
        now = time.perf_counter()
        if self.transport is not None:
            self._direct(self.transport, now)
        return self._image

    def _direct(self, transport: Transport, now: float) -> None:
        """Go over to another image when it is time, or when it is asked for."""
        asked, steps = transport.asked()
        if steps:
            asked = (self._index if asked is None else asked) + steps
        if self._since is None or transport.resting:
            self._since = now
        due = now >= self._since + transport.stay_s / transport.speed
        if asked is not None:
            self._index = min(max(round(asked), 0), len(self._paths) - 1) - 1
        elif transport.end is not None and self._index >= transport.end:
            asked = transport.start if due else None
            self._index = round(transport.start) - 1 if asked is not None else self._index
        if asked is None and not due:
            return
        self._since = now
        image = self._readable()
        if image is None:  # from the beginning again
            self._index = round(transport.start) - 1
            image = self._readable()
        self._image = self._image if image is None else image
        transport.position = float(self._index)

    def _readable(self) -> np.ndarray | None:
        """The next image that can be read; None after the last."""
        while self._index + 1 < len(self._paths):
            self._index += 1
            try:
                return self._opened(self._paths[self._index])
            except (OSError, ValueError) as error:
                log.info("left out: %s", error)
        return None

    def _opened(self, path: Path) -> np.ndarray:
        image = read_image(path, self._ground)
        if max(image.shape) > LARGEST:
            raise ValueError(f"{path}: {image.shape[1]}x{image.shape[0]} pixels are too many, at most {LARGEST} a side")
        return image
