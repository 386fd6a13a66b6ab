"""Pairs in batches: the same order for the same seed and epoch, whatever the number of workers, from any position on."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from msa.files import format_error
from webcam_pix2pix.dataset.footage.shots import Shots
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.loading.slots import Left, Slots
from webcam_pix2pix.specs import Generator

from . import parallel
from .setup.options import Options, weights_by_name
from .setup.plan import BETTER
from .setup.specs import check_size

START = "fork" if sys.platform == "linux" else "spawn"  # forked processes share the images in memory
NEAR = 20  # pairs that may stand in for a damaged one
AHEAD = 4  # batches that each process makes in advance


class Batch(NamedTuple):
    """Pairs for one step; with --lambda_stable 2N inputs, second shots of the same images after the first."""

    a: Tensor  # inputs, NxCxHxW uint8
    b: Tensor  # targets, likewise
    damaged: list[str]  # a line for each pair that could not be read
    shifts: Tensor | None = None  # Nx2: by how many pixels (down, right) the second shots have moved


class Batches:
    """The training pairs, epoch by epoch.

    Attributes:
        workers: processes that load them, to be set before the first epoch; 0: this one.

    A last batch that is not full is completed from the beginning of its epoch's order.
    """

    def __init__(self, dataset: PairDataset, options: Options) -> None:
        self.dataset, self.options = dataset, options
        self._sampler: list[list[int]] = []
        self._weights = sample_weights(dataset, options.sample_weights)
        self._loader: DataLoader | None = None
        self._slots: Slots | None = None
        self.workers = 0 if options.num_threads == "auto" else int(options.num_threads)

    def __len__(self) -> int:
        """Steps per epoch."""
        return -(-len(self.dataset) // (self.options.batch_size * parallel.world()))

    def epoch(self, epoch: int, position: int = 0) -> Iterator[Batch]:
        """Batches of `epoch` (the first is 1) from step `position` on. In the place of a damaged pair stands the next one; what was
        wrong with it comes along.

        Raises OSError or ValueError with one line where too many are damaged, or do not fit together.
        """
        whole = self.options.batch_size * parallel.world()
        order = self._order(epoch)
        order = np.resize(order, len(self) * whole).tolist()
        self.dataset.set_epoch(epoch)
        self._loader = self._loader or self._new_loader()
        count = self._slots.count if self._slots else 1
        self._sampler[:] = [[i % count, *parallel.part(order[i * whole:(i + 1) * whole])] for i in range(position, len(self))]
        for batch in self._loader:
            if isinstance(batch, Exception):
                raise batch
            yield self._taken(batch) if isinstance(batch, Left) else batch

    def close(self) -> None:
        """Let the workers go."""
        self._loader = self._slots = None

    def _new_loader(self) -> DataLoader:
        self.dataset.originals.store.processes = max(1, self.workers)
        self._slots = self._new_slots() if self.workers and START == "fork" else None
        return DataLoader(_Items(self.dataset, self._slots), batch_sampler=_Fixed(self._sampler), num_workers=self.workers,
                          collate_fn=_whole, persistent_workers=self.workers > 0,
                          pin_memory=torch.cuda.is_available() and not self._slots,
                          worker_init_fn=_uninterrupted, multiprocessing_context=START if self.workers else None,
                          prefetch_factor=AHEAD if self.workers else None,
                          generator=torch.Generator())  # its own: starting an epoch twice must not shift the run's random numbers

    def _new_slots(self) -> Slots | None:
        """As many as batches can be under way; None where all are sent: sizes differ, or there is no memory."""
        with suppress(OSError, ValueError, OverflowError):
            if self.options.one_size:
                item = self.dataset.images(0)
                size = self.options.batch_size * sum(item[key].size for key in ("A", "A2", "B") if key in item)
                return Slots(AHEAD * self.workers + 1, size)
        return None

    def _taken(self, left: Left) -> Batch:
        assert self._slots is not None
        a, b = (x.permute(0, 3, 1, 2) for x in self._slots.take(left))
        return Batch(a, b, left.damaged, left.shifts)

    def _order(self, epoch: int) -> np.ndarray:
        if self.options.serial_batches:
            return np.arange(len(self.dataset))
        rng, count = np.random.default_rng((self.options.seed, epoch)), len(self.dataset)
        if self._weights is None:
            return rng.permutation(count)
        reached = np.cumsum(self._weights) / self._weights.sum() * count + rng.random()  # each as often as its share
        return rng.permutation(np.searchsorted(reached, np.arange(1, count + 1)).clip(max=count - 1))


def sample_weights(pairs: PairDataset, text: str) -> np.ndarray | None:
    """One weight per pair by --sample_weights, None where all are alike. What counts is the name of the file or a folder, of the pair or
    of the image that it was made from; the first rule that fits. Raises ValueError."""
    rules = weights_by_name(text)
    if not rules:
        return None
    sources = {pair.get("file"): pair.get("source", "") for pair in (pairs.manifest or {}).get("pairs", ())}
    files = [path.relative_to(pairs.root).as_posix() for path in pairs.paths]
    names = [{part.lower() for name in (file, sources.get(file, "")) for part in re.split(r"[/\\]", name)} for file in files]
    weights = np.ones(len(names))
    known = np.zeros(len(names), bool)
    for pattern, weight in rules:
        fits = np.array([any(fnmatch(part, pattern.lower()) for part in parts) for parts in names])
        if not fits.any():
            raise ValueError(f"--sample_weights {pattern}: no pair in {pairs.root / pairs.phase} has such a name")
        weights[fits & ~known] = weight
        known |= fits
    return weights


def _uninterrupted(worker: int) -> None:
    """Ctrl-C reaches every process of a terminal; only the training decides what follows from it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Fixed:
    """Batches of indices that are decided before each epoch."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[list[int]]:
        return iter(list(self.batches))

    def __len__(self) -> int:
        return len(self.batches)


class _Items(Dataset):
    """Whole batches: [slot, index, index, ...] -> a batch, which lies in that slot if it can, or what is wrong with it.

    Where an item is damaged, the next one stands; what was wrong comes with it. One error is handed over as it is, instead of ending a
    worker with a traceback, when nothing near can be read.
    """

    def __init__(self, dataset: PairDataset, slots: Slots | None = None) -> None:
        self.dataset, self.slots = dataset, slots

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitems__(self, numbers: list[int]) -> Batch | Left | Exception:
        slot, *indices = numbers
        try:
            items = [self._item(index) for index in indices]
            return collate(items, self.slots, slot)
        except (OSError, ValueError) as error:
            return error

    def _item(self, index: int) -> dict[str, Any]:
        damaged: list[str] = []
        for other in range(index, index + NEAR):
            try:
                return self.dataset.images(other % len(self.dataset)) | {"damaged": damaged}
            except (OSError, ValueError) as error:
                damaged.append(format_error(error))
                last = error
        raise last


def collate(items: list[dict[str, Any]], slots: Slots | None = None, slot: int = 0) -> Batch | Left:
    """Items -> one batch, in its slot where there are slots that it fits into. Raises ValueError where their sizes differ."""
    for item in items:
        if item["A"].shape != items[0]["A"].shape:
            sizes = ["x".join(map(str, i["A"].shape[1::-1])) for i in (item, items[0])]
            raise ValueError(f"{item['path']}: {sizes[0]} pixels in a batch of {sizes[1]}, expected one size: "
                             "use --preprocess resize_and_crop or --batch_size 1")
    damaged = [text for item in items for text in item.get("damaged", ())]
    shots, targets = [item[key] for key in ("A", "A2") for item in items if key in item], [item["B"] for item in items]
    shifts = torch.tensor([item["shift"] for item in items]) if "shift" in items[0] else None
    shapes = [(len(images), *images[0].shape) for images in (shots, targets)]
    room = slots.arrays(slot, shapes) if slots else None
    for images, array in zip((shots, targets), room or (), strict=False):
        np.stack(images, out=array)
    if room:
        return Left(slot, shapes, damaged, shifts)
    a, b = (torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2) for images in (shots, targets))
    return Batch(a, b, damaged, shifts)


def _whole(batch: Any) -> Any:
    return batch


def training_pairs(root: Path, options: Options, cache: int = 0) -> PairDataset:
    """The augmented training phase; `cache` bytes of memory keep its images. Raises OSError or ValueError with one line."""
    return PairDataset(root, "train", flip=not options.no_flip, load_size=options.load, max_dataset_size=options.max_dataset_size,
                       color_jitter=options.color_jitter, geometry_jitter=options.geometry_jitter,
                       shots=Shots(options.camera_jitter, options.min_crop, options.lift_dark, options.bare_walls,
                                   options.lambda_stable > 0),
                       cache=cache, **_common(options))


def remarks(pairs: PairDataset, held_out: PairDataset | None, trained: tuple[int, int], options: Options) -> list[str]:
    """Remarks on the data that help before a long training. trained: (height, width) that the network meets."""
    found = [remark] if (remark := pairs.remark()) else []
    if len(pairs) == 1:
        found.append(f"{pairs.root}: only one pair: the network will learn this one image by heart and nothing else; {BETTER}")
    if pairs.recipe is None:
        found.append(f"{pairs.root}: no recipe in its manifest.json: the model will not set the live preprocessing by itself")
    with suppress(OSError):
        height, width = pairs.size()
        squeezed = not options.min_crop and abs(width * trained[0] - height * trained[1]) > 0.1 * height * trained[1]
        if squeezed and options.preprocess in ("resize_and_crop", "scale_width"):
            found.append(f"{pairs.root}: the images are {width}x{height}, the network is trained on them squeezed to "
                         f"{trained[1]}x{trained[0]}; a --crop_size of their own shape, such as 512x256, keeps the proportions")
    if held_out is None:
        found.append(f"{pairs.root}: no folder val or test: nothing to validate on, samples are of training pairs")
    return found


def image_size(pairs: PairDataset) -> tuple[int, int]:
    """(height, width) of what the first pair that can be read becomes. Raises OSError or ValueError with one line."""
    for index in range(min(NEAR, len(pairs))):
        try:
            height, width = pairs.images(index)["A"].shape[:2]
            return height, width
        except (OSError, ValueError) as error:
            last = error
    raise last


def check_sizes(spec: Generator, pairs: PairDataset, held_out: PairDataset | None, options: Options) -> tuple[int, int]:
    """(height, width) that the generator is trained at, which is the size of the finished model.

    Raises OSError or ValueError with one line when the generator cannot take what the phases give; pairs held out may be damaged.
    """
    trained = image_size(pairs)
    check_size(spec, trained, options)
    if held_out is not None:
        try:
            size = image_size(held_out)
        except (OSError, ValueError):
            return trained
        check_size(spec, size, options)
    return trained


def validation_pairs(root: Path, options: Options, cache: int = 0) -> PairDataset | None:
    """The held-out phase (val, else test), not augmented; None when the dataset has none."""
    load_size = options.load if "scale" in options.preprocess else options.crop
    for phase in ("val", "test"):
        try:
            return PairDataset(root, phase, flip=False, load_size=load_size, max_dataset_size=options.val_size, recipe_jitter=False,
                               shots=Shots(min_crop=options.min_crop, lift_dark=options.lift_dark, twice=True), cache=cache,
                               **_common(options))
        except (FileNotFoundError, ValueError):
            continue
    return None


def _common(options: Options) -> dict[str, Any]:
    return {"direction": "" if options.direction == "auto" else options.direction, "crop_size": options.crop,
            "preprocess": options.preprocess, "seed": options.seed, "input_nc": options.input_nc, "output_nc": options.output_nc}
