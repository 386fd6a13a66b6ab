"""The settings at start: remembered ones, then the recipe of the model, then those of the command line.

What was asked for on the command line holds for this session: it is not remembered unless the user changes it in the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

from ..foundation.store import Remembered
from ..sources.mirror import FLIP, mirror_of

MODEL = "Model.model_name"


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
    if FLIP not in asked:
        settings = settings.with_values({FLIP: mirror_of(settings.capture_init.device_id, remembered.mirror)})
    keep = bool(known) and settings.model.model_name == before.model.model_name
    try:
        recipe = resolve_model(settings.model.model_name or DEFAULT_MODEL).recipe
    except (ValueError, OSError):  # loading it will tell why
        recipe = None
    if recipe and not keep:
        settings = settings.with_recipe(recipe).with_values(asked, recipe)
    return First(settings, keep, recipe)


def borrowed(remembered: Remembered, begun: Settings, asked: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What `asked` has changed in the settings `begun` of this session: dotted name -> (value now, value without it)."""
    if not asked:
        return {}
    usual, now = first_settings(remembered, {}).settings.flat(), begun.flat()
    return {name: (now[name], usual[name]) for name in now if now[name] != usual[name]}


def to_remember(now: Mapping[str, Any], lent: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """The settings `now` (dotted names) for the next session; what is `lent` (see borrowed) and unchanged goes back to what it was."""
    if MODEL in lent and now[MODEL] != lent[MODEL][0]:  # the user has chosen a model, whose look is to be kept
        lent = {name: values for name, values in lent.items() if name.startswith("Capture.")}
    return dict(now) | {name: before for name, (asked, before) in lent.items() if now[name] == asked}
