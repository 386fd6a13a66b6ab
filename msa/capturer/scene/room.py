"""The room: a wall in the light of a window, a picture, a shelf. Drawn once."""

from functools import lru_cache

import cv2
import numpy as np

SCALE = 2  # drawn so much larger, then reduced
WIDTH, HEIGHT = 640, 480
CURTAIN = (0.92, 0.74, 0.86, 0.70, 0.95, 0.66)  # light on its folds


@lru_cache(maxsize=1)
def room() -> np.ndarray:
    """The empty room, 480x640x3 RGB uint8; do not write to it."""
    rng = np.random.default_rng(7)
    canvas = cv2.resize((_wall(rng) * 255).astype(np.uint8), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LINEAR)
    _window(canvas)
    _wall_painting(canvas, rng)
    _bookshelf(canvas)
    _rail(canvas)
    image = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grain = rng.normal(0, 2.2, image.shape[:2])[..., None]
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _wall(rng) -> np.ndarray:
    """Plaster, brightest near the window on the left, float RGB 0..1."""
    h, w = HEIGHT, WIDTH
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / w, y / h
    light = 0.30 + 0.42 * np.exp(-((x - 0.22) ** 2 / 0.16 + (y - 0.30) ** 2 / 0.30)) - 0.10 * x
    light *= 1 - 0.28 * np.clip(y - 0.55, 0, 1) / 0.45
    for cells, strength in ((6, 0.035), (22, 0.022), (80, 0.014)):  # plaster at three scales
        noise = rng.normal(0, 1, (cells * 3 // 4, cells)).astype(np.float32)
        light *= 1 + strength * cv2.resize(noise, (w, h), interpolation=cv2.INTER_CUBIC)
    return np.clip(light[..., None] * np.array((0.98, 0.95, 0.82), np.float32) + np.array((0.02, 0.03, 0.03), np.float32), 0, 1)


def _at(*points) -> np.ndarray:
    return np.rint(np.array(points) * SCALE).astype(np.int32)


def _box(canvas, x0, y0, x1, y1, colour) -> None:
    cv2.rectangle(canvas, tuple(_at(x0, y0)), tuple(_at(x1, y1)), colour, -1)


def _soft_shadow(canvas, points, strength: float, blur: float) -> None:
    """Darken a polygon with soft edges."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    cv2.fillPoly(mask, [_at(*points)], 255)
    mask = cv2.GaussianBlur(cv2.resize(mask, None, fx=0.25, fy=0.25), (0, 0), blur * SCALE / 4)
    mask = cv2.resize(mask, (canvas.shape[1], canvas.shape[0]))
    canvas[:] = (canvas * (1 - strength * mask[..., None] / 255.0)).astype(np.uint8)


def _window(canvas) -> None:
    """A tall window on the left, seen at an angle, with a curtain."""
    _soft_shadow(canvas, [(20, 20), (146, 36), (146, 330), (20, 350)], 0.25, 8)
    cv2.fillPoly(canvas, [_at((10, 16), (130, 36), (130, 312), (10, 332))], (120, 104, 84))  # frame
    for x0, x1 in ((14, 66), (74, 122)):
        for y0, y1 in ((30, 116), (126, 208), (218, 304)):
            lean = np.array([[0, (130 - x) * 0.06 * (1 if y0 > 120 else -1)] for x in (x0, x1, x1, x0)])
            pane = np.array([(x0, y0 + 6), (x1, y0 + 6), (x1, y1), (x0, y1)]) + lean
            cv2.fillPoly(canvas, [_at(*pane)], (226, 232, 228), cv2.LINE_AA)
            if y0 > 200:  # hills outside
                hills = np.add(pane, [(0, 54), (0, 40), (0, 0), (0, 0)])
                cv2.fillPoly(canvas, [_at(*hills)], (168, 186, 160), cv2.LINE_AA)
    for i, x in enumerate(range(-6, 66, 9)):  # curtain
        shade, edge = CURTAIN[i % len(CURTAIN)], 5 * np.sin(i * 1.7)
        cv2.fillPoly(canvas, [_at((x, 0), (x + 10, 0), (x + 14 + edge, 480), (x - 3 + edge, 480))],
                     tuple(shade * c for c in (150, 84, 62)), cv2.LINE_AA)


def _wall_painting(canvas, rng) -> None:
    """A small landscape in a wooden frame on the right."""
    _soft_shadow(canvas, [(442, 70), (574, 74), (574, 188), (442, 184)], 0.5, 5)
    _box(canvas, 436, 62, 566, 172, (92, 62, 36))
    _box(canvas, 439, 65, 563, 169, (140, 100, 56))
    _box(canvas, 445, 71, 557, 163, (58, 42, 28))
    _box(canvas, 447, 73, 555, 161, (150, 168, 176))
    _box(canvas, 447, 96, 555, 161, (186, 178, 150))
    hills = [((447, 120), (475, 104), (510, 118), (555, 98), (555, 161), (447, 161), (96, 116, 112)),
             ((447, 136), (490, 122), (526, 134), (555, 126), (555, 161), (447, 161), (86, 98, 58)),
             ((447, 152), (500, 140), (555, 150), (555, 161), (447, 161), (60, 66, 36))]
    for *points, colour in hills:
        cv2.fillPoly(canvas, [_at(*points)], colour, cv2.LINE_AA)
    for _ in range(60):
        x, y = rng.uniform(450, 550), rng.uniform(124, 157)
        cv2.line(canvas, tuple(_at(x, y)), tuple(_at(x + rng.uniform(2, 7), y - rng.uniform(0, 2))),
                 tuple(rng.uniform(0.6, 1.25) * c for c in (110, 116, 76)), SCALE, cv2.LINE_AA)


def _bookshelf(canvas) -> None:
    """A board with books and a jug, at the right edge."""
    _soft_shadow(canvas, [(476, 306), (650, 306), (650, 336), (476, 330)], 0.5, 5)
    books = [(488, 13, 66, (118, 52, 40)), (502, 10, 74, (46, 66, 84)), (513, 15, 60, (152, 124, 70)), (529, 9, 70, (70, 84, 60)),
             (539, 12, 64, (96, 44, 52))]
    for x, w, h, colour in books:
        _box(canvas, x, 296 - h, x + w, 296, colour)
        _box(canvas, x, 296 - h, x + 3, 296, tuple(min(255, 1.35 * c) for c in colour))
        _box(canvas, x + w - 2, 296 - h, x + w, 296, tuple(0.6 * c for c in colour))
        _box(canvas, x + 2, 296 - h + 9, x + w - 2, 296 - h + 12, (196, 170, 110))
    jug = _at((566, 296), (560, 270), (564, 250), (574, 240), (572, 228), (594, 228), (592, 240), (604, 252), (608, 272), (600, 296))
    cv2.fillPoly(canvas, [jug], (60, 92, 112), cv2.LINE_AA)
    cv2.fillPoly(canvas, [_at((570, 290), (565, 270), (570, 252), (578, 242), (578, 290))], (112, 148, 164), cv2.LINE_AA)
    _box(canvas, 476, 296, 650, 304, (112, 78, 48))
    _box(canvas, 476, 302, 650, 306, (66, 44, 28))


def _rail(canvas) -> None:
    """The dado rail and the darker panelling under it."""
    panel = canvas[_at(0, 372)[1]:]
    panel[:] = (panel * np.array((0.66, 0.70, 0.72))).astype(np.uint8)
    _box(canvas, 0, 364, 640, 374, (120, 110, 92))
    _box(canvas, 0, 364, 640, 366, (164, 154, 132))
    _box(canvas, 0, 374, 640, 377, (52, 48, 42))
    for x in (100, 248, 396, 544):
        cv2.rectangle(canvas, tuple(_at(x, 396)), tuple(_at(x + 124, 520)), (70, 66, 58), SCALE)
        cv2.rectangle(canvas, tuple(_at(x + 2, 398)), tuple(_at(x + 126, 522)), (130, 122, 106), 1)
