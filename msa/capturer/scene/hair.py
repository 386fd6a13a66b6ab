"""Hair: swept back into a bun, or short and curly; a beard."""

from functools import lru_cache

import numpy as np

from .brush import Colour, curve, disc, fill, limb, line, lines, mix, shine
from .person import Person
from .skull import Head, mirrored

SKULL = mirrored([(0, 62, -40), (34, 58, -40), (60, 40, -34), (74, 4, -26), (79, -40, -22), (70, -86, -16), (40, -120, -10),
                   (0, -130, -6)])
HAIRLINE = [(-63, 26, 2), (-61, -4, 12), (-56, -34, 26), (-40, -62, 44), (-14, -76, 56), (12, -80, 58), (38, -66, 46), (56, -34, 26),
            (61, -4, 12), (63, 26, 2)]
NAPE = mirrored([(0, 30, -44), (34, 28, -42), (60, 18, -36), (74, -4, -28), (79, -40, -22), (70, -86, -16), (40, -120, -10), (0, -130, -6)])
TEMPLES = [(-64, 16, 4), (-63, -14, 14), (-60, -42, 26), (-46, -66, 42), (-16, -78, 56), (12, -80, 58), (44, -68, 44), (60, -42, 26),
           (63, -14, 14), (64, 16, 4)]  # where short hair begins
CROWN = [(68, 12, -10), (79, -20, -16), (82, -56, -16), (72, -96, -12), (42, -124, -8), (0, -134, -6), (-42, -124, -8), (-72, -96, -12),
         (-82, -56, -16), (-79, -20, -16), (-68, 12, -10)]
BEARD = ([(-63, 4, 4), (-56, 30, 24), (-44, 44, 46), (-26, 47, 62), (-10, 44, 74), (0, 46, 77), (10, 44, 74), (26, 47, 62), (44, 44, 46),
          (56, 30, 24), (63, 4, 4)],  # along the cheeks and over the lip
         [(64, 24, 4), (53, 58, 18), (37, 85, 38), (18, 100, 52), (0, 104, 56), (-18, 100, 52), (-37, 85, 38), (-53, 58, 18), (-64, 24, 4)])


def draw_hair_behind(image: np.ndarray, head: Head) -> None:
    """What is behind the neck and the bust."""
    p = head.person
    if p.curls:
        fill(image, curve(head.outline(NAPE)), p.hair_dark)
        return
    bun = head.at([(-6, -112, -40)])[0]
    disc(image, bun, 40, p.hair_dark)
    disc(image, bun - (2, 2), 38, p.hair)
    for k in range(6):
        angle = np.linspace(-2.6, 0.1, 6) + k * 0.1
        radius = 36 - 5.4 * k
        strand = bun + np.stack([np.cos(angle) * radius - 2 * k, np.sin(angle) * radius], 1)
        fill(image, limb(strand, (0.6, 1.6, 2.2, 2.2, 1.6, 0.6), 3), mix(p.hair, p.hair_light, 0.55 - 0.06 * k))
    fill(image, curve(head.outline(SKULL)), p.hair_dark)


def draw_hair(image: np.ndarray, head: Head) -> None:
    """What is over the face."""
    (_curly if head.person.curls else _swept)(image, head)


def draw_beard(image: np.ndarray, head: Head) -> None:
    """A full, short beard; the mouth is drawn over it."""
    p = head.person
    upper, lower = head.shape(BEARD[0], False), head.shape(BEARD[1], False)
    shape = np.concatenate([upper, lower])
    fill(image, shape, p.hair)
    shine(image, shape, [(upper, (190, 170, 160)), (curve(head.at(BEARD[1][:5])), (70, 70, 74))], rest=128, sigma=1.2)
    rng = np.random.default_rng(5)
    roots = np.column_stack([rng.uniform(-50, 50, 70), rng.uniform(48, 92, 70), np.full(70, 50.0)])
    roots = roots[(np.abs(roots[:, 0]) < 56 - 0.72 * np.maximum(0, roots[:, 1] - 46)) & ((np.abs(roots[:, 0]) > 27) | (roots[:, 1] > 70))]
    roots[:, 2] = 62 - 0.012 * roots[:, 0] ** 2
    hairs = [head.at([(x, y, z), (1.06 * x, y + 5, z)]) for x, y, z in roots]
    lines(image, hairs[::2], mix(p.hair, p.hair_light, 0.6))
    lines(image, hairs[1::2], p.hair_dark)


