"""Input recipes by name, and the ranges that --jitter varies when none are given."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webcam_pix2pix.preprocessing import EdgeDetection, Processing
from webcam_pix2pix.recipe import GROUPS, Recipe

_COLOR: dict[str, Any] = {"tone": 0.55, "tone_equalize": False, "tone_color": True}
_NO_EDGES = EdgeDetection(method="none")


def _without_edges(**processing: Any) -> Recipe:
    return Recipe(Processing(flip_h=False, **processing), _NO_EDGES)


RECIPES: dict[str, Recipe] = {
    "edges": Recipe(),  # multi-scale Canny as documented
    "tone": Recipe(edges=EdgeDetection(method="custom_canny", blur_kernel=0, canny_t1_coarse=480, canny_t2_coarse=960, tone=0.55)),
    "color": Recipe(edges=EdgeDetection(method="custom_canny", blur_kernel=0, canny_t1_coarse=480, canny_t2_coarse=960, **_COLOR)),
    "color-soft": Recipe(edges=EdgeDetection(method="soft", blur_kernel=0, **_COLOR)),
    "canny": _without_edges(canny=True),
    "adaptive": Recipe(edges=EdgeDetection(method="adaptive")),
    "grayscale": _without_edges(grayscale=True),
    "blur": _without_edges(grayscale=True, pre_blur=12),  # "Learning to see": only the large forms are left
    "colorize": _without_edges(lightness=True),
    "inpaint": _without_edges(blank=0.3),
}
DESCRIPTIONS = {
    "edges": "edges at two scales (default)", "tone": "edges over soft luminance", "color": "edges over the soft colours",
    "color-soft": "soft lines over the soft colours", "canny": "single-scale Canny",
    "adaptive": "local threshold, for drawings", "grayscale": "the photograph without its colours",
    "blur": "blurred greys, as in Learning to see", "colorize": "the lightness of CIE Lab", "inpaint": "a white square in the middle",
}
THRESHOLD_FACTORS = (0.6, 1.5)  # of the Canny thresholds, all at once
SIGMA_FACTORS = (0.875, 2.0)  # 0.7 to 1.6 for the documented 0.8
SOFT_SIGMA_FACTORS = (1.0, 2.0)  # 0.8 to 1.6
SOFT_LOW_FACTORS = (2 / 3, 2.0)  # 2 to 6 for the default 3
SOFT_GAIN_FACTORS = (5 / 9, 4 / 3)  # 5 to 12 for the default 9


def with_settings(recipe: Recipe, values: Mapping[str, Any], where: str) -> Recipe:
    """`recipe` with settings of a preset or of --set. Values of other groups are left out, as is "training_matched" with all that
    stands under EdgeDetection: it means the edges that the recipe has already. Raises ValueError."""
    own = {name: value for name, value in values.items() if name.rpartition(".")[0] in GROUPS}
    if own.get("EdgeDetection.method") == "training_matched":
        own = {name: value for name, value in own.items() if not name.startswith("EdgeDetection.")}
    return recipe.with_values(own, where)


def default_ranges(recipe: Recipe) -> dict[str, tuple[float, float]]:
    """Ranges around the values of `recipe` that matter to its image, by dotted name."""
    processing, edges = recipe.processing, recipe.edges
    ranges: dict[str, tuple[float, float]] = {"Capture.Processing.pre_gamma": (0.7, 1.5)}
    if processing.canny:
        ranges |= _scaled("Capture.Processing.", processing, ("canny_t1", "canny_t2"), THRESHOLD_FACTORS, 255)
    elif edges.method == "custom_canny":
        names = ("canny_t1_fine", "canny_t2_fine", "canny_t1_coarse", "canny_t2_coarse")
        ranges |= _scaled("EdgeDetection.", edges, names[:2], THRESHOLD_FACTORS, 300)
        ranges |= _scaled("EdgeDetection.", edges, names[2:], THRESHOLD_FACTORS, 2000)
        ranges |= _scaled("EdgeDetection.", edges, ("blur_sigma",), SIGMA_FACTORS, 3.0)
    elif edges.method == "soft":
        ranges |= _scaled("EdgeDetection.", edges, ("soft_low",), SOFT_LOW_FACTORS, 50.0)
        ranges |= _scaled("EdgeDetection.", edges, ("soft_gain",), SOFT_GAIN_FACTORS, 100.0)
        ranges |= _scaled("EdgeDetection.", edges, ("blur_sigma",), SOFT_SIGMA_FACTORS, 3.0)
    if edges.method == "adaptive" or processing.adaptive_thresh:
        ranges["Capture.Processing.adaptive_thresh_c"] = (processing.adaptive_thresh_c - 1, processing.adaptive_thresh_c + 4)
    if edges.tone > 0:
        ranges |= _scaled("EdgeDetection.", edges, ("tone_blur",), (0.6, 1.4), 20.0)
    if processing.pre_blur:
        ranges |= _scaled("Capture.Processing.", processing, ("pre_blur",), (0.6, 1.5), 50)
    return ranges


def parse_ranges(texts: list[str], recipe: Recipe) -> Recipe:
    """`recipe` with ranges given as Group.name=low:high; none given means the default ones. Raises ValueError."""
    if not texts:
        return replace(recipe, ranges=default_ranges(recipe))
    ranges = {}
    for text in texts:
        name, _, limits = text.partition("=")
        low, colon, high = limits.partition(":")
        if not colon:
            raise ValueError(f"--jitter {text}: expected Group.name=low:high, such as EdgeDetection.blur_sigma=0.7:1.6")
        ranges[name.strip()] = [low.strip(), high.strip()]
    pose = recipe.processing
    checked = Recipe.from_json(recipe.values() | {"ranges": ranges}, "--jitter")
    return replace(checked, processing=replace(checked.processing, flip_h=pose.flip_h, flip_v=pose.flip_v))


def _scaled(group: str, values: Any, names: tuple[str, ...], factors: tuple[float, float], top: float) -> dict[str, tuple[float, float]]:
    scaled = {}
    for name in names:
        value = getattr(values, name)
        kind = int if isinstance(value, int) else float
        if value:
            low, high = (min(top, kind(round(value * factor, 4))) for factor in factors)
            scaled[group + name] = (kind(low), kind(high))
    return scaled
