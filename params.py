"""How each setting is shown in the parameter tree.

What a setting is (name, type, default, limits, unit, help) is declared once, in the dataclass that uses it; here stands only how it looks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from msa.knob import Knob, knobs
from webcam_pix2pix.settings import GROUPS, NAMES, Settings

Flat = Mapping[str, Any]

COLLAPSED = {"Main", "Capture.Init", "Model", "Quality", "Output"}  # groups that are closed at first
LABELS = {"Capture.Processing.adaptive_thresh_block": "adaptive block", "Capture.Processing.adaptive_thresh_c": "adaptive c"}
CURVES = {"EdgeDetection.canny_t1_coarse": 2.5, "EdgeDetection.canny_t2_coarse": 2.5, "EdgeDetection.canny_t1_fine": 1.5,
          "EdgeDetection.canny_t2_fine": 1.5, "Main.sleep_s": 3.0, "Capture.Processing.canny_t1": 1.5,
          "Capture.Processing.canny_t2": 1.5}  # sliders with most of their way at the low end: value = way ** curve
TYPED = {f"Capture.Init.{key}" for key in ("width", "height", "fps", "exposure", "focus")} | {
    "Model.threads", "Quality.smallest_size"}  # numbers without a slider
SIZES = {"Model.size"}  # chosen among those that the running network can take

_edges_live: Callable[[Flat], bool] = lambda v: not v["Capture.Processing.canny"] and v["EdgeDetection.method"] in (  # noqa: E731
    "training_matched", "custom_canny")
_soft: Callable[[Flat], bool] = lambda v: not v["Capture.Processing.canny"] and v["EdgeDetection.method"] in (  # noqa: E731
    "training_matched", "soft")
_adaptive: Callable[[Flat], bool] = lambda v: (  # noqa: E731
    v["Capture.Processing.adaptive_thresh"] or (v["EdgeDetection.method"] == "adaptive" and not v["Capture.Processing.canny"]))
EFFECTIVE: dict[str, Callable[[Flat], bool]] = {  # settings that do nothing unless ...
    "Capture.Processing.canny_t1": lambda v: v["Capture.Processing.canny"],
    "Capture.Processing.canny_t2": lambda v: v["Capture.Processing.canny"],
    "Capture.Processing.adaptive_thresh_block": _adaptive,
    "Capture.Processing.adaptive_thresh_c": _adaptive,
    "Capture.Processing.accum_w1": lambda v: v["Capture.Processing.accum_w2"] > 0,
    "Capture.Processing.accum_w2": lambda v: v["Capture.Processing.accum_w1"] > 0,
    "EdgeDetection.method": lambda v: not v["Capture.Processing.canny"],
    **{f"EdgeDetection.{key}": _edges_live for key in (
        "canny_t1_fine", "canny_t2_fine", "canny_t1_coarse", "canny_t2_coarse", "morph_kernel_size",
        "morph_iterations")},
    **{f"EdgeDetection.{key}": lambda v: _edges_live(v) or _soft(v) for key in ("blur_kernel", "blur_sigma")},
    **{f"EdgeDetection.{key}": _soft for key in ("soft_low", "soft_gain")},
    "EdgeDetection.tone_blur": lambda v: v["EdgeDetection.tone"] > 0,
    "EdgeDetection.tone_equalize": lambda v: v["EdgeDetection.tone"] > 0,
    "EdgeDetection.tone_color": lambda v: v["EdgeDetection.tone"] > 0,
    "Output.sharpen": lambda v: v["Output.scale"] != "x1",
}


@dataclass(frozen=True)
class Row:
    """One setting as the tree shows it."""

    name: str  # dotted
    group: str  # dotted name of its group
    label: str  # for people
    kind: str  # "switch", "choice", "whole", "number", "size" or "text"
    knob: Knob
    default: Any
    slider: bool  # a number with limits and a slider
    curve: float = 1.0

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return f"{self.group.replace('.', ' ')} {self.label}" + (f", {self.knob.unit}" if self.knob.unit else "")

    def matches(self, words: list[str]) -> bool:
        """Whether every word is in the name or the help."""
        text = f"{self.name} {self.label} {self.knob.help}".lower()
        return all(word in text for word in words)

    def effective(self, values: Flat) -> bool:
        """Whether the setting does anything, as the others stand."""
        return EFFECTIVE.get(self.name, lambda _: True)(values)

    def shown(self, value: Any) -> str:
        """`value` as text, with all its digits and its unit."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, float):
            value = f"{value:.10g}"
        return f"{value} {self.knob.unit}".rstrip()

    def tip(self, reference: Any, of_model: bool, trained: tuple[float, float] | None) -> str:
        """Tooltip: effect on the picture, limits, what a reset returns to, what it was trained with."""
        facts = []
        if self.knob.limits:
            low, high = self.knob.limits
            facts.append(f"{low:g} to {high:g}{' ' + self.knob.unit if self.knob.unit else ''}")
        facts.append(f"{'model' if of_model else 'default'}: {self.shown(reference)}")
        if trained:
            facts.append(f"trained with {trained[0]:g} to {trained[1]:g}")
        return f"<p><b>{escape(self.name)}</b><br>{escape(self.knob.help)}.</p><p>{escape(' · '.join(facts))}</p>"


def rows() -> list[Row]:
    """Every setting in the order of its declaration."""
    settings = Settings()
    result = []
    for group, attribute in GROUPS.items():
        for key, (spec, knob) in knobs(getattr(settings, attribute)).items():
            name, default = f"{group}.{key}", spec.default
            kind = ("size" if name in SIZES else "switch" if isinstance(default, bool) else "choice" if knob.choices else
                    "whole" if isinstance(default, int) else "number" if isinstance(default, float) else "text")
            slider = kind in ("whole", "number") and knob.limits is not None and name not in TYPED
            result.append(Row(name, group, LABELS.get(name, key.replace("_", " ")), kind, knob, default, slider, CURVES.get(name, 1.0)))
    return result


for _name in (*LABELS, *CURVES, *TYPED, *SIZES, *EFFECTIVE):  # a typo fails at import
    if _name not in NAMES:
        raise KeyError(_name)
