"""The settings as pyqtgraph Parameters, and how each is shown.

What a setting is (name, type, default, limits, unit, help) is declared once, in the dataclass that uses it; here stands only how it
looks. Its name for people and its section are in control/labels.py. Parameters are named like the settings, so that
`create().param("Capture", "Processing", "canny_t1")` is Capture.Processing.canny_t1.
"""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape
from typing import Any

from pyqtgraph.parametertree import Parameter, registerParameterType
from pyqtgraph.parametertree.parameterTypes import GroupParameter

from msa.knob import Knob, checked, knobs
from webcam_pix2pix.control.effective import Flat, why_idle
from webcam_pix2pix.control.labels import SECTIONS, label_of, section_of
from webcam_pix2pix.settings import GROUPS, NAMES, Settings

_IMAGE, _EDGE = "Capture.Processing.", "EdgeDetection."
COLLAPSED = {"Bend", "Model", "Source", "Quality", "Output", "Screen", "Presets", "More"}  # sections that are closed at first
CURVES = {_EDGE + "canny_t1_coarse": 2.5, _EDGE + "canny_t2_coarse": 2.5, _EDGE + "canny_t1_fine": 1.5, _EDGE + "canny_t2_fine": 1.5,
          _EDGE + "soft_low": 2.0, _EDGE + "soft_gain": 2.0, "Main.sleep_s": 3.0, "Capture.slide_s": 3.0,
          "Bend.noise": 2.0, "Bend.noise_speed": 2.0,
          _IMAGE + "canny_t1": 1.5, _IMAGE + "canny_t2": 1.5}  # most of the way at the low end: value = way ** curve
TYPED = {f"Capture.Init.{key}" for key in ("width", "height", "fps", "exposure", "focus")} | {
    "Model.threads", "Quality.smallest_size", "Bend.noise_seed", "Output.size"}  # numbers without a slider
AT_ZERO = {"Output.size": "by Size", "Presets.morph_s": "cut"}  # what 0 means, where it is no number
SIZES = {"Model.size"}  # chosen among those that the running network can take
WORDS = {_EDGE + "method": {  # choices whose names are for programs
    "training_matched": "as trained", "custom_canny": "sharp lines", "soft": "soft lines", "adaptive": "drawing to lines",
    "network": "edge network", "none": "no lines"}}
_DEFAULTS = Settings()
_PROGRAMMERS = re.compile(r"\b((?:[A-Z]\w+\.)+[a-z]\w*|[a-z]\w*_\w+)(?:=(\w+))?")  # Group.name, name_of_one, each also with =value
KINDS = ("switch", "choice", "whole", "number", "size", "text")


