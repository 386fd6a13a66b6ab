"""Init: what a source is asked for when it is opened."""

from dataclasses import dataclass

from msa.knob import knob


@dataclass(frozen=True)
class Init:
    """A change of any of these reopens the source. What the device really gives is read back and shown."""

    device_id: str = knob("auto", "Camera index or name, video file, image, folder, http:// or rtsp:// stream, screen, sketch, or test. "
                          "auto: the first camera, or the test scene when there is none")
    use_thread: bool = knob(True, "Read the camera in its own thread, so that the network always gets the newest frame")
    width: int = knob(640, "Requested camera width", limits=(16, 7680), unit="px")
    height: int = knob(480, "Requested camera height", limits=(16, 4320), unit="px")
    fps: int = knob(30, "Requested camera frame rate", limits=(1, 240), unit="fps")
    ground: str = knob("white", "Colour behind the transparent parts of an image", choices=("white", "grey", "black"))
    exposure: float = knob(0.0, "Exposure. Each camera has its own numbers. 0: the camera decides", limits=(-20.0, 10000.0))
    focus: float = knob(-1.0, "Focus. Each camera has its own numbers. -1: the camera decides", limits=(-1.0, 1023.0))
