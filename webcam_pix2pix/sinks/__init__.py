"""Where finished frames go. A sink is anything with put(frame) and close()."""

from .recorder import Recorder
from .snapshots import read_snapshot, write_snapshot
from .video_writer import SUFFIXES, VideoWriter

__all__ = ["SUFFIXES", "Recorder", "VideoWriter", "read_snapshot", "write_snapshot"]