def _curly(image: np.ndarray, head: Head) -> None:
    """Short curls all over the crown, lighter where the window lights them."""
    p = head.person
    hairline, rim = head.shape(TEMPLES, False), curve(head.outline(CROWN), False)
    fill(image, np.concatenate([hairline, rim]), p.hair)
    for at, radius, light in _curls():
        centre = head.outline([at])[0]
        disc(image, centre, radius, p.hair_dark)
        disc(image, centre - (1.2, 1.4), radius - 1.6, mix(p.hair, p.hair_light, light))
        disc(image, np.add(centre, 0.6), radius - 3.6, p.hair)


@lru_cache(maxsize=1)
def _curls() -> list[tuple[tuple[float, float, float], float, float]]:
    """Place, radius and lightness of each curl: between the hairline and the crown, the outer ones first."""
    rng, low, high = np.random.default_rng(3), curve(np.array(TEMPLES, float), False), curve(np.array(CROWN[::-1], float), False)
    curls = []
    for share in (1.0, 0.8, 0.6, 0.4, 0.2, 0.0):
        for t in np.linspace(0.0, 1.0, 30 - round(6 * (1 - share))):
            inner, outer = (path[round(t * (len(path) - 1))] for path in (low, high))
            at = inner + share * (outer - inner) + rng.normal(0, 1.6, 3)
            light = float(np.exp(-((at[0] + 30) / 42) ** 2 - ((at[1] + 92) / 40) ** 2))
            curls.append(((float(at[0]), float(at[1]), float(at[2])), 6.5 + float(rng.uniform(0, 2)), 0.12 + 0.8 * light))
    return curls


def _swept(image: np.ndarray, head: Head) -> None:
    """Parted on the left of the image, swept back over the ears."""
    p = head.person
    outer = [(66, 14, -10), (76, -20, -16), (77, -56, -16), (65, -96, -12), (36, -122, -8), (0, -130, -6), (-36, -122, -8), (-65, -96, -12),
             (-77, -56, -16), (-76, -20, -16), (-66, 14, -10)]
    rim = curve(head.outline(outer), False)
    hairline = head.shape(HAIRLINE, False)
    fill(image, np.concatenate([hairline, rim]), p.hair)
    for fraction, widths, colour in _strands(p):
        fill(image, limb(head.at(fraction), widths, 4), colour)
    fill(image, limb(hairline[::6], (0.6, *[2.2] * (len(hairline[::6]) - 2), 0.6), 4), p.hair_dark)
    line(image, rim, p.hair_dark, 1)
    for side in (-1, 1):  # loose strands before the ears
        strand = head.at([(side * 61, -30, 20), (side * 64, 0, 8), (side * 58, 30, 14), (side * 61, 46, 10)])
        fill(image, limb(strand, (5.5, 4, 2.2, 0.6), 5), mix(p.hair, p.hair_light, 0.25) if side < 0 else p.hair_dark)


@lru_cache(maxsize=2)
def _strands(p: Person) -> list[tuple[np.ndarray, tuple[float, ...], Colour]]:
    """Points, widths and colour of each lock, from the parting down to the ears, the lowest first."""
    strands: list[tuple[np.ndarray, tuple[float, ...], Colour]] = []
    widths: tuple[float, ...]
    n = 13
    for k in range(n):
        t = (k + 0.5) / n
        if t < 0.34:  # to the left
            s, widths = t / 0.34, (0.6, 4.6, 4.2, 0.8)
            start = [(-25, -76, 50), (-52, -58, 28), (-64, -26, 8), (-66, 10, -4)]
            step = [(-2, -40, -44), (-12, -30, -26), (-10, -24, -20), (-4, -12, -8)]
        else:
            s, widths = (t - 0.34) / 0.66, (0.6, 4.4, 5.2, 4.2, 0.8)
            start = [(-20, -78, 52), (16, -86, 50), (48, -62, 34), (64, -24, 12), (66, 10, -2)]
            step = [(2, -42, -46), (12, -36, -46), (16, -36, -36), (11, -30, -26), (6, -14, -10)]
        shine = 0.42 * np.exp(-((t - 0.14) / 0.12) ** 2) + 0.34 * np.exp(-((t - 0.52) / 0.16) ** 2)
        colour = mix(p.hair, p.hair_light, shine) if k % 2 else mix(p.hair, p.hair_dark, 0.5)
        strands.append((np.array(start) + s * np.array(step), widths, colour))
    return strands
