"""From settings to a predictor, for the window and for runs without one."""

from collections.abc import Collection

import numpy as np

from webcam_pix2pix.settings import Settings


def build_predictor(settings: Settings, frames: Collection[np.ndarray] = (), parallel: bool = False):
    """The predictor that the settings ask for, proved on `frames` (HxWx3 RGB uint8); imports torch.

    parallel: it may paint several pictures at once, where that brings more of them per second.
    Raises ValueError or OSError with one line.
    """
    from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
    from webcam_pix2pix.predictor import predictor_for

    return predictor_for(resolve_model(settings.model.model_name or DEFAULT_MODEL), settings.model, tuple(frames), parallel)
