"""Make a model from footage in one go: frames, pairs, training, and the model in the browser. The same command resumes a stopped run.

Takes films, folders of images, or both. It chooses the number of frames and epochs; every choice can be given as an option.
With --style the model paints what the camera sees in the style of one image; the footage is what it practises on."""

import argparse
from pathlib import Path
from typing import Any

from webcam_pix2pix.model import resolve_model
from webcam_pix2pix.preprocessing import EdgeDetection, Processing
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.training.setup.options import add_options
from webcam_pix2pix.training.setup.plan import FRAMES, LENGTHS
from webcam_pix2pix.training.setup.presets import PAINTERS, PRESETS, preset

from ...errors import PARTIAL, UsageError
from ..train import tell_model, train_run
from .common import add_places, checked_models_folder, chosen_options, made_dataset, run_for

EXAMPLES = """examples:
  webcam-pix2pix make-model cactus desert.mp4
  webcam-pix2pix make-model portraits paintings/ more-paintings/ --size 512 --preset quality
  webcam-pix2pix make-model sea waves.mp4 --n_epochs 40 --recipe edges
  webcam-pix2pix make-model starry --style painting.jpg --on classroom.mp4
"""
SEEN = dict.fromkeys(PAINTERS, "color-soft")  # recipe by preset: a painter keeps the colours of what it is shown
SIZES = (256, 512, 1024)
PRACTICE = 800  # frames of all films together, where only the style is learned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("name", metavar="NAME", help="of the model")
    parser.add_argument("inputs", nargs="*", metavar="VIDEO|FOLDER", help="films, images, folders with any of them")
    parser.add_argument("--on", nargs="+", default=[], metavar="VIDEO|FOLDER", help="the same, after options")
    parser.add_argument("--size", type=int, choices=SIZES, default=256, help="pixels of the model (default 256)")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="default: live, small and fast on a laptop")
    parser.add_argument("--length", choices=tuple(LENGTHS), default="usual", help="of the training: short gives a first look in a quarter "
                        "of the time, long takes two and a half times as long (default usual)")
    parser.add_argument("--recipe", metavar="NAME|MODEL", help="what the network will see, as prepare takes it (default: tone, edges over "
                        "soft luminance, with jitter; color-soft for painters; with --style the image as it is)")
    add_places(parser)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    inputs = [*args.inputs, *args.on]
    if not inputs:
        raise UsageError("VIDEO|FOLDER: missing; give films, images or folders to learn from")
    if args.style and args.preset:
        raise UsageError(f"--preset {args.preset}: not together with --style, which has its own")
    models = checked_models_folder(args, args.name, inputs)
    own = _style(args) if args.style else {}
    kind = "style" if args.style else args.preset or "live"
    as_it_is = Recipe(Processing(flip_h=False), EdgeDetection(method="none"))
    recipe = _recipe(args.recipe or SEEN.get(kind, "tone")) if args.recipe or not args.style else as_it_is
    dataset = args.data / args.name
    pairs, whole = made_dataset(inputs, recipe, dataset, (args.size, args.size), PRACTICE if args.style else FRAMES, args.workers,
                                min_crop=preset(kind).min_crop)
    options = chosen_options(args, pairs, kind, args.size, own, args.length)
    folder = run_for(args, args.name, dataset, options, kind)
    if folder.finished_epochs() < options.epochs and not train_run(dataset, folder, options):
        return 130
    tell_model(folder, models, args.name)
    return 0 if whole else PARTIAL


def _style(args: argparse.Namespace) -> dict[str, Any]:
    """Options of a model in the style of one image, once everything that it needs is there. Raises OSError or ValueError."""
    from webcam_pix2pix.evaluation.backbone import load_backbone
    from webcam_pix2pix.training.objectives.style import read_style, weights_for_style
    read_style(args.style, (args.size, args.size))
    weights = args.perceptual_weights or weights_for_style()
    load_backbone(weights, bool(args.download_weights))
    args.style, args.perceptual_weights = str(Path(args.style).resolve()), weights  # whoever goes on may stand in another folder
    return {"netG": "unet_64", "diffaugment": "", "val_freq": 1_000_000}  # how near it is to the camera image says nothing


def _recipe(name: str) -> Recipe:
    from webcam_pix2pix.dataset.pairs.recipes import RECIPES, parse_ranges
    recipe = RECIPES.get(name)
    if recipe is None:
        recipe = resolve_model(name).recipe
        if recipe is None:
            raise ValueError(f"--recipe {name}: this model has no recipe; choose another model or a recipe by name")
    return parse_ranges([], recipe)
