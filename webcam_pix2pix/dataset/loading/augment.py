"""Augmentation of a pair: every geometric step is drawn once and done to both halves, in one pass over the pixels."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from webcam_pix2pix.preprocessing import resized

from ..footage.colours import colour_matrix, mean_grey

PREPROCESS = ("resize_and_crop", "crop", "scale_width", "scale_width_and_crop", "none")
MAX_DEGREES = 15.0  # rotation at geometry jitter 1
MAX_ZOOM = 0.15  # change of scale at geometry jitter 1
SHRUNK = 1.25  # an image larger than that is shrunk by areas before it is turned: cubic interpolation alone would leave out pixels


@dataclass(frozen=True)
class Geometry:
    """What is done to both halves of one pair: sizes and positions in pixels, after resizing to `size`."""

    size: tuple[int, int]  # height, width
    crop: tuple[int, int, int, int] | None  # top, left, height, width
    flip: bool
    degrees: float = 0.0
    zoom: float = 1.0


def target_size(size: tuple[int, int], preprocess: str, load_size: tuple[int, int], crop_size: tuple[int, int]) -> tuple[int, int]:
    """What a half of `size` is resized to before the crop, by the rules of pytorch-CycleGAN-and-pix2pix; all (height, width) in pixels.
    What has that size already keeps it."""
    if "resize" in preprocess:
        return load_size
    if "scale_width" in preprocess:
        return int(max(load_size[1] * size[0] / size[1], crop_size[0])), load_size[1]
    if preprocess == "none":
        height, width = (max(4, round(side / 4) * 4) for side in size)
        return height, width
    return size


def draw_geometry(size: tuple[int, int], preprocess: str, load_size: tuple[int, int], crop_size: tuple[int, int], flip: bool, jitter: float,
                  rng: np.random.Generator) -> Geometry:
    """Geometry for a half of `size`. Every size is (height, width) in pixels. Raises ValueError when the crop does not fit."""
    height, width = target_size(size, preprocess, load_size, crop_size)
    top, left, turn, zoom, mirror = rng.random(5)
    crop = None
    if "crop" in preprocess:
        if height < crop_size[0] or width < crop_size[1]:
            wanted = crop_size[0] if crop_size[0] == crop_size[1] else f"{crop_size[1]}x{crop_size[0]}"
            raise ValueError(f"crop_size: {wanted} does not fit into {width}x{height}, expected at most that")
        crop = int(top * (height - crop_size[0] + 1)), int(left * (width - crop_size[1] + 1)), *crop_size
    return Geometry((height, width), crop, bool(flip and mirror < 0.5),
                    jitter * MAX_DEGREES * (2 * turn - 1), 1 + jitter * MAX_ZOOM * (2 * zoom - 1))


def apply_geometry(image: np.ndarray, geometry: Geometry, part: tuple[slice, slice] | None = None) -> np.ndarray:
    """`image`, or a part of it, resized, turned about the centre over mirrored borders, cropped, flipped: HxWx3 uint8.

    Without a part and a turn these are the bytes of pytorch-CycleGAN-and-pix2pix, which resizes with Pillow. Else all of it is one
    bicubic pass, after shrinking by areas where the image is much larger than needed.
    """
    turned = bool(geometry.degrees or geometry.zoom != 1)
    if part is None and not turned:
        return _cropped(resized_as_pillow(image, geometry.size), geometry)
    rows, columns = part or (slice(0, image.shape[0]), slice(0, image.shape[1]))
    box = rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start
    if not turned or much_larger(box[2:], geometry.size):
        image, box = shrunk(image[rows, columns], geometry.size), (0, 0, *geometry.size)
    return _turned(image, geometry, box) if turned else _cropped(image, geometry)


def much_larger(size: tuple[int, int], target: tuple[int, int]) -> bool:
    """Whether an image of `size` is shrunk before it is turned at `target`."""
    return size[0] > SHRUNK * target[0] or size[1] > SHRUNK * target[1]


def shrunk(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`image` at `size`, by areas where it is larger. Linearly to twice the size and halved: half the time of INTER_AREA up to there."""
    if all(want < have < 2 * want for have, want in zip(image.shape, size, strict=False)):
        image = cv2.resize(image, (2 * size[1], 2 * size[0]), interpolation=cv2.INTER_LINEAR)
    return resized(image, size, "stretch")


def resized_as_pillow(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bicubic, with the bytes of torchvision on a Pillow image."""
    if image.shape[:2] == size:
        return image
    return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.BICUBIC))


def jitter_colour(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast and saturation each changed by up to 30 % and the hue by up to 18 degrees at `strength` 1: HxWx3 uint8."""
    brightness, contrast, saturation, hue = (2 * rng.random(4) - 1) * strength
    gain, spread = 1 + 0.3 * brightness, 1 + 0.3 * contrast
    matrix = np.empty((3, 4))
    matrix[:, :3] = colour_matrix(1 + 0.3 * saturation, 18 * hue) * (gain * spread)
    matrix[:, 3] = mean_grey(image) * gain * (1 - spread)
    return cv2.transform(image, matrix)


def _cropped(image: np.ndarray, geometry: Geometry) -> np.ndarray:
    if geometry.crop is not None:
        top, left, height, width = geometry.crop
        image = image[top:top + height, left:left + width]
    return cv2.flip(image, 1) if geometry.flip else np.ascontiguousarray(image)


def _turned(image: np.ndarray, geometry: Geometry, box: tuple[int, int, int, int]) -> np.ndarray:
    """box: top, left, height, width of what is resized to `geometry.size`; beyond it the image goes on, beyond the image it is mirrored."""
    height, width = geometry.size
    top, left, *out = geometry.crop or (0, 0, height, width)
    angle, mirror = math.radians(geometry.degrees), -1 if geometry.flip else 1
    cos, sin = math.cos(angle) / geometry.zoom, math.sin(angle) / geometry.zoom
    # pixel of the result -> about the centre of the resized image -> turned back -> pixel of `image`; the middle of a pixel is at 0.5
    x = left + (out[1] - 0.5 if geometry.flip else 0.5) - width / 2
    y = top + 0.5 - height / 2
    to_x, to_y = box[3] / width, box[2] / height
    matrix = np.array([[to_x * cos * mirror, to_x * sin, to_x * (cos * x + sin * y + width / 2) + box[1] - 0.5],
                       [-to_y * sin * mirror, to_y * cos, to_y * (cos * y - sin * x + height / 2) + box[0] - 0.5]])
    return cv2.warpAffine(image, matrix, (out[1], out[0]), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)
