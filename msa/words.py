"""Words for people: numbers of things, times, and what somebody may have meant."""

import difflib
from collections.abc import Collection, Iterable


def counted(number: int, thing: str, things: str = "") -> str:
    """"1 pair", "2 pairs"; `things` where the plural does not just end in s."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def duration(seconds: float) -> str:
    """"40 s", "12 min", "3 h 05 min", "2 days 4 h"."""
    minutes, hours = round(seconds / 60), seconds / 3600
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min" if hours < 48 else f"{int(hours / 24)} days {int(hours % 24)} h"


def did_you_mean(word: str, names: Collection[str], otherwise: Iterable[str] = ()) -> str:
    """"; did you mean NAME?" with the one of `names` that is spelled most like `word`, else the first of `otherwise`.

    "" where there is none.
    """
    close = next(iter(difflib.get_close_matches(word, names, 1, 0.6)), None) or next(iter(otherwise), None)
    return f"; did you mean {close}?" if close else ""
