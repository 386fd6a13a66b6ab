"""Shapes: curves over the cycles that have passed; -1..1, envelopes 0..1. Each is a function of its arguments alone."""

import math
from collections.abc import Callable

ATTACK = 0.1  # share of an envelope in which it rises


def sine(cycles: float, seed: int = 0) -> float:
    """0 at the beginning of a cycle, 1 after a quarter."""
    return math.sin(2 * math.pi * cycles)


def triangle(cycles: float, seed: int = 0) -> float:
    """As a sine, with straight lines."""
    return 1 - 4 * abs((cycles + 0.25) % 1.0 - 0.5)


def square(cycles: float, seed: int = 0) -> float:
    """1 in the first half of a cycle, -1 in the second."""
    return 1.0 if cycles % 1.0 < 0.5 else -1.0


def ramp(cycles: float, seed: int = 0) -> float:
    """Rises from -1 to 1, then jumps back."""
    return 2 * (cycles % 1.0) - 1


def random(cycles: float, seed: int = 0) -> float:
    """Another value in each cycle."""
    return _noise(math.floor(cycles), seed)


def smooth_random(cycles: float, seed: int = 0) -> float:
    """Moves softly from each value of `random` to the next."""
    here = math.floor(cycles)
    share = (1 - math.cos(math.pi * (cycles - here))) / 2
    return (1 - share) * _noise(here, seed) + share * _noise(here + 1, seed)


def envelope(cycles: float, seed: int = 0) -> float:
    """0..1: rises quickly and falls slowly, in each cycle."""
    part = cycles % 1.0
    return part / ATTACK if part < ATTACK else ((1 - part) / (1 - ATTACK)) ** 2


def one_shot(cycles: float, seed: int = 0) -> float:
    """0..1: one envelope, then 0."""
    return envelope(cycles) if 0 <= cycles < 1 else 0.0


SHAPES: dict[str, Callable[[float, int], float]] = {
    "sine": sine, "triangle": triangle, "square": square, "ramp": ramp, "random": random, "smooth random": smooth_random,
    "envelope": envelope, "one shot": one_shot}


def _noise(n: int, seed: int) -> float:
    """-1..1, evenly spread (SplitMix64, Steele et al. 2014)."""
    x = (n * 0x9E3779B97F4A7C15 + seed * 0xD1342543DE82EF95 + 0x9E3779B97F4A7C15) & _64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _64
    return (x ^ (x >> 31)) / _64 * 2 - 1


_64 = (1 << 64) - 1
