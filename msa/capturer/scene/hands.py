"""Arms and hands: sleeves, cuffs, palms, five fingers that spread and bend.

Hands are drawn in their own units (about pixels): wrist at 0, fingers towards -y, thumb towards +x, the palm to the viewer.
"""

from dataclasses import dataclass

import numpy as np

from .brush import Colour, Spine, curve, fill, limb, lines, mix, shine
from .person import Person

PALM = np.array([(-15, 4), (-19, -12), (-26, -30), (-26, -50), (-20, -60), (-6, -66), (8, -66), (21, -60), (25, -44), (27, -26), (20, -8),
                 (15, 4)], float)
FINGERS = (  # base, angle when spread (degrees), length, width; from the little finger to the index
    ((-20, -54), -17, 36, 11.5), ((-8, -60), -6, 47, 13.5), ((5, -62), 2, 51, 14.0), ((17, -57), 11, 45, 13.5))
BENDS = np.radians([55, 135, 190])  # of the three phalanges, at full curl
PHALANGES = np.array([0.44, 0.32, 0.24])
FOLDS_FROM = 0.45  # of the curl: from here on the fingertip points down
THUMB = np.array([(16, -14), (34, -30), (46, -47), (52, -64)], float)
THUMB_IN = np.array([(16, -14), (27, -34), (20, -48), (5, -50)], float)
FOLDS = ((0.34, 1, 8), (0.50, -1, 12), (0.66, 1, 6), (0.80, -1, 9))  # of the sleeve: place from elbow to cuff, direction, steepness
PALM_LINES = ([(-22, -44), (-4, -50), (14, -57)], [(-18, -32), (2, -38), (22, -42)], [(14, -48), (2, -30), (6, -6)])
# Hollows and mounds of the palm: (points, what they multiply the skin by, in 128ths).
HOLLOWS = (
    ([(-12, -42), (4, -46), (10, -34), (4, -20), (-8, -22)], (118, 108, 105)),
    ([(-20, 8), (20, 8), (16, -6), (-16, -6)], (96, 84, 82)),
    ([(12, -40), (24, -36), (24, -20), (14, -16)], (140, 136, 132)),
    ([(-24, -44), (-16, -44), (-16, -18), (-22, -16)], (136, 132, 130)))


@dataclass(frozen=True)
class Arm:
    """One arm at one moment. side: -1 at the left of the image, 1 at the right."""

    side: int
    wrist: tuple[float, float]  # in the image
    angle: float = 0.0  # degrees that the hand leans to the right of the image
    curl: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1)  # 0 straight .. 1 folded, from the little finger to the index
    thumb: float = 0.0  # 0 out .. 1 across the palm
    spread: float = 1.0
    scale: float = 1.12


def draw_arm(image: np.ndarray, arm: Arm, p: Person) -> None:
    """Draw the arm, unless it is below the image."""
    if arm.wrist[1] - 130 * arm.scale > image.shape[0]:
        return
    _sleeve(image, arm, p)
    _hand(image, arm, p)


def _placed(points, arm: Arm) -> np.ndarray:
    """Hand units -> image."""
    a = np.radians(arm.angle)
    turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) * arm.scale
    return (np.asarray(points, float) * (-arm.side, 1)) @ turn + arm.wrist


def _hand(image: np.ndarray, arm: Arm, p: Person) -> None:
    outline = mix(p.line, p.skin_dark, 0.5)
    palm = curve(_placed(PALM, arm))
    fill(image, _grown(palm, 1.2), outline)
    fill(image, palm, p.palm)
    lines(image, [curve(_placed(points, arm), False, 4) for points in PALM_LINES], mix(p.palm, p.skin_dark, 0.26))
    fill(image, limb(_placed([(24, -36), (25, -22), (17, -8)], arm), (1, 7, 2), 4), mix(p.palm, p.skin_light, 0.5))
    for (base, angle, length, width), curl in zip(FINGERS, arm.curl, strict=True):
        _finger(image, arm, _joints(base, angle * arm.spread, length, curl), width, curl, p)
    thumb = THUMB + (THUMB_IN - THUMB) * arm.thumb
    _digit(image, arm, thumb, np.array((21, 18, 14.5, 11)), p)
    fill(image, curve(_placed([(4, -22), (16, -26), (23, -18), (17, -3), (6, -4)], arm)), p.palm)  # where the thumb grows from
    shine(image, palm, [(curve(_placed(points, arm), steps=4), colour) for points, colour in HOLLOWS], rest=130, sigma=1.0)


