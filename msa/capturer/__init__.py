"""Sources of images, and Capturer, the capture thread."""

import cv2

from .capturer import Captured, Capturer
from .init import Init
from .kind import kind_of, mirrored
from .opening import open_source
from .source import Source, SourceInfo
from .sources.cameras import CameraName, cameras
from .transport import SPEEDS, Transport

__all__ = ["SPEEDS", "CameraName", "Captured", "Capturer", "Init", "Source", "SourceInfo", "Transport", "cameras", "kind_of", "mirrored",
           "open_source"]

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # missing cameras, damaged files: raised in our own words, not printed
