"""Camera image -> model input image: the one chain that live, `prepare`, `train`, `test` and `video` all call.

Semantics of the capturer of webcam-pix2pix-tensorflow (2017) and of the multi-scale edges of its PyTorch port (2025), in uint8
with float32 state instead of float32 throughout. Images are HxWx3 RGB uint8 (grey is three equal channels).
"""

import cv2

from .detector import DetectorError, check_detector
from .fitting import fit, resized
from .memory import Memory
from .parameters import FITS, METHODS, EdgeDetection, Processing
from .steps import preprocess

cv2.setNumThreads(1)  # such images are done before a second thread is awake; on a busy machine it would be waited for

__all__ = ["FITS", "METHODS", "DetectorError", "EdgeDetection", "Memory", "Processing", "check_detector", "fit", "preprocess", "resized"]
