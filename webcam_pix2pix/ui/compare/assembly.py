"""Puts the parts of comparing into the window."""

from typing import Any

from PySide6.QtCore import QTimer

from webcam_pix2pix.control.hold import HoldBypass

from .compare import Compare
from .hold_key import HoldKey


def compare_in(window: Any) -> Compare:
    """Compare and the held key of the MainWindow `window`."""
    compare = Compare(window, window.pipeline, window.panels, window.presets.bank, window.actions_.show_state)
    window.actions_["compare"].triggered.connect(compare.toggle)
    HoldBypass(window.live.desk)
    key = HoldKey(window, lambda held: window.live.desk.trigger("hold_bypass", held))
    QTimer.singleShot(0, window, lambda: key.follow(window))
    window.stage.shown_on.connect(lambda *_: key.follow(window.stage))
    return compare
