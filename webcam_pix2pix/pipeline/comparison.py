"""Comparison: the same camera image through the same network with other settings, to be seen beside the prediction."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from msa.capturer import Captured
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.settings import Settings

from .chain import Chain
from .status import Predictor


class Comparison:
    """Costs nothing while `values` is None. It has a memory of its own: neither look leaves a trace in the other.

    failed: told what went wrong; the comparison is off then.

    Attributes:
        values: settings by dotted name that the other prediction has instead; assigned by any thread, used for whole frames.
    """

    def __init__(self, failed: Callable[[str, Exception], None]) -> None:
        self.values: Mapping[str, Any] | None = None
        self._failed = failed
        self._chain = Chain()
        self._made: tuple[Settings, Mapping[str, Any], Settings] | None = None  # settings, values, both together

    def added(self, frame: Frame, captured: Captured, settings: Settings, predictor: Predictor | None) -> Frame:
        """`frame` with the other prediction. predictor: the one in use; it stays open."""
        values = self.values
        if values is None or predictor is None:
            self._chain.predictor = None
            return frame
        try:
            if self._made is None or self._made[0] is not settings or self._made[1] is not values:
                self._made = settings, values, settings.with_values(values)
            if self._chain.predictor is not predictor:
                self._chain.predictor = predictor
                self._chain.restart()
            return replace(frame, compared=self._chain.step(captured, self._made[2]).predicted)
        except Exception as error:
            self.values = None
            self._failed("the comparison stopped", error)
            return frame
