"""The head: a face with eyes, nose and mouth that turns, tilts, blinks and speaks, and its hair.

Points of the head are in pixels from its centre: x to the right of the picture, y down, z towards the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .brush import Colour, curve, disc, fill, limb, line, lit, mix

SKIN: Colour = (226, 172, 138)
SKIN_LIGHT: Colour = (248, 208, 174)
SKIN_DARK: Colour = (150, 92, 72)
LINE: Colour = (84, 46, 40)
LIPS: Colour = (184, 84, 78)
HAIR: Colour = (60, 36, 28)
HAIR_DARK: Colour = (32, 19, 18)
HAIR_LIGHT: Colour = (126, 80, 52)
IRIS: Colour = (72, 96, 88)


@dataclass(frozen=True)
class Expression:
    """How the head is held and what the face does at one moment."""

    centre: tuple[float, float] = (320.0, 191.0)
    yaw: float = 0.0  # radians; positive turns the face to the right of the picture
    pitch: float = 0.0  # positive looks down
    roll: float = 0.0
    blink: float = 0.0  # 0 open .. 1 shut
    gaze: tuple[float, float] = (0.0, 0.0)  # -1..1 right, down
    mouth: float = 0.0  # 0 closed .. 1 open
    smile: float = 0.5  # 0..1
    brow: float = 0.0  # -1 drawn together .. 1 raised


def _mirrored(right) -> np.ndarray:
    """The closed outline whose right half (from the top or bottom middle to the other) is given."""
    right = np.array(right, float)
    return np.concatenate([right, right[-2:0:-1] * (-1, 1, 1)])


FACE = _mirrored([(0, 94, 56), (15, 92, 53), (32, 79, 40), (48, 54, 20), (59, 22, 8), (64, -12, 4), (62, -44, 6), (52, -76, 10),
                  (28, -98, 14), (0, -106, 18)])
SKULL = _mirrored([(0, 62, -40), (34, 58, -40), (60, 40, -34), (74, 4, -26), (79, -40, -22), (70, -86, -16), (40, -120, -10), (0, -130, -6)])
HAIRLINE = [(-63, 26, 2), (-61, -4, 12), (-56, -34, 26), (-40, -62, 44), (-14, -76, 56), (12, -80, 58), (38, -66, 46), (56, -34, 26),
            (61, -4, 12), (63, 26, 2)]


class Head:
    """One head at one moment, in the place and pose of `expression`."""

    def __init__(self, expression: Expression) -> None:
        self.e = e = expression
        cy, sy, cp, sp, cr, sr = np.cos(e.yaw), np.sin(e.yaw), np.cos(e.pitch), np.sin(e.pitch), np.cos(e.roll), np.sin(e.roll)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        self._turn = roll @ pitch @ yaw

    def at(self, points) -> np.ndarray:
        """Points of the head in the picture (Nx2)."""
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


def draw_back(image: np.ndarray, head: Head) -> None:
    """What is behind the bust: hair at the nape, the neck."""
    bun = head.at([(-6, -112, -40)])[0]
    disc(image, bun, 40, HAIR_DARK)
    disc(image, bun - (2, 2), 38, HAIR)
    for k in range(6):
        angle = np.linspace(-2.6, 0.1, 6) + k * 0.1
        radius = 36 - 5.4 * k
        strand = bun + np.stack([np.cos(angle) * radius - 2 * k, np.sin(angle) * radius], 1)
        fill(image, limb(strand, (0.6, 1.6, 2.2, 2.2, 1.6, 0.6), 3), mix(HAIR, HAIR_LIGHT, 0.55 - 0.06 * k))
    fill(image, curve(head.outline(SKULL)), HAIR_DARK)
    neck = curve(head.neck(), True)
    fill(image, neck, mix(SKIN, SKIN_DARK, 0.35))
    mask = np.zeros(image.shape[:2], np.uint8)
    fill(mask, neck, 255)
    shade = np.full((120, 160, 3), 128, np.uint8)
    under = head.at([(-58, 40, 0), (-36, 92, 30), (0, 112, 40), (36, 100, 30), (62, 40, 0), (70, 150, -20), (40, 160, -20), (10, 124, 20)])
    fill(shade, curve(under) / 4, (74, 62, 60))
    _spread(image, shade, 2.2, mask)
    line(image, neck, mix(SKIN_DARK, LINE, 0.3), 1, closed=True)
    for x in (-14, 18):
        line(image, curve([(320 + x * 1.9, 300), (320 + x * 1.5, 326), (320 + x * 0.7, 350)], False), mix(SKIN, SKIN_DARK, 0.75), 1)


def draw_front(image: np.ndarray, head: Head) -> None:
    """The face and the hair over it."""
    _ear(image, head, -1)
    _ear(image, head, 1)
    face = curve(head.outline(FACE), steps=8)
    fill(image, face, SKIN)
    mask = np.zeros(image.shape[:2], np.uint8)
    fill(mask, face, 255)
    _light(image, head, mask)
    line(image, face, mix(LINE, SKIN_DARK, 0.6), 1, closed=True)
    for side in (-1, 1):
        _eye(image, head, side)
    _nose(image, head)
    _mouth(image, head)
    for side in (-1, 1):
        _brow(image, head, side)
    _hair(image, head)


def _spread(image: np.ndarray, light: np.ndarray, sigma: float, mask: np.ndarray) -> None:
    """Blur the quarter-size `light` and lay it over `image` within `mask`."""
    x, y, w, h = cv2.boundingRect(mask)
    if w == 0 or h == 0:
        return
    soft = cv2.GaussianBlur(light, (0, 0), sigma)
    x0, y0, x1, y1 = x // 4, y // 4, min(-(-(x + w) // 4), light.shape[1]), min(-(-(y + h) // 4), light.shape[0])
    part = (slice(y0 * 4, y1 * 4), slice(x0 * 4, x1 * 4))
    big = cv2.resize(soft[y0:y1, x0:x1], None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    lit(image[part], big, mask[part])


def _light(image: np.ndarray, head: Head, mask: np.ndarray) -> None:
    """Light from the upper left: the far cheek, the eye sockets and the side of the nose in shadow, red on the cheeks."""
    light = np.full((120, 160, 3), 132, np.uint8)
    put = lambda points, colour: fill(light, head.shape(points, steps=4) / 4, colour)  # noqa: E731
    put([(80, -90, 0), (44, -60, 40), (40, -24, 52), (46, 6, 52), (38, 36, 54), (26, 62, 56), (16, 84, 56), (20, 106, 50), (70, 90, 0),
         (90, 0, -10)], (92, 78, 76))
    put([(-70, 60, -10), (-46, 66, 20), (-20, 90, 50), (10, 96, 58), (0, 116, 50), (-60, 100, 0)], (104, 88, 84))
    put([(-64, -84, 0), (0, -96, 40), (64, -84, 0), (46, -62, 40), (0, -72, 60), (-46, -60, 40)], (98, 86, 84))
    for side in (-1, 1):
        put([(side * 12, -14, 64), (side * 18, -24, 64), (side * 34, -26, 58), (side * 46, -16, 46), (side * 42, 0, 52), (side * 24, 4, 62)],
            (112, 100, 98))
    put([(5, -26, 66), (10, -14, 66), (14, 6, 70), (20, 26, 70), (16, 40, 70), (3, 38, 86), (7, 8, 76)], (84, 70, 68))
    put([(-5, -20, 68), (0, -22, 70), (3, 6, 80), (6, 26, 92), (-2, 32, 94), (-8, 24, 90), (-5, 4, 78)], (154, 150, 146))
    put([(-16, 82, 58), (0, 76, 62), (16, 82, 58), (0, 86, 60)], (116, 104, 100))
    put([(-12, 70, 62), (0, 68, 64), (12, 70, 62), (0, 76, 62)], (108, 92, 90))
    put([(-48, 14, 44), (-34, 8, 56), (-22, 20, 62), (-30, 34, 58), (-44, 30, 48)], (144, 128, 124))
    put([(-34, -58, 48), (-10, -66, 62), (4, -52, 68), (-6, -38, 70), (-30, -42, 58)], (150, 148, 144))
    _spread(image, light, 1.9, mask)


def _ear(image: np.ndarray, head: Head, side: int) -> None:
    centre = np.array((side * 64, 2, -12))
    points = centre + np.array([(0, -20, 2), (side * 9, -22, -2), (side * 14, -8, -4), (side * 9, 10, -2), (side * 3, 20, 2), (-side * 4, 14, 6)])
    fill(image, head.shape(points), mix(SKIN, SKIN_DARK, 0.25 if side < 0 else 0.6))
    line(image, head.shape(points, steps=4), mix(LINE, SKIN_DARK, 0.5), 1, closed=True)
    inner = centre + np.array([(side * 2, -13, 2), (side * 8, -12, 0), (side * 8, 0, 0), (side * 3, 9, 2)])
    line(image, head.shape(inner, False), mix(SKIN, SKIN_DARK, 0.9), 1)
    pearl = head.at([(side * 68, 30, -10)])[0]
    disc(image, pearl, 4.6, (150, 150, 146))
    disc(image, pearl - (0.8, 0.8), 3.6, (222, 222, 214))
    disc(image, pearl - (1.6, 1.6), 1.3, (255, 255, 250))


def _eye(image: np.ndarray, head: Head, side: int) -> None:
    e = head.e
    x, y, z = side * 28, -9, 63
    opening = 1 - e.blink
    upper, lower = 10.0 * opening - 1.5 * e.blink + 1.2 * e.brow * opening, 5.5 * (1 - 0.35 * e.smile)
    inner, outer = x - side * 15, x + side * 16
    top = [(inner, y + 2, z + 1), (x - side * 8, y - upper * 0.78, z + 4), (x + side * 1, y - upper, z + 4), (x + side * 10, y - upper * 0.66, z - 2),
           (outer, y - 0.5, z - 12)]
    bottom = [(x + side * 9, y + lower * 0.8, z - 3), (x, y + lower, z + 2), (x - side * 8, y + lower * 0.75, z + 3)]
    upper_curve = head.shape(top, False)
    lower_curve = head.shape([top[-1], *bottom, top[0]], False)
    if opening > 0.12:
        white = np.concatenate([upper_curve, lower_curve])
        fill(image, white, (232, 224, 216) if side < 0 else (206, 194, 188))
        pupil = head.at([(x + side * 0.5 + e.gaze[0] * 6, y - 2 + e.gaze[1] * 4, z + 4)])[0]
        _iris(image, pupil, white)
        shadow = np.concatenate([upper_curve, head.shape(np.array(top)[::-1] + (0, 3.0, 0), False)])
        fill(image, shadow, (70, 44, 42))
    fill(image, limb(lower_curve[::4], np.linspace(1.0, 1.6, len(lower_curve[::4])), 3), mix(SKIN_DARK, LINE, 0.3))
    lashes = head.at([*top, (outer + side * 4, y - 3, z - 16)])
    fill(image, limb(lashes, (1.2, 2.6, 3.2, 3.2, 2.4, 0.6), 4), (40, 24, 24))
    crease = head.shape(np.array(top) - (0, 5.0 + 1.5 * opening, -1), False)
    fill(image, limb(crease[::4], np.interp(np.arange(len(crease[::4])), (0, 3, 6), (0.4, 1.5, 0.4)), 3), mix(SKIN, SKIN_DARK, 0.85))


def _iris(image: np.ndarray, centre: np.ndarray, white: np.ndarray) -> None:
    """Iris and pupil, clipped by the lids."""
    x0, y0 = (int(v) - 14 for v in centre)
    patch = image[y0:y0 + 28, x0:x0 + 28]
    if patch.shape[:2] != (28, 28):
        return
    eye, mask = patch.copy(), np.zeros((28, 28), np.uint8)
    at = centre - (x0, y0)
    disc(eye, at, 8.2, (34, 34, 34))
    disc(eye, at, 7.2, IRIS)
    disc(eye, at + (0.8, 2.2), 4.8, mix(IRIS, (170, 180, 140), 0.45))
    disc(eye, at, 3.5, (14, 12, 14))
    disc(eye, at + (-2.6, -3.0), 2.0, (255, 255, 250))
    fill(mask, white - (x0, y0), 255)
    weight = cv2.merge([mask] * 3)
    patch[:] = cv2.add(cv2.multiply(eye, weight, scale=1 / 255), cv2.multiply(patch, 255 - weight, scale=1 / 255))


def _brow(image: np.ndarray, head: Head, side: int) -> None:
    lift, e = 4 * head.e.brow, head.e
    points = [(side * 11, -28 - lift + 3 * max(0, -e.brow), 68), (side * 24, -33 - lift, 64), (side * 38, -33 - lift, 52), (side * 50, -25 - lift * 0.7, 36)]
    fill(image, limb(head.at(points), (5.5, 6.0, 4.4, 1.2), 6), mix(HAIR, HAIR_LIGHT, 0.15))
    fill(image, limb(head.at(np.array(points) - (0, 1, 0)), (1.2, 2.2, 1.6, 0.6), 6), mix(HAIR, HAIR_LIGHT, 0.6))


def _nose(image: np.ndarray, head: Head) -> None:
    wing = [(10, 18, 80), (16, 28, 76), (14, 36, 74), (6, 38, 82)]
    line(image, head.shape(wing, False), mix(SKIN_DARK, LINE, 0.35), 1)
    line(image, head.shape([(-12, 22, 78), (-16, 30, 75), (-13, 36, 74)], False), SKIN_DARK, 1)
    base = head.at([(-13, 36, 74), (-7, 35, 84), (0, 39, 90), (7, 35, 84), (13, 36, 74)])
    fill(image, limb(base, (0.8, 2.4, 1.2, 2.8, 0.8), 5), LINE)
    disc(image, head.at([(-2, 23, 93)])[0], 1.5, (255, 228, 202))


def _mouth(image: np.ndarray, head: Head) -> None:
    e = head.e
    wide, gap = 23 + 5 * e.smile - 4 * e.mouth, 11 * e.mouth
    up = 7 * e.smile
    corner_l, corner_r = (-wide, 58 - up, 54), (wide, 58 - up, 54)
    top = [corner_l, (-10, 51 - gap * 0.2, 69), (-4, 49.5 - gap * 0.25, 72), (0, 51 - gap * 0.25, 72), (4, 49.5 - gap * 0.25, 72), (10, 51 - gap * 0.2, 69), corner_r]
    middle_upper = [corner_r, (11, 57.5 - gap * 0.2, 70), (0, 57 - gap * 0.2, 73), (-11, 57.5 - gap * 0.2, 70), corner_l]
    middle_lower = [corner_l, (-11, 58 + gap * 0.8, 68), (0, 59 + gap, 70), (11, 58 + gap * 0.8, 68), corner_r]
    bottom = [corner_r, (13, 65 + gap * 0.9, 65), (0, 68 + gap, 68), (-13, 65 + gap * 0.9, 65), corner_l]
    if gap > 0.8:
        inside = np.concatenate([head.shape(middle_upper, False), head.shape(middle_lower, False)])
        fill(image, inside, (64, 24, 26))
        if gap > 2.5:
            teeth = [(-13, 56.5 - gap * 0.1, 68), (0, 56 - gap * 0.1, 70), (13, 56.5 - gap * 0.1, 68), (11, 58.5 + gap * 0.12, 68), (-11, 58.5 + gap * 0.12, 68)]
            fill(image, head.shape(teeth), (232, 222, 208))
    fill(image, np.concatenate([head.shape(top, False), head.shape(middle_upper, False)]), mix(LIPS, (110, 40, 44), 0.35))
    fill(image, np.concatenate([head.shape(middle_lower, False), head.shape(bottom, False)]), LIPS)
    fill(image, head.shape([(-10, 62 + gap, 69), (-1, 61.5 + gap, 71), (6, 62.5 + gap, 70), (-2, 64.5 + gap, 70)]), mix(LIPS, (255, 200, 190), 0.5))
    if gap <= 0.8:
        line(image, head.shape(middle_lower, False), (92, 34, 36), 1)
    for side, corner in ((-1, corner_l), (1, corner_r)):
        crease = head.at([(corner[0] + side * 1, corner[1] - 3, 54), (corner[0] + side * 3.5, corner[1] + 1, 52), (corner[0] + side * 2, corner[1] + 4, 52)])
        fill(image, limb(crease, (0.4, 1.6, 0.4), 3), mix(SKIN, SKIN_DARK, 0.9))


def _hair(image: np.ndarray, head: Head) -> None:
    """Parted on the left of the picture, swept back over the ears."""
    outer = [(66, 14, -10), (76, -20, -16), (77, -56, -16), (65, -96, -12), (36, -122, -8), (0, -130, -6), (-36, -122, -8), (-65, -96, -12),
             (-77, -56, -16), (-76, -20, -16), (-66, 14, -10)]
    rim = curve(head.outline(outer), False)
    hairline = head.shape(HAIRLINE, False)
    fill(image, np.concatenate([hairline, rim]), HAIR)
    n = 17
    for k in range(n):
        t = (k + 0.5) / n
        left = t < 0.34
        s = t / 0.34 if left else (t - 0.34) / 0.66
        if left:  # from the parting down to the ear
            way = [(-25 - 2 * s, -76 - 40 * s, 50 - 44 * s), (-52 - 12 * s, -58 - 30 * s, 28 - 26 * s), (-64 - 10 * s, -26 - 24 * s, 8 - 20 * s),
                   (-66 - 4 * s, 10 - 12 * s, -4 - 8 * s)]
        else:
            way = [(-20 + 2 * s, -78 - 42 * s, 52 - 46 * s), (16 + 12 * s, -86 - 36 * s, 50 - 46 * s), (48 + 16 * s, -62 - 36 * s, 34 - 36 * s),
                   (64 + 11 * s, -24 - 30 * s, 12 - 26 * s), (66 + 6 * s, 10 - 14 * s, -2 - 10 * s)]
        glow = 0.8 * np.exp(-((t - 0.14) / 0.12) ** 2) + 0.55 * np.exp(-((t - 0.52) / 0.16) ** 2)
        colour = mix(HAIR, HAIR_LIGHT, glow) if k % 2 else mix(HAIR, HAIR_DARK, 0.8)
        widths = (0.6, 3.6, 3.2, 0.8) if left else (0.6, 3.4, 4.0, 3.2, 0.8)
        fill(image, limb(head.at(way), widths, 5), colour)
    fill(image, limb(hairline[::6], (0.6, *[2.2] * (len(hairline[::6]) - 2), 0.6), 4), HAIR_DARK)
    line(image, rim, HAIR_DARK, 1)
    for side in (-1, 1):  # loose strands before the ears
        strand = head.at([(side * 61, -30, 20), (side * 64, 0, 8), (side * 58, 30, 14), (side * 61, 46, 10)])
        fill(image, limb(strand, (5.5, 4, 2.2, 0.6), 5), mix(HAIR, HAIR_LIGHT, 0.25) if side < 0 else HAIR_DARK)
