"""How far the image that the network sees is from what it was trained on, and settings that bring it nearer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe

LINE = 200  # a pixel of the input brighter than this belongs to a line (the tone under the lines stays below)
SMALL = (64, 64)  # what light and colour are measured on
QUANTILES = (0.1, 0.5, 0.9)
WORDS = {"lines": ("few lines", "many lines"), "brightness": ("dark", "bright"), "contrast": ("flat", "hard"),
         "colour": ("pale", "colourful")}  # each feature, too little and too much of it
LEAST = {"lines": 0.5, "brightness": 16.0, "contrast": 12.0, "colour": 12.0}  # narrowest range that counts; of lines the logarithm
FEWEST = 0.001  # share of lines; fewer are as few
GAMMA = "Capture.Processing.pre_gamma"
SINGLE = {f"Capture.Processing.canny_t{i}": 255 for i in (1, 2)}  # thresholds and their limits
MULTI = {f"EdgeDetection.canny_t{i}_{scale}": top for scale, top in (("fine", 300), ("coarse", 2000)) for i in (1, 2)}
SOFT = "EdgeDetection.soft_low", "EdgeDetection.soft_gain"
TRIES = np.geomspace(0.2, 5.0, 17)


@dataclass(frozen=True)
class Reading:
    """One measure of an image against those of the training. off: 0 within their middle 80 %, 1 once that range beyond it, signed."""

    name: str
    value: float
    low: float
    high: float
    off: float

    def __str__(self) -> str:
        fits = "as trained" if self.low <= self.value <= self.high else "near enough"
        verdict = fits if not self.off else f"too {WORDS[self.name][self.off > 0]}"
        scale, unit = (100, " %") if self.name == "lines" else (1, "")
        return f"{self.name} {scale * self.value:.3g}{unit}, trained {scale * self.low:.3g} to {scale * self.high:.3g}{unit}: {verdict}"


def density(image: np.ndarray) -> float:
    """Share of pixels of a model input (HxWx3 RGB uint8) on a line, 0..1."""
    return cv2.countNonZero(cv2.threshold(cv2.extractChannel(image, 0), LINE, 1, cv2.THRESH_BINARY)[1]) / image[:, :, 0].size


def features(image: np.ndarray) -> dict[str, float]:
    """Measures of a model input (HxWx3 RGB uint8): lines 0..1; brightness, contrast (deviation) and colour (saturation) 0..255."""
    small = cv2.resize(image, SMALL, interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    red, green, blue = cv2.split(small)
    colour = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)).mean()
    return {"lines": density(image), "brightness": float(mean[0, 0]), "contrast": float(deviation[0, 0]), "colour": float(colour)}


def statistics(measured: Iterable[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """QUANTILES of each feature of many images, for Recipe.statistics; empty for none."""
    rows = list(measured)
    return {name: tuple(round(float(q), 5) for q in np.quantile([row[name] for row in rows], QUANTILES)) for name in WORDS} if rows else {}


def readings(found: Mapping[str, float], trained: Mapping[str, tuple[float, ...]]) -> list[Reading]:
    """Each feature of an image (or of the mean of some) against the statistics of a recipe."""
    return [_reading(name, found[name], trained[name]) for name in WORDS if name in trained]


def _reading(name: str, value: float, trained: tuple[float, ...]) -> Reading:
    scale = (lambda x: float(np.log(max(x, FEWEST)))) if name == "lines" else float  # half as many lines is as far as twice as many
    at, low, high = scale(value), scale(trained[0]), scale(trained[-1])
    beyond = max(0.0, at - high) - max(0.0, low - at)
    off = beyond / max(high - low, LEAST[name]) if abs(beyond) > 0.1 * LEAST[name] else 0.0
    return Reading(name, value, trained[0], trained[-1], off)


def matching(images: Sequence[np.ndarray], recipe: Recipe, trained: Mapping[str, tuple[float, ...]]) -> dict[str, float]:
    """Settings by dotted name that bring `images` (fitted to the model, HxWx3 RGB uint8) through `recipe` nearest to `trained`.

    Brightness by pre_gamma where that does anything, then the lines by their thresholds; what fits already is left alone.
    """
    def found(name: str, values: Mapping[str, float]) -> float:
        changed = recipe.with_values(values)
        return float(np.median([features(preprocess(image, changed.processing, changed.edges))[name] for image in images]))

    def fits(name: str) -> bool:
        return name not in trained or not _reading(name, found(name, values), trained[name]).off

    values: dict[str, float] = {}
    if not fits("brightness"):
        start = recipe.processing.pre_gamma
        values = _nearest(lambda factor: {GAMMA: round(min(5.0, max(0.2, start * factor)), 3)}, lambda tried: found("brightness", tried),
                          trained["brightness"][1])
    if has_thresholds(recipe) and not fits("lines"):
        lit = values
        values = _nearest(lambda factor: lit | scaled(recipe, factor), lambda tried: found("lines", tried), trained["lines"][1])
    return {name: value for name, value in values.items() if value != recipe.values()[name]}


def has_thresholds(recipe: Recipe) -> bool:
    """Whether scaled() changes the lines."""
    return recipe.processing.canny or recipe.edges.method in ("custom_canny", "soft")


def scaled(recipe: Recipe, factor: float) -> dict[str, float]:
    """All thresholds of the lines times `factor`, by dotted name: as if the image had so much less contrast."""
    values = recipe.values()
    if recipe.edges.method == "soft" and not recipe.processing.canny:
        return {SOFT[0]: min(50.0, round(values[SOFT[0]] * factor, 3)), SOFT[1]: min(100.0, max(0.1, round(values[SOFT[1]] / factor, 3)))}
    return {name: min(top, round(values[name] * factor)) for name, top in (SINGLE if recipe.processing.canny else MULTI).items()}


def _nearest(settings: Callable[[float], dict[str, float]], measured: Callable[[dict[str, float]], float],
             target: float) -> dict[str, float]:
    """The settings(factor) whose measure is nearest to `target`: first roughly, then finer around the best."""
    step, best = TRIES[1] / TRIES[0], 1.0
    for tries in (TRIES, np.geomspace(1 / step, step, 9)):
        best = min((best * float(f) for f in tries), key=lambda factor: (abs(measured(settings(factor)) - target), abs(np.log(factor))))
    return settings(best)
