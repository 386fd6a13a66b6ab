"""Cameras: finding them by name, opening them, losing them."""

import logging
import re
import sys
import time
from dataclasses import dataclass

import cv2
import numpy as np

from ..init import Init

log = logging.getLogger(__name__)

BACKENDS = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}  # DirectShow: names, virtual cameras, exposure, opens at once
BACKEND = BACKENDS.get(sys.platform, cv2.CAP_V4L2)
AUTO, MANUAL = (3, 1) if BACKEND == cv2.CAP_V4L2 else (0.75, 0.25)  # values of CAP_PROP_AUTO_EXPOSURE
LOST_S = 2.0  # without an image for so long, a camera is lost
RETRIES_S = 0.02  # between two attempts to read


@dataclass(frozen=True)
class CameraName:
    """A camera that is connected."""

    index: int  # changes when cameras are plugged in and out
    name: str  # not always unique
    path: str  # of the device; stays with the camera (on most systems with the socket)
    source: str  # what to remember it by: its name, or its path where several share the name


def cameras() -> list[CameraName]:
    """The cameras that are connected, in order of their index; an empty list where none can be found."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = sorted(enumerate_cameras(BACKEND), key=lambda camera: camera.index)
    except (ImportError, OSError, NotImplementedError) as error:  # a system it does not know
        log.info("cameras cannot be listed: %s", error)
        return []
    names = [camera.name or f"camera {camera.index}" for camera in found]
    return [CameraName(camera.index, name, camera.path or "", name if names.count(name) == 1 and not name.isdigit() else camera.path or
                       str(camera.index)) for camera, name in zip(found, names, strict=True)]


def find_camera(text: str, known: list[CameraName]) -> CameraName:
    """The camera that `text` means: its path, its index, its name, or a part of the name that only one has; case does not matter.

    An index is taken as it is: some cameras open although they are not listed. Raises ValueError listing those known.
    """
    wanted = text.lower()
    device = re.fullmatch(r"(?:/dev/video)?(\d+)", wanted)
    for matches in ([c for c in known if c.path.lower() == wanted], [c for c in known if device and c.index == int(device[1])],
                    [c for c in known if c.name.lower() == wanted], [c for c in known if wanted in c.name.lower()]):
        if len(matches) == 1 or (matches and matches[0].name.lower() == wanted):
            return matches[0]
        if matches:
            break
    if device:
        return CameraName(int(device[1]), f"camera {device[1]}", "", device[1])
    raise ValueError(no_such_camera(text, known, "several cameras have that in their name, give more of it" if matches
                                    else "no such camera"))


def no_such_camera(text: str, known: list[CameraName], problem: str = "no such camera") -> str:
    """One line that lists what could have been meant by `text`."""
    return f'source "{text}": {problem}; connected: ' + (", ".join(f'"{camera.source}"' for camera in known) or "none")


class Camera:
    """A camera as a source. What it really gives is read back: size, fps; `note` tells which wishes it did not grant."""

    live = True
    finite = False
    skipped = 0

    def __init__(self, camera: CameraName, init: Init) -> None:
        """Raises OSError with one line when it cannot be opened or gives no image."""
        self.name, self.camera = f'camera "{camera.name}"', camera.source
        self._device = cv2.VideoCapture(camera.index, BACKEND)
        if not self._device.isOpened():
            self._device.release()
            raise OSError(f"{self.name}: cannot be opened; connect it, close other programs that use it, and allow this program to use "
                          "it in the system settings")
        self.note = ", ".join(self._ask(init))
        try:
            height, width = self._grab().shape[:2]
        except OSError:
            self._device.release()
            raise OSError(f"{self.name}: the camera opens but gives no image; close other programs that use it") from None
        self.size = (width, height)
        fps = self._device.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps <= 240 else float(init.fps)

    def read(self) -> np.ndarray:
        return cv2.cvtColor(self._grab(), cv2.COLOR_BGR2RGB)

    def close(self) -> None:
        self._device.release()

    def _grab(self) -> np.ndarray:
        """The next image, BGR. Raises OSError after LOST_S seconds without one."""
        until = time.perf_counter() + LOST_S
        while time.perf_counter() < until:
            ok, image = self._device.read()
            if ok and image is not None and image.size:
                return image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            time.sleep(RETRIES_S)
        raise OSError(f"{self.name} lost")

    def _ask(self, init: Init) -> list[str]:
        """Ask the device for what `init` wants; returns what it did not take."""
        device, refused = self._device, []
        if init.width * init.height > 640 * 480 and BACKEND != cv2.CAP_AVFOUNDATION:
            device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # uncompressed, USB 2 has no room for 30 fps
        device.set(cv2.CAP_PROP_FRAME_WIDTH, init.width)
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, init.height)
        device.set(cv2.CAP_PROP_FPS, init.fps)
        if not init.use_thread:
            device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # nobody empties the queue of the driver
        device.set(cv2.CAP_PROP_AUTO_EXPOSURE, MANUAL if init.exposure else AUTO)  # devices keep it from one program to the next
        if init.exposure and not device.set(cv2.CAP_PROP_EXPOSURE, init.exposure):
            refused.append("does not support manual exposure")
        device.set(cv2.CAP_PROP_AUTOFOCUS, 0 if init.focus >= 0 else 1)
        if init.focus >= 0 and not device.set(cv2.CAP_PROP_FOCUS, init.focus):
            refused.append("does not support manual focus")
        return refused
