"""Originals: the images of a dataset before anything random is done to them, read once where memory allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from msa.images import read_image
from webcam_pix2pix.preprocessing import resized

from ..footage.shots import largest_cut, lifted
from .augment import SHRUNK, much_larger, resized_as_pillow, target_size
from .store import Store

LOOKED_AT = 24  # files whose sizes say what all of them take


@dataclass(frozen=True)
class Wanted:
    """What is made of an original, as far as it concerns how large it must be. Sizes: (height, width) in pixels.

    turned: whether it is turned. least: least share of a random cut, 0: nothing is cut. lift: level that dark photographs are lifted to.
    """

    preprocess: str
    load_size: tuple[int, int]
    crop_size: tuple[int, int]
    turned: bool
    least: float
    lift: float

    @property
    def exact(self) -> bool:
        """Whether nothing is done that pytorch-CycleGAN-and-pix2pix does not do."""
        return not self.turned and not self.least

    def ready(self, image: np.ndarray) -> np.ndarray:
        """One image without what every use of it would take away again; what is random is done to that."""
        size = self.size(image.shape[:2])
        if size == image.shape[:2]:
            return image
        return resized_as_pillow(image, size) if self.exact else resized(image, size, "stretch")

    def size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Of what `ready` makes of an image of `size`."""
        target = target_size(size, self.preprocess, self.load_size, self.crop_size)
        if self.least:
            scale = min(self.least * cut / want for cut, want in zip(largest_cut(size, self.crop_size), target, strict=True))
            if "resize" not in self.preprocess or scale <= SHRUNK:
                return size
            return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))  # the smallest cut is just large enough
        return size if self.turned and not much_larger(size, target) else target


class Originals:
    """The image files at `paths`, by number: [photograph], or [left half, right half] of a pair. HxWx3 RGB uint8, not to be written to."""

    def __init__(self, paths: Sequence[Path], photos: bool, wanted: Wanted, room: int = 0) -> None:
        """room: bytes of memory that may be used to keep them."""
        self.paths, self.photos, self.wanted = paths, photos, wanted
        self.all_bytes = self._all_bytes() if room else 0
        self.store = Store(len(paths), min(room, self.all_bytes))

    def __getitem__(self, index: int) -> list[np.ndarray]:
        """Raises OSError for a damaged file and ValueError for one that is no pair."""
        kept = self.store.get(index)
        if kept is None:
            images = self._read(self.paths[index])
            self.store.put(index, images[0] if self.photos else np.hstack(images))
            return images
        half = kept.shape[1] // 2
        return [kept] if self.photos else [kept[:, :half], kept[:, half:]]

    def _read(self, path: Path) -> list[np.ndarray]:
        image = read_image(path)
        if self.photos:
            return [self.wanted.ready(lifted(image, self.wanted.lift))]
        half = image.shape[1] // 2
        if half == 0:
            raise ValueError(f"{image.shape[1]}x{image.shape[0]} pixels, expected two images side by side")
        left = self.wanted.ready(image[:, :half])
        if self.wanted.exact:  # of an odd width, the right half has one column more
            return [left, resized_as_pillow(image[:, half:], left.shape[:2])]
        return [left, self.wanted.ready(image[:, half:2 * half])]

    def _all_bytes(self) -> int:
        """About as many as all of them take."""
        sizes = []
        for index in np.linspace(0, len(self.paths) - 1, min(LOOKED_AT, len(self.paths))).astype(int):
            try:
                with Image.open(self.paths[index]) as image:
                    width, height = image.size
            except OSError:  # damaged, or of a kind that only OpenCV reads
                continue
            size = self.wanted.size((height, width if self.photos else max(1, width // 2)))
            sizes.append(3 * size[0] * size[1] * (1 if self.photos else 2))
        if not sizes:
            return 0
        spread = max(sizes) - min(sizes)
        return int((np.mean(sizes) + (0.5 if spread else 0) * spread) * len(self.paths))