@dataclass(frozen=True)
class Row:
    """One setting as the tree shows it."""

    name: str  # dotted
    section: str  # of the tree
    label: str  # for people
    kind: str  # one of KINDS
    knob: Knob
    default: Any
    slider: bool  # a number with limits and a slider
    curve: float = 1.0

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return f"{self.section}, {self.label}" + (f", {self.knob.unit}" if self.knob.unit else "")

    def matches(self, words: list[str]) -> bool:
        """Whether every word is in one of the names, the section or the help."""
        text = (f"{self.name} {self.name.replace('_', ' ')} {self.section} {self.label} {self.knob.help} "
                f"{' '.join(WORDS.get(self.name, {}).values())}").lower()
        return all(word in text for word in words)

    def idle(self, values: Flat, trained: str) -> str:
        """Why the setting does nothing, for people; "" when it does something. values, trained: as why_idle() takes them."""
        return self._for_people(why_idle(self.name, values, trained))

    def word(self, choice: str) -> str:
        """A choice for people."""
        return WORDS.get(self.name, {}).get(choice, choice.replace("_", " "))

    def shown(self, value: Any) -> str:
        """`value` as text, with all its digits and its unit."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if not value and self.name in AT_ZERO:
            return AT_ZERO[self.name]
        if isinstance(value, float):
            value = f"{value:.10g}"
        if self.kind == "choice":
            return self.word(value)
        return f"{value} {self.knob.unit}".rstrip()

    def tip(self, reference: Any, of_model: bool, trained: tuple[float, float] | None) -> str:
        """Tooltip: effect on the image, limits, what a reset returns to, what it was trained with."""
        facts = []
        if self.knob.limits:
            low, high = self.knob.limits
            facts.append(f"{low:g} to {high:g}{' ' + self.knob.unit if self.knob.unit else ''}")
        facts.append(f"{'model' if of_model else 'default'}: {self.shown(reference)}")
        if trained:
            facts.append(f"trained with {trained[0]:g} to {trained[1]:g}")
        return (f"<p><b>{escape(self.label)}</b><br>{escape(self.name)}</p><p>{escape(self.effect)}.</p>"
                f"<p>{escape(' · '.join(facts))}</p>")

    @property
    def effect(self) -> str:
        """What the setting does, in the words of the window."""
        text = self.knob.help
        for choice, word in WORDS.get(self.name, {}).items():
            text = re.sub(rf"(?<![\w.]){choice}:", f"{word}:", text)
        return self._for_people(text)

    def _for_people(self, text: str) -> str:
        """`text` with the names for people in place of those for programs."""
        def said(found: re.Match) -> str:
            name, value = found.groups()
            row = _known.get(name) or _known.get(f"{self.name.rpartition('.')[0]}.{name}")
            if row is None:
                return found[0]
            value = {"True": "on", "False": "off"}.get(value, row.word(value) if value else None)
            return f"“{row.label}: {value}”" if value else f"“{row.label}”"
        return _PROGRAMMERS.sub(said, text)


def rows() -> list[Row]:
    """Every setting, section by section as the tree shows them."""
    made: dict[str, Row] = {}
    for group, attribute in GROUPS.items():
        for key, (spec, knob) in knobs(getattr(_DEFAULTS, attribute)).items():
            name, default = f"{group}.{key}", spec.default
            kind = ("size" if name in SIZES else "switch" if isinstance(default, bool) else "choice" if knob.choices else
                    "whole" if isinstance(default, int) else "number" if isinstance(default, float) else "text")
            slider = kind in ("whole", "number") and knob.limits is not None and name not in TYPED
            made[name] = Row(name, section_of(name), label_of(name), kind, knob, default, slider, CURVES.get(name, 1.0))
    order = [name for known in SECTIONS.values() for name in known]
    return [made[name] for name in (*order, *(name for name in made if name not in order))]


_known: dict[str, Row] = {row.name: row for row in rows()}


class Setting(Parameter):
    """The Parameter of one setting. A value that cannot be raises ValueError; `bridge`, where there is one, knows the value that counts.

    bridge: see ui.settings.bridge.
    """

    itemClass = None  # the one that is registered for the type

    def __init__(self, **opts: Any) -> None:
        self.bridge: Any = None
        super().__init__(**opts)

    def value(self) -> Any:
        return self.bridge.value_of(self) if self.bridge else super().value()

    def setValue(self, value: Any, blockSignal: Any = None) -> Any:
        if self.bridge:
            self.bridge.catch_up(self)
        value = super().setValue(value, blockSignal)
        if self.bridge:
            self.bridge.was_set(self, quietly=bool(blockSignal))
        return value

    def saveState(self, filter: str | None = None) -> dict[str, Any]:
        return super().saveState(filter) | {"value": self.value()}

    def _interpretValue(self, v: Any) -> Any:
        attribute, key = NAMES[self.opts["setting"]]
        return checked(getattr(_DEFAULTS, attribute), key, v, self.opts["setting"])


class Group(GroupParameter):
    """Settings that belong together. A state of another version, or of part of them, sets what it names; it adds and removes none.

    A state with a value that cannot be raises ValueError and changes nothing.
    """

    def restoreState(self, state: dict[str, Any], recursive: bool = True, addChildren: bool = False, removeChildren: bool = False,
                     blockSignals: bool = True) -> None:
        self._check(state)
        super().restoreState(state, recursive, False, False, blockSignals)

    def _check(self, state: dict[str, Any]) -> None:
        parts = state.get("children", {})
        for name, part in parts.items() if isinstance(parts, dict) else ((part["name"], part) for part in parts):
            param = self.names.get(name)
            if isinstance(param, Group):
                param._check(part)
            elif isinstance(param, Setting) and "value" in part:
                param._interpretValue(part["value"])


class Root(Group):
    """All the settings. A state is restored as a whole: the recipe of a model in it does not replace the look in it."""

    bridge: Any = None

    def restoreState(self, *state: Any, **options: Any) -> None:
        with self.bridge.whole() if self.bridge else nullcontext():
            super().restoreState(*state, **options)


def create() -> Parameter:
    """A tree of Parameters: the groups of Settings, in them a Setting for each, with its default, limits and unit."""
    groups: dict[str, dict[str, Any]] = {"": {"name": "settings", "type": "settings", "children": []}}
    for group in GROUPS:
        parent, _, name = group.rpartition(".")
        groups[group] = {"name": name, "type": "settings group", "children": []}
        groups[parent]["children"].append(groups[group])
    for name in NAMES:
        row, (group, _, key) = _known[name], name.rpartition(".")
        limits = row.knob.choices or row.knob.limits
        groups[group]["children"].append({
            "name": key, "type": f"setting {row.kind}", "title": row.label, "setting": name, "value": row.default, "default": row.default,
            "units": row.knob.unit, "tip": row.tip(row.default, False, None)} | ({"limits": limits} if limits else {}))
    return Parameter.create(**groups[""])


registerParameterType("settings", Root, override=True)
registerParameterType("settings group", Group, override=True)
for _kind in KINDS:  # the types of their items, which need widgets, are registered in ui.settings.items
    registerParameterType(f"setting {_kind}", Setting, override=True)
for _name in (*(name for known in SECTIONS.values() for name in known), *CURVES, *TYPED, *SIZES):  # a typo fails at import
    if _name not in NAMES:
        raise KeyError(_name)
