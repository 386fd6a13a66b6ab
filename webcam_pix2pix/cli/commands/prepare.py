"""Make a pix2pix dataset from images, folders, films or published datasets: side-by-side pairs in train/, val/, test/, and manifest.json.

Inputs are made by the chain of the live application, and the recipe goes with the dataset into the model. Stopped or killed, the same
command goes on where it was. What cannot be read is listed and left out.

Exit code 0: everything was used; 3: done, but some files were not usable; 1: nothing was.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

from msa.images import parse_ground
from msa.words import counted
from webcam_pix2pix.dataset.checks.lint import Lint, lint, summary
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.dataset.pairs.makers import FITS, FORMATS, INPUT_IS, SIDES, STORES
from webcam_pix2pix.dataset.pairs.pairing import RULES as MATCHES
from webcam_pix2pix.dataset.pairs.recipes import DESCRIPTIONS, RECIPES, parse_ranges, with_settings
from webcam_pix2pix.dataset.pairs.split import RULES, parse_fractions
from webcam_pix2pix.dataset.pairs.taken import KINDS, Unclear
from webcam_pix2pix.dataset.prepare import SPLIT, PrepareJob, Report, prepare
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import parse_assignments

from ..errors import PARTIAL, UsageError
from ..footage import ProgressLine, add_selection, parse_size, selection, tell_unusable
from ..model_options import preset_values
from ..output import again, note, result, say

EXAMPLES = """examples:
  webcam-pix2pix prepare photos dataset                            edges at two scales, 256x256
  webcam-pix2pix prepare film.mp4 dataset --fps 4 --min-change 2   a film, by scene to train, val and test
  webcam-pix2pix prepare photos dataset --recipe tone --jitter     the recipe's values vary from pair to pair
  webcam-pix2pix prepare photos dataset --set EdgeDetection.method=adaptive --size 512
  webcam-pix2pix prepare edges photos dataset --as ab              two folders, matched by name
  webcam-pix2pix prepare edges2shoes.tar.gz dataset                published pairs: the input is their left half
  webcam-pix2pix prepare facades.tar.gz dataset --input-is right   facades, cityscapes: photos from labels, which are on the right
  webcam-pix2pix prepare --check dataset --compare 0               look for mistakes; does the camera match?
