"""The head: neck, face in the light, ears; hair and glasses over it."""

import numpy as np

from .brush import curve, disc, fill, line, mix, shine
from .face import draw_brow, draw_eye, draw_glasses, draw_mouth, draw_nose
from .hair import draw_beard, draw_hair, draw_hair_behind
from .skull import Head, mirrored

FACE = mirrored([(0, 94, 56), (15, 92, 53), (32, 79, 40), (48, 54, 20), (59, 22, 8), (64, -12, 4), (62, -44, 6), (52, -76, 10),
                  (28, -98, 14), (0, -106, 18)])


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
    p = head.person
    draw_hair_behind(image, head)
    neck = curve(head.neck(), True)
    fill(image, neck, mix(p.skin, p.skin_dark, 0.35))
    under = head.at([(-58, 40, 0), (-36, 92, 30), (0, 112, 40), (36, 100, 30), (62, 40, 0), (70, 150, -20), (40, 160, -20), (10, 124, 20)])
    shine(image, neck, [(curve(under), (74, 62, 60))], sigma=2.2)
    line(image, neck, mix(p.skin_dark, p.line, 0.3), 1, closed=True)
    for x in (-14, 18):
        line(image, curve([(320 + x * 1.9, 300), (320 + x * 1.5, 326), (320 + x * 0.7, 350)], False), mix(p.skin, p.skin_dark, 0.75), 1)


def draw_front(image: np.ndarray, head: Head) -> None:
    """The face and the hair over it."""
    p = head.person
    _ear(image, head, -1)
    _ear(image, head, 1)
    face = curve(head.outline(FACE), steps=8)
    fill(image, face, p.skin)
    shine(image, face, [(head.shape(points, steps=4), colour) for points, colour in LIGHT], rest=132, sigma=1.9)
    if p.beard:
        draw_beard(image, head)
    line(image, face, mix(p.line, p.skin_dark, 0.6), 1, closed=True)
    for side in (-1, 1):
        draw_eye(image, head, side)
    draw_nose(image, head)
    draw_mouth(image, head)
    for side in (-1, 1):
        draw_brow(image, head, side)
    draw_hair(image, head)
    if p.glasses:
        draw_glasses(image, head)


def _ear(image: np.ndarray, head: Head, side: int) -> None:
    p, centre = head.person, np.array((side * 64, 2, -12))
    points = centre + np.array([(0, -20, 2), (side * 9, -22, -2), (side * 14, -8, -4), (side * 9, 10, -2), (side * 3, 20, 2),
                                (-side * 4, 14, 6)])
    fill(image, head.shape(points), mix(p.skin, p.skin_dark, 0.25 if side < 0 else 0.6))
    line(image, head.shape(points, steps=4), mix(p.line, p.skin_dark, 0.5), 1, closed=True)
    inner = centre + np.array([(side * 2, -13, 2), (side * 8, -12, 0), (side * 8, 0, 0), (side * 3, 9, 2)])
    line(image, head.shape(inner, False), mix(p.skin, p.skin_dark, 0.9), 1)
    if not p.pearls:
        return
    pearl = head.at([(side * 68, 30, -10)])[0]
    disc(image, pearl, 4.6, (150, 150, 146))
    disc(image, pearl - (0.8, 0.8), 3.6, (222, 222, 214))
    disc(image, pearl - (1.6, 1.6), 1.3, (255, 255, 250))
