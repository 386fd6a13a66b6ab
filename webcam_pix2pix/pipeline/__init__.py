"""The engine: newest camera image -> fit -> preprocess -> lerp -> network -> lerp -> window and sinks."""

from .chain import IDLE_SIZE, Chain, resolved, smoothed
from .engine import Pipeline
from .status import Predictor, Problem, Sink, Status

__all__ = ["IDLE_SIZE", "Chain", "Pipeline", "Predictor", "Problem", "Sink", "Status", "resolved", "smoothed"]
