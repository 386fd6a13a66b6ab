"""The libraries of other programs, imported when they are used: each opener gives a Sender (publisher.py)."""

import logging
import sys
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

log = logging.getLogger(__name__)

GL_RGBA = 0x1908


class VirtualCamera:
    """A camera in the list of Zoom, Teams, OBS and browsers, by pyvirtualcam."""

    def __init__(self, name: str, width: int, height: int, fps: float) -> None:
        """name: of the device, such as /dev/video10; empty: the first one that is free. Raises OSError."""
        import pyvirtualcam

        try:
            self._camera = pyvirtualcam.Camera(width, height, fps, fmt=pyvirtualcam.PixelFormat.RGB, device=name or None)
        except RuntimeError as error:
            log.info("pyvirtualcam: %s", error)
            what = f"{name} is not a virtual camera, or it is in use" if name else "there is none that is free"
            todo = "sudo modprobe v4l2loopback devices=1" if sys.platform == "linux" else "install OBS and start its virtual camera once"
            raise OSError(f"{what}; {todo}") from None

    def send(self, image: np.ndarray) -> None:
        """HxWx3 RGB uint8."""
        self._camera.send(image)

    def close(self) -> None:
        """Free the device."""
        self._camera.close()


class Ndi:
    """A source in the lists of NDI programs in the network, by cyndilib."""

    def __init__(self, name: str, width: int, height: int, fps: float) -> None:
        """name: of the source. Raises what cyndilib raises."""
        from cyndilib.sender import Sender
        from cyndilib.video_frame import VideoSendFrame
        from cyndilib.wrapper.ndi_structs import FourCC

        self._frame = VideoSendFrame()
        self._frame.set_resolution(width, height)
        self._frame.set_frame_rate(Fraction(fps).limit_denominator(1001))
        self._frame.set_fourcc(FourCC.RGBX)
        self._sender = Sender(name or "webcam-pix2pix", clock_video=False, clock_audio=False)
        self._sender.set_video_frame(self._frame)
        self._sender.open()

    def send(self, image: np.ndarray) -> None:
        """HxWx3 RGB uint8."""
        self._sender.write_video(_with_alpha(image).reshape(-1))

    def close(self) -> None:
        """Take the source off the lists."""
        self._sender.close()


class Syphon:
    """A server in the lists of Syphon programs on this Mac, by syphon-python."""

    def __init__(self, name: str, width: int, height: int, fps: float) -> None:
        import syphon
        from syphon.utils.raw import create_mtl_texture

        self._server = syphon.SyphonMetalServer(name or "webcam-pix2pix")
        self._texture = create_mtl_texture(self._server.device, width, height)

    def send(self, image: np.ndarray) -> None:
        """HxWx3 RGB uint8."""
        from syphon.utils.numpy import copy_image_to_mtl_texture

        copy_image_to_mtl_texture(_with_alpha(image), self._texture)
        self._server.publish_frame_texture(self._texture)

    def close(self) -> None:
        """Take the server off the lists."""
        self._server.stop()


class Spout:
    """A sender in the lists of Spout programs on this Windows machine, by SpoutGL."""

    def __init__(self, name: str, width: int, height: int, fps: float) -> None:
        import SpoutGL

        self._name: str = name or "webcam-pix2pix"
        self._sender: Any = SpoutGL.SpoutSender()
        self._sender.setSenderName(self._name)

    def send(self, image: np.ndarray) -> None:
        """HxWx3 RGB uint8. Raises OSError when the graphics driver takes no image."""
        height, width = image.shape[:2]
        if not self._sender.sendImage(_with_alpha(image), width, height, GL_RGBA, False, 0):
            raise OSError("the graphics driver shares no image; update it, and run both programs on the same GPU")
        self._sender.setFrameSync(self._name)

    def close(self) -> None:
        """Take the sender off the lists."""
        self._sender.releaseSender()


def _with_alpha(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2RGBA)
