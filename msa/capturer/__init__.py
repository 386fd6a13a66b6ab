"""Sources of pictures, and Capturer, the capture thread."""

from .cameras import CameraName, cameras
from .capturer import Captured, Capturer
from .init import Init
from .opening import open_source
from .source import Source, SourceInfo

__all__ = ["CameraName", "Captured", "Capturer", "Init", "Source", "SourceInfo", "cameras", "open_source"]
