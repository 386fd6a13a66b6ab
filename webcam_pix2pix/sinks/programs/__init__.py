"""The show for other programs: MJPEG over HTTP, virtual camera, NDI, Syphon, Spout. Each takes the newest image and never waits.

kinds.py lists them, with what each needs installed; running.py starts and stops them; publisher.py is the thread that feeds one.
May import: frame, outgoing, preprocessing, sinks, msa.
To add one: an opener here that gives send(image) and close(), and its row in KINDS.
"""

from .kinds import KINDS, Kind, missing
from .running import Running

__all__ = ["KINDS", "Kind", "Running", "missing"]
