"""The soft light and shade under the lines, in grey or in colour."""

import cv2
import numpy as np

from .blur import gaussian
from .memory import Memory
from .parameters import EdgeDetection

PAST = 0.95  # share of the past in the equalisation of moving images: 20 images to follow the light
CHANGED = 16  # grey levels by which a part of the image has changed
CUT = 2 / 3  # share of the parts that change in a cut, or when the light is switched on


def tone_of(image: np.ndarray, edges: EdgeDetection, memory: Memory | None = None) -> np.ndarray:
    """Blurred, equalised if asked for, darkened: uint8 of the shape of `image` (HxW grey, or HxWx3 RGB).

    Equalising a colour image equalises its brightness (Y of YCrCb) and keeps its colours. With `memory` the equalisation follows the
    images slowly, so that the whole tone does not pump when something bright or dark comes into view; after a cut it starts afresh.
    """
    tone = gaussian(image, edges.tone_blur) if edges.tone_blur > 0 else image
    if edges.tone_equalize:
        tone = _equalised(tone, memory)
    elif memory is not None:
        memory.equalization = None
    return cv2.convertScaleAbs(tone, alpha=edges.tone)


def _equalised(tone: np.ndarray, memory: Memory | None) -> np.ndarray:
    if tone.ndim == 2:
        return cv2.LUT(tone, _table(tone, memory))
    brightness, *colour = cv2.split(cv2.cvtColor(tone, cv2.COLOR_RGB2YCrCb))
    return cv2.cvtColor(cv2.merge([cv2.LUT(brightness, _table(brightness, memory)), *colour]), cv2.COLOR_YCrCb2RGB)


def _table(grey: np.ndarray, memory: Memory | None) -> np.ndarray:
    """256 values, uint8, that equalise `grey`; after the first image mixed with those before."""
    table = equalization(grey)
    if memory is not None:
        past, before = memory.equalization, memory.thumbnail
        memory.thumbnail = cv2.resize(grey, (16, 16), interpolation=cv2.INTER_AREA)
        if past is not None and before is not None and (cv2.absdiff(memory.thumbnail, before) > CHANGED).mean() < CUT:
            table = past + np.float32(1 - PAST) * (table - past)
        memory.equalization = table
    return np.rint(table).astype(np.uint8)


def equalization(grey: np.ndarray) -> np.ndarray:
    """What cv2.equalizeHist makes of each grey level before it rounds: 256 values, float32."""
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    first = int(np.argmax(counts > 0))
    rest = np.float32(grey.size) - counts[first]
    if rest == 0:  # all of one colour
        return np.arange(256, dtype=np.float32)
    counts[:first + 1] = 0
    return np.cumsum(counts, dtype=np.float32) * (np.float32(255) / rest)
