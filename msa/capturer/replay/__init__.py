"""Replay files: the images a performance was made of, their times, and what happened, in one file that only grows.

A file is MAGIC and records; each carries its length and a checksum, and is written whole. What was written before a crash can be read.
recordfile.py writes and reads records, reader.py makes moments of them, source.py plays them. Images are JPEG; those of a film stay in
the film, where filmframes.py finds them.
"""

from .reader import Moment, Replay, is_replay
from .recordfile import RecordFile
from .source import Replayed

__all__ = ["Moment", "RecordFile", "Replay", "Replayed", "is_replay"]
