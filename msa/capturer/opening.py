"""From what a user typed to an open source."""

from pathlib import Path

from .init import Init
from .source import Source
from .testscene import TestScene
from .video import VideoFile


def open_source(device_id: str, init: Init, live: bool) -> Source:
    """Open the source that `device_id` names.

    live: files loop in real time. Otherwise they give every picture in order, once.
    Raises ValueError or OSError with one line that names the source and what was expected.
    """
    text = device_id.strip()
    if text in ("test", "auto"):
        return TestScene((init.width, init.height), init.fps, live)
    if Path(text).is_file():
        return VideoFile(text, live)
    raise ValueError(f"source {text!r}: not known")
