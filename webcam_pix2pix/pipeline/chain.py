"""Chain: everything that happens to a frame, and what it remembers from one frame to the next."""

import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from msa.capturer import Captured
from msa.utils import lerp, to_uint8
from webcam_pix2pix.bend import Bend, bending
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.preprocessing import EdgeDetection, Memory, fit, preprocess, resized
from webcam_pix2pix.quality import EverySecond
from webcam_pix2pix.recipe import DOCUMENTED, Recipe
from webcam_pix2pix.settings import Settings

from .flashes import FlashLimiter
from .status import Predictor, why_not_bent

IDLE_SIZE = (256, 256)  # of the first two panels while no model is loaded


class Chain:
    """Fit, preprocess, smooth, network, smooth, fade. It needs no thread.

    Attributes:
        predictor: None while there is no model; then frames have no prediction.
        keeps_steps: frames carry the image after each step of the preprocessing.
        fade_s: at least so long does the next change of model take, whatever the settings say.
    """

    def __init__(self) -> None:
        self.predictor: Predictor | None = None
        self.keeps_steps = False
        self.fade_s = 0.0
        self.every_second: EverySecond | None = None  # stands in for the predictor on the last rung of the quality ladder
        self._shown: np.ndarray | None = None  # the last prediction
        self._limiter: FlashLimiter | None = None
        self._time = 0.0  # of the last frame
        self._fading: tuple[np.ndarray, float] | None = None  # last image of the model before, when it left
        self.restart()

    def restart(self) -> None:
        """Forget the past: accumulation, frame difference and both lerps start afresh."""
        self._memory = Memory()
        self._in: np.ndarray | None = None
        self._out: np.ndarray | None = None

    def step(self, captured: Captured, settings: Settings) -> Frame:
        """One camera image through the whole chain. It needs no thread; the state is what the chain remembers.

        The "capture" timing is how long the image waited for the engine.
        """
        return self.run_network(self.prepare(captured, settings), settings)

    def prepare(self, captured: Captured, settings: Settings) -> Frame:
        """The first half of a step: everything before the network. It may run ahead of run_network() on another thread."""
        start = time.perf_counter()
        predictor = self.predictor
        size = predictor.input_size if predictor else IDLE_SIZE
        edges = resolved(settings.edges, predictor.info.recipe if predictor else None)
        image = fit(captured.image, size, settings.processing, self._memory)
        steps: list[tuple[str, np.ndarray]] | None = [] if self.keeps_steps else None
        conditioned = preprocess(image, settings.processing, edges, self._memory, steps)
        conditioned, self._in = smoothed(conditioned, self._in, settings.prediction.pre_time_lerp)
        return Frame(captured.index, captured.time, sealed(image), sealed(conditioned), steps=tuple(steps or ()),
                     timings=(("capture", 1000 * (start - captured.time)), ("process", 1000 * (time.perf_counter() - start))))

    def run_network(self, frame: Frame, settings: Settings) -> Frame:
        """The second half of a step: the network and what follows."""
        return self.finish(self.predict(frame, settings), settings)

    def predict(self, frame: Frame, settings: Settings) -> Frame:
        """The network alone; nothing is remembered. Up to `predictor.at_once` threads may call it at the same time."""
        if self.predictor is None or frame.processed is None:
            return frame
        start = time.perf_counter()
        predicted = frame.processed
        if settings.prediction.enabled:
            if hasattr(self.predictor, "follow"):
                self.predictor.follow(settings.prediction)
            predicted = predict_bent(self.predictor, frame.processed, settings.bend, frame.time, self.every_second)
        return replace(frame, predicted=predicted, timings=(*frame.timings, ("predict", 1000 * (time.perf_counter() - start))))

    def finish(self, frame: Frame, settings: Settings) -> Frame:
        """What follows the network: smoothing and crossfade, frame by frame in order."""
        if frame.predicted is not None:
            predicted, self._out = smoothed(frame.predicted, self._out, settings.prediction.post_time_lerp)
            predicted = self._faded(predicted, max(settings.prediction.crossfade_s, self.fade_s), frame.time)
            if settings.output.flashes:
                self._limiter = self._limiter or FlashLimiter()
                predicted = self._limiter(predicted, frame.time, settings.output.flashes)
            self._shown = predicted
            frame = replace(frame, predicted=sealed(predicted))
        self._time = frame.time
        return frame

    def use(self, predictor: Predictor) -> None:
        """Swap in a predictor between two frames and close the old one. The two mix only in a crossfade."""
        old, self.predictor = self.predictor, predictor
        self.every_second = None
        self.restart()
        if old is not None and self._shown is not None:
            self._fading = self._shown, self._time
        if old is not None:
            old.close()

    def _faded(self, predicted: np.ndarray, seconds: float, now: float) -> np.ndarray:
        if self._fading is None:
            return predicted
        before, left = self._fading
        share = (now - left) / seconds if seconds > 0 else 1.0
        if share >= 1:
            self._fading, self.fade_s = None, 0.0
            return predicted
        return cv2.addWeighted(resized(before, predicted.shape[:2], "stretch"), 1 - share, predicted, share, 0)


def predict_bent(predictor: Predictor, image: np.ndarray, bend: Bend, seconds: float,
                 through: Callable[..., np.ndarray] | None = None) -> np.ndarray:
    """The prediction of `image` with the network bent as it is at `seconds` of the frame's clock; as trained where it cannot be bent.

    through: stands in for the predictor.
    """
    predict: Callable[..., np.ndarray] = through or predictor
    bent = bending(bend, seconds)
    return predict(image) if bent is None or why_not_bent(predictor) else predict(image, bending=bent)


def resolved(edges: EdgeDetection, recipe: Recipe | None) -> EdgeDetection:
    """`edges` with training_matched replaced by what the model was trained with; the documented edges when it does not say."""
    if edges.method != "training_matched":
        return edges
    return recipe.edges if recipe else DOCUMENTED


def smoothed(image: np.ndarray, state: np.ndarray | None, past: float) -> tuple[np.ndarray, np.ndarray | None]:
    """`image` mixed with the share `past` of the state; (image, new state). No state is kept while nothing is smoothed."""
    if past <= 0:
        return image, None
    if state is not None and state.shape != image.shape:  # what follows the model makes it larger, and was switched
        state = None
    state = lerp(state, image, 1 - past)
    return to_uint8(state), state
