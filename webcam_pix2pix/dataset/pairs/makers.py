"""Image -> files: a frame cropped and sized, or a pair with its input made by the chain of the live application."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from msa.images import encode_image
from webcam_pix2pix.preprocessing import fit, preprocess, resized
from webcam_pix2pix.recipe import Recipe

from ..jobs.tasks import SourceImage
from ..jobs.work import Entry
from .jitter import draw
from .measures import measure, sharpness, signature

FITS = ("crop", "stretch", "pad", "crops")
SIDES = ("input-left", "input-right")  # where the input goes
INPUT_IS = ("left", "right")  # where it is in pairs that are given: the half, or the first or second folder
STORES = ("pairs", "photos")
CROPS = ("center", "left-right", "none")
FORMATS = ("png", "jpg")
JPEG_QUALITY = 95
JPEG_OPTIONS = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


@dataclass(frozen=True)
class PairMaker:
    """Makes the pairs of a dataset. `size` is (height, width) of one half, or (n, 0): the shorter side is n at most; None keeps each
    image's own. Photographs are measured at the size `seen`, where the network will see them in another than they are stored in."""

    recipe: Recipe | None  # None: the inputs are given
    size: tuple[int, int] | None = (256, 256)
    fit: str = "crop"
    side: str = "input-left"
    input_is: str = "left"
    stores: str = "pairs"
    image_format: str = "png"
    seed: int = 0
    min_change: float = 0.0
    seen: tuple[int, int] | None = None

    @property
    def suffix(self) -> str:
        return f".{self.image_format}"

    def __call__(self, source_image: SourceImage, key: str) -> Iterator[tuple[bytes, Entry]]:
        photo, given = source_image.photo, source_image.given
        size = _size(photo, self.size or photo.shape[:2], enlarge=False)
        if given is not None and self.input_is == "right":
            photo, given = given, photo
        if given is not None and given.shape != photo.shape:
            given = self._alike(given, photo, source_image.note)
        for number, window in enumerate(windows(photo.shape[:2], size) if self.fit == "crops" else [None]):
            note = dict(source_image.note)
            if window is not None:
                note["window"] = list(window)
            part = f"{key}:{number}" if number else key
            target, made = self._pair(_cut(photo, window), None if given is None else _cut(given, window), size, part, note)
            if self.min_change:
                note["signature"] = signature(target)
            measured = self._pair(_cut(photo, window), None, self.seen, part, {}) if self.seen and given is None else (target, made)
            yield encode(self._laid_out(target, made), self.image_format), note | measure(*measured)

    def _pair(self, photo: np.ndarray, given: np.ndarray | None, size: tuple[int, int], key: str,
              note: Entry) -> tuple[np.ndarray, np.ndarray]:
        if given is not None:
            how = "crop" if self.fit == "crops" else self.fit
            return resized(photo, size, how), resized(given, size, how)
        recipe = self.recipe or Recipe()
        if recipe.ranges and self.stores == "pairs":
            note["jitter"] = draw(recipe, np.random.default_rng((self.seed, zlib.crc32(key.encode()))))
            recipe = recipe.with_values(note["jitter"])
        target = fit(photo, size, recipe.processing)
        return target, preprocess(target, recipe.processing, recipe.edges)

    def _laid_out(self, target: np.ndarray, made: np.ndarray) -> np.ndarray:
        if self.stores == "photos":
            return target
        return np.hstack([made, target] if self.side == "input-left" else [target, made])

    def _alike(self, given: np.ndarray, photo: np.ndarray, note: Entry) -> np.ndarray:
        """An input of another size than its photograph, brought to the same; of another shape only where stretching is asked for."""
        (h, w), (height, width) = given.shape[:2], photo.shape[:2]
        if abs(h * width - w * height) > 0.02 * h * width and self.fit != "stretch":
            raise ValueError(f"{note.get('source')}, {note.get('source_b')}: {w}x{h} and {width}x{height} pixels, not the same shape; "
                             "use --fit stretch to make them equal")
        return resized(given, (height, width), "stretch")


@dataclass(frozen=True)
class FrameMaker:
    """Makes the images of a film: cropped, brightened, sized. `size` is (height, width), or (n, 0): the shorter side becomes n."""

    crop: str = "none"
    size: tuple[int, int] | None = None
    contrast: float = 1.0
    gamma: float = 1.0
    image_format: str = "png"
    min_change: float = 0.0
    min_sharp: float = 0.0

    @property
    def suffix(self) -> str:
        return f".{self.image_format}"

    def __call__(self, source_image: SourceImage, key: str) -> Iterator[tuple[bytes, Entry]]:
        for name, image in self._crops(source_image.photo):
            if self.contrast != 1 or self.gamma != 1:
                image = cv2.LUT(image, tone_table(self.contrast, self.gamma))
            if self.size is not None:
                image = resized(image, _size(image, self.size), "crop")
            note = dict(source_image.note) | ({"crop": name} if name else {})
            if self.min_change:
                note["signature"] = signature(image)
            if self.min_sharp:
                note["sharpness"] = round(sharpness(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)), 1)
            yield encode(image, self.image_format), note

    def _crops(self, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
        height, width = image.shape[:2]
        side = min(height, width)
        if self.crop == "none":
            return [("", image)]
        if self.crop == "center":
            top, left = (height - side) // 2, (width - side) // 2
            return [("", image[top:top + side, left:left + side])]
        if height == width:
            return [("", image)]
        names = ("left", "right") if width > height else ("top", "bottom")
        return [(names[0], image[:side, :side]), (names[1], image[height - side:, width - side:])]


def windows(shape: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """As many windows (top, left, height, width) of the shape of `size` as it takes to cover an image of `shape` from end to end."""
    (h, w), (height, width) = shape, size
    crop_h, crop_w = min(h, max(1, round(w * height / width))), min(w, max(1, round(h * width / height)))
    count = max(1, int(np.ceil(max(h / crop_h, w / crop_w) - 0.1)))  # a tenth more is no second image
    tops, lefts = (np.rint(np.linspace(0, room, count)).astype(int) if room and count > 1 else np.full(count, room // 2)
                   for room in (h - crop_h, w - crop_w))
    return [(int(top), int(left), crop_h, crop_w) for top, left in zip(tops, lefts, strict=True)]


def tone_table(contrast: float, gamma: float) -> np.ndarray:
    """Contrast about mid-grey, then gamma (above 1 brightens), as FFmpeg's eq filter does: 256 values."""
    levels = np.clip((np.arange(256) / 255 - 0.5) * contrast + 0.5, 0, 1) ** (1 / gamma)
    return np.rint(255 * levels).astype(np.uint8)


def encode(image: np.ndarray, image_format: str) -> bytes:
    """RGB image -> the bytes of a PNG, or of a JPEG with full colour resolution (thin lines keep their colour)."""
    options = JPEG_OPTIONS if image_format == "jpg" else []  # PNG: OpenCV's default is its fastest, and higher levels save little
    return encode_image(image, f".{image_format}", options)


def _size(image: np.ndarray, size: tuple[int, int], enlarge: bool = True) -> tuple[int, int]:
    """(height, width) that `image` gets: `size`, or of (n, 0) that with a shorter side of n."""
    height, width = image.shape[:2]
    short, other = size
    if other:
        return short, other
    scale = short / min(height, width) if enlarge else min(1.0, short / min(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _cut(image: np.ndarray, window: tuple[int, int, int, int] | None) -> np.ndarray:
    if window is None:
        return image
    top, left, height, width = window
    return image[top:top + height, left:left + width]
