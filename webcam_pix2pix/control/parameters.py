"""Parameters: every setting as a controller sees it: type, range, and the way from 0..1 to its values and back."""

from dataclasses import dataclass
from typing import Any

from msa.knob import knobs
from webcam_pix2pix.settings import GROUPS, PRESET_GROUPS, Settings


@dataclass(frozen=True)
class Parameter:
    """One setting. kind: "switch", "choice", "whole", "number" or "text"."""

    name: str  # dotted
    kind: str
    default: Any
    limits: tuple[float, float] | None  # inclusive
    choices: tuple[str, ...] | None
    unit: str  # "px", "s"; empty for plain numbers
    help: str

    @property
    def can_be_normalised(self) -> bool:
        """Whether 0..1 stands for all its values."""
        return self.kind in ("switch", "choice") or (self.kind in ("whole", "number") and self.limits is not None)

    @property
    def can_be_modulated(self) -> bool:
        """Whether an LFO may move it: a number with limits that every frame reads anew."""
        return self.kind in ("whole", "number") and self.limits is not None and self.name.startswith(PRESET_GROUPS)

    def value_at(self, share: float) -> Any:
        """The value at `share` of the range, 0..1; what lies outside is taken as the nearest end. Raises ValueError without a range."""
        share = min(max(float(share), 0.0), 1.0)
        if self.kind == "switch":
            return share >= 0.5
        if self.choices:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.limits is None or self.kind == "text":
            raise ValueError(f"{self.name}: has no range, expected a value")
        low, high = self.limits
        value = low + share * (high - low)
        return round(value) if self.kind == "whole" else value

    def share_of(self, value: Any) -> float:
        """Where `value` is in the range, 0..1; 0 without a range."""
        if self.kind == "switch":
            return float(bool(value))
        if self.choices:
            return self.choices.index(value) / max(1, len(self.choices) - 1) if value in self.choices else 0.0
        if self.limits is None or self.kind == "text":
            return 0.0
        low, high = self.limits
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def fitted(self, value: float) -> float | int:
        """A number within the limits, whole where the setting is."""
        low, high = self.limits or (value, value)
        value = min(max(value, low), high)
        return round(value) if self.kind == "whole" else float(value)


def _all() -> dict[str, Parameter]:
    found, defaults = {}, Settings()
    for group, attribute in GROUPS.items():
        for key, (spec, knob) in knobs(getattr(defaults, attribute)).items():
            default = spec.default
            kind = ("switch" if isinstance(default, bool) else "choice" if knob.choices else "whole" if isinstance(default, int) else
                    "number" if isinstance(default, float) else "text")
            found[f"{group}.{key}"] = Parameter(f"{group}.{key}", kind, default, knob.limits, knob.choices, knob.unit, knob.help)
    return found


PARAMETERS = _all()  # by dotted name
