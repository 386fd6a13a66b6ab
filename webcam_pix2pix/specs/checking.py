"""Checks of the fields of a spec."""

from dataclasses import fields
from typing import Any

NORMS = ("batch", "instance", "sync", "none")


def check(spec: Any, **expected: tuple) -> None:
    """Types by the defaults; `expected` gives (low, high) of a number or the choices of a text."""
    for f in fields(spec):
        value, kind = getattr(spec, f.name), type(f.default)
        if f.name in ("bias", "dropout_levels"):
            if value is not None and not isinstance(value, bool if f.name == "bias" else list | tuple):
                raise ValueError(f"{f.name}: {value!r:.60} is not what was expected")
            continue
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise ValueError(f"{f.name}: {value!r:.60} is not of type {kind.__name__}")
        if kind is str and value not in expected[f.name]:
            raise ValueError(f"{f.name}: {value!r:.60} is not one of {', '.join(expected[f.name])}")
        if kind in (int, float) and not expected[f.name][0] <= value <= expected[f.name][1]:
            raise ValueError(f"{f.name}: {value!r:.60} is out of range, expected {expected[f.name][0]} to {expected[f.name][1]}")
