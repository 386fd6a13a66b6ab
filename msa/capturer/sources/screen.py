"""The screen as a source."""

import re

import cv2
import numpy as np

from ..source import Pace


class Screen:
    """A monitor, at `fps` frames per second when live."""

    finite = False
    note = camera = ""
    skipped = 0

    def __init__(self, device_id: str, fps: float, live: bool) -> None:
        """device_id: "screen", or "screen:2" for the second monitor. Raises ValueError or OSError with one line."""
        match = re.fullmatch(r"screen(?::(\d+))?", device_id)
        if match is None:
            raise ValueError(f"source {device_id!r}: expected screen, or screen:2 for the second monitor")
        self.name, self.fps, self.live = device_id.replace(":", " "), float(fps), live
        self._number = int(match[1] or 1)
        self._pace = Pace(fps)
        self._grabber = _grabber()
        monitors = len(self._grabber.monitors) - 1  # the first entry is all of them together
        if not 1 <= self._number <= monitors:
            self.close()
            raise ValueError(f"source {device_id!r}: no such monitor, there {'is 1' if monitors == 1 else f'are {monitors}'}")
        monitor = self._grabber.monitors[self._number]
        self.size = (monitor["width"], monitor["height"])
        self.close()  # it belongs to the thread that uses it; read() makes that thread's own

    def read(self) -> np.ndarray:
        if self.live:
            self._pace.wait()
        if self._grabber is None:
            self._grabber = _grabber()
        try:
            shot = self._grabber.grab(self._grabber.monitors[self._number])
        except Exception as error:  # each system has its own
            raise OSError(f"{self.name}: cannot be captured ({error}); allow screen recording in the system settings") from None
        image = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
        return cv2.cvtColor(image, cv2.COLOR_BGRA2RGB)

    def close(self) -> None:
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.close()


def _grabber():
    import mss

    make = getattr(mss, "MSS", None) or mss.mss  # the class is public since 10.2, which deprecates the function
    try:
        grabber = make()
        _ = grabber.monitors
    except Exception as error:  # each system has its own; all mean that there is nothing to capture
        raise OSError(f"screen: there is no display to capture ({error})") from None
    return grabber
