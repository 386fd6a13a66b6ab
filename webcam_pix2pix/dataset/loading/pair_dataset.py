"""PairDataset: the pairs of one phase of a dataset as tensors, for the trainer."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from msa.listing import list_images
from webcam_pix2pix.preprocessing import check_detector
from webcam_pix2pix.preprocessing import preprocess as make_input
from webcam_pix2pix.recipe import Recipe

from ..footage.shots import Shots, bare_wall, camera, cut, least_cut, lifted, second_shot
from ..manifest import NAME, read_manifest, recipe_of
from ..pairs.jitter import jittered
from ..pairs.layout import halves_or_not
from .augment import PREPROCESS, Geometry, apply_geometry, draw_geometry, jitter_colour, target_size
from .originals import Originals, Wanted

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
                 recipe_jitter: bool = True, shots: Shots = AS_IT_IS, cache: int = 0) -> None:
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
        cache: bytes of memory at most that keep images once they are read.
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
        wanted = Wanted(preprocess, self.load_size, self.crop_size, geometry_jitter > 0, shots.min_crop, shots.lift_dark)
        self.originals = Originals(self.paths, self.photos_only, wanted, cache)
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
        item = self.images(index)
        return {name: as_tensor(value) if isinstance(value, np.ndarray) else value for name, value in item.items()} | (
            {"shift": torch.tensor(item["shift"])} if "shift" in item else {})

    def images(self, index: int) -> dict[str, Any]:
        """An item as images, HxWxC uint8: a quarter of the bytes to hand over to another process. Raises as __getitem__."""
        index = range(len(self))[index]
        path = self.paths[index]
        rng, own = (np.random.default_rng((self.seed, int(self._epoch), index, *more)) for more in ((), (1,)))
        again: Shot | None = None
        try:
            originals = self.originals[index]
            if self.photos_only:
                a, b, again = self._photo(originals[0], rng, own)
            else:
                a, b = self._pair(originals, rng, own)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if self.direction == "BtoA":
            a, b = b, a
        if not self.photos_only:
            if self.color_jitter:
                a = jitter_colour(a, self.color_jitter, rng)
            if self.shots.camera_jitter:
                a = camera(a, self.shots.camera_jitter, own)
            b = lifted(b, self.shots.lift_dark)
        item = {"A": _channels(a, self.input_nc), "B": _channels(b, self.output_nc), "path": str(path)}
        if self.shots.twice:
            image, shift = again or second_shot(a, own)
            item |= {"A2": _channels(image, self.input_nc), "shift": shift}
        return item

    def remark(self) -> str:
        """What the images are taken for, and whether they look like it; "" where the manifest tells. Reads some of them."""
        return "" if self.manifest is not None else halves_or_not(self.root, self.phase, self.paths)

    def size(self, index: int = 0) -> tuple[int, int]:
        """Height and width in pixels of one half of a pair as it is stored."""
        with Image.open(self.paths[index]) as image:
            return image.height, image.width if self.photos_only else image.width // 2

    def _pair(self, halves: list[np.ndarray], rng: np.random.Generator, own: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        size = halves[0].shape[:2]
        part = self._part(size, own)
        geometry = self._geometry(size, part, rng)
        a, b = (apply_geometry(half, geometry, part) for half in halves)
        return a, b

    def _photo(self, image: np.ndarray, rng: np.random.Generator, own: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Shot | None]:
        """A and B; and where the recipe makes the input and items are to be seen twice, its second shot."""
        part = self._part(image.shape[:2], own)
        photo = apply_geometry(image, self._geometry(image.shape[:2], part, rng), part)
        if self.shots.bare_walls:
            photo = bare_wall(photo, self.shots.bare_walls, own)
        recipe = self.recipe or Recipe()
        recipe = jittered(recipe, rng) if self.recipe_jitter else recipe
        shown = jitter_colour(photo, self.color_jitter, rng) if self.color_jitter else photo
        if self.shots.camera_jitter:
            shown = camera(shown, self.shots.camera_jitter, own)
        made = make_input(shown, recipe.processing, recipe.edges)
        left = (self.manifest or {}).get("side", "input-left") == "input-left"
        again = None
        if self.shots.twice and left == (self.direction == "AtoB"):
            moved, shift = second_shot(shown, own)
            again = make_input(moved, recipe.processing, recipe.edges), shift
        return (made, photo, again) if left else (photo, made, again)

    def _part(self, size: tuple[int, int], own: np.random.Generator) -> tuple[slice, slice] | None:
        if not self.shots.min_crop:
            return None
        target = target_size(size, self.preprocess, self.load_size, self.crop_size)
        return cut(size, self.crop_size, least_cut(size, self.crop_size, self.shots.min_crop, target), own if self.recipe_jitter else None)

    def _geometry(self, size: tuple[int, int], part: tuple[slice, slice] | None, rng: np.random.Generator) -> Geometry:
        if part is not None:
            size = part[0].stop - part[0].start, part[1].stop - part[1].start
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


def _channels(image: np.ndarray, channels: int) -> np.ndarray:
    """RGB -> HxWx1 grey as transforms.Grayscale makes it, or as it is."""
    return np.asarray(Image.fromarray(image).convert("L"))[..., None] if channels == 1 else image


def as_tensor(image: np.ndarray) -> Tensor:
    """HxWxC uint8 -> CxHxW float32 in -1..1."""
    return in_unit(torch.from_numpy(np.array(image.transpose(2, 0, 1), order="C")))


def in_unit(bytes_: Tensor) -> Tensor:
    """uint8 of any shape -> float32 in -1..1."""
    return bytes_.to(torch.float32).div_(127.5).sub_(1.0)


def to_images(x: Tensor) -> np.ndarray:
    """NxCxHxW in -1..1 -> NxHxWxC uint8, rounded."""
    return np.asarray(x.float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy())
