"""Play a recorded performance again (live --replay-record FILE), or render it, frame by frame, to a video.

Images and every change of a setting come back as they were. With another model, only the model differs.
"""

import argparse
from functools import partial
from pathlib import Path

from webcam_pix2pix.settings import Settings

from ..building import build_predictor
from ..display import why_no_window
from ..errors import UsageError
from ..footage import ProgressLine
from ..model_options import add_model_options, setting_values
from ..output import note, result, say

EXAMPLES = """examples:
  webcam-pix2pix live --replay-record evening.replay           write a performance down
  webcam-pix2pix replay evening.replay                         play it again, in the window
  webcam-pix2pix replay evening.replay --record evening.mp4    render it
  webcam-pix2pix replay evening.replay --record large.mp4 --model desert --set Model.size=512 --precision fp32
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a performance, as live --replay-record writes it")
    parser.add_argument("--record", metavar="OUT.mp4", type=Path, help="render to a video file instead of opening the window")
    parser.add_argument("--fps", type=float, help="frames per second of the video; default: as its source had")
    parser.add_argument("--config-dir", metavar="DIR", type=Path, help="where layout and settings are remembered")
    add_model_options(parser.add_argument_group("instead of what was recorded"))


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    from webcam_pix2pix.control.replay import Performance

    values = setting_values(args)
    if args.fps is not None and not 1 <= args.fps <= 240:
        raise UsageError(f"--fps: {args.fps:g}, expected 1 to 240")
    if args.record is None and args.fps is not None:
        raise UsageError("--fps: only with --record")
    performance = Performance(args.file, values)
    try:
        if not performance.replay.whole:
            note("replay", f"{args.file}: its end is missing, as after a crash; there are {performance.replay.seconds:.1f} s of it")
        return _window(args, values, performance) if args.record is None else _render(args, performance)
    finally:
        performance.close()


def _window(args: argparse.Namespace, values: dict, performance) -> int:
    if reason := why_no_window():
        raise UsageError(f"{reason}: the replay cannot be shown; --record OUT.mp4 renders it")
    from gui import MainWindow
    from webcam_pix2pix.control.replay.performance import PLAYED
    from webcam_pix2pix.ui.shell.session import run as open_window

    first = {name: value for name, value in performance.first.flat().items() if name.startswith(PLAYED)}
    chosen = first | values | {"Capture.Init.device_id": str(args.file)}

    def begin(window) -> None:
        window.parts.replaying.player.kept = tuple(values)

    return open_window(MainWindow, chosen, build_predictor, partial(build_predictor, preview=True), config_dir=args.config_dir, begin=begin)


def _render(args: argparse.Namespace, performance) -> int:
    from webcam_pix2pix.sinks import SUFFIXES, Recorder

    if args.record.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{args.record}: cannot write {args.record.suffix or 'a name without suffix'}, expected {', '.join(SUFFIXES)}")
    if not args.record.resolve().parent.is_dir():
        raise UsageError(f"{args.record}: the folder {args.record.resolve().parent} does not exist")
    fps, replay = args.fps or performance.replay.fps, performance.replay
    recorder = Recorder(args.record, fps, block=True, output=Settings().with_values(setting_values(args)).output)
    progress, frames = ProgressLine("frame"), performance.frames(build_predictor)
    count = shown = 0
    try:
        for seconds, frame in frames:
            following = replay.moments[count + 1].seconds if count + 1 < len(replay.moments) else seconds + 1 / fps
            count += 1
            while shown < round(following * fps) and recorder.error is None:  # each frame stays until the next one came
                recorder.put(frame)
                shown += 1
            progress(count, len(replay.moments))
            if recorder.error:
                break
    finally:
        progress.close()
        frames.close()
        recorder.close()
    if recorder.error:
        raise OSError(recorder.error)
    say(f"{args.record}: {shown} frames at {fps:g} a second, of {count} images in {replay.seconds:.1f} s")
    result({"film": args.record, "frames": shown, "images": count, "fps": fps, "seconds": round(replay.seconds, 3), "whole": replay.whole})
    return 0
