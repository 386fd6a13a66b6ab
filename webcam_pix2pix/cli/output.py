"""What the commands say: results on stdout, for people or (--json) for programs; everything else on stderr."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLAGS = ("-v", "--verbose", "-q", "--quiet", "--json")  # may stand before or after the command


@dataclass
class _Mode:
    """As asked for on the command line; set once, by main()."""

    quiet: bool = False
    json: bool = False
    argv: tuple[str, ...] = ()


_mode = _Mode()


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What every command takes. The values are only set where a flag is given: a command must not undo what stands before it."""
    parser.add_argument("-v", "--verbose", action="store_true", default=argparse.SUPPRESS,
                        help="log what happens, and show where errors come from")
    parser.add_argument("-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="say nothing but errors; no progress line")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="print the result as JSON on stdout, everything else on stderr")


def begin(quiet: bool, as_json: bool, argv: Sequence[str]) -> None:
    """The flags and words of this command line."""
    _mode.quiet, _mode.json, _mode.argv = quiet, as_json, tuple(argv)


def say(text: str = "") -> None:
    """A line for people."""
    if not _mode.quiet:
        print(text, file=sys.stderr if _mode.json else sys.stdout, flush=True)


def note(command: str, text: str) -> None:
    """A line about the command itself, on stderr."""
    if not _mode.quiet:
        print(f"webcam-pix2pix {command}: {text}", file=sys.stderr, flush=True)


def result(data: Any) -> None:
    """The result as one line of JSON, where that is asked for. Paths become text."""
    if _mode.json:
        print(json.dumps(data, default=_as_text, ensure_ascii=False), flush=True)


def no_progress() -> bool | None:
    """For tqdm's `disable`: None shows a progress line on a terminal only."""
    return True if _mode.quiet else None


def program() -> str:
    """How the program was started, as a person can type it."""
    script = Path(sys.argv[0])
    return f"python {shlex.quote(str(script))}" if script.name == "webcam-pix2pix.py" else "webcam-pix2pix"


def again() -> str:
    """This command line, to be typed again."""
    return f"{program()} {shlex.join(_mode.argv)}"


def _as_text(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
