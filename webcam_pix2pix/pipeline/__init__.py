"""The engine: newest camera image -> fit -> preprocess -> lerp -> network -> lerp -> window and sinks.

chain.py is one frame, comparison.py the same one with other settings, engine.py the thread that repeats it,
loader.py builds the next predictor, status.py is what others see.
May import: everything below it in the layer diagram; never Qt. To add a sink: put(frame) and close(), then add_sink().
"""

from .chain import IDLE_SIZE, Chain, predict_bent, resolved, smoothed
from .engine import Pipeline
from .status import Predictor, Problem, Sink, Status, why_not_bent

__all__ = ["IDLE_SIZE", "Chain", "Pipeline", "Predictor", "Problem", "Sink", "Status", "predict_bent", "resolved", "smoothed",
           "why_not_bent"]
