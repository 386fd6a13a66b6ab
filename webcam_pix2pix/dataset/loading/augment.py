"""Augmentation of a pair: every geometric step is drawn once and done to both halves."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

PREPROCESS = ("resize_and_crop", "crop", "scale_width", "scale_width_and_crop", "none")
MAX_DEGREES = 15.0  # rotation at geometry jitter 1
MAX_ZOOM = 0.15  # change of scale at geometry jitter 1


@dataclass(frozen=True)
class Geometry:
    """What is done to both halves of one pair: sizes and positions in pixels, after resizing to `size`."""

    size: tuple[int, int]  # height, width
    crop: tuple[int, int, int, int] | None  # top, left, height, width
    flip: bool
    degrees: float = 0.0
    zoom: float = 1.0


def draw_geometry(size: tuple[int, int], preprocess: str, load_size: tuple[int, int], crop_size: tuple[int, int], flip: bool, jitter: float,
                  rng: np.random.Generator) -> Geometry:
    """Geometry for a half of `size`, by the rules of pytorch-CycleGAN-and-pix2pix. Every size is (height, width) in pixels.

    Raises ValueError when the crop does not fit.
    """
    height, width = size
    if "resize" in preprocess:
        height, width = load_size
    elif "scale_width" in preprocess:
        height, width = int(max(load_size[1] * height / width, crop_size[0])), load_size[1]
    elif preprocess == "none":
        height, width = (max(4, round(side / 4) * 4) for side in size)
    top, left, turn, zoom, mirror = rng.random(5)
    crop = None
    if "crop" in preprocess:
        if height < crop_size[0] or width < crop_size[1]:
            wanted = crop_size[0] if crop_size[0] == crop_size[1] else f"{crop_size[1]}x{crop_size[0]}"
            raise ValueError(f"crop_size: {wanted} does not fit into {width}x{height}, expected at most that")
        crop = int(top * (height - crop_size[0] + 1)), int(left * (width - crop_size[1] + 1)), *crop_size
    return Geometry((height, width), crop, bool(flip and mirror < 0.5),
                    jitter * MAX_DEGREES * (2 * turn - 1), 1 + jitter * MAX_ZOOM * (2 * zoom - 1))


def apply_geometry(image: Image.Image, geometry: Geometry) -> Image.Image:
    """Bicubic resize, rotation about the centre over mirrored borders, crop, flip."""
    if (image.height, image.width) != geometry.size:
        image = F.resize(image, list(geometry.size), InterpolationMode.BICUBIC)
    if geometry.degrees or geometry.zoom != 1:
        image = _turned(image, geometry)
    if geometry.crop is not None:
        image = F.crop(image, *geometry.crop)
    return F.horizontal_flip(image) if geometry.flip else image


def jitter_colour(image: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Brightness, contrast and saturation each changed by up to 30 % and the hue by up to 18 degrees at `strength` 1."""
    brightness, contrast, saturation, hue = (2 * rng.random(4) - 1) * strength
    image = F.adjust_brightness(image, 1 + 0.3 * brightness)
    image = F.adjust_contrast(image, 1 + 0.3 * contrast)
    image = F.adjust_saturation(image, 1 + 0.3 * saturation)
    return F.adjust_hue(image, 0.05 * hue)


def _turned(image: Image.Image, geometry: Geometry) -> Image.Image:
    height, width = geometry.size
    margin = math.ceil(0.25 * max(height, width))
    border = [min(margin, width - 1), min(margin, height - 1)]
    padded = F.pad(image, border, padding_mode="reflect")
    turned = F.affine(padded, geometry.degrees, [0, 0], geometry.zoom, [0.0, 0.0], InterpolationMode.BILINEAR)
    return F.crop(turned, border[1], border[0], height, width)
