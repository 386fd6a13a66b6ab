"""What a camera changes between two images of the same thing: light, colour, noise. For inputs; and what is cut and lifted for both.

Images are HxWx3 RGB uint8. Every function draws from the generator that it is given.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from .colours import colour_matrix

BRIGHTEST_GAMMA = 0.6  # the most that a dark image is lifted by
NOISE = 12.0  # standard deviation of the strongest noise, grey levels
JPEG = 0.33  # share of the images with its blocks
WALL = (0.2, 0.55)  # of the sides of an image that a bare wall takes
ENLARGED = 1.4  # the most that a cut is enlarged by: what is enlarged more is a blurred target
SHIFT = 0.75  # the most that a second shot is moved by, px
GRAIN = (640, 680)  # height, width of the noise that is drawn once: each image takes a random window of it
SOFTNESS = np.linspace(0.3, 0.8, 6)  # px: what the noise of a sensor is blurred by


@dataclass(frozen=True)
class Shots:
    """How images are varied. The defaults vary nothing.

    camera_jitter: 0..1, strength of camera().
    min_crop: 0..1, least size of cut(), more for small images; 0: nothing is cut.
    lift_dark: mean grey level to which darker targets are lifted, 0..255; 0: off.
    bare_walls: 0..1, share of the images that get a bare_wall().
    twice: each item has a second input of the same image, as another shot of the camera would give it.
    """

    camera_jitter: float = 0.0
    min_crop: float = 0.0
    lift_dark: float = 0.0
    bare_walls: float = 0.0
    twice: bool = False


def camera(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The same scene with another camera in another light. At `strength` 1: gamma and exposure by up to 40 % both ways, contrast by 35 %,
    saturation from 0.4 to 1.65, each channel by 15 %, hue by up to 20 degrees in half of the images, noise in four of five, and in a
    third the blocks of JPEG, which most webcams send."""
    gamma, exposure, contrast, red, green, blue = np.exp(strength * rng.uniform(-1, 1, 6) * (0.35, 0.35, 0.3, 0.15, 0.15, 0.15))
    saturation = math.exp(strength * rng.uniform(-0.9, 0.5))
    hue, turned = strength * rng.uniform(-20, 20), rng.random() < 0.5
    x = cv2.LUT(image, (255 * exposure * (np.arange(256) / 255) ** gamma).astype(np.float32))
    mean = sum(cv2.mean(x)[:3]) / 3
    gains = np.array([red, green, blue])[:, None]
    colours = colour_matrix(1.0, hue if turned else 0.0) @ np.hstack([contrast * gains * colour_matrix(saturation),
                                                                      gains * mean * (1 - contrast)])
    shown = _noisy(cv2.transform(x, colours, dst=x), strength * NOISE * rng.random() * (rng.random() < 0.8), rng)
    return _as_jpeg(shown, round(100 - strength * rng.uniform(5, 65))) if rng.random() < JPEG * strength else shown


def second_shot(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float]]:
    """The same image as the next frame of a film would show it when hardly anything moves: other noise, up to 3 % brighter or darker,
    shifted by less than a pixel; and the shift (down, right) in pixels."""
    light, noise = rng.uniform(0.97, 1.03), rng.uniform(1, NOISE)
    down, right = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    shifted = cv2.sepFilter2D(image, cv2.CV_32F, taps(right), np.float32(light) * taps(down), borderType=cv2.BORDER_REPLICATE)
    return _noisy(shifted, noise, rng), (down, right)


def taps(shift: float) -> np.ndarray:
    """Five float32 weights of a filter that shifts by `shift` pixels, less than one: cubic (Keys 1981)."""
    d = np.abs(np.arange(-2, 3) + shift)
    near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0)).astype(np.float32)


