"""Options of live that are for the stage: the show mode, the phone remote, a performance to be written down."""

import argparse
from pathlib import Path
from typing import Any

from msa.webserver import parse_address

from .control_options import wanted_controllers
from .errors import UsageError


def add_stage_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--perform", action="store_true", help="show mode: the painting on the full screen from the start, and it stays "
                        "there; Shift+Esc leaves, F12 recalls the safe preset")
    parser.add_argument("--display", metavar="N", help="screen of the show mode: its number, from 1, or its name")
    parser.add_argument("--clip", metavar="FILE", type=Path, help="film that the show mode plays while the source is gone; without one, "
                        "the last image stays")
    parser.add_argument("--remote", metavar="[HOST:]PORT", help="a page for phones, with sliders, presets and the live painting; only on "
                        "this machine unless HOST says otherwise, such as 0.0.0.0:8787 for the network")
    parser.add_argument("--token", metavar="T", help="what a phone has to know to use the remote; in the network one is made up if none is "
                        "given")
    parser.add_argument("--replay-record", metavar="FILE", type=Path, help="write the performance down: images and every change of a "
                        "setting, for `webcam-pix2pix replay`")


def asked_remote(args: argparse.Namespace) -> tuple[str, int, str] | None:
    """Host, port and token of the phone remote, None without one. Raises UsageError."""
    from webcam_pix2pix.control.remote.access import check_token

    if args.remote is None:
        if args.token is not None:
            raise UsageError("--token: only with --remote")
        return None
    try:
        return (*parse_address(args.remote), check_token(args.token) if args.token is not None else "")
    except ValueError as error:
        raise UsageError(str(error) if str(error).startswith("--") else f"--remote: {error}") from None


def check_stage(args: argparse.Namespace, headless: bool) -> None:
    """Raises UsageError for what cannot be."""
    asked_remote(args)
    for name in ("display", "clip"):
        if getattr(args, name) is not None and not args.perform:
            raise UsageError(f"--{name} {getattr(args, name)}: only with --perform")
    if args.perform and headless:
        raise UsageError("--perform: needs the window; without --headless")


def begin(args: argparse.Namespace, window: Any) -> None:
    """Start in the window what was asked for. Raises OSError with one line where the show cannot begin without it."""
    window.parts.controllers.open(wanted_controllers(args))
    window.parts.modulating.take_as_given()
    if args.perform:
        window.parts.perform.begin(args.display or "", args.clip)
    if remote := asked_remote(args):
        window.parts.phone.start(*remote)
    if args.replay_record:
        window.parts.replaying.start(args.replay_record)
