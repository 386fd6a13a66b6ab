"""The screen, or a part of it, as a source."""

import re

import cv2
import numpy as np

from ..source import Pace

NAME = re.compile(r"screen(?::(?P<monitor>\d{1,3}))?(?::(?P<width>\d{1,5})x(?P<height>\d{1,5})\+(?P<left>\d{1,5})\+(?P<top>\d{1,5}))?")


class Screen:
    """A monitor or a part of it, at `fps` frames per second when live."""

    finite = False
    note = camera = ""
    skipped = 0

    def __init__(self, device_id: str, fps: float, live: bool) -> None:
        """device_id: "screen", "screen:2" (the second monitor), "screen:640x480+100+50" or "screen:2:640x480+100+50" (a part of it).

        Raises ValueError or OSError with one line.
        """
        match = NAME.fullmatch(device_id)
        if match is None:
            raise ValueError(f"source {device_id!r}: expected screen, or screen:2 for the second monitor, or screen:640x480+100+50 for a "
                             "part of it")
        self.name, self.fps, self.live = device_id.replace(":", " "), float(fps), live
        self._number = int(match["monitor"] or 1)
        self._pace = Pace(fps)
        self._grabber = _grabber()
        monitors = len(self._grabber.monitors) - 1  # the first entry is all of them together
        if not 1 <= self._number <= monitors:
            self.close()
            raise ValueError(f"source {device_id!r}: no such monitor, there {'is 1' if monitors == 1 else f'are {monitors}'}")
        monitor = dict(self._grabber.monitors[self._number])
        self.close()  # it belongs to the thread that uses it; read() makes that thread's own
        self._part = (0, 0, monitor["width"], monitor["height"])
        if match["width"]:
            width, height, left, top = (int(match[name]) for name in ("width", "height", "left", "top"))
            if min(width, height) < 16 or left + width > monitor["width"] or top + height > monitor["height"]:
                raise ValueError(f"source {device_id!r}: this part is not on the monitor, which has {monitor['width']}x{monitor['height']} "
                                 "pixels; expected at least 16x16 of them")
            self._part = left, top, width, height
        self.size = self._part[2:]

    def read(self) -> np.ndarray:
        if self.live:
            self._pace.wait()
        if self._grabber is None:
            self._grabber = _grabber()
        try:
            monitor, (left, top, width, height) = self._grabber.monitors[self._number], self._part
            shot = self._grabber.grab({"left": monitor["left"] + left, "top": monitor["top"] + top, "width": width, "height": height})
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
