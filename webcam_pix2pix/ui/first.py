"""First: the settings a session begins with: what was remembered, the recipe of the model, what was asked for, in that order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

from .store import Remembered


@dataclass(frozen=True)
class First:
    """settings to begin with; keep: they were made for this very model; recipe: what its descriptor says, before it is loaded."""

    settings: Settings
    keep: bool
    recipe: Recipe | None


def first_settings(remembered: Remembered, asked: Mapping[str, Any]) -> First:
    """asked: values by dotted name. Raises ValueError."""
    known = remembered.valid_settings()
    before = Settings().with_values(known)
    settings = before.with_values(asked)
    keep = bool(known) and settings.model.model_name == before.model.model_name
    try:
        recipe = resolve_model(settings.model.model_name or DEFAULT_MODEL).recipe
    except (ValueError, OSError):  # loading it will tell why
        recipe = None
    if recipe and not keep:
        settings = settings.with_recipe(recipe).with_values(asked, recipe)
    return First(settings, keep, recipe)
