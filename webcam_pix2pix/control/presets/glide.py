"""Glide: what lies between two looks. Numbers glide, switches and choices change in the middle; both ends are exact."""

from collections.abc import Callable, Mapping
from typing import Any

from webcam_pix2pix.pipeline import resolved
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

CURVES: Mapping[str, Callable[[float], float]] = {  # share of the time -> share of the change; all of them grow
    "even": lambda t: t,
    "soft": lambda t: t * t * (3 - 2 * t),
    "slow start": lambda t: t * t,
    "slow end": lambda t: t * (2 - t)}
EDGES, METHOD = "EdgeDetection.", "EdgeDetection.method"


class Glide:
    """From the settings `before` to `after`. recipe: of the running model.

    Attributes:
        names: what differs, by dotted name.
    """

    def __init__(self, before: Settings, after: Settings, recipe: Recipe | None) -> None:
        start, end = before.flat(), after.flat()
        self.names = tuple(name for name in start if start[name] != end[name])
        if any(name.startswith(EDGES) for name in self.names):  # so that they come with their method
            self.names = tuple(name for name in start if name in self.names or name == METHOD)
        self._ends = {n: start[n] for n in self.names}, {n: end[n] for n in self.names}
        if before.model.model_name == after.model.model_name:  # else it is another recipe that counts at the end
            start, end = ({**flat, **_edges(settings, recipe)} for flat, settings in ((start, before), (end, after)))
        self._between = {name: (start[name], end[name]) for name in self.names}

    def at(self, share: float) -> dict[str, Any]:
        """The values at `share` (0..1) of the change, by dotted name."""
        if share <= 0 or share >= 1:
            return dict(self._ends[share >= 1])
        return {name: _between(a, b, share) for name, (a, b) in self._between.items()}


def _between(a: Any, b: Any, share: float) -> Any:
    if isinstance(a, bool | str) or isinstance(b, bool | str):
        return a if share < 0.5 else b
    value = a + (b - a) * share
    return round(value) if isinstance(a, int) and isinstance(b, int) else value


def _edges(settings: Settings, recipe: Recipe | None) -> dict[str, Any]:
    """The values of the edges with "training_matched" replaced by what it means: they can glide from there."""
    edges = resolved(settings.edges, recipe)
    return {name: getattr(edges, name.removeprefix(EDGES)) for name in settings.flat() if name.startswith(EDGES)}
