"""The commands: parsing, one line per mistake, exit codes. Each command is a module of this package, imported only when called."""

import argparse
import gc
import importlib
import io
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from msa.files import in_words
from webcam_pix2pix import __version__

from .errors import UsageError

COMMANDS = {
    "live": "open the window, or run without one (default)",
    "cameras": "list cameras by name",
    "models": "list, inspect and import models",
    "predict": "images, folders or arrays through a model",
    "video": "films to painted films",
    "frames": "videos to images",
    "prepare": "images, folders or videos to a pix2pix dataset",
    "train": "train a model on a dataset",
    "make-model": "footage to model in one go",
    "test": "a model on held-out pairs: result page and metrics",
    "export": "a model to other formats, checked numerically",
    "bench": "what can this machine do?",
}


GARBAGE = 50_000  # new objects between two looks for garbage: at Python's 700, a fifth of the time to import torch goes to them


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 success, 1 failure, 2 bad arguments, 130 interrupted."""
    gc.set_threshold(GARBAGE)
    _mend_streams()
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        argv.insert(0, "live")
    parser = _Parser(
        prog="webcam-pix2pix", description="Turns a camera into a live picture painted by a pix2pix network.",
        epilog="Without a command, opens the window. webcam-pix2pix COMMAND --help tells more about each.")
    parser.add_argument("--version", action="version", version=f"webcam-pix2pix {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        if argv[0] == name:
            _subparser(subparsers, name, text, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))
        else:
            subparsers.add_parser(name, help=text)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.WARNING, format="%(levelname).1s %(name)s: %(message)s")
    return _run(args)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; --help tells the rest."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _mend_streams() -> None:
    """A closed stream or one that cannot show every letter is no reason to fail after the work is done."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(args: argparse.Namespace) -> int:
    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if main_thread else None  # what is recorded is kept
    try:
        return args.run(args) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        if args.verbose:
            logging.getLogger(__name__).exception("")
        print(f"webcam-pix2pix {args.command}: {in_words(error)}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    finally:
        if main_thread:
            signal.signal(signal.SIGTERM, before)


def _subparser(subparsers, name: str, text: str, module) -> None:
    parser = subparsers.add_parser(name, help=text, description=module.__doc__.strip(), epilog=getattr(module, "EXAMPLES", None),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens; show where errors come from")
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
