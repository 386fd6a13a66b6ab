"""The chain itself: fitted image -> model input, step by step."""

import cv2
import numpy as np

from msa.utils import to_uint8

from .lines import adaptive, lines_of
from .memory import Memory
from .parameters import EdgeDetection, Processing
from .tone import tone_of


def preprocess(image: np.ndarray, processing: Processing, edges: EdgeDetection, memory: Memory | None = None,
               steps: list[tuple[str, np.ndarray]] | None = None) -> np.ndarray:
    """Fitted image (HxWx3 RGB uint8) -> model input image of the same shape.

    `edges.method` must be concrete: `training_matched` is resolved by whoever knows the model.
    Without `memory`, what looks back is left out (accumulation, slow equalisation): a single image has no past.
    steps: gets (name, image after it) of each step that is on.
    """
    grey: np.ndarray | None = None  # HxW while the image has one channel: colour is only rebuilt at the end
    if processing.pre_gamma != 1:
        image = cv2.LUT(image, _gamma_table(processing.pre_gamma))
        _note(steps, "mid-tones", image, grey)
    if processing.lightness:
        grey = cv2.extractChannel(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), 0)
        _note(steps, "lightness", image, grey)
    elif processing.grayscale:
        grey = _grey(image)
        _note(steps, "grey", image, grey)
    if processing.pre_blur:
        image, grey = _each(image, grey, _gaussian, processing.pre_blur)
        _note(steps, "blur", image, grey)
    if processing.pre_median:
        grey = cv2.medianBlur(_grey(image) if grey is None else grey, 2 * processing.pre_median + 1)
        _note(steps, "flat texture", image, grey)
    if processing.pre_thresh:
        image, grey = _each(image, grey, _threshold, processing.pre_thresh, cv2.THRESH_TOZERO)
        _note(steps, "black below", image, grey)
    if processing.adaptive_thresh:
        grey = adaptive(_grey(image) if grey is None else grey, processing)
        _note(steps, "drawing to lines", image, grey)
    if processing.invert:
        image, grey = _each(image, grey, cv2.bitwise_not)
        _note(steps, "negative", image, grey)
    if processing.canny or edges.method != "none" or edges.tone > 0:
        image, grey = _edges(image, grey, processing, edges, memory)
        _note(steps, "edges", image, grey)
    if processing.post_blur:
        image, grey = _each(image, grey, _gaussian, processing.post_blur)
        _note(steps, "soft edges", image, grey)
    if memory is not None:
        image, grey = _accumulated(image, grey, processing, memory)
        if memory.accumulated is not None:
            _note(steps, "trails", image, grey)
    if processing.post_thresh:
        image, grey = _each(image, grey, _threshold, processing.post_thresh, cv2.THRESH_BINARY)
        _note(steps, "white above", image, grey)
    if processing.blank:
        image, grey = _each(image, grey, _blanked, processing.blank)
        _note(steps, "white square", image, grey)
    return image if grey is None else cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def _note(steps: list[tuple[str, np.ndarray]] | None, name: str, image: np.ndarray, grey: np.ndarray | None) -> None:
    if steps is not None:
        steps.append((name, image if grey is None else cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)))


def _edges(image, grey, processing: Processing, edges: EdgeDetection, memory: Memory | None):
    """Lines, tone, or the brighter of both in each channel. In colour where the tone keeps its colour and the image has any."""
    grey_image = _grey(image) if grey is None else grey
    colours = image if grey is None else cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    lines = lines_of(colours, grey_image, processing, edges)
    if edges.tone <= 0:
        return image, grey_image if lines is None else lines
    colour = edges.tone_color and grey is None
    tone = tone_of(image if colour else grey_image, edges, memory)
    if lines is not None:
        tone = cv2.max(tone, cv2.cvtColor(lines, cv2.COLOR_GRAY2RGB) if colour else lines)
    return (tone, None) if colour else (image, tone)


def _accumulated(image, grey, processing: Processing, memory: Memory):
    if not (processing.accum_w1 > 0 and processing.accum_w2 > 0):
        memory.accumulated = None
        return image, grey
    now = image if grey is None else grey
    past = memory.accumulated
    if past is None or past.shape != now.shape:
        memory.accumulated = now.astype(np.float32)
    else:
        memory.accumulated = cv2.addWeighted(past, processing.accum_w1, now.astype(np.float32), processing.accum_w2, 0)
    result = to_uint8(memory.accumulated)
    return (result, None) if grey is None else (image, result)


def _each(image, grey, step, *args):
    """Apply `step` to whichever of the two carries the image."""
    return (step(image, *args), None) if grey is None else (image, step(grey, *args))


def _grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def _gamma_table(gamma: float) -> np.ndarray:
    return np.rint(255 * (np.arange(256) / 255) ** (1 / gamma)).astype(np.uint8)


def _blanked(image: np.ndarray, share: float) -> np.ndarray:
    """A white square in the middle, as process.py of pix2pix-tensorflow draws it (there 30 % of the side)."""
    height, width = image.shape[:2]
    side = int(min(height, width) * share)
    top, left = int(height / 2 - side / 2), int(width / 2 - side / 2)
    image = image.copy()
    image[top:top + side, left:left + side] = 255
    return image


def _gaussian(image: np.ndarray, n: int) -> np.ndarray:
    return cv2.GaussianBlur(image, (2 * n + 1, 2 * n + 1), 0)


def _threshold(image: np.ndarray, level: int, kind: int) -> np.ndarray:
    return cv2.threshold(image, level, 255, kind)[1]
