"""The page "Control by OSC" of the Help menu."""

from PySide6.QtWidgets import QWidget

import params
from webcam_pix2pix.control.controllers import Controllers
from webcam_pix2pix.control.osc.page import OFF, ON, page

from ..shell.help_windows import Sheet, once

WIDTH = 980  # px
LABELS = {row.name: f"{row.section}, {row.label}" for row in params.rows()}


def osc_sheet(parent: QWidget, controllers: Controllers) -> Sheet:
    """Every address with its type and range, and where the program listens."""
    osc = controllers.osc
    where = ON.format(port=osc.port, host=osc.host, url=osc.url) if osc else OFF
    return Sheet(parent, "Control by OSC", f"<h3>Control by OSC</h3>{page(controllers.desk, where, LABELS)}", WIDTH)


def show_osc(parent: QWidget, controllers: Controllers) -> None:
    """Show the page, or bring it to the front."""
    once(parent, "osc_page", lambda window: osc_sheet(window, controllers))
