"""The test scene: a person in a room, drawn by us, for newcomers without a camera and for the tests.

`test` shows one person in even light. `test:2` shows another, with darker skin, short curly hair, a beard and glasses, in a light that
moves. `test:all` shows both in turn.
"""

from functools import lru_cache

import cv2
import numpy as np

from ..scene.body import LEFT, TOP, bust
from ..scene.hands import draw_arm
from ..scene.head import draw_back, draw_front
from ..scene.light import lit
from ..scene.motion import CYCLE_S, FPS, pose
from ..scene.person import FIRST, SECOND, Person
from ..scene.room import HEIGHT, WIDTH, room
from ..scene.skull import Head
from ..source import Pace

FRAME = (WIDTH, HEIGHT)  # in which the scene is drawn
SCENES = ("1", "2", "all")
TURN = round(CYCLE_S * FPS)  # images of one person in scene "all"


class TestScene:
    """A source that gives the scene frame by frame, for ever. A given frame number is always the same image."""

    __test__ = False  # not a test, whatever pytest thinks of the name
    finite = False
    skipped = 0
    camera = ""

    def __init__(self, size: tuple[int, int] = FRAME, fps: float = 30.0, live: bool = False, scene: str = "1") -> None:
        """size: (width, height) of the images; another aspect ratio shows the middle of the scene. scene: one of SCENES."""
        self.name = "test scene" if scene == "1" else f"test scene {scene}"
        self.scene = scene
        self.size, self.fps, self.live = size, float(fps), live
        self.note = ""
        self._index = 0
        self._pace = Pace(fps)

    def read(self) -> np.ndarray:
        if self.live:
            self._pace.wait()
        image = draw(self._index, self.scene)
        self._index += 1
        return image if self.size == FRAME else _filling(image, self.size)

    def close(self) -> None:
        """Nothing is held."""


def draw(index: int, scene: str = "1") -> np.ndarray:
    """Frame `index` of the scene (30 a second), 480x640x3 RGB uint8."""
    second = scene == "2" or (scene == "all" and index // TURN % 2 == 1)
    person = SECOND if second else FIRST
    moment = pose(index)
    head = Head(moment.expression, person)
    image = room().copy()
    draw_back(image, head)
    _lay(image, moment.sway, person)
    draw_front(image, head)
    for arm in moment.arms:
        draw_arm(image, arm, person)
    return lit(image, index / FPS) if second else image


@lru_cache(maxsize=2)
def _bust_and_cover(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """The premultiplied colours of the bust and what shines through beside it, each with three channels."""
    layer = bust(person)
    return np.ascontiguousarray(layer[..., :3]), cv2.merge([255 - layer[..., 3]] * 3)


def _lay(image: np.ndarray, sway: tuple[float, float], person: Person) -> None:
    """Lay the bust over `image`, moved by `sway` pixels."""
    move = np.array([[1, 0, sway[0]], [0, 1, sway[1]]], np.float32)
    colours, through = _bust_and_cover(person)
    size = (colours.shape[1], colours.shape[0])
    below = image[TOP:TOP + size[1], LEFT:LEFT + size[0]]
    colours = cv2.warpAffine(colours, move, size, borderMode=cv2.BORDER_REPLICATE)
    through = cv2.warpAffine(through, move, size, borderMode=cv2.BORDER_REPLICATE)
    below[:] = cv2.add(cv2.multiply(below, through, scale=1 / 255), colours)


def _filling(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest middle part of `image` with the aspect ratio of `size` (width, height), at that size."""
    h, w = image.shape[:2]
    part_w, part_h = min(w, round(h * size[0] / size[1])), min(h, round(w * size[1] / size[0]))
    left, top = (w - part_w) // 2, (h - part_h) // 2
    part = image[top:top + part_h, left:left + part_w]
    return cv2.resize(part, size, interpolation=cv2.INTER_AREA if size[0] < part_w else cv2.INTER_CUBIC)
