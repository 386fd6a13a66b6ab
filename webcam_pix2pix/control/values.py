"""Settings by dotted name: one value, a checked one, the differences of two, and which of them undo takes back."""

from dataclasses import replace
from typing import Any

from msa.knob import checked
from webcam_pix2pix.bend import Bend
from webcam_pix2pix.recipe import DOCUMENTED, Recipe
from webcam_pix2pix.settings import GROUPS, NAMES, PRESET_GROUPS, Prediction, Settings

NOT_UNDONE = {"Prediction.enabled"}  # a switch of the show
_DEFAULTS = Settings()
_OF_GROUP = {attribute: [(name, key) for name, (owner, key) in NAMES.items() if owner == attribute] for attribute in GROUPS.values()}


def value_of(settings: Settings, name: str) -> Any:
    """One value by dotted name."""
    attribute, key = NAMES[name]
    return getattr(getattr(settings, attribute), key)


def checked_value(name: str, value: Any) -> Any:
    """`value` as the type of the setting `name`; text is parsed. Raises ValueError naming the setting, its value and what was expected."""
    if name not in NAMES:
        _DEFAULTS.with_values({name: value})  # says which name is near
    attribute, key = NAMES[name]
    return checked(getattr(_DEFAULTS, attribute), key, value, name)


def differences(old: Settings, new: Settings) -> dict[str, tuple[Any, Any]]:
    """Dotted name -> (value in `old`, value in `new`) of every setting that differs."""
    found = {}
    for attribute, names in _OF_GROUP.items():
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before is not after:
            found.update({name: (getattr(before, key), getattr(after, key)) for name, key in names
                          if getattr(before, key) != getattr(after, key)})
    return found


def is_undone(name: str) -> bool:
    """Whether a change of this setting is a step of undo: source, model and the switches of the show are not."""
    return name.startswith(PRESET_GROUPS) and name not in NOT_UNDONE


def at_home(settings: Settings, recipe: Recipe | None) -> Settings:
    """`settings` as the way back leaves them: made as in the training, nothing bent, smoothing and numbers as they usually are.

    What is no matter of taste stays: whether it paints, and what follows the model.
    """
    now = settings.prediction
    prediction = Prediction(enabled=now.enabled, then=now.then, crossfade_s=now.crossfade_s)
    return replace(settings, prediction=prediction, bend=Bend()).with_recipe(recipe)


def as_trained(settings: Settings, recipe: Recipe | None) -> Settings:
    """Edges that are to be as trained show what is used: those of `recipe`, which the model that runs came with."""
    if settings.edges.method != "training_matched":
        return settings
    return replace(settings, edges=replace(recipe.edges if recipe else DOCUMENTED, method="training_matched"))


def set_by_hand(settings: Settings, recipe: Recipe | None, departures: tuple[str, ...]) -> frozenset[str]:
    """Names of the settings of `recipe` that were set by hand; all edges together, where one of them was."""
    if recipe is None:
        return frozenset(name for name in Recipe().values() if value_of(settings, name) != value_of(_DEFAULTS, name))
    names = frozenset(departures)
    if settings.edges.method != "training_matched":
        names |= {name for name in recipe.values() if name.startswith("EdgeDetection.")}
    return names
