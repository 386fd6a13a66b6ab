"""Camera image -> model input image: the one chain that live, `prepare`, `train`, `test` and `video` all call.

Semantics of the capturer of webcam-pix2pix-tensorflow (2017) and of the multi-scale edges of its PyTorch port (2025), in uint8
with float32 state instead of float32 throughout. Images are HxWx3 RGB uint8 (grey is three equal channels).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from msa.knob import knob
from msa.utils import to_uint8

cv2.setNumThreads(1)  # such pictures are done before a second thread is awake; on a busy machine it would be waited for

METHODS = ("training_matched", "custom_canny", "adaptive", "none")
FITS = ("crop", "pad", "stretch")


@dataclass(frozen=True)
class Processing:
    """The chain before and after the edges, in order. Names are those of the original application."""

    flip_h: bool = knob(True, "Mirror left and right, as in a looking glass")
    flip_v: bool = knob(False, "Turn upside down")
    frame_diff: bool = knob(False, "Show only what moved since the last frame")
    fit: str = knob("crop", "How the camera picture meets the model's size: crop the centre, pad with black, or stretch", choices=FITS)
    pre_gamma: float = knob(1.0, "Lift (above 1) or deepen (below 1) the mid-tones before everything else", limits=(0.2, 5.0))
    grayscale: bool = knob(False, "Take the colour out")
    lightness: bool = knob(False, "Take the colour out but keep how bright each colour looks (L of CIE Lab): for models that colourise")
    pre_blur: int = knob(0, "Soften before the edges: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    pre_median: int = knob(0, "Flatten texture, keep contours: median of 2n+1 pixels; 30 to 50 is an effect of its own. "
                           "Takes the colour out", limits=(0, 50), unit="px")
    pre_thresh: int = knob(0, "Black out everything darker than this", limits=(0, 255))
    adaptive_thresh: bool = knob(False, "Black lines become white ones, whatever the light: for drawings instead of Canny")
    adaptive_thresh_block: int = knob(7, "Neighbourhood of the adaptive threshold: 2n+1 pixels", limits=(1, 100), unit="px")
    adaptive_thresh_c: int = knob(2, "How much darker than its neighbourhood a line must be", limits=(-50, 50))
    invert: bool = knob(False, "Turn black into white")
    canny: bool = knob(False, "Single-scale Canny edges as in the original application, in place of EdgeDetection")
    canny_t1: int = knob(40, "Lower threshold: smaller lets faint edges grow further", limits=(0, 255))
    canny_t2: int = knob(120, "Upper threshold: smaller starts more edges", limits=(0, 255))
    post_blur: int = knob(0, "Soften the edges: Gaussian of 2n+1 pixels", limits=(0, 50), unit="px")
    accum_w1: float = knob(0.0, "Trails: weight of the past. Needs accum_w2 too", limits=(0.0, 1.0))
    accum_w2: float = knob(0.0, "Trails: weight of the present. Needs accum_w1 too", limits=(0.0, 1.0))
    post_thresh: int = knob(0, "Pure black and white: everything above this becomes white", limits=(0, 255))
    blank: float = knob(0.0, "White square in the middle, as a share of the shorter side: for models that fill in", limits=(0.0, 1.0))


@dataclass(frozen=True)
class EdgeDetection:
    """Edges at a fine and a coarse scale, and the soft luminance under them."""

    method: str = knob("training_matched", "training_matched: exactly what the model was trained with. custom_canny: the values below. "
                       "adaptive: a local threshold. none: no edges", choices=METHODS)
    blur_kernel: int = knob(3, "Gaussian before Canny: size, odd (0: from the sigma)", limits=(0, 15), unit="px")
    blur_sigma: float = knob(0.8, "Gaussian before Canny: sigma; more hides texture", limits=(0.1, 3.0), unit="px")
    canny_t1_fine: int = knob(40, "Fine scale (aperture 3), lower threshold", limits=(0, 300))
    canny_t2_fine: int = knob(120, "Fine scale (aperture 3), upper threshold", limits=(0, 300))
    canny_t1_coarse: int = knob(80, "Coarse scale (aperture 5), lower threshold; both coarse thresholds 0: fine scale only",
                               limits=(0, 2000))
    canny_t2_coarse: int = knob(160, "Coarse scale (aperture 5), upper threshold; both coarse thresholds 0: fine scale only",
                               limits=(0, 2000))
    morph_kernel_size: int = knob(2, "Closes gaps in the lines: ellipse size", limits=(1, 10), unit="px")
    morph_iterations: int = knob(1, "Closes gaps in the lines: how often", limits=(0, 5))
    tone: float = knob(0.0, "Soft luminance under the edges: strength. Gives light and shade to models trained with it", limits=(0.0, 1.0))
    tone_blur: float = knob(5.0, "Soft luminance: sigma of its blur", limits=(0.0, 20.0), unit="px")
    tone_equalize: bool = knob(True, "Soft luminance: histogram equalisation, so that a dark and a bright room look alike")


@dataclass
class Memory:
    """What the chain remembers from one frame to the next. Owned by whoever runs it; a fresh one starts afresh."""

    raw: np.ndarray | None = None  # previous camera image, for frame_diff
    accumulated: np.ndarray | None = None  # float32 0..255, not clipped


def fit(image: np.ndarray, size: tuple[int, int], processing: Processing, memory: Memory | None = None) -> np.ndarray:
    """Camera image (any HxWx3) -> the model's `size` (height, width): frame difference, crop or pad, resize, flip."""
    if memory is not None:
        previous, memory.raw = memory.raw, image if processing.frame_diff else None
        if processing.frame_diff:
            if previous is None or previous.shape != image.shape:
                previous = image
            image = cv2.absdiff(image, previous)
    image = resized(image, size, processing.fit)
    if processing.flip_h or processing.flip_v:  # last: to the pixel beside it the same picture, and much less to turn
        image = cv2.flip(image, -1 if processing.flip_h and processing.flip_v else 1 if processing.flip_h else 0)
    return image


