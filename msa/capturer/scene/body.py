"""The bust: a knitted jumper with folds, a white collar, a scarf. Drawn once as a layer that is then moved as a whole."""

from functools import lru_cache

import cv2
import numpy as np

from .brush import curve, fill, limb, line, mix
from .person import Person

SCALE = 2
LEFT, TOP = 124, 292  # place of the layer in the image
WIDTH, HEIGHT = 392, 188  # of the layer

SHOULDERS = np.array([(280, 316), (246, 330), (206, 346), (176, 366), (158, 402), (146, 450), (138, 520), (502, 520), (494, 450),
                      (482, 402), (464, 366), (434, 346), (394, 330), (360, 316), (320, 326)], float)
FOLDS = (  # points, widths, darkness: from the armpits, across the chest, along the arms
    ([(198, 520), (202, 470), (214, 430), (232, 404)], (9, 8, 5, 1), 1.0),
    ([(444, 520), (438, 470), (424, 432), (408, 406)], (9, 8, 5, 1), 1.0),
    ([(236, 500), (262, 476), (296, 466)], (1, 5, 1), 0.6),
    ([(408, 505), (380, 482), (344, 474)], (1, 5, 1), 0.7),
    ([(222, 440), (252, 428), (276, 430)], (4, 4, 1), 0.6),
    ([(420, 442), (392, 430), (366, 436)], (4, 4, 1), 0.6),
    ([(246, 346), (238, 368), (240, 392)], (1, 5, 1), 0.5),
    ([(398, 346), (406, 370), (402, 396)], (1, 5, 1), 0.6),
    ([(162, 430), (176, 436), (192, 432)], (1, 5, 1), 0.8),
    ([(478, 432), (464, 440), (448, 436)], (1, 5, 1), 0.8),
    ([(154, 470), (172, 480), (194, 476)], (1, 6, 1), 0.8),
    ([(486, 470), (470, 482), (446, 478)], (1, 6, 1), 0.8),
    ([(300, 400), (312, 440), (306, 500)], (1, 4, 1), 0.35),
    ([(346, 396), (350, 430), (362, 480)], (1, 4, 1), 0.4),
)


@lru_cache(maxsize=2)
def bust(p: Person) -> np.ndarray:
    """HEIGHTxWIDTHx4 uint8, RGB premultiplied with the alpha that is its last channel."""
    h, w = HEIGHT * SCALE, WIDTH * SCALE
    image = np.full((h, w, 3), p.wool, np.uint8)
    alpha = np.zeros((h, w), np.uint8)
    outline = _at(curve(SHOULDERS, steps=10))
    fill(alpha, outline, 255)
    _knit(image)
    _shade(image, alpha)
    _folds(image, p)
    line(image, outline, mix(p.wool_dark, (20, 10, 8), 0.4), 3, closed=True)
    _collar(image, alpha, p)
    colours = cv2.multiply(image, cv2.merge([alpha] * 3), scale=1 / 255)
    return cv2.resize(cv2.merge([*cv2.split(colours), alpha]), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def _at(points) -> np.ndarray:
    return (np.asarray(points, float) - (LEFT, TOP)) * SCALE


def _knit(image) -> None:
    """Fine vertical ribs."""
    h, w = image.shape[:2]
    x = np.arange(w, dtype=np.float32)[None]
    y = np.arange(h, dtype=np.float32)[:, None]
    ribs = 1 + 0.05 * np.sin(x / SCALE * 1.4 + 0.6 * np.sin(y / SCALE / 40)) * (0.7 + 0.3 * np.sin(y / SCALE * 1.9))
    image[:] = np.clip(image * ribs[..., None], 0, 255)


def _shade(image, alpha) -> None:
    """Roundness: light from the upper left, the right side and the arms' undersides in shadow."""
    h, w = image.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / SCALE
    x += LEFT
    y += TOP
    light = 1.12 - 0.0026 * (x - 250) - 0.0012 * (y - 340)
    for cx, width, strength in ((222, 20, 0.28), (418, 24, 0.34)):  # between arms and chest
        light -= strength * np.exp(-((x - cx) / width) ** 2) * np.clip((y - 380) / 90, 0, 1)
    light += 0.24 * np.exp(-(((x - 222) / 46) ** 2 + ((y - 366) / 26) ** 2))  # the shoulder by the window
    light += 0.10 * np.exp(-(((x - 420) / 40) ** 2 + ((y - 362) / 22) ** 2))
    distance = cv2.distanceTransform((alpha > 127).astype(np.uint8), cv2.DIST_L2, 3) / SCALE
    light *= 0.62 + 0.38 * np.clip(distance / 22, 0, 1) ** 0.6
    light -= 0.45 * np.exp(-(((x - 334) / 58) ** 2 + ((y - 322) / 34) ** 2))  # the head's shadow
    image[:] = np.clip(image * np.clip(light, 0.2, 1.5)[..., None], 0, 255)


def _folds(image, p: Person) -> None:
    soft = np.zeros(image.shape[:2], np.float32)
    for points, widths, darkness in FOLDS:
        mask = np.zeros(image.shape[:2], np.uint8)
        fill(mask, _at(limb(points, np.array(widths) * 1.7, tip=False)), 255)
        soft += darkness * cv2.GaussianBlur(mask, (0, 0), 2.2 * SCALE).astype(np.float32) / 255
        light = np.zeros(image.shape[:2], np.uint8)
        fill(light, _at(limb(np.array(points) - (6, 2), np.array(widths) * 1.2, tip=False)), 255)
        soft -= 0.5 * darkness * cv2.GaussianBlur(light, (0, 0), 2.6 * SCALE).astype(np.float32) / 255
    image[:] = np.clip(image * np.clip(1 - 0.62 * soft, 0.3, 1.35)[..., None], 0, 255)
    for points, widths, darkness in FOLDS:
        fill(image, _at(limb(points, np.array(widths) * 0.34, tip=False)), mix(p.wool, p.wool_dark, 0.5 + 0.5 * darkness))


def _collar(image, alpha, p: Person) -> None:
    """A ribbed neckband, the points of a shirt over it."""
    band = curve([(268, 318), (284, 338), (320, 350), (356, 338), (372, 318), (384, 326), (364, 354), (320, 370), (276, 354),
                  (256, 326)], steps=10)
    fill(image, _at(band), mix(p.wool, p.wool_dark, 0.35))
    fill(alpha, _at(band), 255)
    for i in range(34):
        t = i / 33
        angle = np.pi * (1.04 - 1.08 * t)
        inner = (320 + 54 * np.cos(angle), 312 + 40 * np.sin(angle))
        outer = (320 + 64 * np.cos(angle), 318 + 54 * np.sin(angle))
        line(image, _at([inner, outer]), mix(p.wool, p.wool_dark, 0.72 if i % 2 else 0.1), SCALE)
    line(image, _at(band), p.wool_dark, SCALE, closed=True)
    for points, tint in (([(272, 304), (300, 332), (318, 346), (296, 366), (272, 350), (258, 322)], 1.0),
                         ([(368, 304), (342, 332), (322, 346), (344, 366), (370, 350), (382, 322)], 0.84)):
        shape = _at(points)
        fill(alpha, shape, 255)
        fill(image, np.add(shape, (3, 8)), mix(p.wool_dark, (30, 18, 12), 0.4))
        fill(image, shape, tuple(tint * c for c in p.linen))
        line(image, shape, (122, 110, 96), SCALE, closed=True)
        line(image, _at(np.array(points) * 0.9 + np.array(points).mean(0) * 0.1), tuple(tint * c for c in (206, 198, 180)), 2, closed=True)
