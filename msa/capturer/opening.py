"""From what a user typed to an open source."""

from pathlib import Path

from msa.content import is_image

from .init import Init
from .replay import Replayed, is_replay
from .source import Source
from .sources.cameras import Camera, cameras, find_camera, no_such_camera
from .sources.fallback import FallbackScene
from .sources.screen import Screen
from .sources.sketch import Sketch
from .sources.stills import Stills
from .sources.stream import open_address
from .sources.testscene import SCENES, TestScene
from .sources.video import VideoFile


def open_source(device_id: str, init: Init, live: bool) -> Source:
    """Open the source that `device_id` names: auto, test, test:2, screen, sketch, an address, a file, folder or camera.

    live: files and the test scene run in real time, files start again at their end. Otherwise they give every image in order, once.
    Raises ValueError or OSError with one line that names the source and what was expected.
    """
    text = device_id.strip()
    path = Path(text).expanduser()
    if not text:
        raise ValueError("source: nothing given, expected a camera, file, folder, address, screen, sketch or test")
    if text == "auto":
        return _first_camera_or_test(init, live)
    if text.partition(":")[0] == "test":
        return _test_scene(text, init, live)
    if text.partition(":")[0] == "screen":
        return Screen(text, init.fps, live)
    if text == "sketch":
        return Sketch()
    if "://" in text:
        return open_address(text, init, live)
    if path.is_dir():
        return Stills.folder(path, init.fps, live, init.ground)
    if path.is_file() and is_replay(path):
        return Replayed(path, live)
    if path.is_file():
        return Stills.file(path, init.fps, live, init.ground) if is_image(path) else VideoFile(str(path), live)
    known = cameras()
    try:
        camera = find_camera(text, known)  # first: "USB2.0 HD UVC WebCam" looks like a file too
    except ValueError:
        if _looks_like_a_file(text):
            raise FileNotFoundError(f"{text}: no such file or folder") from None
        raise
    try:
        return Camera(camera, init)
    except OSError:
        if camera in known:
            raise
        raise OSError(no_such_camera(text, known)) from None


def is_camera(device_id: str, camera: str) -> bool:
    """Whether `device_id` would open the camera that `camera` (as a source tells it) means. Most cannot be opened twice."""
    text = device_id.strip()
    if not camera or "://" in text or text.partition(":")[0] in ("test", "screen", "sketch") or Path(text).is_file() or Path(text).is_dir():
        return False
    known = cameras()
    try:
        return (known[0] if text == "auto" else find_camera(text, known)) == find_camera(camera, known)
    except (ValueError, IndexError):
        return False


def _first_camera_or_test(init: Init, live: bool) -> Source:
    problem = "no camera found"
    for camera in cameras():
        try:
            return Camera(camera, init)
        except OSError as error:
            problem = str(error)
    note = f"{problem}; this is the test scene"
    if live:
        return FallbackScene(init, note)
    scene = TestScene((init.width, init.height), init.fps)
    scene.note = note
    return scene


def _test_scene(text: str, init: Init, live: bool) -> TestScene:
    scene = text.partition(":")[2] or SCENES[0]
    if scene not in SCENES:
        raise ValueError(f"{text}: no such test scene, expected test, test:2 or test:all")
    return TestScene((init.width, init.height), init.fps, live, scene)


def _looks_like_a_file(text: str) -> bool:
    return not text.startswith("/dev/video") and ("/" in text or "\\" in text or bool(Path(text).suffix))
