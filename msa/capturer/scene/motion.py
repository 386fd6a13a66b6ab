"""What the person in the test scene does: where head, face, arms and shoulders are in each frame."""

from dataclasses import dataclass

import numpy as np

from .hands import Arm
from .skull import Expression

FPS = 30.0  # at which the movements are meant
CYCLE_S = 20.0  # after which the arms begin again
REST = (200, 640, 5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4)

# Seconds, then: wrist x, y, lean in degrees, curl of little, ring, middle and index finger, thumb, spread.
# For the arm at the left; the one at the right is mirrored.
LEFT = (
    (0.0, REST), (1.0, REST),
    (2.2, (142, 336, -6, 0.05, 0, 0, 0.05, 0, 1.2)), (4.8, (146, 332, -4, 0.05, 0, 0, 0.05, 0, 1.2)),  # waves
    (6.2, (206, 440, 24, 0.35, 0.3, 0.22, 0.15, 0.1, 0.4)), (8.0, (232, 452, 30, 0.4, 0.35, 0.3, 0.2, 0.2, 0.3)),
    (9.6, (196, 436, 16, 0.3, 0.25, 0.2, 0.1, 0, 0.7)), (11.0, (214, 446, 26, 0.4, 0.35, 0.3, 0.2, 0.1, 0.4)),
    (12.4, REST), (20.0, REST))
RIGHT = (
    (0.0, REST), (5.2, REST),
    (6.6, (210, 438, 22, 0.35, 0.3, 0.25, 0.2, 0.1, 0.4)), (8.2, (238, 448, 30, 0.4, 0.35, 0.3, 0.2, 0.2, 0.3)),
    (9.8, (196, 430, 12, 0.25, 0.2, 0.15, 0.1, 0, 0.8)), (11.4, (214, 440, 24, 0.4, 0.35, 0.3, 0.2, 0.1, 0.4)),
    (13.0, (168, 356, -2, 1, 1, 1, 0, 0.9, 0.9)), (14.2, (166, 352, 0, 1, 1, 1, 0, 0.9, 0.9)),  # one,
    (14.7, (166, 352, 2, 1, 1, 0, 0, 0.9, 0.9)), (15.6, (168, 354, 0, 1, 1, 0, 0, 0.9, 0.9)),  # two,
    (16.1, (166, 350, -3, 1, 0, 0, 0, 0.9, 0.8)), (17.2, (166, 352, -1, 1, 0, 0, 0, 0.9, 0.8)),  # three
    (18.6, REST), (20.0, REST))


@dataclass(frozen=True)
class Pose:
    """The whole person at one moment."""

    expression: Expression
    arms: tuple[Arm, Arm]
    sway: tuple[float, float]  # of the shoulders, pixels right and down


def pose(index: int) -> Pose:
    """The person in frame `index`."""
    t = index / FPS
    wave = lambda period_s, phase=0.0: float(np.sin(2 * np.pi * t / period_s + phase))  # noqa: E731
    sway = (4.0 * wave(7.9) + 2.0 * wave(3.7, 1.0), 1.8 * wave(4.1) + 1.0)
    talk = float(np.clip(1.6 * wave(9.3, 0.4) + 0.5, 0, 1))
    expression = Expression(
        centre=(320 + 1.6 * sway[0] + 6 * wave(6.3, 0.7), 191 + 0.8 * sway[1] + 2.5 * wave(5.1)),
        yaw=0.22 * wave(8.7, 0.3) + 0.09 * wave(3.9, 1.3), pitch=0.07 * wave(5.3, 0.9) + 0.03 * wave(2.3), roll=0.07 * wave(7.1, 2.0),
        blink=_blink(t), gaze=(0.6 * wave(6.7, 2.2), 0.25 * wave(4.9)),
        mouth=talk * (0.5 + 0.5 * wave(0.37)) * (0.55 + 0.45 * wave(0.83, 1.0)), smile=0.55 + 0.3 * wave(10.7, 1.0),
        brow=0.6 * wave(5.9, 0.5) * (0.4 + 0.6 * talk))
    return Pose(expression, (_arm(-1, t, LEFT), _arm(1, t, RIGHT)), sway)


def _blink(t: float) -> float:
    """0 open .. 1 shut: a quarter of a second, every two to four seconds."""
    return max(max(0.0, 1 - abs((t - offset) % period - 0.14) / 0.13) for period, offset in ((3.7, 1.1), (5.9, 2.3)))


def _arm(side: int, t: float, keys) -> Arm:
    """Between two key poses the hand starts and ends slowly."""
    t %= CYCLE_S
    after = next(k for k, (time, _) in enumerate(keys) if time > t)
    (t0, a), (t1, b) = keys[after - 1], keys[after]
    s = (t - t0) / (t1 - t0)
    s = s * s * (3 - 2 * s)
    x, y, lean, *curl, thumb, spread = (p + (q - p) * s for p, q in zip(a, b, strict=True))
    raised = min(1.0, max(0.0, (420 - y) / 60))
    lean += 13 * raised * np.sin(2 * np.pi * t / 0.8) if side < 0 else 2 * np.sin(2 * np.pi * t / 1.3)
    x, y = x + 3 * np.sin(t * 2.1) + 5 * raised * np.sin(2 * np.pi * t / 0.8 - 0.5) * (side < 0), y + 5 * np.sin(t * 2.9 + side)
    return Arm(side, (320 + side * (320 - x), y), -side * lean, tuple(curl), thumb, spread)
