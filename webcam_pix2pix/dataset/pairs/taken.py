"""What the inputs of `prepare` are taken for where nobody says: photographs, finished pairs, or inputs and targets in two folders."""

from pathlib import Path

from ..manifest import FRAMES, read_manifest
from .files import images_in
from .layout import HARDLY, MOST, PHASE_NAMES, SURE, appearance_of, find_sides, same_names, wide

KINDS = ("auto", "photos", "pairs", "ab")
TAKEN = {"photos": "photographs, the inputs are made of them", "pairs": "finished pairs side by side, inputs on the left",
         "ab": "inputs (A) and targets (B) in folders of their own"}


class Unclear(ValueError):
    """The inputs can be read in two ways; the user has to say which is meant."""


def taken_for(places: list[tuple[str, Path]], out: Path) -> str:
    """What the inputs are, by looking. Raises Unclear where they can be read in two ways."""
    (name, path), *others = places
    if not others and find_sides(path):
        return "ab"
    if len(others) == 1 and path.is_dir() and others[0][1].is_dir() and not path.samefile(others[0][1]):
        other = others[0][1]
        if (path.name.lower()[-2:], other.name.lower()[-2:]) in (("a", "b"), ("_a", "_b"), ("-a", "-b")):
            return "ab"
        if _twins(path, other, out):
            raise Unclear(f"{name}, {others[0][0]}: files of the same names in both; say --as ab if the first holds inputs and the second "
                          "their targets, or --as photos if both hold photographs")
    inside = []
    if path.is_dir() and not others:
        inside = [p for p in sorted(path.iterdir()) if p.is_dir() and not p.name.startswith(".") and p.resolve() != out.resolve()]
    if len(inside) == 2 and read_manifest(path, FRAMES) is None and _twins(inside[0], inside[1], out):
        raise Unclear(f"{name}: files of the same names in {inside[0].name} and {inside[1].name}; give the folder of inputs, the folder of "
                      "targets and --as ab, or --as photos if both hold photographs")
    paired = [path for name, path in places if path.is_dir() and _paired(name, path, out)]
    if paired and len(paired) < len(places):
        raise ValueError(f"{paired[0]}: holds finished pairs, the other inputs do not; run prepare once for each kind")
    return "pairs" if paired else "photos"


def _twins(one: Path, other: Path, out: Path) -> bool:
    first, second = images_in(one, out), images_in(other, out)
    return len(first) > 1 and len(first) == len(second) and same_names(first, second) == 1


def _paired(name: str, path: Path, out: Path) -> bool:
    """Whether a folder holds finished pairs. Raises Unclear."""
    doubt = Unclear(f"{name}: images that look like two side by side; say --as pairs if they are finished pairs, or --as photos")
    if read_manifest(path, FRAMES) is not None:
        return False
    phases = [p for p in (*path.glob("*/"), *path.glob("*/*/"), path) if p.name.lower() in PHASE_NAMES and p.is_dir()]
    files = [folder / file for folder in phases for file in images_in(folder, out)]
    if not phases:
        files = [path / file for file in images_in(path, out)]
        if not files or not wide(files):  # then looking at the images themselves is worth its time
            return False
    seen = appearance_of(files)
    if seen is None:
        return False
    if not phases:
        if seen.paired >= SURE:
            raise doubt
        return False
    most, hardly = (MOST, HARDLY) if seen.size[0] > seen.size[1] else (SURE, MOST)  # few pairs are as high as they are wide
    if seen.double or seen.paired >= most:
        return True
    if seen.paired > hardly and seen.count > 4:
        raise doubt
    return False
