"""Which other programs can take the show, and what each needs installed."""

import importlib.util
import sys
from dataclasses import dataclass

from .publisher import Open
from .senders import Ndi, Spout, Syphon, VirtualCamera


@dataclass(frozen=True)
class Kind:
    """A way to give the show to other programs."""

    name: str  # on the command line
    label: str  # for people
    module: str  # that is imported
    package: str  # that pip installs
    opener: Open
    platform: str = ""  # of sys.platform; empty: all
    keeps_size: bool = False
    tip: str = ""


KINDS = {kind.name: kind for kind in (
    Kind("virtual-camera", "Virtual camera", "pyvirtualcam", "pyvirtualcam", VirtualCamera, keeps_size=True,
         tip="The painting as a camera in Zoom, Teams, OBS and browsers"),
    Kind("ndi", "NDI", "cyndilib", "cyndilib", Ndi, tip="The painting as an NDI source in the network"),
    Kind("syphon", "Syphon", "syphon", "syphon-python", Syphon, "darwin", tip="The painting for MadMapper, Resolume, VDMX on this Mac"),
    Kind("spout", "Spout", "SpoutGL", "SpoutGL", Spout, "win32", tip="The painting for Resolume, TouchDesigner, OBS on this machine"),
)}


def missing(kind: Kind) -> str:
    """What keeps it from being used here, in one line that says what to do; "" when nothing does."""
    if kind.platform and sys.platform != kind.platform:
        return f"{kind.label} is only on {'macOS' if kind.platform == 'darwin' else 'Windows'}"
    if importlib.util.find_spec(kind.module) is None:
        return f"{kind.label} needs the package {kind.package}: pip install {kind.package}"
    return ""
