"""The head: neck, face in the light, ears, hair."""

from functools import lru_cache

import numpy as np

from .brush import Colour, curve, disc, fill, limb, line, mix, shine
from .face import draw_brow, draw_eye, draw_mouth, draw_nose
from .skull import HAIR, HAIR_DARK, HAIR_LIGHT, LINE, SKIN, SKIN_DARK, Head


def _mirrored(right) -> np.ndarray:
    """The closed outline whose right half (from the top or bottom middle to the other) is given."""
    right = np.array(right, float)
    return np.concatenate([right, right[-2:0:-1] * (-1, 1, 1)])


FACE = _mirrored([(0, 94, 56), (15, 92, 53), (32, 79, 40), (48, 54, 20), (59, 22, 8), (64, -12, 4), (62, -44, 6), (52, -76, 10),
                  (28, -98, 14), (0, -106, 18)])
SKULL = _mirrored([(0, 62, -40), (34, 58, -40), (60, 40, -34), (74, 4, -26), (79, -40, -22), (70, -86, -16), (40, -120, -10),
                   (0, -130, -6)])
HAIRLINE = [(-63, 26, 2), (-61, -4, 12), (-56, -34, 26), (-40, -62, 44), (-14, -76, 56), (12, -80, 58), (38, -66, 46), (56, -34, 26),
            (61, -4, 12), (63, 26, 2)]


# Light on the face, from the upper left: (points, what it multiplies the skin by, in 128ths).
LIGHT = (
    ([(80, -90, 0), (44, -60, 40), (40, -24, 52), (46, 6, 52), (38, 36, 54), (26, 62, 56), (16, 84, 56), (20, 106, 50), (70, 90, 0),
      (90, 0, -10)], (92, 78, 76)),  # the far cheek
    ([(-70, 60, -10), (-46, 66, 20), (-20, 90, 50), (10, 96, 58), (0, 116, 50), (-60, 100, 0)], (104, 88, 84)),  # under the jaw
    ([(-64, -84, 0), (0, -96, 40), (64, -84, 0), (46, -62, 40), (0, -72, 60), (-46, -60, 40)], (98, 86, 84)),  # under the hair
    ([(-12, -14, 64), (-18, -24, 64), (-34, -26, 58), (-46, -16, 46), (-42, 0, 52), (-24, 4, 62)], (112, 100, 98)),  # eye sockets
    ([(12, -14, 64), (18, -24, 64), (34, -26, 58), (46, -16, 46), (42, 0, 52), (24, 4, 62)], (112, 100, 98)),
    ([(5, -26, 66), (10, -14, 66), (14, 6, 70), (20, 26, 70), (16, 40, 70), (3, 38, 86), (7, 8, 76)], (84, 70, 68)),  # beside the nose
    ([(-5, -20, 68), (0, -22, 70), (3, 6, 80), (6, 26, 92), (-2, 32, 94), (-8, 24, 90), (-5, 4, 78)], (154, 150, 146)),  # its bridge
    ([(-7, 18, 88), (0, 16, 92), (3, 24, 93), (-3, 29, 93)], (176, 176, 174)),  # its tip
    ([(-16, 82, 58), (0, 76, 62), (16, 82, 58), (0, 86, 60)], (116, 104, 100)),  # chin
    ([(-12, 70, 62), (0, 68, 64), (12, 70, 62), (0, 76, 62)], (108, 92, 90)),  # under the lip
    ([(-48, 14, 44), (-34, 8, 56), (-22, 20, 62), (-30, 34, 58), (-44, 30, 48)], (144, 128, 124)),  # a red cheek
    ([(-34, -58, 48), (-10, -66, 62), (4, -52, 68), (-6, -38, 70), (-30, -42, 58)], (150, 148, 144)))  # forehead


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
    under = head.at([(-58, 40, 0), (-36, 92, 30), (0, 112, 40), (36, 100, 30), (62, 40, 0), (70, 150, -20), (40, 160, -20), (10, 124, 20)])
    shine(image, neck, [(curve(under), (74, 62, 60))], sigma=2.2)
    line(image, neck, mix(SKIN_DARK, LINE, 0.3), 1, closed=True)
    for x in (-14, 18):
        line(image, curve([(320 + x * 1.9, 300), (320 + x * 1.5, 326), (320 + x * 0.7, 350)], False), mix(SKIN, SKIN_DARK, 0.75), 1)


