"""Default training options for a dataset of a certain size."""

from dataclasses import dataclass
from typing import Any

from msa.words import counted

from .presets import PAINTERS, PRESETS

FEW = 100  # pairs: fewer are learned by heart
BETTER = "a few hundred of similar things in similar light are better"
FRAMES = 2000  # of all films together: 1000 are the least, 3000 to 5000 as good as it gets at 256 pixels
MIN_CHANGE = 2.0  # grey levels: frames that differ by less teach nothing new
PAIRS_SEEN = {"live": 60_000, "painter": 90_000, "projected": 90_000, "classic": 120_000, "quality": 200_000, "student": 20_000,
              "style": 8_000}  # in all
LENGTHS = {"short": 0.25, "usual": 1.0, "long": 2.5}  # of the usual number of epochs: a first look, or as good as it gets
LEAST = 6  # epochs of a student, or of a style: any images will do
EPOCHS = (30, 200)  # fewer leave an image half learned, more learn few images by heart


@dataclass(frozen=True)
class Plan:
    """Training options for a dataset."""

    options: dict[str, Any]
    advice: str  # for people


def few(pairs: int, preset: str) -> str:
    """What people should know where pairs to learn from are few; "" where they are not."""
    if pairs >= FEW:
        return ""
    effect = "it will have few colours and forms to paint with" if preset in PAINTERS else "it will learn these by heart and little else"
    return f"few for a network: {effect}; {BETTER}"


def frames_per_film(films: int, frames: int = FRAMES) -> int:
    """How many frames to take of each of so many films, for so many of all together."""
    return max(200, frames // max(films, 1))


def plan(pairs: int, preset: str, size: int, kept: int = 0, length: str = "usual") -> Plan:
    """Options on top of `preset` for so many training pairs at `size` pixels (256, 512 or 1024).

    kept: pairs that are not trained on. length: one of LENGTHS.
    """
    epochs = min(EPOCHS[1], max(EPOCHS[0] if preset in PRESETS else LEAST, round(PAIRS_SEEN[preset] / max(pairs, 1))))
    epochs = round(epochs * LENGTHS[length])
    decay = epochs // 3 if preset != "classic" else epochs // 2
    options: dict[str, Any] = {"n_epochs": epochs - decay, "n_epochs_decay": decay, "crop_size": size, "load_size": round(size * 286 / 256)}
    if size != 256:
        options["netG"] = f"unet_{size}"
    if pairs < 400 and preset != "classic":
        options["diffaugment"] = "color,translation,cutout"
    if pairs < 8:
        options["batch_size"] = 1
    advice = few(pairs, preset)
    return Plan(options, advice and f"{counted(pairs + kept, 'image')}, {pairs} to learn from and {kept} kept to check, are {advice}")
