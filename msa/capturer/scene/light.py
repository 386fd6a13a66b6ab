"""A lamp that moves through the room: from side to side, nearer and farther, warm against the daylight."""

import cv2
import numpy as np

from .room import HEIGHT, WIDTH

CELL = 40  # pixels; the light is soft, this is fine enough
ACROSS_S, DEPTH_S = 9.0, 14.0  # periods
WARM = np.array((1.0, 0.86, 0.66), np.float32)


def lit(image: np.ndarray, seconds: float) -> np.ndarray:
    """`image` (480x640x3 RGB uint8) in the light of that moment: from half to one and a third of the daylight."""
    x = 320 + 300 * np.sin(2 * np.pi * seconds / ACROSS_S)
    strength = 0.75 + 0.35 * np.sin(2 * np.pi * seconds / DEPTH_S + 1.0)
    row, column = np.mgrid[0:HEIGHT // CELL + 1, 0:WIDTH // CELL + 1].astype(np.float32) * CELL
    near = np.exp(-(((column - x) / 230) ** 2 + ((row - 170) / 260) ** 2))
    light = 0.55 + 0.75 * (strength * near)[..., None] * WARM
    light = cv2.resize(np.clip(128 * light, 0, 255).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(image, light, scale=1 / 128)
