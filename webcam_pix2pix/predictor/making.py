"""The predictor that the settings ask for, what follows it, and a preview until it is ready."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from webcam_pix2pix.bend import Bending
from webcam_pix2pix.model import ModelInfo, read_model
from webcam_pix2pix.settings import Model
from webcam_pix2pix.sizes import with_short_side

from .predictor import PyTorchPredictor
from .selection.timing import quiet


class Preview(PyTorchPredictor):
    """The network as it is, in fp32, a second sooner: something to show while a PyTorchPredictor finds out what is faster.

    While that one measures, this one returns its last image again, so that neither disturbs the other.
    """

    def __init__(self, model: ModelInfo | str | Path, **options) -> None:
        super().__init__(model, compared=False, **options)
        self._last: np.ndarray | None = None

    def __call__(self, image: np.ndarray, bending: Bending | None = None) -> np.ndarray:
        if not quiet.acquire(blocking=self._last is None):
            assert self._last is not None
            return self._last.copy()
        try:
            self._last = super().__call__(image)
        finally:
            quiet.release()
        return self._last


def predictor_for(info: ModelInfo | str | Path, options: Model, frames: Sequence[np.ndarray] = (), parallel: bool = False,
                  size: tuple[int, int] | None = None, preview: bool = False) -> PyTorchPredictor:
    """The predictor of a model as the settings ask; at `size` (height, width) if given. Raises ValueError or OSError with one line.

    preview: at once, as the network is, however slow.
    """
    norm_mode = None if options.norm_mode == "auto" else options.norm_mode
    wide = options.shape == "16:9" and size is None
    if options.size and size is None:
        info = info if isinstance(info, ModelInfo) else read_model(info)
        size = with_short_side(info.input.shape[:2] if info.input else (1, 1), options.size)
    if preview:  # alone: what follows comes with the others
        return Preview(info, device=options.device, norm_mode=norm_mode, size=size, threads=options.threads, images=True,
                       wide=wide)
    made = PyTorchPredictor(info, device=options.device, precision=options.precision, backend=options.backend, norm_mode=norm_mode,
                            size=size, threads=options.threads, compiled=options.compile, frames=frames, parallel=parallel, images=True,
                            wide=wide)
    return made.with_stages(options.then, lambda info, size: PyTorchPredictor(
        info, device=options.device, precision=options.precision, size=size, threads=options.threads, images=True))
