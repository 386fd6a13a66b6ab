"""What moves in a face: eyes, brows, nose, mouth."""

import cv2
import numpy as np

from .brush import disc, fill, limb, line, mix
from .person import Person
from .skull import Head

FRAME = (30, 26, 26)  # of glasses


def draw_eye(image: np.ndarray, head: Head, side: int) -> None:
    """Draw one eye; side: -1 left, 1 right in the image."""
    e, p = head.e, head.person
    x, y, z = side * 28, -9, 63
    opening = 1 - e.blink
    upper, lower = 10.0 * opening - 1.5 * e.blink + 1.2 * e.brow * opening, 5.5 * (1 - 0.35 * e.smile)
    inner, outer = x - side * 15, x + side * 16
    top = [(inner, y + 2, z + 1), (x - side * 8, y - upper * 0.78, z + 4), (x + side * 1, y - upper, z + 4),
           (x + side * 10, y - upper * 0.66, z - 2), (outer, y - 0.5, z - 12)]
    bottom = [(x + side * 9, y + lower * 0.8, z - 3), (x, y + lower, z + 2), (x - side * 8, y + lower * 0.75, z + 3)]
    upper_curve = head.shape(top, False)
    lower_curve = head.shape([top[-1], *bottom, top[0]], False)
    if opening > 0.12:
        white = np.concatenate([upper_curve, lower_curve])
        fill(image, white, (232, 224, 216) if side < 0 else (206, 194, 188))
        pupil = head.at([(x + side * 0.5 + e.gaze[0] * 6, y - 2 + e.gaze[1] * 4, z + 4)])[0]
        _iris(image, pupil, white, p)
        shadow = np.concatenate([upper_curve, head.shape(np.add(top[::-1], (0, 3.0, 0)), False)])
        fill(image, shadow, (70, 44, 42))
    fill(image, limb(lower_curve[::4], np.linspace(1.0, 1.6, len(lower_curve[::4])), 3), mix(p.skin_dark, p.line, 0.3))
    lashes = head.at([*top, (outer + side * 4, y - 3, z - 16)])
    fill(image, limb(lashes, (1.2, 2.6, 3.2, 3.2, 2.4, 0.6), 4), (40, 24, 24))
    crease = head.shape(np.array(top) - (0, 5.0 + 1.5 * opening, -1), False)
    fill(image, limb(crease[::4], np.interp(np.arange(len(crease[::4])), (0, 3, 6), (0.4, 1.5, 0.4)), 3), mix(p.skin, p.skin_dark, 0.85))


def _iris(image: np.ndarray, centre: np.ndarray, white: np.ndarray, p: Person) -> None:
    """Iris and pupil, clipped by the lids."""
    x0, y0 = (int(v) - 14 for v in centre)
    patch = image[y0:y0 + 28, x0:x0 + 28]
    if patch.shape[:2] != (28, 28):
        return
    eye, mask = patch.copy(), np.zeros((28, 28), np.uint8)
    at = centre - (x0, y0)
    disc(eye, at, 8.2, (34, 34, 34))
    disc(eye, at, 7.2, p.iris)
    disc(eye, np.add(at, (0.8, 2.2)), 4.8, mix(p.iris, (170, 180, 140), 0.45))
    disc(eye, at, 3.5, (14, 12, 14))
    disc(eye, np.add(at, (-2.6, -3.0)), 2.0, (255, 255, 250))
    fill(mask, white - (x0, y0), 255)
    weight = cv2.merge([mask] * 3)
    patch[:] = cv2.add(cv2.multiply(eye, weight, scale=1 / 255), cv2.multiply(patch, 255 - weight, scale=1 / 255))


def draw_brow(image: np.ndarray, head: Head, side: int) -> None:
    """Draw one eyebrow; side: -1 left, 1 right in the image."""
    lift, e, p = 4 * head.e.brow, head.e, head.person
    points = [(side * 11, -28 - lift + 3 * max(0, -e.brow), 68), (side * 24, -33 - lift, 64), (side * 38, -33 - lift, 52),
              (side * 50, -25 - lift * 0.7, 36)]
    fill(image, limb(head.at(points), (5.5, 6.0, 4.4, 1.2), 6), mix(p.hair, p.hair_light, 0.15))
    fill(image, limb(head.at(np.array(points) - (0, 1, 0)), (1.2, 2.2, 1.6, 0.6), 6), mix(p.hair, p.hair_light, 0.6))


