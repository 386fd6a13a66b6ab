"""Options that live and video share: model, device, precision, settings."""

import argparse
from pathlib import Path
from typing import Any

from webcam_pix2pix.settings import (
    BACKENDS,
    BUILT_IN_PRESETS,
    DEVICES,
    NORM_MODES,
    PRECISIONS,
    PRESET_GROUPS,
    Settings,
    parse_assignments,
    read_preset,
)
from webcam_pix2pix.sinks import read_about
from webcam_pix2pix.sinks.about import FILMS

from .errors import UsageError

OPTIONS = {"model": "Model.model_name", "device": "Model.device", "precision": "Model.precision", "backend": "Model.backend",
           "norm_mode": "Model.norm_mode"}


def add_model_options(parser) -> None:
    """parser: an ArgumentParser, or a group of one."""
    parser.add_argument("--model", metavar="NAME|PATH", help="the model to use (see: webcam-pix2pix models list)")
    parser.add_argument("--preset", metavar="FILE", help="settings saved from the window, a snapshot (.png) or recording of this "
                        "program, or a built-in look")
    parser.add_argument("--set", metavar="Group.name=value", action="append", default=[], dest="assignments",
                        help="one setting, such as EdgeDetection.tone=0.5; may be given several times")
    parser.add_argument("--device", choices=DEVICES, help="where the network runs")
    parser.add_argument("--precision", choices=PRECISIONS, help="number format of the network")
    parser.add_argument("--backend", choices=BACKENDS, help="what runs the network")
    parser.add_argument("--norm-mode", choices=NORM_MODES, help="normalisation of the network")


def preset_values(text: str) -> dict[str, Any]:
    """The settings of a preset file, of a snapshot or a recording (its look: source and model stay), or of a built-in look, by dotted name.

    Raises OSError or ValueError naming it.
    """
    if text in BUILT_IN_PRESETS:
        return dict(BUILT_IN_PRESETS[text])
    if Path(text).suffix.lower() not in (".png", *FILMS):
        return dict(read_preset(text))
    values = {name: value for name, value in read_about(text)["settings"].items() if name.startswith(PRESET_GROUPS)}
    try:
        Settings().with_values(values)
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    return values


def setting_values(args: argparse.Namespace, **fixed: Any) -> dict[str, Any]:
    """Every setting given, by dotted name, checked: preset, then `fixed` where it is not None, then options, then --set.

    Raises UsageError.
    """
    try:
        values = preset_values(args.preset) if args.preset else {}
        options = fixed | {setting: getattr(args, name) for name, setting in OPTIONS.items()}
        values |= {name: value for name, value in options.items() if value is not None}
        values |= parse_assignments(args.assignments)
        Settings().with_values(values)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return values
