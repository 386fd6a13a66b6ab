"""The test scene: a person before a camera, drawn by us, for newcomers without a camera and for the tests."""

import cv2
import numpy as np

from .source import Pace

FRAME = (640, 480)  # (width, height) in which the scene is drawn


class TestScene:
    """A source that gives the scene frame by frame, for ever."""

    __test__ = False  # not a test, whatever pytest thinks of the name
    name = "test scene"
    finite = False
    note = ""
    skipped = 0

    def __init__(self, size: tuple[int, int] = FRAME, fps: float = 30.0, live: bool = False) -> None:
        """size: (width, height) of the pictures, any aspect ratio."""
        self.size, self.fps, self.live = size, float(fps), live
        self._index = 0
        self._pace = Pace(fps)

    def read(self) -> np.ndarray:
        if self.live:
            self._pace.wait()
        image = draw(self._index)
        self._index += 1
        return image if self.size == FRAME else cv2.resize(image, self.size, interpolation=cv2.INTER_AREA)

    def close(self) -> None:
        """Nothing is held."""


def draw(index: int) -> np.ndarray:
    """Frame `index` of the scene, 480x640x3 RGB uint8."""
    image = np.full((FRAME[1], FRAME[0], 3), (90, 100, 110), np.uint8)
    x = int(320 + 40 * np.sin(index / 20))
    cv2.ellipse(image, (x, 480), (190, 190), 0, 0, 360, (60, 80, 120), -1, cv2.LINE_AA)
    cv2.ellipse(image, (x, 200), (80, 105), 0, 0, 360, (220, 180, 150), -1, cv2.LINE_AA)
    return image
