"""Jitter: recipe values drawn anew for each image, so that a model learns a range of looks instead of one setting.

Thresholds of Canny move together (one common draw), because their ratio is what the image depends on.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from webcam_pix2pix.recipe import Recipe


def draw(recipe: Recipe, rng: np.random.Generator) -> dict[str, Any]:
    """One value for each range of `recipe`, uniform in it, by dotted name: whole numbers for whole-number settings."""
    common = rng.random()
    values: dict[str, Any] = {}
    given = recipe.values() if recipe.ranges else {}
    for name in sorted(recipe.ranges):
        low, high = recipe.ranges[name]
        share = common if name.rpartition(".")[2].startswith("canny_t") else rng.random()
        value = low + share * (high - low)
        values[name] = round(value) if isinstance(given[name], int) else round(value, 4)
    return values


def jittered(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """`recipe` with one draw in place of its ranges."""
    return replace(recipe.with_values(draw(recipe, rng)), ranges={}) if recipe.ranges else recipe
