"""Sources of pictures, and Capturer, the capture thread."""

from .capturer import Captured, Capturer
from .init import Init
from .opening import open_source
from .source import Source, SourceInfo

__all__ = ["Captured", "Capturer", "Init", "Source", "SourceInfo", "open_source"]
