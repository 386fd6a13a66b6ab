"""Lines of a grey image: by Canny at two scales, by the strength of the gradient, by a local threshold, learned."""

import cv2
import numpy as np

from .blur import gaussian
from .detector import detector
from .parameters import EdgeDetection, Processing


def lines_of(image: np.ndarray, grey: np.ndarray, processing: Processing, edges: EdgeDetection) -> np.ndarray | None:
    """HxWx3 RGB and HxW grey, uint8, of one image -> white lines on black, HxW uint8, as the settings want them. None: no lines.

    Raises DetectorError when EdgeDetection.network is needed and cannot be used.
    """
    if processing.canny:
        return cv2.Canny(grey, processing.canny_t1, processing.canny_t2)
    if edges.method == "custom_canny":
        return multiscale_canny(grey, edges)
    if edges.method == "soft":
        return soft_lines(grey, edges)
    if edges.method == "adaptive":
        return adaptive(grey, processing)
    if edges.method == "network":
        return detector(edges.network)(image)
    if edges.method == "training_matched":
        raise ValueError("EdgeDetection.method: training_matched needs a model's recipe to be resolved first")
    return None


def multiscale_canny(grey: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    """Fine OR coarse Canny of the blurred grey image, gaps closed: HxW uint8, 0 or 255."""
    blurred = _blurred(grey, edges)
    lines = cv2.Canny(blurred, edges.canny_t1_fine, edges.canny_t2_fine, apertureSize=3)
    if edges.canny_t1_coarse or edges.canny_t2_coarse:
        lines = cv2.bitwise_or(lines, cv2.Canny(blurred, edges.canny_t1_coarse, edges.canny_t2_coarse, apertureSize=5))
    if edges.morph_iterations and edges.morph_kernel_size > 1:
        element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edges.morph_kernel_size, edges.morph_kernel_size))
        lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, element, iterations=edges.morph_iterations)
    return lines


def soft_lines(grey: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    """(gradient - soft_low) * soft_gain of the blurred grey image, clipped to 0..255 and cut to whole numbers: HxW uint8.

    The gradient is the magnitude of Sobel 3x3, divided by 4: grey levels per pixel.
    """
    x, y = cv2.spatialGradient(_blurred(grey, edges))  # both Sobel images at once, int16 and exact
    strength: np.ndarray = cv2.magnitude(x.astype(np.float32), y.astype(np.float32))
    strength *= 0.25
    strength -= edges.soft_low
    strength *= edges.soft_gain
    return np.clip(strength, 0, 255, out=strength).astype(np.uint8)


def adaptive(grey: np.ndarray, processing: Processing) -> np.ndarray:
    """White where a pixel is darker than its neighbourhood: HxW uint8, 0 or 255."""
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV,
                                 2 * processing.adaptive_thresh_block + 1, processing.adaptive_thresh_c)


def _blurred(grey: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    if not edges.blur_kernel:
        return gaussian(grey, edges.blur_sigma)
    kernel = edges.blur_kernel | 1
    return cv2.GaussianBlur(grey, (kernel, kernel), edges.blur_sigma)
