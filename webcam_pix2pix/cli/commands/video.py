"""Run a whole film through a model, at its own size and frame rate, with its sound.

upscale shows the network the whole image; tiled shows it in overlapping tiles of the network's size, which paints it finer; temporal does
so too, and each tile is some images later than the one before it. Ctrl-C leaves a whole film of what was painted until then; the same
command goes on from there, also after a crash. Until the film is whole, its pieces are in the folder OUT.unfinished.
"""

import argparse
from pathlib import Path

from msa.capturer.kind import mirrored
from webcam_pix2pix.bend import bending
from webcam_pix2pix.dataset.footage.selection import Selection
from webcam_pix2pix.rendering import METHODS, Rendering, Shape, render, unfinished
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks.video_writer import check_target
from webcam_pix2pix.sizes import with_short_side

from ..errors import UsageError
from ..footage import ProgressLine, moment, parse_size
from ..model_options import add_model_options, setting_values
from ..output import note, result, say

EXAMPLES = """examples:
  webcam-pix2pix video film.mp4 painted.mp4 --model oil_color
  webcam-pix2pix video film.mp4 painted.mp4 --method tiled --grid 3 --overlap 96 --size 1080
  webcam-pix2pix video film.mp4 painted.mp4 --method temporal --grid 3 --time-offset 5
  webcam-pix2pix video film.mp4 test.mp4 --compare --start 1:30 --frames 50
  webcam-pix2pix video film.mp4 painted.mp4 --set Prediction.post_time_lerp=0.7     calmer
"""
GRID = (2, 8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("film", metavar="IN", type=Path, help="the film")
    parser.add_argument("out", metavar="OUT", type=Path, help="the video to write: .mp4, .mkv or .mov")
    shape = Shape()
    parser.add_argument("--method", choices=METHODS, default=shape.method, help="default: %(default)s")
    parser.add_argument("--size", default="original", metavar="N|WxH|original",
                        help="N: pixels of the shorter side; WxH: cropped to that shape (default: as the film)")
    parser.add_argument("--grid", type=int, default=shape.grid, metavar="N",
                        help=f"tiles along the shorter side, {GRID[0]} to {GRID[1]}: more are finer and slower (default: %(default)s)")
    parser.add_argument("--overlap", type=int, default=shape.overlap, metavar="PX",
                        help="pixels in which neighbouring tiles fade into each other; 0: hard seams (default: 3/8 of a tile)")
    parser.add_argument("--time-offset", type=int, default=shape.time_offset, metavar="N",
                        help="temporal: frames from each tile to the next (default: %(default)s)")
    parser.add_argument("--compare", action="store_true", help="show film, network input and painting side by side")
    parser.add_argument("--start", type=moment, metavar="TIME", help="start here: seconds, m:ss or h:mm:ss")
    parser.add_argument("--end", type=moment, metavar="TIME", help="end here: seconds, m:ss or h:mm:ss")
    parser.add_argument("--frames", type=int, metavar="N", help="only the first N frames, to try things out")
    parser.add_argument("--no-sound", action="store_true", help="do not copy the sound of the film")
    add_model_options(parser.add_argument_group("model and look"))


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    asked = _rendering(args)
    try:
        check_target(args.out)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if args.out.exists() and args.film.exists() and args.out.samefile(args.film):
        raise UsageError(f"{args.out}: this would overwrite the film itself; choose another name")
    values = {"Capture.Processing.flip_h": mirrored(str(args.film)), **setting_values(args)}
    if not args.film.is_file():
        raise FileNotFoundError(f"{args.film}: no such film")
    from webcam_pix2pix.checkpoints import load, ports
    from webcam_pix2pix.model import DEFAULT_MODEL, resolve_model
    from webcam_pix2pix.predictor import predictor_for

    settings = Settings().with_values(values)
    info = resolve_model(settings.model.model_name or DEFAULT_MODEL)
    checkpoint = load(info)
    recipe = info.recipe or checkpoint.recipe
    settings = Settings().with_recipe(recipe).with_values(values, recipe)
    model, multiple = ports(info, checkpoint)[0].shape[:2], 0 if checkpoint.spec.fixed else checkpoint.spec.multiple
    if settings.model.size and multiple:
        model = with_short_side(model, settings.model.size)
    del checkpoint

    def build(size: tuple[int, int]):
        predictor = predictor_for(info, settings.model, parallel=True, size=size)
        if bending(settings.bend, 0.0) and predictor.unbendable:
            note("video", f"{predictor.unbendable}; it runs as trained")
        return predictor

    progress, before, pieces = ProgressLine("frame"), _changed(args.out), unfinished(args.out)
    try:
        report = render(asked, settings, model, multiple, build, progress)
    except KeyboardInterrupt:
        if _changed(args.out) != before:
            note("video", f"stopped; the frames painted so far are in {args.out}")
        if pieces.exists():
            note("video", f"run the same command again to continue, or delete {pieces}")
        raise
    finally:
        progress.close()
    for remark in report.notes:
        note("video", f"{args.out}: {remark}")
    resumed = f" ({report.resumed} of them from the run before)" if report.resumed else ""
    say(f"{args.out}: {report.images} frames of {report.size[1]}x{report.size[0]}{resumed}, {report.fps:g} a second, "
        f"sound: {report.sound}")
    result({"film": args.out, "pictures": report.images, "size": [report.size[1], report.size[0]], "fps": report.fps,
            "resumed": report.resumed, "sound": report.sound, "notes": list(report.notes)})
    return 0


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _rendering(args: argparse.Namespace) -> Rendering:
    for name, low, high in (("grid", *GRID), ("overlap", 0, 4096), ("time_offset", 0, 100_000), ("frames", 1, 10**9)):
        value = getattr(args, name)
        if value is not None and not low <= value <= high:
            raise UsageError(f"--{name.replace('_', '-')}: {value}, expected {low} to {high}")
    try:
        Selection(start=args.start, end=args.end)
        size = parse_size(args.size, "short")
    except ValueError as error:
        raise UsageError(f"--{error}" if str(error).startswith("start") else f"--size: {error}") from None
    shape = Shape(args.method, args.grid, args.overlap, args.time_offset)
    return Rendering(args.film, args.out, shape, size, args.compare, args.start, args.end, args.frames, not args.no_sound)
