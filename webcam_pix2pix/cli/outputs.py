"""Options of outputs to other programs, which live takes with and without a window."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from msa.webserver import parse_address
from webcam_pix2pix.outgoing import SCALES
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.sinks.programs import KINDS, Running, missing

from .errors import UsageError
from .output import say


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("outputs, with and without a window")
    group.add_argument("--serve", metavar="[HOST:]PORT", help="MJPEG over HTTP: /painting.mjpg, /processed.mjpg, /camera.mjpg, "
                       "/side-by-side.mjpg, /painting.jpg, /status.json and a page at /; without HOST for this machine only, "
                       "0.0.0.0:PORT for everyone in the network")
    group.add_argument("--virtual-camera", metavar="NAME", nargs="?", const="", help="the painting as a camera for video calls "
                       "(needs pyvirtualcam); NAME: of the device, such as /dev/video10")
    group.add_argument("--ndi", metavar="NAME", help="the painting as an NDI source of that name (needs cyndilib)")
    group.add_argument("--record", metavar="OUT.mp4", type=Path, help="record the painting to a video file")
    group.add_argument("--size", metavar="PIXELS", help="height of what goes out, such as 720")
    group.add_argument("--scale", choices=SCALES, help="size of what goes out; x1: as the network paints")


def output_values(args: argparse.Namespace) -> dict[str, str | None]:
    """Settings of the options by dotted name; None where an option is not given."""
    return {"Output.size": args.size, "Output.scale": args.scale}


def asked_outputs(args: argparse.Namespace) -> dict[str, str]:
    """The outputs that are asked for, as Running.start() takes them: name -> argument. Raises UsageError, or ValueError for what is
    not installed."""
    asked = {name: value for name, value in (("serve", args.serve), ("virtual-camera", args.virtual_camera), ("ndi", args.ndi))
             if value is not None}
    try:
        parse_address(asked.get("serve", "0"))
    except ValueError as error:
        raise UsageError(f"--serve: {error}") from None
    for name in asked:
        if name in KINDS and (reason := missing(KINDS[name])):
            raise ValueError(f"--{name}: {reason}")
    return asked


def start_outputs(pipeline: Pipeline, asked: Mapping[str, str], fps: float) -> Running:
    """Start them without a window, and say where they are found. Raises OSError or ValueError."""
    running = Running(pipeline, lambda: pipeline.status.to_json(), lambda: fps)
    try:
        for name, argument in asked.items():
            say(running.start(name, argument))
    except Exception:
        running.close()
        raise
    return running
