"""Make a model from footage in one go: frames, pairs, training, and the model in the browser. The same command resumes a stopped run.

Takes films, folders of images, or both. It chooses the number of frames and epochs; every choice can be given as an option."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from webcam_pix2pix.model import user_models_folder
from webcam_pix2pix.training.runs.runfolder import differences, find_run, new_run
from webcam_pix2pix.training.setup.options import PRESETS, add_options, given_options, preset
from webcam_pix2pix.training.setup.plan import LENGTHS, MIN_CHANGE, frames_per_film, plan

from ..errors import PARTIAL, UsageError
from ..footage import ProgressLine, tell_unusable
from ..output import say
from .train import check_models_folder, tell_model, train_run

EXAMPLES = """examples:
  webcam-pix2pix make-model cactus desert.mp4
  webcam-pix2pix make-model portraits paintings/ more-paintings/ --size 512 --preset quality
  webcam-pix2pix make-model sea waves.mp4 --n_epochs 40 --recipe edges
"""
SIZES = (256, 512, 1024)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("name", metavar="NAME", help="of the model")
    parser.add_argument("inputs", nargs="+", metavar="VIDEO|FOLDER", help="films, images, folders with any of them")
    parser.add_argument("--size", type=int, choices=SIZES, default=256, help="pixels of the model (default 256)")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="live", help="default: live, small and fast on a laptop")
    parser.add_argument("--length", choices=tuple(LENGTHS), default="usual", help="of the training: short gives a first look in a quarter "
                        "of the time, long takes two and a half times as long (default usual)")
    parser.add_argument("--recipe", default="tone", metavar="NAME|MODEL", help="what the network will see, as prepare takes it "
                        "(default: tone, edges over soft luminance, with jitter)")
    parser.add_argument("--data", type=Path, default=Path("datasets"), metavar="DIR", help="where datasets are made (default: datasets)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where run folders are made (default: runs)")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where the model goes (default: your models folder)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes that prepare (default: one per core)")
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    new_run(args.runs, args.name)  # a name that cannot be a folder's is told before the work
    missing = [text for text in args.inputs if "://" not in text and not Path(text).exists()]
    if missing:
        raise FileNotFoundError(f"{missing[0]}: no such film, image or folder")
    models = args.models or user_models_folder()
    check_models_folder(models)
    dataset = args.data / args.name
    pairs, whole = _prepare(args, dataset)
    options, advice = _options(args, pairs["train"], sum(pairs.values()) - pairs["train"])
    if advice:
        say(advice)
    folder = find_run(args.runs, args.name)
    if folder is None:
        folder = new_run(args.runs, args.name)
        folder.create(dataset, options, args.preset)
    else:
        _, before, _ = folder.read_options()
        if other := differences(before, options):
            raise UsageError(f"--{other[0]} {getattr(options, other[0])}: {folder.path} was started with {getattr(before, other[0])}; "
                             "use another NAME")
        with folder.taken():
            folder.write_options(dataset, options, args.preset)
    if folder.finished_epochs() < options.epochs and not train_run(dataset, folder, options):
        return 130
    tell_model(folder, models, args.name)
    return 0 if whole else PARTIAL


def _prepare(args: argparse.Namespace, dataset: Path) -> tuple[Mapping[str, int], bool]:
    """Make the dataset, or go on making it; gives the number of pairs by phase, and whether all that was given could be used."""
    from msa.content import listed_as
    from webcam_pix2pix.dataset.footage.selection import Selection
    from webcam_pix2pix.dataset.pairs.files import list_files
    from webcam_pix2pix.dataset.pairs.recipes import RECIPES, parse_ranges
    from webcam_pix2pix.dataset.prepare import PrepareJob, prepare
    from webcam_pix2pix.model import resolve_model
    recipe = RECIPES.get(args.recipe)
    if recipe is None:
        recipe = resolve_model(args.recipe).recipe
        if recipe is None:
            raise ValueError(f"--recipe {args.recipe}: this model has no recipe; choose another model or a recipe by name")
    recipe = parse_ranges([], recipe)
    paths = [Path(text) for text in args.inputs if "://" not in text]
    files = [path for top in paths for path in ([top] if top.is_file() else (top / file for file in list_files(top)))]
    films = [path for path in files if listed_as(path) == "film"]
    load_size = round(args.size * 286 / 256)
    job = PrepareJob(tuple(args.inputs), recipe, "photos", size=(load_size, load_size), stores="photos", seed=0,
                     selection=Selection(count=frames_per_film(len(films))), min_change=MIN_CHANGE if films else 0.0)
    line = ProgressLine("image")
    try:
        report = prepare(job, dataset, args.workers, line, say=say)
    finally:
        line.close()
    if not report.pairs.get("train"):
        raise ValueError(f"nothing usable in {', '.join(args.inputs)}")
    say(f"dataset: {dataset}, {', '.join(f'{phase} {count}' for phase, count in report.pairs.items())}")
    tell_unusable([entry["skipped"] for entry in report.skipped])
    return report.pairs, not report.skipped


def _options(args: argparse.Namespace, pairs: int, kept: int):
    chosen = plan(pairs, args.preset, args.size, kept, args.length)
    try:
        return preset(args.preset).with_values(chosen.options | given_options(args)), chosen.advice
    except ValueError as error:
        raise UsageError(str(error)) from None
