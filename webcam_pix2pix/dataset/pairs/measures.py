"""What is measured of every image: the numbers that lint judges and that skipping looks at."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np

from webcam_pix2pix.inputmatch import features, statistics

SIGNATURE = 32  # side of the grey thumbnail by which images are compared for --min-change


def measure(photo: np.ndarray, given: np.ndarray | None = None) -> dict[str, Any]:
    """Measures of a photograph and of the input made from it (both HxWx3 RGB uint8).

    sharpness: variance of the Laplacian of the grey image. hash: 64 bits that near-duplicates share (difference hash), as hex.
    colour: mean of L, a, b of CIE Lab and their standard deviations. density: share of the input's pixels on an edge, 0..1.
    seen: brightness, contrast and colour of the input (see inputmatch.features).
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(photo, (64, 64), interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(small, cv2.COLOR_RGB2LAB))
    measures = {"sharpness": round(sharpness(grey), 1), "hash": difference_hash(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)),
                "colour": [round(float(x), 1) for x in (*mean.ravel(), *deviation.ravel())]}
    if given is not None:
        lines, *seen = features(given).values()
        measures |= {"density": round(lines, 5), "seen": [round(value, 1) for value in seen]}
    return measures


def sharpness(grey: np.ndarray) -> float:
    """Variance of the Laplacian of an HxW uint8 image: larger is sharper."""
    return float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0] ** 2)


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


def input_statistics(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[float, ...]]:
    """Statistics of the inputs of a dataset, for Recipe.statistics, from the measures of its pairs that are trained on."""
    names = ("lines", "brightness", "contrast", "colour")
    return statistics(dict(zip(names, (row["density"], *row["seen"]), strict=True)) for row in rows if "seen" in row)
