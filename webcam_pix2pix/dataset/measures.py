"""What is measured of every picture: the numbers that lint judges and that skipping looks at."""

import base64
from typing import Any

import cv2
import numpy as np

LINE = 200  # a pixel of the input brighter than this belongs to an edge (soft luminance under the edges stays below)
SIGNATURE = 32  # side of the grey thumbnail by which pictures are compared for --min-change


def measure(photo: np.ndarray, given: np.ndarray | None = None) -> dict[str, Any]:
    """Measures of a photograph and of the input made from it (both HxWx3 RGB uint8).

    sharpness: variance of the Laplacian of the grey picture. hash: 64 bits that near-duplicates share (difference hash), as hex.
    colour: mean of L, a, b of CIE Lab and their standard deviations. density: share of the input's pixels on an edge, 0..1.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(photo, (64, 64), interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
    measures = {"sharpness": round(sharpness(grey), 1), "hash": difference_hash(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)),
                "colour": [round(float(x), 1) for x in (*mean.ravel(), *deviation.ravel())]}
    if given is not None:
        measures["density"] = round(density(given), 5)
    return measures


def sharpness(grey: np.ndarray) -> float:
    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0] ** 2)


def density(given: np.ndarray) -> float:
    return cv2.countNonZero(cv2.threshold(cv2.extractChannel(given, 0), LINE, 1, cv2.THRESH_BINARY)[1]) / given[:, :, 0].size


def difference_hash(grey: np.ndarray) -> str:
    """64 bits as hex: where a thumbnail of 9x8 gets brighter from one pixel to the next."""
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex()


def signature(photo: np.ndarray) -> str:
    """A grey thumbnail as text."""
    small = cv2.resize(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), (SIGNATURE, SIGNATURE), interpolation=cv2.INTER_AREA)
    return base64.b64encode(small.tobytes()).decode("ascii")


def change(before: str, now: str) -> float:
    """Mean difference of two signatures in grey levels, 0..255."""
    a, b = (np.frombuffer(base64.b64decode(text), np.uint8).astype(np.int16) for text in (before, now))
    return float(np.abs(a - b).mean())
