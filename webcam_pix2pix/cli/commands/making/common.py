"""What the commands that make a model from footage share: its dataset, its run, and going on with both."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msa.files import check_writable
from webcam_pix2pix.model import user_models_folder
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.training.runs.runfolder import RunFolder, differences, find_run, new_run
from webcam_pix2pix.training.setup.options import Options, given_options
from webcam_pix2pix.training.setup.plan import MIN_CHANGE, frames_per_film, plan
from webcam_pix2pix.training.setup.presets import PRESETS, preset

from ...errors import UsageError
from ...footage import ProgressLine, tell_unusable
from ...output import say

LOAD = 286 / 256  # what is stored, of what is trained on


def add_places(parser: argparse.ArgumentParser) -> None:
    """Declare where things go."""
    parser.add_argument("--data", type=Path, default=Path("datasets"), metavar="DIR", help="where datasets are made (default: datasets)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where run folders are made (default: runs)")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where the model goes (default: your models folder)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes that prepare (default: one per core)")


def checked_models_folder(args: argparse.Namespace, name: str, inputs: list[str]) -> Path:
    """The folder of the finished model, once names, inputs and folder are known to be usable. Raises OSError or ValueError."""
    new_run(args.runs, name)  # a name that cannot be a folder's is told before the work
    missing = [text for text in inputs if "://" not in text and not Path(text).exists()]
    if missing:
        raise FileNotFoundError(f"{missing[0]}: no such film, image or folder")
    models = args.models or user_models_folder()
    try:
        check_writable(models)
    except OSError as error:
        raise OSError(f"{error}: the finished model cannot be saved there; choose another folder with --models DIR") from None
    return models


def made_dataset(inputs: list[str], recipe: Recipe, dataset: Path, size: tuple[int, int], frames: int,
                 workers: int | None, min_change: float = MIN_CHANGE, min_crop: float = 0.0) -> tuple[Mapping[str, int], bool]:
    """Make a dataset of photographs, or go on making it. Gives the number of pairs by phase, and whether all could be used.

    size: (height, width) that is trained on. frames: as many are taken of all films together, min_change: those that differ by less
    grey levels are left out. min_crop: least share of an image that is cut out in training: then images keep their shapes, and are large
    enough that such a part need not be enlarged. Raises ValueError or OSError with one line.
    """
    from msa.content import listed_as
    from webcam_pix2pix.dataset.footage.selection import Selection
    from webcam_pix2pix.dataset.pairs.files import list_files
    from webcam_pix2pix.dataset.prepare import PrepareJob, prepare
    paths = [Path(text) for text in inputs if "://" not in text]
    files = [path for top in paths for path in ([top] if top.is_file() else (top / file for file in list_files(top)))]
    films = [path for path in files if listed_as(path) == "film"]
    loaded = round(size[0] * LOAD), round(size[1] * LOAD)
    stored, seen = ((round(min(loaded) / min_crop), 0), loaded) if min_crop else (loaded, None)
    job = PrepareJob(tuple(inputs), recipe, "photos", size=stored, stores="photos", seed=0, seen=seen,
                     selection=Selection(count=frames_per_film(len(films), frames)), min_change=min_change if films else 0.0)
    line = ProgressLine("image")
    try:
        report = prepare(job, dataset, workers, line, say=say)
    finally:
        line.close()
    if not report.pairs.get("train"):
        raise ValueError(f"nothing usable in {', '.join(inputs)}")
    say(f"dataset: {dataset}, {', '.join(f'{phase} {count}' for phase, count in report.pairs.items())}")
    tell_unusable([entry["skipped"] for entry in report.skipped])
    return report.pairs, not report.skipped


def chosen_options(args: argparse.Namespace, pairs: Mapping[str, int], preset_name: str, size: int, own: dict[str, Any],
                   length: str = "usual") -> Options:
    """Training options for so many pairs by phase: of the preset or task, then `own`, then those given. Tells people what they should know.

    Raises UsageError.
    """
    chosen = plan(pairs["train"], preset_name, size, sum(pairs.values()) - pairs["train"], length)
    try:
        options = preset(preset_name).with_values(chosen.options | own | given_options(args))
    except ValueError as error:
        raise UsageError(str(error)) from None
    if chosen.advice and preset_name in PRESETS:  # a student or a style learns from any images
        say(chosen.advice)
    return options


def run_for(args: argparse.Namespace, name: str, dataset: Path, options: Options, preset_name: str) -> RunFolder:
    """The run of that name: new, or the one to go on with. Raises UsageError where that was started with other options."""
    folder = find_run(args.runs, name)
    if folder is None:
        folder = new_run(args.runs, name)
        folder.create(dataset, options, preset_name)
        return folder
    _, before, _ = folder.read_options()
    if other := differences(before, options):
        raise UsageError(f"--{other[0]} {getattr(options, other[0])}: {folder.path} was started with {getattr(before, other[0])}; "
                         "use another NAME")
    with folder.taken():
        folder.write_options(dataset, options, preset_name)
    return folder
