"""Pins: the settings and actions that a phone may use. Everything else is out of its reach."""

from dataclasses import dataclass
from typing import Any

from msa.knob import knobs
from webcam_pix2pix.settings import GROUPS, NAMES, PRESET_GROUPS, Settings

from ..labels import full_label

MORPH = "Presets.morph_s"  # where there are presets that glide
DEFAULT_PINS = ("Prediction.post_time_lerp", "EdgeDetection.tone", "Capture.Processing.pre_gamma",
                "Capture.Processing.invert", "Bend.level_1", "Bend.level_2", "Bend.level_3", "Bend.bottleneck", "Bend.noise")
ACTIONS = ("freeze", "bypass", "blackout", "panic", "snapshot", "record", "recipe", "undo", "previous_model", "next_model")
MOST = 32  # pins
_DEFAULTS = Settings()


@dataclass(frozen=True)
class Pin:
    """A setting as the page shows it: a slider from `low` to `high` in steps, a switch, or a choice."""

    name: str
    label: str
    kind: str  # number, switch, choice
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "kind": self.kind, "low": self.low, "high": self.high, "step": self.step,
                "unit": self.unit, "choices": list(self.choices)}


@dataclass(frozen=True)
class PresetButton:
    """A preset on the page. action: of the desk, which recalls it. thumbnail: JPEG or PNG, may be empty."""

    name: str
    action: str
    thumbnail: bytes = b""


def pinnable() -> tuple[str, ...]:
    """Names of the settings that may be pinned: of the look, and those of presets; none that opens a file or a device."""
    groups = (*PRESET_GROUPS, "Presets.")
    return tuple(name for name in NAMES if name.startswith(groups) and pin(name) is not None)


def pin(name: str) -> Pin | None:
    """The setting `name` as a pin; None where it is none, or one that a page has no control for."""
    if name not in NAMES:
        return None
    attribute, key = NAMES[name]
    assert attribute in GROUPS.values()
    spec, knob = knobs(getattr(_DEFAULTS, attribute))[key]
    if isinstance(spec.default, bool):
        return Pin(name, full_label(name), "switch")
    if knob.choices:
        return Pin(name, full_label(name), "choice", choices=knob.choices)
    if isinstance(spec.default, str) or knob.limits is None:
        return None
    low, high = knob.limits
    step = 1.0 if isinstance(spec.default, int) else (high - low) / 200
    return Pin(name, full_label(name), "number", float(low), float(high), step, knob.unit)
