"""Extract numbered images from videos; manifest.json has the exact time and scene of each.

Several films can go into one folder, under their own names. The same command resumes a stopped run. An address (http://...) is
downloaded first; for a web page, yt-dlp must be installed. Exit code 0: done; 3: done, but some films or frames
could not be read; 1: nothing could."""

import argparse
from collections import Counter
from pathlib import Path

from msa.words import counted
from webcam_pix2pix.dataset.footage.selection import OutsideFilm
from webcam_pix2pix.dataset.frames import FramesJob, FramesReport, extract
from webcam_pix2pix.dataset.pairs.makers import CROPS, FORMATS

from ..errors import PARTIAL, UsageError
from ..footage import ProgressLine, add_selection, parse_size, selection, tell_unusable
from ..output import again, note, result, say

EXAMPLES = """examples:
  webcam-pix2pix frames film.mp4 images                                    2 images per second
  webcam-pix2pix frames film.mp4 images --count 1000 --crop left-right     1000 squares from all over the film
  webcam-pix2pix frames *.mov images --fps 8 --min-change 2 --sharp 0.3    no standstill, no blur
  webcam-pix2pix frames film.mp4 images --start 1:30 --end 5:00 --crop center --size 512 --image-format jpg
  webcam-pix2pix frames https://example.org/film.mp4 images
"""
FPS = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="+", metavar="FILM ... OUT", help="films, folders with films, or http addresses; last, the folder "
                        "for the images")
    add_selection(parser, FPS)
    images = parser.add_argument_group("images")
    images.add_argument("--crop", choices=CROPS, default="none",
                        help="center: the square in the middle; left-right: the squares at both ends (top and bottom of upright films)")
    images.add_argument("--size", default="original", metavar="N|WxH|original",
                        help="N: pixels of the shorter side; WxH: cropped to that shape (default: as they are)")
    images.add_argument("--contrast", type=float, default=1.0, metavar="F", help="about mid-grey: 1.2 is stronger")
    images.add_argument("--gamma", type=float, default=1.0, metavar="F", help="above 1 brightens")
    images.add_argument("--image-format", choices=FORMATS, default="png")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one per core)")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    if len(args.paths) < 2:
        raise UsageError("FILM ... OUT: expected at least one film and a folder for the images")
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers: {args.workers}, expected 1 or more")
    if not 0 < args.contrast <= 10 or not 0.1 <= args.gamma <= 10:
        raise UsageError(f"--contrast {args.contrast:g} --gamma {args.gamma:g}: expected 0.1 to 10")
    try:
        size = parse_size(args.size, "short")
    except ValueError as error:
        raise UsageError(f"--size: {error}") from None
    job = FramesJob(tuple(args.paths[:-1]), selection(args, FPS), args.crop, size, args.contrast, args.gamma, args.image_format,
                    args.min_change, args.sharp)
    images, download = ProgressLine("image"), ProgressLine("B")
    try:
        report = extract(job, Path(args.paths[-1]), args.workers, images, loading=download)
    except OutsideFilm as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        note("frames", f"stopped. To go on: {again()}")
        raise
    finally:
        images.close()
        download.close()
    _tell(report)
    if not report.total and not report.known:
        raise ValueError(f"no image in {', '.join(job.films)}")
    result({"folder": report.folder, "images": report.images, "there_already": report.known, "left_out": len(report.left_out),
            "could_not_be_used": [entry["skipped"] for entry in report.skipped]})
    return PARTIAL if report.skipped else 0


def _tell(report: FramesReport) -> None:
    for film in report.known:
        say(f"{film}: its images are there already")
    for film, count in report.images.items():
        say(f"{film}: {counted(count, 'image')} in {report.folder}")
    for reason, count in Counter(entry["skipped"].partition(":")[0] for entry in report.left_out).items():
        say(f"{count} left out: {reason}")
    tell_unusable([entry["skipped"] for entry in report.skipped])
