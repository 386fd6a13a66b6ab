"""The soft light and shade under the lines, in grey or in colour."""

import cv2
import numpy as np

from .parameters import EdgeDetection


def tone_of(picture: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    """Blurred, equalised if asked for, darkened: uint8 of the shape of `picture` (HxW grey, or HxWx3 RGB).

    Equalising a colour picture equalises its brightness (Y of YCrCb) and keeps its colours.
    """
    tone = cv2.GaussianBlur(picture, (0, 0), edges.tone_blur) if edges.tone_blur > 0 else picture
    if edges.tone_equalize:
        tone = _equalised(tone)
    return cv2.convertScaleAbs(tone, alpha=edges.tone)


def _equalised(tone: np.ndarray) -> np.ndarray:
    if tone.ndim == 2:
        return cv2.equalizeHist(tone)
    brightness, *colour = cv2.split(cv2.cvtColor(tone, cv2.COLOR_RGB2YCrCb))
    return cv2.cvtColor(cv2.merge([cv2.equalizeHist(brightness), *colour]), cv2.COLOR_YCrCb2RGB)
