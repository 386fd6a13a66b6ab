"""What a camera changes between two images of the same thing: light, colour, noise. For inputs; and what is cut and lifted for both.

Images are HxWx3 RGB uint8. Every function draws from the generator that it is given.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

GREY = np.array([0.299, 0.587, 0.114], np.float32)
BRIGHTEST_GAMMA = 0.6  # the most that a dark image is lifted by
NOISE = 12.0  # standard deviation of the strongest noise, grey levels
SHIFT = 0.75  # the most that a second shot is moved by, px


@dataclass(frozen=True)
class Shots:
    """How images are varied. The defaults vary nothing.

    camera_jitter: 0..1, strength of camera().
    min_crop: 0..1, least size of cut(); 0: nothing is cut.
    lift_dark: mean grey level to which darker targets are lifted, 0..255; 0: off.
    twice: each item has a second input of the same image, as another shot of the camera would give it.
    """

    camera_jitter: float = 0.0
    min_crop: float = 0.0
    lift_dark: float = 0.0
    twice: bool = False


def camera(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The same scene with another camera in another light. At `strength` 1: gamma and exposure by up to 40 % both ways, contrast by 35 %,
    saturation from 0.4 to 1.65, each channel by 15 %, hue by up to 20 degrees in half of the images, noise in four of five."""
    gamma, exposure, contrast, red, green, blue = np.exp(strength * rng.uniform(-1, 1, 6) * (0.35, 0.35, 0.3, 0.15, 0.15, 0.15))
    saturation = math.exp(strength * rng.uniform(-0.9, 0.5))
    hue, turned = strength * rng.uniform(-20, 20), rng.random() < 0.5
    x = (image.astype(np.float32) / 255) ** np.float32(gamma) * np.float32(exposure)
    mean = x.mean()
    x = mean + (x - mean) * np.float32(contrast)
    grey = (x @ GREY)[..., None]
    x = (grey + (x - grey) * np.float32(saturation)) * np.array([red, green, blue], np.float32)
    if turned:
        hsv = cv2.cvtColor(np.clip(x, 0, 1), cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0] + hue) % 360
        x = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    return _noisy(x * 255, strength * NOISE * rng.random() * (rng.random() < 0.8), rng)


def second_shot(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float]]:
    """The same image as the next frame of a film would show it when hardly anything moves: other noise, up to 3 % brighter or darker,
    shifted by less than a pixel; and the shift (down, right) in pixels."""
    light, noise = rng.uniform(0.97, 1.03), rng.uniform(1, NOISE)
    down, right = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    shifted = cv2.sepFilter2D(image.astype(np.float32), -1, taps(right), taps(down), borderType=cv2.BORDER_REPLICATE)
    return _noisy(shifted * np.float32(light), noise, rng), (down, right)


def taps(shift: float) -> np.ndarray:
    """Five float32 weights of a filter that shifts by `shift` pixels, less than one: cubic (Keys 1981)."""
    d = np.abs(np.arange(-2, 3) + shift)
    near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0)).astype(np.float32)


def cut(size: tuple[int, int], shape: tuple[int, int], least: float, rng: np.random.Generator | None) -> tuple[slice, slice]:
    """Rows and columns of a random part of an image of `size`, in the proportions of `shape` (both height, width), between the share
    `least` of the largest that fits and all of it (random resized crops, Szegedy et al. 2015). Without `rng`: the largest, centred."""
    share = 1.0 if rng is None else rng.uniform(least, 1.0)
    scale = share * min(size[0] / shape[0], size[1] / shape[1])
    sides = [max(1, min(have, round(side * scale))) for side, have in zip(shape, size, strict=True)]
    room = [have - side for have, side in zip(size, sides, strict=True)]
    starts = [r // 2 for r in room] if rng is None else [int(rng.integers(r + 1)) for r in room]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def lifted(image: np.ndarray, level: float) -> np.ndarray:
    """An image darker than the mean `level` brought towards it by gamma, by no more than BRIGHTEST_GAMMA; others stay as they are."""
    mean = float(image.mean())
    if level <= 0 or mean >= level:
        return image
    gamma = max(BRIGHTEST_GAMMA, math.log(level / 255) / math.log(max(mean, 1.0) / 255))
    return cv2.LUT(image, np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8))


def _noisy(x: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """float32 0..255 with the soft noise of a sensor -> uint8."""
    if deviation > 0:
        x = x + cv2.GaussianBlur(rng.standard_normal(x.shape, np.float32), (0, 0), rng.uniform(0.3, 0.8)) * np.float32(deviation)
    return np.clip(np.rint(x), 0, 255).astype(np.uint8)