"""
FPS = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="*", metavar="IN ... OUT", help="images, films, folders (with all below them), archives, or http "
                        "addresses of films and archives; last, a new folder for the dataset")
    recipe = parser.add_argument_group("what the network will see")
    recipe.add_argument("--recipe", default="edges", metavar="NAME|MODEL", help="a model (its recipe), or one of "
                        + "; ".join(f"{name}: {text}" for name, text in DESCRIPTIONS.items()))
    recipe.add_argument("--preset", metavar="FILE|NAME", help="settings saved from the window, or a snapshot (.png)")
    recipe.add_argument("--set", metavar="Group.name=value", action="append", default=[], dest="assignments",
                        help="one setting of the recipe, such as EdgeDetection.blur_sigma=1.2; may be given several times")
    recipe.add_argument("--jitter", metavar="Group.name=low:high", nargs="*", action="extend",
                        help="vary settings from pair to pair, the Canny thresholds together; without ranges, the usual ones")
    recipe.add_argument("--store", choices=STORES, default="pairs",
                        help="photos: store photographs only, train makes the inputs (and draws the jitter anew each time)")
    pairs = parser.add_argument_group("pairs")
    pairs.add_argument("--as", choices=KINDS, default="auto", dest="kind",
                       help="what the inputs are: photos, side-by-side pairs, or folders A (input) and B; default: decided by content")
    pairs.add_argument("--match", choices=("auto", *MATCHES), default="auto", help="how files of A find their partner in B: same name, "
                       "same name but for _A and _B, or in order")
    pairs.add_argument("--size", default="256", metavar="N|WxH|original", help="pixels of one half (default 256)")
    pairs.add_argument("--fit", choices=FITS, default=None, help="how an image is brought to size: crop the centre (default), stretch, "
                       "pad with black, or as many crops as cover it")
    pairs.add_argument("--ground", default="white", metavar="COLOUR", help="what transparent images show: a name such as white or black, "
                       "or #rrggbb (default: %(default)s)")
    pairs.add_argument("--input-is", choices=INPUT_IS, default="left", help="where the input is in pairs that exist: which half, or with "
                       "two folders left for the first, right for the second (default: left)")
    pairs.add_argument("--side", choices=SIDES, default="input-left", help="where the input goes in the dataset, whichever half it was "
                       "(default: input-left, which trains as AtoB); train reads it from the manifest")
    pairs.add_argument("--image-format", choices=FORMATS, default="png")
    split = parser.add_argument_group("train, val and test")
    usual = "/".join(f"{100 * share:g}" for share in SPLIT)
    split.add_argument("--split", metavar="TRAIN,VAL,TEST", help=f"shares, such as 80/10/10 (default {usual}, or as published)")
    split.add_argument("--split-by", choices=RULES, help="what stays together: scene (default for films), source (film or folder); "
                       "or random (default for images), or in order")
    split.add_argument("--seed", type=int, default=0, help="of the split and the jitter (default 0)")
    add_selection(parser, FPS)
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one per core)")
    parser.add_argument("--resume", action="store_true", help=argparse.SUPPRESS)  # the same command goes on without it too
    parser.add_argument("--check", action="store_true", help="look for problems in the dataset and write check.html and check.json "
                        "into it; with a single path, in a dataset that exists")
    parser.add_argument("--compare", metavar="SOURCE", help="with --check: camera or film whose edges the dataset should match")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    paths = args.paths + [text for text in args.jitter or [] if "=" not in text]
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers: {args.workers}, expected 1 or more")
    if args.compare and not args.check:
        raise UsageError("--compare: needs --check; give both options")
    if args.check and len(paths) == 1:
        return _check(Path(paths[0]), args)
    if len(paths) < 2:
        raise UsageError("IN ... OUT: expected at least one input and a folder for the dataset")
    job = _job(args, tuple(paths[:-1]))
    line, download = ProgressLine("image"), ProgressLine("B")
    try:
        report = prepare(job, Path(paths[-1]), args.workers, line, loading=download, say=say)
    except Unclear as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        note("prepare", f"stopped. To go on: {again()}")
        raise
    finally:
        line.close()
        download.close()
    _tell(report)
    if not report.total:
        raise ValueError(f"nothing usable in {', '.join(job.inputs)}")
    found = None
    if args.check:
        _check(report.folder, args)
    else:
        found = summary(report.folder)
        _findings(found)
    result({"dataset": report.folder, "pairs": report.pairs, "could_not_be_used": [entry["skipped"] for entry in report.skipped],
            "left_out": len(report.left_out), "without_partner": report.unmatched,
            "findings": [{"level": finding.level, "text": finding.text} for finding in found.findings] if found else []})
    return PARTIAL if report.skipped or report.unmatched else 0


def _job(args: argparse.Namespace, inputs: tuple[str, ...]) -> PrepareJob:
    try:
        size = parse_size(args.size)
    except ValueError as error:
        raise UsageError(f"--size: {error}") from None
    try:
        return PrepareJob(
            inputs, _recipe(args), args.kind, args.match, size, args.fit or "crop", args.side, args.input_is, args.store,
            args.image_format, None if args.split is None else parse_fractions(args.split), args.split_by, args.seed,
            selection(args, FPS), args.min_change, args.sharp, _ground(args.ground))
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from None


def _ground(text: str) -> tuple[int, int, int]:
    try:
        return parse_ground(text)
    except ValueError as error:
        raise ValueError(f"--ground: {error}") from None


def _recipe(args: argparse.Namespace) -> Recipe:
    recipe = RECIPES[args.recipe] if args.recipe in RECIPES else _of_model(args.recipe)
    if args.preset:
        values = {name: value for name, value in preset_values(args.preset).items() if not name.endswith((".flip_h", ".flip_v"))}
        recipe = with_settings(recipe, values, f"--preset {args.preset}")
    recipe = recipe.with_values(parse_assignments(args.assignments), "--set")
    if args.fit:
        recipe = recipe.with_values({"Capture.Processing.fit": args.fit if args.fit != "crops" else "crop"})
    if args.jitter is not None:
        recipe = parse_ranges([text for text in args.jitter if "=" in text], recipe)
    return recipe


def _of_model(name: str) -> Recipe:
    from webcam_pix2pix.model import resolve_model

    try:
        model = resolve_model(name)
    except (ValueError, OSError):
        raise ValueError(f"--recipe {name}: no such recipe or model, expected one of {', '.join(RECIPES)}, or a model") from None
    if model.recipe is None:
        raise ValueError(f"--recipe {name}: this model has no recipe; choose another model or a recipe by name")
    return replace(model.recipe, ranges={})


def _tell(report: Report) -> None:
    if report.total:
        parts = ", ".join(f"{phase} {count}" for phase, count in report.pairs.items())
        say(f"{report.folder}: {counted(report.total, 'pair')} ({parts})")
    if report.note:
        say(report.note)
    for reason, count in Counter(entry["skipped"].partition(":")[0] for entry in report.left_out).items():
        say(f"{count} left out: {reason}")
    tell_unusable([entry["skipped"] for entry in report.skipped])
    tell_unusable(report.unmatched, "without a partner")


def _check(folder: Path, args: argparse.Namespace) -> int:
    from webcam_pix2pix.dataset.checks.page import write_page

    line = ProgressLine("pair")
    try:
        found = lint(folder, args.workers, line)
    finally:
        line.close()
    if args.compare:
        found.comparison = _compared(folder, args.compare, found)
        say(found.comparison["text"])
    _findings(found)
    say(f"see {write_page(found, folder)[0]}")
    if len(args.paths) < 2:
        result(found.to_json())
    return PARTIAL if found.errors else 0


def _compared(folder: Path, source: str, result: Lint) -> dict:
    from webcam_pix2pix.dataset.checks.comparison import compare

    manifest = read_manifest(folder)
    recipe = recipe_of(manifest)
    if manifest is None or recipe is None or result.density is None:
        raise ValueError(f"--compare {source}: {folder} has no recipe, so its edges cannot be compared; leave --compare out")
    height, width = manifest["size"] or (256, 256)
    return compare(source, recipe, (height, width or height), result.density["median"])


def _findings(result: Lint) -> None:
    for finding in result.findings:
        say(f"{finding.level}: {finding.text}")
    if result.density is not None:
        say(f"edges cover {100 * result.density['median']:.1f} % of the pixels (median)")