def resized(image: np.ndarray, size: tuple[int, int], how: str = "crop") -> np.ndarray:
    """`image` brought to `size` (height, width) by cropping the centre, padding with black, or stretching. Areas down, bicubic up."""
    height, width = size
    h, w = image.shape[:2]
    if (h, w) == (height, width):
        return image.copy()
    if how == "crop":
        crop_h, crop_w = min(h, max(1, round(w * height / width))), min(w, max(1, round(h * width / height)))
        top, left = (h - crop_h) // 2, (w - crop_w) // 2
        image = image[top:top + crop_h, left:left + crop_w]
    elif how == "pad":
        scale = min(height / h, width / w)
        inner = max(1, round(h * scale)), max(1, round(w * scale))
        result = np.zeros((height, width, image.shape[2]), np.uint8)
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        result[top:top + inner[0], left:left + inner[1]] = resized(image, inner, "stretch")
        return result
    h, w = image.shape[:2]
    return _shrunk(image, height, width) if h * w > height * width else cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)


def _shrunk(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """INTER_AREA in a quarter of the time, within a mean of 0.7 and a maximum of 16 of 255 on noisy camera pictures.

    Halving by areas has a fast path, other factors have none: halve, go linearly to exactly twice the size, halve again.
    """
    h, w = image.shape[:2]
    if h < 1.5 * height or w < 1.5 * width:
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    while h >= 4 * height and w >= 4 * width:
        h, w = h // 2, w // 2
        image = cv2.resize(image[:2 * h, :2 * w], (w, h), interpolation=cv2.INTER_AREA)
    if (h, w) != (2 * height, 2 * width):
        image = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def preprocess(image: np.ndarray, processing: Processing, edges: EdgeDetection, memory: Memory | None = None) -> np.ndarray:
    """Fitted image (HxWx3 RGB uint8) -> model input image of the same shape.

    `edges.method` must be concrete: `training_matched` is resolved by whoever knows the model (see Recipe.resolve).
    Without `memory`, accumulation is left out: a single image has no past.
    """
    grey: np.ndarray | None = None  # HxW while the picture has one channel: colour is only rebuilt at the end
    if processing.pre_gamma != 1:
        image = cv2.LUT(image, _gamma_table(processing.pre_gamma))
    if processing.lightness:
        grey = cv2.extractChannel(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), 0)
    elif processing.grayscale:
        grey = _grey(image)
    if processing.pre_blur:
        image, grey = _each(image, grey, _gaussian, processing.pre_blur)
    if processing.pre_median:
        grey = cv2.medianBlur(_grey(image) if grey is None else grey, 2 * processing.pre_median + 1)
    if processing.pre_thresh:
        image, grey = _each(image, grey, _threshold, processing.pre_thresh, cv2.THRESH_TOZERO)
    if processing.adaptive_thresh:
        grey = _adaptive(_grey(image) if grey is None else grey, processing)
    if processing.invert:
        image, grey = _each(image, grey, cv2.bitwise_not)
    if processing.canny or edges.method != "none" or edges.tone > 0:
        grey = _edges(_grey(image) if grey is None else grey, processing, edges)
    if processing.post_blur:
        image, grey = _each(image, grey, _gaussian, processing.post_blur)
    if memory is not None:
        image, grey = _accumulated(image, grey, processing, memory)
    if processing.post_thresh:
        image, grey = _each(image, grey, _threshold, processing.post_thresh, cv2.THRESH_BINARY)
    if processing.blank:
        image, grey = _each(image, grey, _blanked, processing.blank)
    return image if grey is None else cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def multiscale_canny(grey: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    """Fine OR coarse Canny of the blurred grey image, gaps closed: HxW uint8, 0 or 255."""
    kernel = edges.blur_kernel | 1 if edges.blur_kernel else 0
    blurred = cv2.GaussianBlur(grey, (kernel, kernel), edges.blur_sigma)
    lines = cv2.Canny(blurred, edges.canny_t1_fine, edges.canny_t2_fine, apertureSize=3)
    if edges.canny_t1_coarse or edges.canny_t2_coarse:
        lines = cv2.bitwise_or(lines, cv2.Canny(blurred, edges.canny_t1_coarse, edges.canny_t2_coarse, apertureSize=5))
    if edges.morph_iterations and edges.morph_kernel_size > 1:
        element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edges.morph_kernel_size, edges.morph_kernel_size))
        lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, element, iterations=edges.morph_iterations)
    return lines


def _edges(grey: np.ndarray, processing: Processing, edges: EdgeDetection) -> np.ndarray:
    lines = None
    if processing.canny:
        lines = cv2.Canny(grey, processing.canny_t1, processing.canny_t2)
    elif edges.method == "custom_canny":
        lines = multiscale_canny(grey, edges)
    elif edges.method == "adaptive":
        lines = _adaptive(grey, processing)
    elif edges.method == "training_matched":
        raise ValueError("EdgeDetection.method: training_matched needs a model's recipe to be resolved first")
    if edges.tone <= 0:
        return grey if lines is None else lines
    tone = cv2.GaussianBlur(grey, (0, 0), edges.tone_blur) if edges.tone_blur > 0 else grey
    if edges.tone_equalize:
        tone = cv2.equalizeHist(tone)
    tone = cv2.convertScaleAbs(tone, alpha=edges.tone)
    return tone if lines is None else cv2.max(lines, tone)


def _adaptive(grey: np.ndarray, processing: Processing) -> np.ndarray:
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV,
                                 2 * processing.adaptive_thresh_block + 1, processing.adaptive_thresh_c)


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
    """Apply `step` to whichever of the two carries the picture."""
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
