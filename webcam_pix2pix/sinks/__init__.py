"""Where finished frames go. A sink has put(frame), which does not wait, and close().

recorder.py writes videos, snapshots.py images with their settings, sound.py adds the sound of a video; room: programs (MJPEG over HTTP,
virtual camera, NDI, Syphon, Spout). May import: frame, outgoing, preprocessing, settings, sinks.programs, msa.
To add a sink: one module here, then Pipeline.add_sink().
"""

from .recorder import Recorder
from .snapshots import read_snapshot, write_snapshot
from .video_writer import SUFFIXES, VideoWriter

__all__ = ["SUFFIXES", "Recorder", "VideoWriter", "read_snapshot", "write_snapshot"]
