"""A performance in one file: recorded while it is played, played again live, or rendered frame by frame.

recorder.py writes it, performance.py makes frames of it again, player.py lets the window follow one that is its source. The file itself is
msa.capturer.replay. May import: control, frame, model, pipeline, preprocessing, recipe, settings, msa.
"""

from .performance import Performance
from .player import ReplayPlayer
from .recorder import SUFFIX, ReplayRecorder

__all__ = ["SUFFIX", "Performance", "ReplayPlayer", "ReplayRecorder"]
