"""Images, folders, films or published datasets -> a pix2pix dataset: side-by-side pairs in train/, val/ and test/, and manifest.json.

Inputs are made by the chain of the live application, and the recipe goes with the dataset into the model. What cannot be read is
listed and left out. Exit code 0: everything was used; 3: done, but some files were not usable; 1: nothing was."""

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from msa.images import parse_ground
from webcam_pix2pix.dataset.lint import Lint, lint, summary
from webcam_pix2pix.dataset.makers import FITS, FORMATS, SIDES, STORES
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.dataset.pairing import RULES as MATCHES
from webcam_pix2pix.dataset.prepare import SPLIT, PrepareJob, Report, prepare
from webcam_pix2pix.dataset.recipes import DESCRIPTIONS, RECIPES, parse_ranges, with_settings
from webcam_pix2pix.dataset.split import RULES, parse_fractions
from webcam_pix2pix.dataset.taken import KINDS, Unclear
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import BUILT_IN_PRESETS, parse_assignments, read_preset

from .errors import UsageError
from .footage import PARTIAL, ProgressLine, add_selection, parse_size, selection

EXAMPLES = """examples:
  webcam-pix2pix prepare photos dataset                            edges at two scales, 256x256
  webcam-pix2pix prepare film.mp4 dataset --fps 4 --min-change 2   a film, by scene to train, val and test
  webcam-pix2pix prepare photos dataset --recipe tone --jitter     the recipe's values vary from pair to pair
  webcam-pix2pix prepare photos dataset --set EdgeDetection.method=adaptive --size 512
  webcam-pix2pix prepare edges photos dataset --as ab              two folders, matched by name
  webcam-pix2pix prepare facades.tar.gz dataset                    a published dataset
  webcam-pix2pix prepare --check dataset --compare 0               look for mistakes; does the camera match?
"""
FPS = 2.0
LISTED = 20  # files named on the terminal; the manifest has them all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="IN ... OUT", help="images, films, folders (with all below them), archives, or http "
                        "addresses of films and archives; last, a new folder for the dataset")
    recipe = parser.add_argument_group("what the network will see")
    recipe.add_argument("--recipe", default="edges", metavar="NAME|MODEL", help="a model (its recipe), or one of "
                        + "; ".join(f"{name}: {text}" for name, text in DESCRIPTIONS.items()))
    recipe.add_argument("--preset", metavar="FILE|NAME", help="settings saved from the window")
    recipe.add_argument("--set", metavar="Group.name=value", action="append", default=[], dest="assignments",
                        help="one setting of the recipe, such as EdgeDetection.blur_sigma=1.2; may be given several times")
    recipe.add_argument("--jitter", metavar="Group.name=low:high", nargs="*", action="extend",
                        help="vary settings from pair to pair, the Canny thresholds together; without ranges, the usual ones")
    recipe.add_argument("--store", choices=STORES, default="pairs",
                        help="photos: store photographs only, train makes the inputs (and draws the jitter anew each time)")
    pairs = parser.add_argument_group("pairs")
    pairs.add_argument("--as", choices=KINDS, default="auto", dest="kind",
                       help="what the inputs are: photos, side-by-side pairs, or folders A (input) and B; default: told by looking")
    pairs.add_argument("--match", choices=("auto", *MATCHES), default="auto", help="how files of A find their partner in B: same name, "
                       "same name but for _A and _B, or in order")
    pairs.add_argument("--size", default="256", metavar="N|WxH|original", help="pixels of one half (default 256)")
    pairs.add_argument("--fit", choices=FITS, default=None, help="how a picture meets the size: crop the centre (default), stretch, "
                       "pad with black, or as many crops as cover it")
    pairs.add_argument("--ground", default="white", metavar="COLOUR", help="what transparent pictures show: a name such as white or black, "
                       "or #rrggbb (default: %(default)s)")
    pairs.add_argument("--side", choices=SIDES, default="input-left", help="where the input goes; input-left trains with direction AtoB")
    pairs.add_argument("--image-format", choices=FORMATS, default="png")
    split = parser.add_argument_group("train, val and test")
    usual = "/".join(f"{100 * share:g}" for share in SPLIT)
    split.add_argument("--split", metavar="TRAIN,VAL,TEST", help=f"shares, such as 80/10/10 (default {usual}, or as published)")
    split.add_argument("--split-by", choices=RULES, help="what stays together: scene (default for films), source (film or folder); "
                       "or random (default for images), or in order")
    split.add_argument("--seed", type=int, default=0, help="of the split and the jitter (default 0)")
    add_selection(parser, FPS)
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one per core)")
    parser.add_argument("--resume", action="store_true", help="go on with the same job in OUT where it was stopped")
    parser.add_argument("--check", action="store_true", help="look for mistakes in the dataset and write check.html and check.json "
                        "into it; with a single path, in a dataset that exists")
    parser.add_argument("--compare", metavar="SOURCE", help="with --check: camera or film whose edges the dataset should match")


