"""Sketch: a drawing as a source. Whoever draws puts each state on the paper; the source gives the newest."""

import threading

import numpy as np

FPS = 30.0  # images a second while nothing is drawn
PATIENCE_S = 1 / FPS


class Paper:
    """One place for the drawing, written by one thread and read by any number of others."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._image = np.full((256, 256, 3), 255, np.uint8)
        self._count = 0

    def put(self, image: np.ndarray) -> None:
        """Show `image`, HxWx3 RGB uint8; it must not be written to from now on."""
        with self._changed:
            self._image = image
            self._count += 1
            self._changed.notify_all()

    def newest(self, after: int, timeout: float) -> tuple[np.ndarray, int]:
        """(image, its number): at once when there is another one than number `after`, else after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != after, timeout)
            return self._image, self._count


PAPER = Paper()  # of the process: a source is opened by its name alone


class Sketch:
    """What lies on PAPER, for ever: each change at once, the same image FPS times a second in between."""

    name, note, camera = "sketch pad", "", ""
    fps, live, finite, skipped = FPS, True, False, 0

    def __init__(self, paper: Paper = PAPER) -> None:
        self._paper = paper
        self._number = -1
        image, _ = paper.newest(-1, 0.0)
        self.size = (image.shape[1], image.shape[0])

    def read(self) -> np.ndarray:
        image, self._number = self._paper.newest(self._number, PATIENCE_S)
        return image

    def close(self) -> None:
        """Nothing is held."""
