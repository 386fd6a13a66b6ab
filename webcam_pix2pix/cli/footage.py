"""What frames and prepare share: which frames of a film to take, sizes, the progress line."""

import argparse
import time

from tqdm import tqdm

from msa.words import counted
from webcam_pix2pix.dataset.footage.selection import Selection, parse_time

from .errors import UsageError
from .output import no_progress, say

LISTED = 20  # files named on the terminal; the manifest has them all


def add_selection(parser: argparse.ArgumentParser, default_fps: float) -> None:
    """Declare the options that select frames of a film."""
    group = parser.add_argument_group("frames of films")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--fps", type=float, metavar="F", help=f"images per second of film (default {default_fps:g})")
    which.add_argument("--every", type=int, metavar="N", help="every N-th frame")
    which.add_argument("--count", type=int, metavar="N", help="N images of each film, evenly spread")
    group.add_argument("--start", type=moment, metavar="TIME", help="start here: seconds, m:ss or h:mm:ss")
    group.add_argument("--end", type=moment, metavar="TIME", help="end here: seconds, m:ss or h:mm:ss")
    group.add_argument("--min-change", type=float, default=0.0, metavar="LEVELS",
                       help="skip an image that differs by less than this from the last one (mean grey levels; try 2)")
    group.add_argument("--sharp", type=float, default=0.0, metavar="SHARE",
                       help="skip images that are less sharp than this share of the median (try 0.3)")


def moment(text: str) -> float:
    """Seconds, for argparse."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def selection(args: argparse.Namespace, default_fps: float) -> Selection:
    """Raises UsageError."""
    none_given = args.fps is args.every is args.count is None
    if args.min_change < 0 or args.sharp < 0:
        raise UsageError("--min-change and --sharp: expected 0 or more")
    try:
        return Selection(default_fps if none_given else args.fps, args.every, args.count, args.start, args.end)
    except ValueError as error:
        raise UsageError(f"--{error}") from None


def parse_size(text: str, single: str = "square") -> tuple[int, int] | None:
    """(height, width) from "256" or "512x256" (width first); None for "original".

    single: what one number N means: "square" (N, N), or "short" (N, 0): the shorter side.
    Raises ValueError.
    """
    if text == "original":
        return None
    numbers = text.lower().split("x")
    if not 1 <= len(numbers) <= 2 or not all(n.isdigit() and 16 <= int(n) <= 8192 for n in numbers):
        raise ValueError(f"{text!r} is not a size, expected 16 to 8192 pixels such as 256, or width x height such as 512x256, or original")
    width, height = int(numbers[0]), int(numbers[-1])
    return (width, 0) if len(numbers) == 1 and single == "short" else (height, width)


def tell_unusable(lines: list[str], what: str = "could not be used") -> None:
    """Name the first LISTED files."""
    if lines:
        say(f"{len(lines)} {what}:")
        for text in lines[:LISTED]:
            say(f"  {text}")
        if len(lines) > LISTED:
            say(f"  ... and {len(lines) - LISTED} more, see manifest.json")


class ProgressLine:
    """A line with what is done and the time remaining; where there is no terminal, such as in the window, a word now and then. Call it with
    (done, total)."""

    QUIET_S = 10.0

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._bar: tqdm | None = None
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = tqdm(total=total, initial=done, unit=self._unit, unit_scale=self._unit == "B", disable=no_progress(), leave=False)
        self._bar.update(done - self._bar.n if not self._bar.disable else 0)
        spoken = self._bar.disable and no_progress() is None and self._unit != "B"
        if spoken and done < total and time.monotonic() - self._said > self.QUIET_S:
            self._said = time.monotonic()
            say(f"{done} of {counted(total, self._unit)}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
