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
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from msa.files import format_error
from msa.words import did_you_mean
from webcam_pix2pix import __version__

from . import classic, output
from .errors import UsageError

COMMANDS = {
    "live": "open the window, or run without one (default)",
    "replay": "play a recorded performance again, or render it",
    "cameras": "list cameras by name",
    "models": "list, inspect and import models",
    "predict": "run images, folders or arrays through a model",
    "video": "run whole videos through a model",
    "frames": "extract images from videos",
    "prepare": "make a pix2pix dataset from images, folders or videos",
    "train": "train a model on a dataset",
    "make-model": "make a model from footage in one go",
    "shrink": "make a small, fast model of a large one",
    "test": "test a model on held-out pairs: result page and metrics",
    "export": "export a model to other formats, checked numerically",
    "bench": "measure how fast this machine is",
}

ROOMS = {"make-model": "making", "shrink": "making"}  # commands in rooms of their own

COMPLETION = "--print-completion"
GARBAGE = 50_000  # new objects between two looks for garbage: at Python's 700, a fifth of the time to import torch goes to them


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 success, 1 failure, 2 bad arguments, 3 partial success, 130 interrupted."""
    gc.set_threshold(GARBAGE)
    _mend_streams()
    argv = list(sys.argv[1:] if argv is None else argv)
    place = next((i for i, word in enumerate(argv) if word not in output.FLAGS), len(argv))  # of the command
    if place == len(argv) or (argv[place].startswith("-") and argv[place] not in ("-h", "--help", "--version", COMPLETION)):
        argv.insert(place, "live")
    parser = _parser({argv[place]})
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        _refuse(parser, args.command, unknown)
    for name in ("verbose", "quiet", "json"):
        setattr(args, name, getattr(args, name, False))
    output.begin(args.quiet, args.json, argv)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.WARNING, format="%(levelname).1s %(name)s: %(message)s")
    return _run(args, parser.commands.choices[args.command])


def _parser(commands: Collection[str]) -> "_Parser":
    """The whole command line; only `commands` with their arguments: their modules are imported."""
    parser = _Parser(
        prog="webcam-pix2pix", description="Turns a camera into a live image made by a pix2pix network.",
        epilog="Without a command, opens the window. webcam-pix2pix COMMAND --help shows options and examples. "
               "-v, -q and --json may stand before or after the command.")
    parser.add_argument("--version", action="version", version=f"webcam-pix2pix {__version__}")
    parser.add_argument(COMPLETION, choices=("bash", "zsh", "tcsh"), action=_Completion,
                        help="print a script that completes commands and options in this shell (needs the package shtab)")
    output.add_flags(parser)
    parser.commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        if name in commands:
            _subparser(parser.commands, name, text, _module(name))
        else:
            parser.commands.add_parser(name, help=text)
    return parser


def _refuse(parser: "_Parser", command: str, unknown: list[str]) -> NoReturn:
    """End with one line about the first argument that nobody knows."""
    word = unknown[0].partition("=")[0]
    here: _Parser = parser.commands.choices[command]
    if not word.startswith("-"):
        here.error(f"{word}: not expected here; {parser.prog} {command} --help shows what is")
    if word in classic.STANDS_FOR:
        here.error(f"{word}: {classic.STANDS_FOR[word]}")
    options = [option for action in here._actions if action.help != argparse.SUPPRESS for option in action.option_strings]
    here.error(f"{word}: no such option{did_you_mean(word, options, (option for option in options if option.startswith(word)))}")


def _module(command: str) -> ModuleType:
    path = [__name__, "commands", *([ROOMS[command]] if command in ROOMS else []), command.replace("-", "_")]
    return importlib.import_module(".".join(path))


class _Completion(argparse.Action):
    """Print the script and end."""

    def __call__(self, parser, namespace, values, option_string=None) -> NoReturn:
        try:
            import shtab
        except ImportError:
            parser.error(f"{COMPLETION}: needs the package shtab: pip install shtab")
        print(shtab.complete(_parser(COMMANDS), str(values)))
        raise SystemExit(0)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; --help tells the rest. An option is only taken for what it is called in full."""

    commands: Any  # of the whole command line: its commands

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False} | options)

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


def _mend_streams() -> None:
    """A closed stream or one that cannot show every letter is no reason to fail after the work is done."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    main_thread = threading.current_thread() is threading.main_thread()
    ends = [n for name in ("SIGTERM", "SIGHUP") if (n := getattr(signal, name, None)) is not None
            and main_thread and signal.getsignal(n) is not signal.SIG_IGN]  # ignored: nohup
    before = {number: signal.signal(number, signal.default_int_handler) for number in ends}  # what is recorded is kept
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
        text = format_error(error)
        option = _option_in(text, parser) if isinstance(error, ValueError) else ""
        print(f"webcam-pix2pix {args.command}: {option or text}", file=sys.stderr)
        return 2 if option or isinstance(error, UsageError) else 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _option_in(text: str, parser: argparse.ArgumentParser) -> str:
    """An error that begins with the name of an option is about its value: the same text with the option as it is typed, else ""."""
    if text.startswith("--"):
        return text
    name, colon, rest = text.partition(":")
    nested = [p for action in parser._actions if isinstance(action, argparse._SubParsersAction) for p in action.choices.values()]
    for action in (action for each in (parser, *nested) for action in each._actions):
        for option in action.option_strings:
            if colon and option.removeprefix("--").replace("-", " ") == name.replace("-", " "):
                return f"{option}:{rest}"
    return ""


def _subparser(subparsers, name: str, text: str, module) -> None:
    parser = subparsers.add_parser(name, help=text, description=module.__doc__.strip(), epilog=getattr(module, "EXAMPLES", None),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    output.add_flags(parser)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
