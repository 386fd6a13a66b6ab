"""Session: opens the window and stays until it closes."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from msa.capturer import Capturer
from webcam_pix2pix.pipeline import Pipeline

from ..foundation import theme
from ..foundation.store import Store
from ..settings.startup import first_settings

log = logging.getLogger(__name__)

POLL_MS = 120  # how often it is looked whether an image of the window can be taken


def run(main_window: Callable[..., Any], values: Mapping[str, Any], build: Callable, preview: Callable | None = None,
        config_dir: Path | None = None, screenshot: Path | None = None) -> int:
    """Open the window with settings `values` (dotted names) and stay until it closes.

    main_window: the class gui.MainWindow. build, preview: as Pipeline takes them.
    screenshot: save a screenshot once the window is painted, then close it.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("webcam-pix2pix")
    app.setDesktopFileName("webcam-pix2pix")
    app.setWindowIcon(theme.icon("paint-brush", theme.DARK.accent))
    first = first_settings(Store(config_dir).read(), values)
    pipeline = Pipeline(Capturer(first.settings.capture_init), first.settings, build, preview)
    window = main_window(pipeline, chosen=values, keep=first.keep, config_dir=config_dir)
    window.live.adopt(first.recipe, keep=True)
    window.show()
    sys.excepthook = lambda kind, error, traceback: _internal(window, kind, error, traceback)
    if screenshot:
        _take_image(window, screenshot)
    for name in (signal.SIGINT, signal.SIGTERM):  # heard because the timer runs Python code all the time
        signal.signal(name, lambda *_: QTimer.singleShot(0, window.close))
    code = app.exec()
    if threading.active_count() > 1:  # blocked in a driver, or building a model: a crash at the end helps nobody
        logging.shutdown()
        os._exit(code)
    return code


def _internal(window: Any, kind, error, traceback) -> None:
    """A bug: into the log, and one line in the window; the show goes on."""
    log.error("internal error", exc_info=(kind, error, traceback))
    window.messages.problem(f"Internal error: {kind.__name__}: {error}. See the log for details, and please report it.")


def _take_image(window: Any, path: Path) -> None:
    """Save an image of the window of 1600x1000 some images after the model has come, then close it."""
    window.resize(1600, 1000)
    timer = QTimer(window, interval=POLL_MS)

    def poll() -> None:
        if window.panels.steady(window.pipeline.status):
            timer.stop()
            QTimer.singleShot(0, window.close)  # also when it cannot be written
            if not window.grab().save(str(path)):
                raise OSError(f"{path}: the screenshot could not be written")

    timer.timeout.connect(poll)
    timer.start()
