"""Checks of the fields of a spec."""

from dataclasses import fields
from typing import Any

NORMS = ("batch", "instance", "sync", "none")


def check(spec: Any, **expected: tuple | None) -> None:
    """Types by the defaults; `expected` gives (low, high) of a number, the choices of a text, or None for any text."""
    for f in fields(spec):
        value, kind = getattr(spec, f.name), type(f.default)
        if f.name in ("bias", "dropout_levels"):
            if value is not None and not isinstance(value, bool if f.name == "bias" else list | tuple):
                raise ValueError(f"{f.name}: {value!r:.60} is not what was expected")
            continue
        if kind is tuple:  # checked where it is declared
            continue
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise ValueError(f"{f.name}: {value!r:.60} is not of type {kind.__name__}")
        allowed = expected.get(f.name)
        if kind is str and allowed is not None and value not in allowed:
            raise ValueError(f"{f.name}: {value!r:.60} is not one of {', '.join(allowed)}")
        if kind in (int, float) and allowed is not None and not allowed[0] <= value <= allowed[1]:
            raise ValueError(f"{f.name}: {value!r:.60} is out of range, expected {allowed[0]} to {allowed[1]}")
