"""Frame: what flows through the pipeline."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera image and what each stage made of it. Images: HxWx3 RGB uint8, never written to after creation."""

    index: int
    time: float  # time.perf_counter() at capture, seconds
    captured: np.ndarray  # as the source gave it, then flipped, cropped and resized to the model input: panel 1
    processed: np.ndarray | None = None  # after the chain and the pre lerp: what the network sees, panel 2
    predicted: np.ndarray | None = None  # after the post lerp: panel 3; the processed image while prediction is off; None without a model
    timings: tuple[tuple[str, float], ...] = ()  # (stage, milliseconds) in order
    compared: np.ndarray | None = None  # the same image predicted with other settings, where that is asked for
    steps: tuple[tuple[str, np.ndarray], ...] = ()  # (name, image after it) of each step of the chain, where that is asked for


def sealed(image: np.ndarray) -> np.ndarray:
    """`image` marked read-only: Qt shares the memory of what it shows, a later write would tear the image."""
    image.flags.writeable = False
    return image
