"""Compares the edge density of a camera with that of a dataset, and finds thresholds that match."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from msa.capturer import open_source
from msa.capturer.init import Init
from msa.content import is_video, listed_as
from msa.images import read_image
from webcam_pix2pix.inputmatch import density, scaled
from webcam_pix2pix.preprocessing import fit, preprocess
from webcam_pix2pix.recipe import Recipe

from ..footage.selection import Selection
from ..jobs.tasks import SourceImage
from ..pairs.files import list_files
from ..pairs.inputs import clips

SAMPLES = 60  # images that are looked at
FACTORS = (0.1, 10.0)  # of the thresholds that are tried
STEPS = 14  # halvings of that range
CLOSE = 0.1  # this much more or less than the dataset is a match


def compare(source: str, recipe: Recipe, size: tuple[int, int], target: float) -> dict[str, Any]:
    """Edge density (0..1, median) of `source` (camera, film, image, folder, test) through `recipe` at `size` (height, width) against
    `target`, and the settings that would bring it there.

    Raises ValueError or OSError when the source gives no image.
    """
    images = [fit(image, size, recipe.processing) for image in _sample(source)]
    if not images:
        raise ValueError(f"{source}: no image in it")

    def with_values(values: dict[str, Any]) -> float:
        changed = recipe.with_values(values)
        return float(np.median([density(preprocess(image, changed.processing, changed.edges)) for image in images]))

    found = with_values({})
    result: dict[str, Any] = {"source": source, "pictures": len(images), "density": round(found, 5), "dataset": target, "settings": {},
                              "matched": found}
    if abs(found - target) > CLOSE * max(target, 0.001):
        result["settings"] = _matching(recipe, with_values, target)
        result["matched"] = with_values(result["settings"])
    result["text"] = _text(result)
    return result


def _sample(source: str) -> Sequence[np.ndarray]:
    path = Path(source)
    if path.is_file() and is_video(path):
        source_images = (p for clip in clips(source, path, Selection(count=SAMPLES)) for p in clip.source_images())
        return [p.photo for p in source_images if isinstance(p, SourceImage)]
    if path.is_dir():
        files = [file for file in list_files(path) if listed_as(path / file) == "image"]
        return [read_image(path / file) for file in files[::max(1, len(files) // SAMPLES)][:SAMPLES]]
    if path.is_file():
        return [read_image(path)]
    opened = open_source(source, Init(), live=True)
    try:
        images = []
        for number in range(3 * SAMPLES):
            image = opened.read()
            if image is None:
                break
            if number % 3 == 0:
                images.append(image)
        return images
    finally:
        opened.close()


def _matching(recipe: Recipe, with_values: Callable[[dict[str, Any]], float], target: float) -> dict[str, Any]:
    """Settings whose density comes nearest to `target`: one factor on all thresholds, or the constant of the local threshold."""
    if not recipe.processing.canny and (recipe.edges.method == "adaptive" or recipe.processing.adaptive_thresh):
        name = "Capture.Processing.adaptive_thresh_c"
        return {name: min(range(-5, 31), key=lambda c: abs(with_values({name: c}) - target))}
    low, high = np.log(FACTORS)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if with_values(scaled(recipe, float(np.exp(middle)))) > target:
            low = middle
        else:
            high = middle
    return scaled(recipe, float(np.exp(high)))


def _text(result: dict[str, Any]) -> str:
    has = f"{result['source']}: {100 * result['density']:.1f} % of its pixels are edges, in the dataset {100 * result['dataset']:.1f} %"
    if not result["settings"]:
        return f"{has}: they match"
    settings = " ".join(f"--set {name}={value}" for name, value in result["settings"].items())
    return f"{has}; {settings} would give {100 * result['matched']:.1f} %"
