"""The engine: newest camera image -> fit -> preprocess -> lerp -> network -> lerp -> window and sinks."""

from .engine import IDLE_SIZE, Pipeline, resolved, smoothed
from .status import Predictor, Problem, Sink, Status

__all__ = ["IDLE_SIZE", "Pipeline", "Predictor", "Problem", "Sink", "Status", "resolved", "smoothed"]
