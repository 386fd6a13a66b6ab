"""Recipe: the preprocessing a model was trained with, and how far it may be moved. It travels with the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msa.knob import checked, knobs
from webcam_pix2pix.preprocessing import EdgeDetection, Processing

GROUPS = {"Capture.Processing": "processing", "EdgeDetection": "edges"}  # dotted group name -> attribute
POSE = {"Capture.Processing.flip_h", "Capture.Processing.flip_v"}  # how one faces the camera is no part of a recipe

ADDED = {f"EdgeDetection.{name}" for name in ("soft_low", "soft_gain", "tone_color", "network")}  # not stored where nothing uses them
OLD_METHODS = {"custom_canny", "adaptive", "none"}
DOCUMENTED = EdgeDetection(method="custom_canny")  # multi-scale edges as the 2025 port documents them


@dataclass(frozen=True)
class Recipe:
    """Settings of the chain, and for those that training varied, the range it saw."""

    processing: Processing = field(default_factory=lambda: Processing(flip_h=False))
    edges: EdgeDetection = DOCUMENTED
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # dotted name -> (low, high)
    statistics: Mapping[str, tuple[float, ...]] = field(default_factory=dict, compare=False)  # of the inputs: see inputmatch.statistics

    def values(self) -> dict[str, Any]:
        """Every value of the recipe by dotted name, without the pose."""
        return {name: value for name, value in _flat(self).items() if name not in POSE}

    def to_json(self) -> dict[str, Any]:
        """The form stored in descriptors and manifests: dotted name -> value, "ranges" and "statistics".

        A recipe that uses nothing new is stored as it always was: it compares equal to older files, and older programs can read it.
        """
        defaults, values = Recipe().values(), self.values()
        if self.edges.method in OLD_METHODS and all(values[name] == defaults[name] for name in ADDED):
            values = {name: value for name, value in values.items() if name not in ADDED}
        tables = {"ranges": self.ranges, "statistics": self.statistics}
        return values | {name: {k: list(v) for k, v in table.items()} for name, table in tables.items() if table}

    @classmethod
    def from_json(cls, data: Any, where: str = "recipe") -> "Recipe":
        """Read and check the stored form; names left out keep the documented defaults.

        Raises ValueError naming `where`, the key, its value and what was expected.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: {data!r} is not an object of settings")
        values = {k: v for k, v in data.items() if k not in ("ranges", "statistics")}
        recipe = cls().with_values(values, where)
        if recipe.edges.method == "training_matched":
            raise ValueError(f"{where}: EdgeDetection.method: 'training_matched' says nothing in a recipe, expected a concrete method")
        ranges = data.get("ranges", {})
        if not isinstance(ranges, Mapping):
            raise ValueError(f"{where}: ranges: {ranges!r} is not an object of [low, high]")
        return replace(recipe, ranges={name: recipe._range(name, limits, where) for name, limits in ranges.items()},
                       statistics=_statistics(data.get("statistics", {}), where))

    def with_values(self, values: Mapping[str, Any], where: str = "recipe") -> "Recipe":
        """This recipe with some values changed, by dotted name; checked."""
        changed: dict[str, dict[str, Any]] = {attribute: {} for attribute in GROUPS.values()}
        for name, value in values.items():
            group, _, key = str(name).rpartition(".")
            if group not in GROUPS:
                raise ValueError(f"{where}: {name}: no such setting; names start with {' or '.join(GROUPS)}")
            attribute = GROUPS[group]
            changed[attribute][key] = checked(getattr(self, attribute), key, value, f"{where}: {name}")
        return replace(self, **{attribute: replace(getattr(self, attribute), **keys) for attribute, keys in changed.items() if keys})

    def departures(self, processing: Processing, edges: EdgeDetection) -> tuple[str, ...]:
        """Dotted names of the live values that leave this recipe, trained ranges considered."""
        live = Recipe(processing, self.edges if edges.method == "training_matched" else edges)
        trained = self.values()
        return tuple(name for name, value in live.values().items() if not self._covers(name, value, trained[name]))

    def _covers(self, name: str, value: Any, trained: Any) -> bool:
        if value == trained:
            return True
        low, high = self.ranges.get(name, (1, 0))
        return not isinstance(value, str) and low <= value <= high

    def _range(self, name: str, limits: Any, where: str) -> tuple[float, float]:
        label = f"{where}: ranges: {name}"
        if not isinstance(limits, list | tuple) or len(limits) != 2:
            raise ValueError(f"{label}: {limits!r} is not [low, high]")
        low, high = (self.with_values({name: limit}, f"{where}: ranges")._value(name) for limit in limits)
        if isinstance(low, bool | str) or low > high:
            raise ValueError(f"{label}: {limits!r} is not a range of numbers, low first")
        return low, high

    def _value(self, name: str) -> Any:
        return _flat(self)[name]


def _statistics(data: Any, where: str) -> dict[str, tuple[float, ...]]:
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: statistics: {data!r} is not an object of [low, middle, high]")
    for name, values in data.items():
        numbers = isinstance(values, list | tuple) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        if not numbers or len(values) != 3 or not values[0] <= values[1] <= values[2]:
            raise ValueError(f"{where}: statistics: {name}: {values!r} is not [low, middle, high]")
    return {str(name): tuple(float(v) for v in values) for name, values in data.items()}


def _flat(recipe: Recipe) -> dict[str, Any]:
    return {f"{group}.{name}": getattr(getattr(recipe, attribute), name)
            for group, attribute in GROUPS.items() for name in knobs(getattr(recipe, attribute))}
