"""Arms and hands: sleeves, cuffs, palms, five fingers that spread and bend.

Hands are drawn in their own units (about pixels): wrist at 0, fingers towards -y, thumb towards +x, the palm to the viewer.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .body import LINEN, WOOL, WOOL_DARK
from .brush import curve, fill, limb, line, lit, mix
from .skull import LINE, SKIN, SKIN_DARK, SKIN_LIGHT

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


@dataclass(frozen=True)
class Arm:
    """One arm at one moment. side: -1 at the left of the picture, 1 at the right."""

    side: int
    wrist: tuple[float, float]  # in the picture
    angle: float = 0.0  # degrees that the hand leans to the right of the picture
    curl: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1)  # 0 straight .. 1 folded, from the little finger to the index
    thumb: float = 0.0  # 0 out .. 1 across the palm
    spread: float = 1.0
    scale: float = 1.12


def draw_arm(image: np.ndarray, arm: Arm) -> None:
    """Draw the arm, unless it is below the picture."""
    if arm.wrist[1] - 130 * arm.scale > image.shape[0]:
        return
    _sleeve(image, arm)
    _hand(image, arm)


def _placed(points, arm: Arm) -> np.ndarray:
    """Hand units -> picture."""
    a = np.radians(arm.angle)
    turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) * arm.scale
    return (np.asarray(points, float) * (-arm.side, 1)) @ turn + arm.wrist


def _hand(image: np.ndarray, arm: Arm) -> None:
    outline = mix(LINE, SKIN_DARK, 0.5)
    palm = curve(_placed(PALM, arm))
    fill(image, _grown(palm, 1.2), outline)
    fill(image, palm, SKIN)
    for points in ([(-22, -44), (-4, -50), (14, -57)], [(-18, -32), (2, -38), (22, -42)], [(14, -48), (2, -30), (6, -6)]):
        fill(image, limb(_placed(points, arm), (0.5, 2.4, 0.5), 4), mix(SKIN, SKIN_DARK, 0.26))
    fill(image, limb(_placed([(24, -36), (25, -22), (17, -8)], arm), (1, 7, 2), 4), mix(SKIN, SKIN_LIGHT, 0.5))
    for (base, angle, length, width), curl in zip(FINGERS, arm.curl, strict=True):
        _finger(image, arm, _joints(base, angle * arm.spread, length, curl), width, curl)
    thumb = THUMB + (THUMB_IN - THUMB) * arm.thumb
    _digit(image, arm, thumb, np.array((21, 18, 14.5, 11)))
    fill(image, curve(_placed([(4, -22), (16, -26), (23, -18), (17, -3), (6, -4)], arm)), SKIN)  # where the thumb grows from
    _shade(image, arm, palm)


def _joints(base, angle: float, length: float, curl: float) -> np.ndarray:
    """Four points from knuckle to tip; a bent finger comes towards the viewer and looks shorter, then folds over the palm."""
    reach = np.concatenate([[0], np.cumsum(PHALANGES * np.cos(BENDS * curl))]) * length
    a = np.radians(angle)
    return np.array(base) + reach[:, None] * np.array((np.sin(a), -np.cos(a)))


def _finger(image: np.ndarray, arm: Arm, joints: np.ndarray, width: float, curl: float) -> None:
    if curl > FOLDS_FROM:  # the rest lies over the palm, in front
        _digit(image, arm, joints[:2], width * np.array((1.06, 1.04)))
        _digit(image, arm, joints[[1, 3]], width * np.array((1.04, 0.86)))
    else:
        _digit(image, arm, joints, width * np.array((1.06, 1.04, 0.96, 0.78)))
    for k in (1, 2) if curl <= FOLDS_FROM else ():
        across = np.array((0.42 * width, 0.0))
        crease = _placed([joints[k] - across, joints[k] + (0, 1.2), joints[k] + across], arm)
        fill(image, limb(crease, (0.4, 1.6, 0.4), 3), mix(SKIN, SKIN_DARK, 0.26))


def _digit(image: np.ndarray, arm: Arm, joints: np.ndarray, widths: np.ndarray) -> None:
    placed = _placed(joints, arm)
    widths = widths * arm.scale
    if np.hypot(*(placed[-1] - placed[0])) < 5:  # points at the viewer
        placed[-1] += (0, -5)
    fill(image, limb(placed, widths + 2.2, 4), mix(LINE, SKIN_DARK, 0.7))
    fill(image, limb(placed, widths, 4), mix(SKIN, SKIN_DARK, 0.16))
    fill(image, limb(placed - (0.10 * widths.mean(), 0), widths * 0.76, 4), SKIN)


def _grown(outline: np.ndarray, pixels: float) -> np.ndarray:
    away = outline - outline.mean(0)
    return outline + pixels * away / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)[:, None]


def _shade(image: np.ndarray, arm: Arm, palm: np.ndarray) -> None:
    """Soft hollows and mounds of the palm."""
    x, y, w, h = cv2.boundingRect(np.rint(palm).astype(np.int32))
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, image.shape[1]), min(y + h, image.shape[0])
    if x1 - x0 < 8 or y1 - y0 < 8:
        return
    light = np.full((y1 - y0, x1 - x0, 3), 130, np.uint8)
    put = lambda points, colour: fill(light, curve(_placed(points, arm), steps=4) - (x0, y0), colour)  # noqa: E731
    put([(-12, -42), (4, -46), (10, -34), (4, -20), (-8, -22)], (118, 108, 105))
    put([(-20, 8), (20, 8), (16, -6), (-16, -6)], (96, 84, 82))
    put([(12, -40), (24, -36), (24, -20), (14, -16)], (140, 136, 132))
    put([(-24, -44), (-16, -44), (-16, -18), (-22, -16)], (136, 132, 130))
    mask = np.zeros(light.shape[:2], np.uint8)
    fill(mask, palm - (x0, y0), 255)
    lit(image[y0:y1, x0:x1], cv2.GaussianBlur(light, (0, 0), 4.0), mask)


def _sleeve(image: np.ndarray, arm: Arm) -> None:
    """From the elbow, below the picture, to the wrist."""
    wrist = np.array(arm.wrist)
    a = np.radians(arm.angle * 0.55)
    hand = np.array((np.sin(a), -np.cos(a)))
    elbow = np.array((320 + arm.side * 196.0, 560.0)) * 0.5 + 0.5 * (wrist - hand * 190)
    cuff, below = wrist - hand * 8, wrist - hand * 30
    middle = (elbow + below) / 2 + (arm.side * 9, 0)
    s = arm.scale
    fill(image, limb([wrist + hand * 6, cuff, below], np.array((29, 33, 35)) * s, 3, False), mix(SKIN, SKIN_DARK, 0.3))
    path, widths = np.array([elbow, middle, below, cuff]), np.array((92, 80, 58, 47)) * s
    sleeve = limb(path, widths, 8, False)
    fill(image, _grown(sleeve, 1.4), mix(WOOL_DARK, (20, 10, 8), 0.3))
    fill(image, sleeve, mix(WOOL, WOOL_DARK, 0.12))
    _round(image, sleeve, path, widths, hand)
    _cuff(image, cuff, hand, s)


def _round(image: np.ndarray, sleeve: np.ndarray, path: np.ndarray, widths: np.ndarray, hand: np.ndarray) -> None:
    """The side away from the window in shadow, the near one in light."""
    x, y, w, h = cv2.boundingRect(np.rint(sleeve).astype(np.int32))
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, image.shape[1]), min(y + h, image.shape[0])
    if x1 - x0 < 8 or y1 - y0 < 8:
        return
    small = np.full((-(-(y1 - y0) // 4), -(-(x1 - x0) // 4), 3), 104, np.uint8)
    for shift, share, colour in ((-0.10, 0.70, (128, 128, 126)), (-0.20, 0.36, (156, 154, 146))):
        fill(small, (limb(np.add(path, (shift * 90, 0)), widths * share, 5, False) - (x0, y0)) / 4, colour)
    across = np.array((-hand[1], hand[0]))
    for t, lean, bend in FOLDS:
        at = path[0] + (path[2] - path[0]) * t
        fold = np.array([at - across * 34 * lean + hand * bend, at - across * 8 * lean + hand * 2, at + across * 22 * lean - hand * bend])
        fill(small, (limb(fold - (2, 6), (2, 7, 2), 4) - (x0, y0)) / 4, (146, 144, 136))
        fill(small, (limb(fold, (1, 7, 1), 4) - (x0, y0)) / 4, (78, 72, 66))
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.0), (x1 - x0, y1 - y0))
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    fill(mask, sleeve - (x0, y0), 255)
    lit(image[y0:y1, x0:x1], soft, mask)


def _cuff(image: np.ndarray, at: np.ndarray, hand: np.ndarray, s: float) -> None:
    across = np.array((-hand[1], hand[0]))
    linen = limb([at - hand * 3, at + hand * 5], np.array((41, 40)) * s, 2, False)
    fill(image, _grown(linen, 1.0), (110, 98, 86))
    fill(image, linen, LINEN)
    band = [at - hand * 17, at - hand * 1]
    fill(image, _grown(limb(band, np.array((53, 50)) * s, 2, False), 1.0), WOOL_DARK)
    fill(image, limb(band, np.array((53, 50)) * s, 2, False), mix(WOOL, WOOL_DARK, 0.15))
    for k in range(-4, 5):
        offset = across * (5.6 * k * s)
        line(image, [band[0] + offset, band[1] + offset * 0.95], mix(WOOL, WOOL_DARK, 0.45 + 0.08 * k * across[0]), 1)
