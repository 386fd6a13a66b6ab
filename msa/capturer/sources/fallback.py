"""The test scene in place of a camera, until there is one."""

import sys
import threading

import numpy as np

from ..init import Init
from .cameras import Camera, cameras
from .testscene import TestScene

CHECK_S = 3.0  # between two looks for a camera


class FallbackScene(TestScene):
    """The test scene, live; once a camera can be opened that could not be before, read() raises OSError: it is time to open anew.

    A camera that was there but did not open (another program has it) is left alone, but on macOS, where it may be that the user has only
    now allowed it.
    """

    def __init__(self, init: Init, note: str) -> None:
        super().__init__((init.width, init.height), init.fps, live=True)
        self.note = note
        self._init, self._known = init, {camera.source for camera in cameras()} if sys.platform != "darwin" else set()
        self._found = ""
        self._closed = threading.Event()
        threading.Thread(target=self._check_cameras, name="looking for cameras", daemon=True).start()

    def read(self) -> np.ndarray:
        if self._found:
            raise OSError(f"{self._found} found")
        return super().read()

    def close(self) -> None:
        self._closed.set()

    def _check_cameras(self) -> None:
        while not self._closed.wait(CHECK_S) and not self._found:
            found = cameras()
            self._known &= {camera.source for camera in found}  # who goes and comes back is new
            for camera in found:
                if camera.source not in self._known and not self._closed.is_set() and self._opens(camera):
                    break

    def _opens(self, camera) -> bool:
        try:
            device = Camera(camera, self._init)
        except OSError:
            return False
        self._found = device.name
        device.close()
        return True
