"""Bend: the inner workings of a network, played like an instrument.

The gains of its skip connections (of the blocks, in a ResNet), that of its innermost map, and a noise that walks slowly through that map.
Values and functions; predictor/bend/ applies them. After Broad, Leymarie and Grierson, "Network Bending", EvoMUSART 2021.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from msa.knob import knob

LEVELS = 9
LOUDEST = 32.0  # times the strength of the innermost map: what Bend.noise 1 is
_LEVEL = ("Gain of skip connection {0} of a U-Net ({1}), or of block {0} of a ResNet. 0: cut, 1: as trained, 2: twice as strong")
_WHERE = ("lines and details", "small shapes", "shapes", "shapes", "large shapes", "large shapes", "the whole image", "the whole image", "")


def _level(number: int) -> float:
    text = _LEVEL.format(number, _WHERE[number - 1] or "and of all deeper ones", number)
    return knob(1.0, text.replace(f"block {number} of", f"block {number} and later of") if number == LEVELS else text, limits=(0.0, 2.0))


@dataclass(frozen=True)
class Bend:
    """What is bent in the network. All as trained: the network runs untouched."""

    level_1: float = _level(1)
    level_2: float = _level(2)
    level_3: float = _level(3)
    level_4: float = _level(4)
    level_5: float = _level(5)
    level_6: float = _level(6)
    level_7: float = _level(7)
    level_8: float = _level(8)
    level_9: float = _level(9)
    bottleneck: float = knob(1.0, "Gain of the innermost map, where the network holds the whole image at its smallest. 0: it sees only "
                             "what the skip connections carry", limits=(0.0, 2.0))
    noise: float = knob(0.0, "Noise in the innermost map, walking slowly: the painting drifts though nothing moves. 1: many times as "
                        "strong as the map itself", limits=(0.0, 1.0))
    noise_speed: float = knob(0.25, "How fast the noise walks: new directions a second. 0: it stands still", limits=(0.0, 4.0), unit="1/s")
    noise_seed: int = knob(0, "Which walk the noise takes: the same number, the same walk", limits=(0, 9999))


@dataclass(frozen=True)
class Bending:
    """A Bend at one moment, as the network takes it."""

    levels: tuple[float, ...]
    bottleneck: float = 1.0
    noise: float = 0.0  # its strength, as a multiple of that of the map
    seed: int = 0
    position: float = 0.0  # of the noise on its walk

    def level(self, number: int) -> float:
        """The gain of a level, from 1; the last one counts for all deeper ones."""
        return self.levels[min(number, len(self.levels)) - 1]


def bending(bend: Bend, time: float) -> Bending | None:
    """What `bend` is at a time, in seconds of any clock; None where it leaves the network as trained. The same time, the same result."""
    levels = tuple(getattr(bend, f"level_{number}") for number in range(1, LEVELS + 1))
    if bend.noise == 0 and bend.bottleneck == 1 and set(levels) == {1.0}:
        return None
    return Bending(levels, bend.bottleneck, LOUDEST * bend.noise, bend.noise_seed, time * bend.noise_speed if bend.noise else 0.0)


def walk(shape: tuple[int, ...], seed: int, position: float) -> np.ndarray:
    """Noise of mean 0 and variance 1 at a position of its walk: float32 of `shape`. At each whole position it is new and independent,
    in between it turns from one to the next on the sphere, so that its strength stays; no step is seen where it changes direction."""
    step = math.floor(position)
    part = position - step
    angle = math.pi / 2 * part * part * (3 - 2 * part)
    return math.cos(angle) * _noise(shape, seed, step) + math.sin(angle) * _noise(shape, seed, step + 1)


@lru_cache(maxsize=8)
def _noise(shape: tuple[int, ...], seed: int, step: int) -> np.ndarray:
    return np.random.default_rng((seed, step % 2**32)).standard_normal(shape, np.float32)
