"""Orientation: how a film says it must be turned or mirrored before it is shown."""

import cv2
import numpy as np


def upright(image: np.ndarray, matrix: bytes | None) -> np.ndarray:
    """`image` (HxWx3) turned and mirrored as `matrix` says.

    matrix: the 36 bytes of a display matrix as FFmpeg gives them (nine 32-bit numbers, row by row), None for an image that is upright.
    All eight ways to turn and mirror are followed; an angle between two quarter turns goes to the nearer one.
    """
    if matrix is None:
        return image
    a, b, _, c, d, *_ = np.frombuffer(matrix, np.int32).tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):  # x and y change places
        image, left, up = cv2.transpose(image), c < 0, b < 0
    else:
        left, up = a < 0, d < 0
    if not left and not up:
        return image
    return cv2.flip(image, -1 if left and up else 1 if left else 0)
