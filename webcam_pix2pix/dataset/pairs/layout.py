"""How a folder of images is laid out: photographs, finished pairs side by side, or inputs and targets in folders of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import cv2
import numpy as np

from msa.content import HEAD, content
from msa.images import read_image
from msa.images.header import read_header

from .pairing import spelled
from .split import PHASES

PHASE_NAMES = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test", "testing": "test"}
# Inputs and targets, as published datasets call them. All but A and B also mean other things: they count where the files match.
SIDES = (("a", "b"), ("input", "target"), ("inputs", "targets"), ("input", "output"), ("inputs", "outputs"), ("source", "target"),
         ("label", "img"), ("labels", "images"), ("label", "image"), ("labels", "imgs"), ("condition", "target"), ("conditions", "images"))
JOINS = ("", "_", "-", " ")
SAMPLES = 24  # images that are looked at
ALIKE, SEAM = 0.2, 1.4  # see _is_pair
MOST, HARDLY = 0.4, 0.25  # share of the samples that look like pairs: from the first on they are, up to the second they are not
WIDE = 1.9  # width by height: few photographs are so wide
SURE = 0.7  # where nothing but the look speaks for pairs


@dataclass(frozen=True)
class Sides:
    """Where the inputs (A) and the targets (B) of one phase are, as folders within the folder that was given."""

    phase: str | None  # None: told by the folders below, or by the split
    a: str
    b: str


def phase_of(inside: PurePath) -> str | None:
    """train, val or test, where a folder of a path says so."""
    return next((PHASE_NAMES[part.lower()] for part in inside.parts[:-1] if part.lower() in PHASE_NAMES), None)


def find_sides(folder: Path) -> list[Sides]:
    """The folders of inputs and targets: A and B, trainA and trainB, train_A, train/A, A/train, input and target, ...; none where it is
    laid out otherwise. A single folder inside is looked into."""
    if not folder.is_dir():
        return []
    below = _folders(folder)
    found = _named(folder, below)
    for name, path in below.items():
        if name.lower() in PHASE_NAMES:
            found += [Sides(PHASE_NAMES[name.lower()], f"{name}/{sides.a}", f"{name}/{sides.b}")
                      for sides in _named(path, _folders(path)) if sides.phase is None]
    if not found and len(below) == 1:
        (name, path), = below.items()
        return [Sides(sides.phase, f"{name}/{sides.a}", f"{name}/{sides.b}") for sides in find_sides(path)]
    return sorted(found, key=lambda sides: PHASES.index(sides.phase) if sides.phase else -1)


def same_names(one: Iterable[PurePath], other: Iterable[PurePath]) -> float:
    """Share of the files of the smaller of two folders whose names, but for the suffix, are in the other too."""
    first, second = ({spelled(p.with_suffix("").as_posix()) for p in files} for files in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))


@dataclass(frozen=True)
class Appearance:
    """What the images themselves say. paired: share of the samples that look like two images side by side."""

    paired: float
    double: bool  # all are twice as wide as high
    size: tuple[int, int]  # width and height of the first
    count: int  # of samples that could be read


def appearance_of(files: Sequence[Path]) -> Appearance | None:
    """Look at some of `files`, spread over all; None when none of them can be read."""
    shapes, paired = [], 0
    for file in files[::max(1, len(files) // SAMPLES)][:SAMPLES]:
        try:
            image = read_image(file)
        except (OSError, ValueError):
            continue
        shapes.append((image.shape[1], image.shape[0]))
        paired += _is_pair(image)
    if not shapes:
        return None
    return Appearance(paired / len(shapes), all(width == 2 * height for width, height in shapes), shapes[0], len(shapes))


def wide(files: Sequence[Path]) -> bool:
    """Whether some of `files`, spread over all, are of one size and nearly twice as wide as high, or wider. Reads no pixel."""
    sizes = set()
    for file in files[::max(1, len(files) // SAMPLES)][:SAMPLES]:
        try:
            data = file.read_bytes()
            kind = content(data[:HEAD])
            header = read_header(data, kind.kind if kind else "")
        except (OSError, ValueError):
            continue
        sizes.add((header.width, header.height))
    return len(sizes) == 1 and all(width >= WIDE * height for width, height in sizes)


def halves_or_not(root: Path, phase: str, files: Sequence[Path]) -> str:
    """What a dataset without a manifest is taken for when its images are cut into halves, in one line, with a warning where they do not
    look like it."""
    sides = next((s for s in find_sides(root) if s.phase in (phase, None)), None)
    make = f"make a dataset of pairs first: webcam-pix2pix prepare {root} NEW-FOLDER"
    if sides is not None:
        return (f"warning: {root}: inputs and targets lie in folders of their own ({sides.a} and {sides.b}), and each image would be cut "
                f"into halves; {make}")
    seen = appearance_of(files)
    if seen is None:
        return ""
    width, height = seen.size
    if not seen.double and seen.paired <= (HARDLY if width > height else SURE):
        return (f"warning: {root}: the images in {phase} do not look like pairs; single photographs of {width}x{height} would be cut "
                f"into halves of {width // 2}x{height}; {make}")
    return f"{root}: taken for finished pairs side by side, {width // 2}x{height} each half"


def _is_pair(image: np.ndarray) -> bool:
    """Whether the two halves show the same thing, or meet in a seam.

    The outlines of the halves are compared without what whole rows and columns have in common, such as a horizon; a seam is a step from
    column to column as hardly any other is. Of single photographs some 5 % pass.
    """
    width = image.shape[1]
    if width < 16 or image.shape[0] < 8:
        return False
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    steps = np.abs(np.diff(grey.astype(np.float32), axis=1)).mean(axis=0)
    middle = width // 2
    if float(steps[middle - 2:middle + 1].max()) > SEAM * (float(np.percentile(steps, 95)) + 0.5):
        return True
    a, b = _outlines(grey[:, :middle]), _outlines(grey[:, width - middle:])
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return size > 1 and float((a * b).sum()) / size > ALIKE


def _outlines(grey: np.ndarray) -> np.ndarray:
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    strength = np.hypot(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))[2:-2, 2:-2]
    strength = cv2.GaussianBlur(strength, (0, 0), 1.0)
    strength -= strength.mean(axis=0, keepdims=True)
    return strength - strength.mean(axis=1, keepdims=True)


def _named(folder: Path, below: dict[str, Path]) -> list[Sides]:
    """Sides that lie directly in `folder`, by their names."""
    lower = {name.lower(): name for name in below}
    for first, second in SIDES:
        found = [Sides(phase, lower[a], lower[b]) for phase, a, b in _candidates(first, second) if {a, b} <= lower.keys()]
        found = [sides for sides in found if first == "a" or _match(folder / sides.a, folder / sides.b)]
        if found:
            return found
    return []


def _candidates(first: str, second: str) -> Iterable[tuple[str | None, str, str]]:
    yield None, first, second
    for name, phase in PHASE_NAMES.items():
        for join in JOINS:
            yield phase, f"{name}{join}{first}", f"{name}{join}{second}"
            if join:
                yield phase, f"{first}{join}{name}", f"{second}{join}{name}"


def _match(a: Path, b: Path) -> bool:
    names = [[Path(p.name) for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")] for folder in (a, b)]
    return bool(names[0]) and same_names(*names) >= 0.5


def _folders(folder: Path) -> dict[str, Path]:
    try:
        return {p.name: p for p in sorted(folder.iterdir()) if p.is_dir() and not p.name.startswith(".")}
    except OSError:
        return {}
