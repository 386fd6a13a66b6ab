"""The live application: camera -> preprocessing -> network -> painting.

Opens the window; with --headless, or where there is no display, the same engine runs without one.
"""

import argparse
import sys
import time
from functools import partial
from pathlib import Path

from msa.capturer.init import Init

from ..building import build_predictor
from ..control_options import add_control_options, wanted_controllers
from ..display import why_no_window
from ..errors import UsageError
from ..model_options import add_model_options, setting_values
from ..output import result, say
from ..outputs import add_output_options, asked_outputs, output_values
from ..stage import add_stage_options, asked_remote, begin, check_stage

EXAMPLES = """examples:
  webcam-pix2pix                                            the first camera, or the test scene
  webcam-pix2pix --source "FaceTime HD" --model oil_color    a camera by name
  webcam-pix2pix --source film.mp4 --set Prediction.post_time_lerp=0.8
  webcam-pix2pix live --headless --source film.mp4 --record painted.mp4
  webcam-pix2pix live --headless --source 0 --serve 0.0.0.0:8080    a machine without a screen feeds one that has
"""
NO_WINDOW_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--source", metavar="SOURCE", help="camera index or name (see: webcam-pix2pix cameras), video file, image, folder, "
                        "http:// or rtsp:// stream, screen, sketch, test or test:2; default: the first camera, else the test scene")
    add_model_options(parser)
    add_control_options(parser)
    parser.add_argument("--config-dir", metavar="DIR", type=Path, help="where layout and settings are remembered")
    parser.add_argument("--screenshot", metavar="OUT.png", type=Path, help="open the window, save a screenshot, and quit")
    add_output_options(parser)
    add_stage_options(parser)
    headless = parser.add_argument_group("without a window")
    headless.add_argument("--headless", action="store_true", help="run without a window: every frame of a file, in order and once")
    headless.add_argument("--frames", metavar="N", type=_positive, help="stop after N frames")
    headless.add_argument("--snapshot", metavar="OUT.png", type=Path, help="save the last painting, with its settings inside")
    headless.add_argument("--stats", metavar="OUT.json", type=Path,
                          help="write fps, milliseconds per stage, frames in, frames out, frames skipped")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    chosen = chosen_values(args)
    check_stage(args, args.headless)
    if args.headless and args.screenshot:
        raise UsageError("--screenshot: works only with the window; with --headless, --snapshot saves the painting")
    if args.headless:
        return _headless(args, chosen)
    reason = why_no_window()
    if reason and args.perform:
        raise UsageError(f"{reason}: --perform needs a screen")
    if reason:
        return _instead_of_window(args, chosen, reason)
    for name in ("frames", "snapshot", "stats"):
        if getattr(args, name) is not None:
            raise UsageError(f"--{name} {getattr(args, name)}: only with --headless; in the window, use Record and Snapshot")
    outputs = asked_outputs(args)
    if args.record:
        from ..headless import check_outputs

        check_outputs(args.record, None, None, str(args.source or ""))
    if args.screenshot and (args.screenshot.suffix.lower() != ".png" or not args.screenshot.resolve().parent.is_dir()):
        raise UsageError(f"--screenshot {args.screenshot}: expected the name of a .png in a folder that exists")
    from gui import MainWindow
    from webcam_pix2pix.ui.shell.session import run as open_window

    return open_window(MainWindow, chosen, build_predictor, partial(build_predictor, preview=True), config_dir=args.config_dir,
                       screenshot=args.screenshot, outputs=outputs, record=args.record, begin=partial(begin, args))


def chosen_values(args: argparse.Namespace) -> dict:
    """Every setting given on the command line by dotted name, checked. Raises UsageError."""
    return setting_values(args, **{"Capture.Init.device_id": args.source}, **output_values(args))


def _headless(args: argparse.Namespace, chosen: dict) -> int:
    from ..headless import run_headless

    report = run_headless(chosen, frames=args.frames, record=args.record, snapshot=args.snapshot, stats=args.stats,
                          outputs=asked_outputs(args), replay=args.replay_record, remote=asked_remote(args),
                          controllers=wanted_controllers(args), config_dir=args.config_dir)
    say(str(report))
    result(report.to_json())
    return 0


def _instead_of_window(args: argparse.Namespace, chosen: dict, reason: str) -> int:
    """No window can be opened: say so in one line, render the test scene to a video and say where it is."""
    record = args.record or Path("output") / time.strftime("webcam-pix2pix-%Y%m%d-%H%M%S.mp4")
    chosen = {"Capture.Init.device_id": "test"} | chosen
    print(f"{reason}: rendering {NO_WINDOW_SECONDS} s of {chosen['Capture.Init.device_id']} to a video instead.", file=sys.stderr)
    record.parent.mkdir(parents=True, exist_ok=True)
    args.record, args.frames = record, args.frames or NO_WINDOW_SECONDS * Init().fps
    return _headless(args, chosen)


def _positive(text: str) -> int:
    if not text.isdecimal() or len(text) > 12 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number of frames, expected 1 or more")
    return int(text)
