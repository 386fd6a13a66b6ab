"""The interface of predictors, and the status of the engine."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from msa.heartbeats import Standstill
from webcam_pix2pix import __version__
from webcam_pix2pix.settings import Model
from webcam_pix2pix.sinks.sink import Sink

__all__ = ["Predictor", "Problem", "Sink", "Status"]


class Predictor(Protocol):
    """A model on a device."""

    info: Any  # ModelInfo: name, recipe
    input_size: tuple[int, int]  # height, width
    multiple: int  # heights and widths that it can take are multiples of this
    label: str  # for people: device and precision
    note: str  # for people: its fidelity, and what was refused
    at_once: int  # so many threads may use it at a time

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 of input_size -> HxWx3 RGB uint8, a fresh array. One that is not `unbendable` also takes `bending`."""

    def close(self) -> None: ...


def why_not_bent(predictor: Predictor) -> str:
    """Why the network cannot be bent, in one line; empty when it can."""
    name = getattr(predictor.info, "name", "this model")
    return getattr(predictor, "unbendable", f"{name}: cannot be bent, its inside cannot be reached")


@dataclass(frozen=True)
class Problem:
    """Something that went wrong, in one line for people."""

    time: float  # time.perf_counter(), seconds: it never jumps
    text: str
    over: str = ""  # the text of the problem that is over with this one, which is good news then


@dataclass(frozen=True)
class Status:
    """What the engine is doing, as a value."""

    source: str = ""
    source_size: tuple[int, int] | None = None  # width, height, as the device really gives them
    source_note: str = ""  # lost, trying again; no camera, showing the test scene
    model: Any = None  # ModelInfo of the running model, None before the first one
    device: str = ""  # label of the predictor, such as "CPU bf16"
    device_note: str = ""  # how its image compares with fp32, and what was refused and why
    asked: Model | None = None  # the settings that the last load began with, whether it goes on, succeeded or failed
    refused: Model | None = None  # the settings of the last load, when it failed
    loading: str = ""  # name of the model that is being built beside the running one
    quality: str = ""  # where on the quality ladder the show is; empty on the best rung or without ladder
    input_size: tuple[int, int] | None = None  # height, width of the model's input
    fps: float = 0.0  # images painted a second; those that the quality ladder only repeats or blends do not count
    source_fps: float = 0.0  # frames per second that the source really gives
    stages: tuple[tuple[str, float], ...] = ()  # (stage, smoothed milliseconds)
    frames: int = 0  # images finished
    skipped: int = 0  # camera images that were replaced by newer ones before the engine was free
    problems: tuple[Problem, ...] = ()  # the last ones, oldest first
    still: tuple[Standstill, ...] = ()  # threads that stand still, the longest first
    finished: bool = False  # a finite source came to its end

    def to_json(self) -> dict[str, Any]:
        """What others may know of it, for a page or a script."""
        return {"version": __version__, "source": self.source, "model": getattr(self.model, "name", ""), "device": self.device,
                "fps": round(self.fps, 2), "milliseconds": {stage: round(ms, 2) for stage, ms in self.stages}, "frames": self.frames,
                "skipped": self.skipped, "loading": self.loading, "note": self.source_note, "still": [str(one) for one in self.still]}
