"""Which pair goes to train, val or test: neighbours of the same scene or source never fall on both sides."""

from collections.abc import Hashable, Sequence

import numpy as np

PHASES = ("train", "val", "test")
RULES = ("random", "scene", "source", "order")


def parse_fractions(text: str) -> tuple[float, float, float]:
    """Shares of train, val and test from "0.9", "80/10/10", "0.8,0.2" ...; the rest goes to val if it is not given. Raises ValueError."""
    try:
        numbers = [float(part) for part in text.replace("/", ",").replace(":", ",").split(",")]
        if not 1 <= len(numbers) <= 3 or min(numbers) < 0 or not 0 < sum(numbers) < float("inf"):
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is not a split, expected shares of train, val and test such as 0.8,0.1,0.1 or 80/10/10") from None
    if len(numbers) == 1:
        numbers.append((1.0 if numbers[0] <= 1 else 100.0) - numbers[0])
        if numbers[1] < 0:
            raise ValueError(f"{text!r} is not a split, one number is the share of train, expected 0..1 or 0..100")
    numbers += [0.0] * (3 - len(numbers))
    return tuple(number / sum(numbers) for number in numbers)  # type: ignore[return-value]


def assign(groups: Sequence[Hashable], fractions: tuple[float, float, float], seed: int, in_order: bool = False) -> list[str]:
    """The phase of each item. Items of one group stay together; groups are dealt out by chance, or in order of appearance.

    Each phase with a share gets at least one group if there are enough of them.
    """
    members: dict[Hashable, int] = {}
    for group in groups:
        members[group] = members.get(group, 0) + 1
    names = list(members)
    if not in_order:
        names = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    chosen = _in_order(names, members, fractions) if in_order else _dealt(names, members, fractions)
    return [PHASES[chosen[group]] for group in groups]


def _dealt(names: list, members: dict, fractions: tuple[float, ...]) -> dict[Hashable, int]:
    """Each group goes where most is missing; first of all, one to every phase."""
    wanted = np.array(fractions) * sum(members.values())
    empty = [phase for phase in np.argsort(-wanted, kind="stable") if wanted[phase] > 0]
    missing = wanted.copy()
    chosen = {}
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        phase = int(np.argmax(missing))
        if len(empty) >= left:
            phase = int(empty[0])
        chosen[name] = phase
        missing[phase] -= members[name]
        if phase in empty:
            empty.remove(phase)
    return chosen


def _in_order(names: list, members: dict, fractions: tuple[float, ...]) -> dict[Hashable, int]:
    """Cut the sequence of groups at the shares."""
    phases = [phase for phase, share in enumerate(fractions) if share > 0]
    total, taken, chosen = sum(members.values()), 0, {}
    ends = np.cumsum([fractions[phase] for phase in phases]) * total
    place, used = 0, False
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        full = taken + members[name] / 2 > ends[place]
        if used and place + 1 < len(phases) and (full or left < len(phases) - place):
            place += 1
        chosen[name], used = phases[place], True
        taken += members[name]
    return chosen