def cut(size: tuple[int, int], shape: tuple[int, int], least: float, rng: np.random.Generator | None) -> tuple[slice, slice]:
    """Rows and columns of a random part of an image of `size`, in the proportions of `shape` (both height, width), between the share
    `least` of the largest that fits and all of it (random resized crops, Szegedy et al. 2015). Without `rng`: the largest, centred."""
    share = 1.0 if rng is None else rng.uniform(least, 1.0)
    sides = [max(1, min(have, round(side * share))) for side, have in zip(largest_cut(size, shape), size, strict=True)]
    room = [have - side for have, side in zip(size, sides, strict=True)]
    starts = [r // 2 for r in room] if rng is None else [int(rng.integers(r + 1)) for r in room]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def least_cut(size: tuple[int, int], shape: tuple[int, int], least: float, target: tuple[int, int]) -> float:
    """The share `least`, or more where a cut() of it would be enlarged too much at `target` (height, width)."""
    return min(1.0, max(least, *(want / have / ENLARGED for want, have in zip(target, largest_cut(size, shape), strict=True))))


def largest_cut(size: tuple[int, int], shape: tuple[int, int]) -> tuple[float, float]:
    """Height and width of the largest part of an image of `size` that has the proportions of `shape`."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    return shape[0] * scale, shape[1] * scale


def lifted(image: np.ndarray, level: float) -> np.ndarray:
    """An image darker than the mean `level` brought towards it by gamma, by no more than BRIGHTEST_GAMMA; others stay as they are."""
    mean = sum(cv2.mean(image)[:3]) / 3
    if level <= 0 or mean >= level:
        return image
    gamma = max(BRIGHTEST_GAMMA, math.log(level / 255) / math.log(max(mean, 1.0) / 255))
    return cv2.LUT(image, np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8))


def bare_wall(image: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """In `share` of the images a bare wall in soft light covers what is left, right or above of a slightly bent line: rooms have such
    walls, paintings do not, and a network that never saw one fills it with specks."""
    if rng.random() >= share:
        return image
    size = image.shape[:2]
    y, x = (np.linspace(-0.5, 0.5, side, dtype=np.float32) for side in size)
    y = y[:, None]
    direction, bend, waves, phase, sharp = rng.uniform((-np.pi, 0, 1, 0, 20), (0, 0.08, 6, 2 * np.pi, 400))
    along, across = (x * np.cos(direction + turn) + y * np.sin(direction + turn) for turn in (np.pi / 2, 0))
    covered = np.clip((across - 0.5 + rng.uniform(*WALL) + bend * np.sin(waves * along + phase)) * sharp + 0.5, 0, 1)[..., None]
    grey, slope, side = 255 * rng.uniform(0.2, 1) ** 0.6, rng.uniform(0, 0.5), rng.uniform(-np.pi, np.pi)
    light = 1 + slope * (x * np.cos(side) + y * np.sin(side))
    wall = light[..., None] * grey * np.sort(rng.uniform(0.85, 1.02, 3))[::-1]  # warm, as painted walls are
    return np.clip(image + (wall - image) * covered, 0, 255).astype(np.uint8)


def _as_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB))


def _noisy(x: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """float32 0..255 with the soft noise of a sensor -> uint8. `deviation` is that before the noise is blurred."""
    softness, room = int(rng.integers(len(SOFTNESS))), [have - want for have, want in zip(GRAIN, x.shape, strict=False)]
    if deviation <= 0:
        return cv2.addWeighted(x, 1, x, 0, 0, dtype=cv2.CV_8U)
    if min(room) < 0:
        grain, unit = cv2.GaussianBlur(rng.standard_normal(x.shape, np.float32), (0, 0), SOFTNESS[softness]), 1.0
    else:
        whole, unit = _grain(softness)
        top, left = (int(rng.integers(free + 1)) for free in room)
        grain = whole[top:top + x.shape[0], left:left + x.shape[1]]
    return cv2.addWeighted(x, 1, grain, unit * deviation, 0, dtype=cv2.CV_8U)


@lru_cache(maxsize=len(SOFTNESS))
def _grain(softness: int) -> tuple[np.ndarray, float]:
    """Normal numbers of deviation 1, blurred, in whole steps (int8: they stay in the processor's cache); and what a step is worth."""
    grain = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((*GRAIN, 3), np.float32), (0, 0), SOFTNESS[softness])
    unit = float(np.abs(grain).max()) / 127
    return np.rint(grain / unit).astype(np.int8), unit
