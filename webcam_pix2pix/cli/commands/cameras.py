"""List the connected cameras, with the value to pass to --source."""

import argparse
import shlex
from dataclasses import asdict

from ..output import result, say

EXAMPLES = """examples:
  webcam-pix2pix cameras
  webcam-pix2pix cameras --json
  webcam-pix2pix --source "FaceTime HD Camera"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes nothing but what every command takes; --json prints a list of objects with index, name, path and source."""


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    from msa.capturer import cameras

    found = cameras()
    if args.json:
        result([asdict(camera) for camera in found])
    elif found:
        width = max(len(camera.name) for camera in found)
        for camera in found:
            say(f"{camera.index:3}  {camera.name:<{width}}  --source {shlex.quote(camera.source)}")
    else:
        say("No camera found. Without one, --source takes a video file, an image or folder of images, an http:// or rtsp:// stream, "
              "screen, or test (a scene drawn by the program).")
    return 0
