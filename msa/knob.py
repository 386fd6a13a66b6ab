"""One setting, declared once: default, limits, unit, and what it does.

A knob is a field of a frozen dataclass. The parameter tree, the command line, presets and model recipes all derive from it.
"""

from dataclasses import Field, dataclass, field, fields
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Knob:
    """The declaration of a setting, besides its name, type and default."""

    help: str
    limits: tuple[float, float] | None = None  # inclusive
    choices: tuple[str, ...] | None = None
    unit: str = ""  # "px", "s", "Hz"; empty for plain numbers


def knob(default: Any, help: str, *, limits: tuple[float, float] | None = None,
         choices: tuple[str, ...] | None = None, unit: str = "") -> Any:
    """Declare a field of a frozen dataclass together with its Knob."""
    return field(default=default, metadata={"knob": Knob(help, limits, choices, unit)})


def knobs(group: Any) -> dict[str, tuple[Field, Knob]]:
    """The knobs of a dataclass (or of an instance of it) by name, in order of declaration."""
    return dict(_knobs(group if isinstance(group, type) else type(group)))


@lru_cache(maxsize=64)
def _knobs(group: type) -> dict[str, tuple[Field, Knob]]:
    return {f.name: (f, f.metadata["knob"]) for f in fields(group) if "knob" in f.metadata}


def checked(group: Any, name: str, value: Any, label: str | None = None) -> Any:
    """`value` as the type of the field `name` of `group`; text is parsed.

    Raises ValueError with one line that names the setting (as `label`), its value and what was expected.
    """
    label = label or name
    known = knobs(group)
    if name not in known:
        raise ValueError(f"{label}: no such setting; use one of {', '.join(known)}")
    spec = known[name][1]
    kind = type(known[name][0].default)
    result = _converted(value, kind, label)
    if spec.choices is not None and result not in spec.choices:
        raise ValueError(f"{label}: {value!r} is not one of {', '.join(spec.choices)}")
    if spec.limits is not None and not spec.limits[0] <= result <= spec.limits[1]:
        low, high = spec.limits
        raise ValueError(f"{label}: {value} is out of range, expected {low:g} to {high:g}{' ' + spec.unit if spec.unit else ''}")
    return result


def _converted(value: Any, kind: type, label: str) -> Any:
    if kind is bool:
        if isinstance(value, bool):
            return value
        words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
        word = str(value).strip().lower()
        if word in words:
            return words[word]
        raise ValueError(f"{label}: {value!r} is not a switch, expected true or false")
    if kind is str:
        return str(value)
    expected = "a whole number" if kind is int else "a number"
    try:
        if isinstance(value, bool) or (kind is int and float(value) != int(float(value))):
            raise ValueError
        result = kind(float(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{label}: {value!r} is not {expected}") from None
    if result != result:  # NaN passes every limit
        raise ValueError(f"{label}: {value!r} is not {expected}")
    return result
