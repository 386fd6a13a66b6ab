"""From settings to a predictor, for the window and for runs without one."""

from collections.abc import Collection

import numpy as np

from webcam_pix2pix.settings import Settings


def build_predictor(settings: Settings, frames: Collection[np.ndarray] = (), parallel: bool = False, preview: bool = False):
    """The predictor that the settings ask for, proved on `frames` (HxWx3 RGB uint8); imports torch.

    parallel: it may paint several images at once, where that brings more of them per second.
    preview: at once and not yet fast, for the time until the other one is ready. Raises ValueError or OSError with one line.
    """
    from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
    from webcam_pix2pix.predictor import predictor_for

    model = resolve_model(settings.model.model_name or DEFAULT_MODEL)
    return predictor_for(model, settings.model, tuple(frames), parallel, preview=preview)
