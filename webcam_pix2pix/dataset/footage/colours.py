"""Changes of colour as matrices: several of them are one pass over the pixels. Images are HxWx3 RGB uint8."""

import math

import cv2
import numpy as np

GREY = np.array([0.299, 0.587, 0.114])
# brightness and two differences of colour (YIQ of NTSC television): what turns in the plane of the two keeps its brightness
TO_YIQ = np.array([GREY, [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
FROM_YIQ = np.linalg.inv(TO_YIQ)


def colour_matrix(saturation: float, degrees: float = 0.0) -> np.ndarray:
    """3x3 for RGB: saturation times `saturation`, hue turned by `degrees`; grey and brightness stay."""
    cos, sin = (saturation * f(math.radians(degrees)) for f in (math.cos, math.sin))
    return FROM_YIQ @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ TO_YIQ


def mean_grey(image: np.ndarray) -> float:
    """Mean brightness, 0..255."""
    return float(GREY @ cv2.mean(image)[:3])