def run(args: argparse.Namespace) -> int:
    paths = args.paths + [text for text in args.jitter or [] if "=" not in text]
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers: {args.workers}, expected 1 or more")
    if args.compare and not args.check:
        raise UsageError("--compare: needs --check")
    if args.check and len(paths) == 1:
        return _check(Path(paths[0]), args)
    if len(paths) < 2:
        raise UsageError("IN ... OUT: expected at least one input and a folder for the dataset")
    job = _job(args, tuple(paths[:-1]))
    line, download = ProgressLine("image"), ProgressLine("B")
    try:
        report = prepare(job, Path(paths[-1]), args.workers, args.resume, line, loading=download, say=_say)
    except Unclear as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        print("stopped; the same command with --resume goes on from here", file=sys.stderr)
        raise
    finally:
        line.close()
        download.close()
    _tell(report)
    if not report.total:
        raise ValueError(f"nothing usable in {', '.join(job.inputs)}")
    if args.check:
        _check(report.folder, args)
    else:
        _findings(summary(report.folder))
    return PARTIAL if report.skipped or report.unmatched else 0


def _job(args: argparse.Namespace, inputs: tuple[str, ...]) -> PrepareJob:
    try:
        return PrepareJob(
            inputs, _recipe(args), args.kind, args.match, parse_size(args.size), args.fit or "crop", args.side, args.store,
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
        values = BUILT_IN_PRESETS[args.preset] if args.preset in BUILT_IN_PRESETS else read_preset(args.preset)
        values = {name: value for name, value in values.items() if not name.endswith((".flip_h", ".flip_v"))}
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
        raise ValueError(f"--recipe {name}: this model does not say how its inputs are made")
    return replace(model.recipe, ranges={})


def _say(line: str) -> None:
    print(line, flush=True)


def _tell(report: Report) -> None:
    if report.total:
        parts = ", ".join(f"{phase} {count}" for phase, count in report.pairs.items())
        print(f"{report.folder}: {report.total} pairs ({parts})")
    if report.note:
        print(report.note)
    for reason, count in Counter(entry["skipped"].partition(":")[0] for entry in report.left_out).items():
        print(f"{count} left out: {reason}")
    _list("could not be used", [entry["skipped"] for entry in report.skipped])
    _list("without a partner", report.unmatched)


def _list(what: str, lines: list[str]) -> None:
    if lines:
        print(f"{len(lines)} {what}:")
        for text in lines[:LISTED]:
            print(f"  {text}")
        if len(lines) > LISTED:
            print(f"  ... and {len(lines) - LISTED} more, see manifest.json")


def _check(folder: Path, args: argparse.Namespace) -> int:
    from webcam_pix2pix.dataset.page import write_page

    line = ProgressLine("pair")
    try:
        result = lint(folder, args.workers, line)
    finally:
        line.close()
    if args.compare:
        result.comparison = _compared(folder, args.compare, result)
        print(result.comparison["text"])
    _findings(result)
    print(f"see {write_page(result, folder)[0]}")
    return PARTIAL if result.errors else 0


def _compared(folder: Path, source: str, result: Lint) -> dict:
    from webcam_pix2pix.dataset.comparison import compare

    manifest = read_manifest(folder)
    recipe = recipe_of(manifest)
    if manifest is None or recipe is None or result.density is None:
        raise ValueError(f"--compare {source}: {folder} does not say how its edges were made")
    return compare(source, recipe, tuple(manifest["size"] or (256, 256)), result.density["median"])


def _findings(result: Lint) -> None:
    for finding in result.findings:
        print(f"{finding.level}: {finding.text}")
    if result.density is not None:
        print(f"edges cover {100 * result.density['median']:.1f} % of the pixels (median)")