def draw_nose(image: np.ndarray, head: Head) -> None:
    """Draw the nose."""
    p = head.person
    wing = [(10, 18, 80), (16, 28, 76), (14, 36, 74), (6, 38, 82)]
    line(image, head.shape(wing, False), mix(p.skin_dark, p.line, 0.35), 1)
    line(image, head.shape([(-12, 22, 78), (-16, 30, 75), (-13, 36, 74)], False), p.skin_dark, 1)
    base = head.at([(-13, 36, 74), (-7, 35, 84), (0, 39, 90), (7, 35, 84), (13, 36, 74)])
    fill(image, limb(base, (0.8, 2.4, 1.2, 2.8, 0.8), 5), p.line)


def draw_mouth(image: np.ndarray, head: Head) -> None:
    """Draw the mouth."""
    e, p = head.e, head.person
    wide, gap = 23 + 5 * e.smile - 4 * e.mouth, 11 * e.mouth
    up = 7 * e.smile
    corner_l, corner_r = (-wide, 58 - up, 54), (wide, 58 - up, 54)
    cupid = gap * 0.25
    top = [corner_l, (-10, 51 - cupid, 69), (-4, 49.5 - cupid, 72), (0, 51 - cupid, 72), (4, 49.5 - cupid, 72), (10, 51 - cupid, 69),
           corner_r]
    middle_upper = [corner_r, (11, 57.5 - gap * 0.2, 70), (0, 57 - gap * 0.2, 73), (-11, 57.5 - gap * 0.2, 70), corner_l]
    middle_lower = [corner_l, (-11, 58 + gap * 0.8, 68), (0, 59 + gap, 70), (11, 58 + gap * 0.8, 68), corner_r]
    bottom = [corner_r, (13, 65 + gap * 0.9, 65), (0, 68 + gap, 68), (-13, 65 + gap * 0.9, 65), corner_l]
    if gap > 0.8:
        inside = np.concatenate([head.shape(middle_upper, False), head.shape(middle_lower, False)])
        fill(image, inside, (64, 24, 26))
        if gap > 2.5:
            upper, lower = 56.5 - gap * 0.1, 58.5 + gap * 0.12
            teeth = [(-13, upper, 68), (0, upper - 0.5, 70), (13, upper, 68), (11, lower, 68), (-11, lower, 68)]
            fill(image, head.shape(teeth), (232, 222, 208))
    fill(image, np.concatenate([head.shape(top, False), head.shape(middle_upper, False)]), mix(p.lips, (110, 40, 44), 0.35))
    fill(image, np.concatenate([head.shape(middle_lower, False), head.shape(bottom, False)]), p.lips)
    shine = [(-10, 62 + gap, 69), (-1, 61.5 + gap, 71), (6, 62.5 + gap, 70), (-2, 64.5 + gap, 70)]
    fill(image, head.shape(shine), mix(p.lips, (255, 200, 190), 0.5))
    if gap <= 0.8:
        line(image, head.shape(middle_lower, False), (92, 34, 36), 1)
    for side, corner in ((-1, corner_l), (1, corner_r)):
        crease = head.at(np.array([(side * 1, -3, 0), (side * 3.5, 1, -2), (side * 2, 4, -2)]) + corner)
        fill(image, limb(crease, (0.3, 1.3, 0.3), 3), mix(p.skin, p.skin_dark, 0.7))


def draw_glasses(image: np.ndarray, head: Head) -> None:
    """Round dark frames with a bridge, temples to the ears and a glint of the window."""
    angles = np.linspace(0, 2 * np.pi, 13)[:-1]
    for side in (-1, 1):
        rim = np.stack([side * 29 + 23 * np.cos(angles), -9 + 20 * np.sin(angles), 72 - 10 * np.maximum(0, side * np.cos(angles))], 1)
        line(image, head.shape([(side * 51, -12, 62), (side * 60, -11, 30), (side * 66, -8, -8)], False), FRAME, 3)
        line(image, head.shape(rim), FRAME, 3, closed=True)
        glint = head.shape([(side * 29 - 15, -12, 73), (side * 29 - 11, -20, 73), (side * 29 - 4, -24, 73)], False)
        line(image, glint, (206, 210, 206), 1)
    line(image, head.shape([(-7, -13, 76), (0, -17, 82), (7, -13, 76)], False), FRAME, 3)