def draw_front(image: np.ndarray, head: Head) -> None:
    """The face and the hair over it."""
    _ear(image, head, -1)
    _ear(image, head, 1)
    face = curve(head.outline(FACE), steps=8)
    fill(image, face, SKIN)
    shine(image, face, [(head.shape(points, steps=4), colour) for points, colour in LIGHT], rest=132, sigma=1.9)
    line(image, face, mix(LINE, SKIN_DARK, 0.6), 1, closed=True)
    for side in (-1, 1):
        draw_eye(image, head, side)
    draw_nose(image, head)
    draw_mouth(image, head)
    for side in (-1, 1):
        draw_brow(image, head, side)
    _hair(image, head)


def _ear(image: np.ndarray, head: Head, side: int) -> None:
    centre = np.array((side * 64, 2, -12))
    points = centre + np.array([(0, -20, 2), (side * 9, -22, -2), (side * 14, -8, -4), (side * 9, 10, -2), (side * 3, 20, 2),
                                (-side * 4, 14, 6)])
    fill(image, head.shape(points), mix(SKIN, SKIN_DARK, 0.25 if side < 0 else 0.6))
    line(image, head.shape(points, steps=4), mix(LINE, SKIN_DARK, 0.5), 1, closed=True)
    inner = centre + np.array([(side * 2, -13, 2), (side * 8, -12, 0), (side * 8, 0, 0), (side * 3, 9, 2)])
    line(image, head.shape(inner, False), mix(SKIN, SKIN_DARK, 0.9), 1)
    pearl = head.at([(side * 68, 30, -10)])[0]
    disc(image, pearl, 4.6, (150, 150, 146))
    disc(image, pearl - (0.8, 0.8), 3.6, (222, 222, 214))
    disc(image, pearl - (1.6, 1.6), 1.3, (255, 255, 250))


def _hair(image: np.ndarray, head: Head) -> None:
    """Parted on the left of the picture, swept back over the ears."""
    outer = [(66, 14, -10), (76, -20, -16), (77, -56, -16), (65, -96, -12), (36, -122, -8), (0, -130, -6), (-36, -122, -8), (-65, -96, -12),
             (-77, -56, -16), (-76, -20, -16), (-66, 14, -10)]
    rim = curve(head.outline(outer), False)
    hairline = head.shape(HAIRLINE, False)
    fill(image, np.concatenate([hairline, rim]), HAIR)
    for way, widths, colour in _strands():
        fill(image, limb(head.at(way), widths, 4), colour)
    fill(image, limb(hairline[::6], (0.6, *[2.2] * (len(hairline[::6]) - 2), 0.6), 4), HAIR_DARK)
    line(image, rim, HAIR_DARK, 1)
    for side in (-1, 1):  # loose strands before the ears
        strand = head.at([(side * 61, -30, 20), (side * 64, 0, 8), (side * 58, 30, 14), (side * 61, 46, 10)])
        fill(image, limb(strand, (5.5, 4, 2.2, 0.6), 5), mix(HAIR, HAIR_LIGHT, 0.25) if side < 0 else HAIR_DARK)


@lru_cache(maxsize=1)
def _strands() -> list[tuple[np.ndarray, tuple[float, ...], Colour]]:
    """Points, widths and colour of each lock, from the parting down to the ears, the lowest first."""
    strands: list[tuple[np.ndarray, tuple[float, ...], Colour]] = []
    widths: tuple[float, ...]
    n = 13
    for k in range(n):
        t = (k + 0.5) / n
        if t < 0.34:  # to the left
            s, widths = t / 0.34, (0.6, 4.6, 4.2, 0.8)
            start = [(-25, -76, 50), (-52, -58, 28), (-64, -26, 8), (-66, 10, -4)]
            step = [(-2, -40, -44), (-12, -30, -26), (-10, -24, -20), (-4, -12, -8)]
        else:
            s, widths = (t - 0.34) / 0.66, (0.6, 4.4, 5.2, 4.2, 0.8)
            start = [(-20, -78, 52), (16, -86, 50), (48, -62, 34), (64, -24, 12), (66, 10, -2)]
            step = [(2, -42, -46), (12, -36, -46), (16, -36, -36), (11, -30, -26), (6, -14, -10)]
        shine = 0.42 * np.exp(-((t - 0.14) / 0.12) ** 2) + 0.34 * np.exp(-((t - 0.52) / 0.16) ** 2)
        colour = mix(HAIR, HAIR_LIGHT, shine) if k % 2 else mix(HAIR, HAIR_DARK, 0.5)
        strands.append((np.array(start) + s * np.array(step), widths, colour))
    return strands
