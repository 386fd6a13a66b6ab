"""Options of commands that can be played from outside: OSC, MIDI, LFOs."""

import argparse
from pathlib import Path

from webcam_pix2pix.control.controllers import Wanted
from webcam_pix2pix.control.modulation.modulator import parse

from .errors import UsageError


def add_control_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    group = parser.add_argument_group("control")
    group.add_argument("--osc", metavar="[HOST:]PORT", default="", help="listen for OSC, and for OSCQuery on the same "
                       "port over TCP; 0.0.0.0:PORT listens to the network, otherwise only to this computer (Help, Control by OSC)")
    group.add_argument("--midi", metavar="DEVICE", nargs="?", const="", help="play by a MIDI controller: its name or a part of it, "
                       "without one the first; right click on a setting to choose its knob")
    group.add_argument("--midi-map", metavar="FILE", type=Path, help="what the knobs play, as exported in the window")
    group.add_argument("--modulate", metavar="'NAME=SHAPE RATE DEPTH'", action="append", default=[],
                       help="move a setting by an LFO, such as 'EdgeDetection.tone=sine 4s 0.25'; rate in s or beats; may be given again")


def wanted_controllers(args: argparse.Namespace) -> Wanted:
    """What was asked for. Raises UsageError."""
    from msa.webserver import parse_address

    try:
        if args.osc:
            parse_address(args.osc)
    except ValueError as error:
        raise UsageError(f"--osc {error}") from None
    try:
        return Wanted(args.osc, args.midi, args.midi_map, tuple(map(parse, args.modulate)))
    except ValueError as error:
        raise UsageError(str(error)) from None