def _joints(base, angle: float, length: float, curl: float) -> np.ndarray:
    """Four points from knuckle to tip; a bent finger comes towards the viewer and looks shorter, then folds over the palm."""
    reach = np.concatenate([[0], np.cumsum(PHALANGES * np.cos(BENDS * curl))]) * length
    a = np.radians(angle)
    return np.array(base) + reach[:, None] * np.array((np.sin(a), -np.cos(a)))


def _finger(image: np.ndarray, arm: Arm, joints: np.ndarray, width: float, curl: float, p: Person) -> None:
    if curl > FOLDS_FROM:  # the rest lies over the palm, in front
        _digit(image, arm, joints[:2], width * np.array((1.06, 1.04)), p)
        _digit(image, arm, joints[[1, 3]], width * np.array((1.04, 0.86)), p)
    else:
        _digit(image, arm, joints, width * np.array((1.06, 1.04, 0.96, 0.78)), p)
        across, sag = np.array((0.4 * width, 0.0)), np.array((0.0, 1.2))
        creases = [_placed([joint - across, joint + sag, joint + across], arm) for joint in joints[1:3]]
        lines(image, creases, mix(p.palm, p.skin_dark, 0.3))


def _digit(image: np.ndarray, arm: Arm, joints: np.ndarray, widths: np.ndarray, p: Person) -> None:
    placed = _placed(joints, arm)
    widths = widths * arm.scale
    if np.hypot(*(placed[-1] - placed[0])) < 5:  # points at the viewer
        placed[-1] += (0, -5)
    spine = Spine(placed, widths, 3)
    fill(image, spine.band(grow=1.1), mix(p.line, p.skin_dark, 0.7))
    fill(image, spine.band(), mix(p.palm, p.skin_dark, 0.16))
    fill(image, spine.band(0.76, shift=-0.1 * widths[0]), p.palm)


def _grown(outline: np.ndarray, pixels: float) -> np.ndarray:
    away = outline - outline.mean(0)
    return outline + pixels * away / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)[:, None]


def _sleeve(image: np.ndarray, arm: Arm, p: Person) -> None:
    """From the elbow, below the image, to the wrist."""
    wrist = np.array(arm.wrist)
    a = np.radians(arm.angle * 0.55)
    hand = np.array((np.sin(a), -np.cos(a)))
    elbow = np.array((320 + arm.side * 196.0, 560.0)) * 0.5 + 0.5 * (wrist - hand * 190)
    cuff, below = wrist - hand * 8, wrist - hand * 30
    middle = (elbow + below) / 2 + (arm.side * 9, 0)
    s = arm.scale
    fill(image, limb([wrist + hand * 6, cuff, below], np.array((29, 33, 35)) * s, 3, False), mix(p.skin, p.skin_dark, 0.3))
    path, widths = np.array([elbow, middle, below, cuff]), np.array((92, 80, 58, 47)) * s
    spine = Spine(path, widths, 8)
    sleeve = spine.band(tip=False)
    fill(image, spine.band(grow=1.2, tip=False), mix(p.wool_dark, (20, 10, 8), 0.3))
    fill(image, sleeve, mix(p.wool, p.wool_dark, 0.12))
    light: list[tuple[np.ndarray, Colour]] = [(spine.band(0.70, shift=-9), (128, 128, 126)), (spine.band(0.36, shift=-18), (156, 154, 146))]
    across = np.array((-hand[1], hand[0]))
    for t, lean, bend in FOLDS:
        at = path[0] + (path[2] - path[0]) * t
        fold = np.array([at - across * 34 * lean + hand * bend, at - across * 8 * lean + hand * 2, at + across * 22 * lean - hand * bend])
        light += [(limb(fold - (2, 6), (2, 7, 2), 4), (146, 144, 136)), (limb(fold, (1, 7, 1), 4), (78, 72, 66))]
    shine(image, sleeve, light, rest=104, sigma=1.0)
    _cuff(image, cuff, hand, s, p)


def _cuff(image: np.ndarray, at: np.ndarray, hand: np.ndarray, s: float, p: Person) -> None:
    across = np.array((-hand[1], hand[0]))
    linen = limb([at - hand * 3, at + hand * 5], np.array((41, 40)) * s, 2, False)
    fill(image, _grown(linen, 1.0), (110, 98, 86))
    fill(image, linen, p.linen)
    band = [at - hand * 17, at - hand * 1]
    fill(image, _grown(limb(band, np.array((53, 50)) * s, 2, False), 1.0), p.wool_dark)
    fill(image, limb(band, np.array((53, 50)) * s, 2, False), mix(p.wool, p.wool_dark, 0.15))
    ribs = [np.array(band) + across * (5.6 * k * s) for k in range(-4, 5)]
    lines(image, ribs, mix(p.wool, p.wool_dark, 0.45))
