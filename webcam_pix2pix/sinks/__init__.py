"""Where finished frames go. A sink has put(frame), which does not wait, and close().

recorder.py writes films that play whatever happens, snapshots.py images; about.py is what both say of themselves; sound.py adds the
sound of a video; room: programs (MJPEG over HTTP, virtual camera, NDI, Syphon, Spout). May import: frame, outgoing, preprocessing,
recipe, settings, sinks.programs, msa.
To add a sink: one module here, then Pipeline.add_sink().
"""

from .about import About, read_about
from .recorder import Recorder
from .snapshots import read_snapshot, write_snapshot
from .video_writer import SUFFIXES, VideoWriter

__all__ = ["SUFFIXES", "About", "Recorder", "VideoWriter", "read_about", "read_snapshot", "write_snapshot"]
