"""Head: where the points of a head are in the image when it turns, nods and tilts.

Points of the head are in pixels from its centre: x to the right of the image, y down, z towards the camera.
"""

from dataclasses import dataclass

import numpy as np

from .brush import curve
from .person import FIRST, Person


@dataclass(frozen=True)
class Expression:
    """How the head is held and what the face does at one moment."""

    centre: tuple[float, float] = (320.0, 191.0)
    yaw: float = 0.0  # radians; positive turns the face to the right of the image
    pitch: float = 0.0  # positive looks down
    roll: float = 0.0
    blink: float = 0.0  # 0 open .. 1 shut
    gaze: tuple[float, float] = (0.0, 0.0)  # -1..1 right, down
    mouth: float = 0.0  # 0 closed .. 1 open
    smile: float = 0.5  # 0..1
    brow: float = 0.0  # -1 drawn together .. 1 raised


class Head:
    """The head of a person at one moment, in the place and pose of `expression`."""

    def __init__(self, expression: Expression, person: Person = FIRST) -> None:
        self.e, self.person = expression, person
        e = expression
        cy, sy, cp, sp, cr, sr = np.cos(e.yaw), np.sin(e.yaw), np.cos(e.pitch), np.sin(e.pitch), np.cos(e.roll), np.sin(e.roll)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        self._turn = roll @ pitch @ yaw

    def at(self, points) -> np.ndarray:
        """Points of the head in the image (Nx2)."""
        return (np.asarray(points, float) @ self._turn.T)[:, :2] + self.e.centre

    def shape(self, points, closed: bool = True, steps: int = 6) -> np.ndarray:
        return curve(self.at(points), closed, steps)

    def outline(self, points) -> np.ndarray:
        """Like at(), for points where the head turns away from the viewer: a turned head is as broad as it is deep there, not narrower."""
        points = np.array(points, float)
        points[:, 0] *= np.sqrt(np.cos(self.e.yaw) ** 2 + 0.85 * np.sin(self.e.yaw) ** 2) / np.cos(self.e.yaw)
        return self.at(points)

    def neck(self) -> np.ndarray:
        """Outline of the neck, from under the jaw to the collar, which does not move with the head."""
        jaw = self.at([(-38, 40, -20), (38, 40, -20)])
        sway = self.e.centre[0] - 320
        return np.array([jaw[0], (284 + sway * 0.5, 300), (270, 330), (290, 362), (350, 362), (370, 330), (356 + sway * 0.5, 300), jaw[1]])


def mirrored(right) -> np.ndarray:
    """The closed outline whose right half (from the top or bottom middle to the other) is given."""
    right = np.array(right, float)
    return np.concatenate([right, right[-2:0:-1] * (-1, 1, 1)])
