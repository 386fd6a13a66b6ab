"""PairDataset: the pairs of one phase of a dataset as tensors, for the trainer."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision.transforms.v2 import functional as F

from msa.images import read_image
from msa.listing import list_images
from webcam_pix2pix.preprocessing import check_detector
from webcam_pix2pix.preprocessing import preprocess as make_input
from webcam_pix2pix.recipe import Recipe

from ..footage.shots import Shots, camera, cut, lifted, second_shot
from ..manifest import NAME, read_manifest, recipe_of
from ..pairs.jitter import jittered
from ..pairs.layout import halves_or_not
from .augment import PREPROCESS, apply_geometry, draw_geometry, jitter_colour

DIRECTIONS = ("AtoB", "BtoA")
AS_IT_IS = Shots()
Shot = tuple[np.ndarray, tuple[float, float]]  # an input, HxWx3 RGB uint8; by how many pixels (down, right) what it shows has moved


class PairDataset(Dataset):
    """Side-by-side pairs in `root`/`phase`, as `prepare` and every pix2pix dataset lay them out: left half A, right half B.

    An item is {"A": the network's input, "B": what it should paint, "path": file}: CxHxW float32 in -1..1 with `direction` already
    applied; with `shots.twice` also "A2", the input of a second shot of the same image, and "shift", by how many pixels (down,
    right) what it shows has moved. It depends on nothing but (seed, epoch, index), whatever
    the number of workers; `set_epoch` reaches running workers too.

    A dataset whose manifest says that it stores photographs only gets its inputs made here, from the augmented photograph, by the
    chain of the live application, with the recipe's ranges drawn anew each time.

    Attributes:
        manifest: manifest.json of the dataset, None when it has none.
        recipe: the recipe of the inputs, None when they were given.
        paths: the files, in natural order.
    """

    def __init__(self, root: str | os.PathLike, phase: str = "train", direction: str = "AtoB",
                 load_size: int | tuple[int, int] = 286, crop_size: int | tuple[int, int] = 256,
                 preprocess: str = "resize_and_crop", flip: bool = True, max_dataset_size: int | None = None, seed: int = 0,
                 input_nc: int = 3, output_nc: int = 3, color_jitter: float = 0.0, geometry_jitter: float = 0.0,
                 recipe_jitter: bool = True, shots: Shots = AS_IT_IS) -> None:
        """
        direction: "AtoB", "BtoA", or "" for what the manifest says (AtoB without one).
        load_size, crop_size: pixels, a square's side or (height, width). preprocess, flip: as in pytorch-CycleGAN-and-pix2pix; resizing
            is bicubic.
        input_nc, output_nc: 3, or 1 for grey.
        color_jitter: 0..1, brightness, contrast, saturation and hue of the input alone (of what it is made from, where it is made here).
        geometry_jitter: 0..1, rotation and scale of both.
        recipe_jitter: off makes inputs with the recipe's own values instead of drawing from its ranges, for judging a model.
        shots: how images are cut, lifted and varied as a camera does, the input alone where it concerns the camera; drawn from random
            numbers of its own.
        Raises ValueError or FileNotFoundError with one line that names the thing, its value and what was expected.
        """
        self.root, self.phase = Path(root), phase
        self.manifest = read_manifest(self.root)
        self.recipe = recipe_of(self.manifest, str(self.root / NAME))
        if self.recipe is not None and (self.manifest or {}).get("stores") == "photos":
            check_detector(self.recipe.edges)
        self.direction = direction or (self.manifest or {}).get("direction", "AtoB")
        self.load_size, self.crop_size = (x if isinstance(x, tuple) else (x, x) for x in (load_size, crop_size))
        self.preprocess, self.flip, self.seed = preprocess, flip, seed
        self.input_nc, self.output_nc = input_nc, output_nc
        self.color_jitter, self.geometry_jitter, self.recipe_jitter, self.shots = color_jitter, geometry_jitter, recipe_jitter, shots
        self._check()
        self.photos_only = (self.manifest or {}).get("stores") == "photos"
        self.paths = _files(self.root, phase)[:max_dataset_size]
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # seen by workers that are already running

    @property
    def recipe_made_input(self) -> bool:
        """Whether the recipe made what the network sees. Trained against the manifest's direction, it sees the photographs."""
        return self.direction == (self.manifest or {}).get("direction", "AtoB")

    def __len__(self) -> int:
        return len(self.paths)

    def set_epoch(self, epoch: int) -> None:
        """Draw new augmentations: they depend on (seed, epoch, index)."""
        self._epoch.fill_(epoch)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Raises OSError for a damaged file and ValueError for one that is no pair, naming it."""
        index = range(len(self))[index]
        path = self.paths[index]
        rng, own = (np.random.default_rng((self.seed, int(self._epoch), index, *more)) for more in ((), (1,)))
        again: Shot | None = None
        try:
            if self.photos_only:
                a, b, again = self._photo(path, rng, own)
            else:
                a, b = self._pair(path, rng, own)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if self.direction == "BtoA":
            a, b = b, a
        if self.color_jitter and not self.photos_only:
            a = jitter_colour(a, self.color_jitter, rng)
        if self.shots.camera_jitter and not self.photos_only:
            a = Image.fromarray(camera(np.asarray(a), self.shots.camera_jitter, own))
        if self.shots.lift_dark and not self.photos_only:
            b = Image.fromarray(lifted(np.asarray(b), self.shots.lift_dark))
        item = {"A": _tensor(a, self.input_nc), "B": _tensor(b, self.output_nc), "path": str(path)}
        if self.shots.twice:
            image, shift = again or second_shot(np.asarray(a), own)
            item |= {"A2": _tensor(Image.fromarray(image), self.input_nc), "shift": torch.tensor(shift)}
        return item

    def remark(self) -> str:
        """What the images are taken for, and whether they look like it; "" where the manifest tells. Reads some of them."""
        return "" if self.manifest is not None else halves_or_not(self.root, self.phase, self.paths)

    def size(self, index: int = 0) -> tuple[int, int]:
        """Height and width in pixels of one half of a pair as it is stored."""
        with Image.open(self.paths[index]) as image:
            return image.height, image.width if self.photos_only else image.width // 2

    def _pair(self, path: Path, rng: np.random.Generator, own: np.random.Generator) -> tuple[Image.Image, Image.Image]:
        image = read_image(path)
        half = image.shape[1] // 2
        if half == 0:
            raise ValueError(f"{image.shape[1]}x{image.shape[0]} pixels, expected two images side by side")
        part = self._part((image.shape[0], half), own)
        halves = [x[part] for x in (image[:, :half], image[:, half:2 * half])] if part else [image[:, :half], image[:, half:]]
        geometry = self._geometry(halves[0].shape[:2], rng)
        a, b = (apply_geometry(Image.fromarray(x), geometry) for x in halves)
        return a, b

    def _photo(self, path: Path, rng: np.random.Generator, own: np.random.Generator) -> tuple[Image.Image, Image.Image, Shot | None]:
        """A and B; and where the recipe makes the input and items are to be seen twice, its second shot."""
        image = lifted(read_image(path), self.shots.lift_dark)
        if part := self._part(image.shape[:2], own):
            image = np.ascontiguousarray(image[part])
        photo = apply_geometry(Image.fromarray(image), self._geometry(image.shape[:2], rng))
        recipe = self.recipe or Recipe()
        recipe = jittered(recipe, rng) if self.recipe_jitter else recipe
        seen = jitter_colour(photo, self.color_jitter, rng) if self.color_jitter else photo
        shown = camera(np.asarray(seen), self.shots.camera_jitter, own) if self.shots.camera_jitter else np.asarray(seen)
        made = Image.fromarray(make_input(shown, recipe.processing, recipe.edges))
        left = (self.manifest or {}).get("side", "input-left") == "input-left"
        again = None
        if self.shots.twice and left == (self.direction == "AtoB"):
            image, shift = second_shot(shown, own)
            again = make_input(image, recipe.processing, recipe.edges), shift
        return (made, photo, again) if left else (photo, made, again)

    def _part(self, size: tuple[int, int], own: np.random.Generator) -> tuple[slice, slice] | None:
        if not self.shots.min_crop:
            return None
        return cut(size, self.crop_size, self.shots.min_crop, own if self.recipe_jitter else None)

    def _geometry(self, size: tuple[int, int], rng: np.random.Generator):
        return draw_geometry(size, self.preprocess, self.load_size, self.crop_size, self.flip, self.geometry_jitter, rng)

    def _check(self) -> None:
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction: {self.direction!r} is not one of {', '.join(DIRECTIONS)}")
        if self.preprocess not in PREPROCESS:
            raise ValueError(f"preprocess: {self.preprocess!r} is not one of {', '.join(PREPROCESS)}")
        smaller = any(load < crop for load, crop in zip(self.load_size, self.crop_size, strict=True))
        if smaller and "crop" in self.preprocess and self.preprocess != "crop":
            raise ValueError(f"load_size: {_text(self.load_size)} is smaller than crop_size {_text(self.crop_size)}")
        for name in ("input_nc", "output_nc"):
            if getattr(self, name) not in (1, 3):
                raise ValueError(f"{name}: {getattr(self, name)} channels, expected 3, or 1 for grey")
        if (self.manifest or {}).get("stores") == "photos" and self.recipe is None:
            raise ValueError(f"{self.root / NAME}: recipe: missing; a dataset of photographs needs one, make it again with prepare")


def _files(root: Path, phase: str) -> list[Path]:
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such dataset folder")
    folder = root / phase
    if not folder.is_dir():
        there = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
        raise FileNotFoundError(f"{folder}: no such folder, expected one with pairs; {root} has {', '.join(there) or 'no folders'}")
    paths = list_images(folder, recursive=True)
    if not paths:
        raise ValueError(f"{folder}: no image in it, expected side-by-side pairs")
    return paths


def _text(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}" if size[0] != size[1] else f"{size[0]}"


def _tensor(image: Image.Image, channels: int) -> torch.Tensor:
    """PIL RGB -> CxHxW float32 in -1..1."""
    if channels == 1:
        image = image.convert("L")  # as transforms.Grayscale does
    return F.pil_to_tensor(image).to(torch.float32).div_(127.5).sub_(1.0)
