"""Session: opens the window and stays until it closes."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from msa.capturer import Capturer
from msa.crashlog import STILL_S, CrashLog
from webcam_pix2pix.pipeline import Pipeline

from ..foundation import theme
from ..foundation.store import Store
from ..settings.startup import first_settings

log = logging.getLogger(__name__)

POLL_MS = 120  # how often it is looked whether an image of the window can be taken


def run(main_window: Callable[..., Any], values: Mapping[str, Any], build: Callable, preview: Callable | None = None,
        config_dir: Path | None = None, screenshot: Path | None = None, outputs: Mapping[str, str] | None = None,
        record: Path | None = None, begin: Callable[[Any], None] | None = None) -> int:
    """Open the window with settings `values` (dotted names) and stay until it closes.

    main_window: the class gui.MainWindow. build, preview: as Pipeline takes them.
    screenshot: save a screenshot once the window is painted, then close it. outputs: to other programs, from the start on.
    record: a recording from the first painting on. begin: called with the window before it is shown; where it raises, none opens.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("webcam-pix2pix")
    app.setDesktopFileName("webcam-pix2pix")
    app.setWindowIcon(theme.icon("paint-brush", theme.DARK.accent))
    first = first_settings(Store(config_dir).read(), values)
    pipeline = Pipeline(Capturer(first.settings.capture_init), first.settings, build, preview)
    window = main_window(pipeline, chosen=values, keep=first.keep, config_dir=config_dir)
    window.live.adopt(first.recipe, keep=True)
    window.output.begin(outputs or {}, record)
    if begin is not None:
        try:
            begin(window)
        except (ValueError, OSError):
            window.close()
            raise
    window.show()
    sys.excepthook = lambda kind, error, traceback: _internal(window, kind, error, traceback)
    if screenshot:
        _take_image(window, screenshot)
    close_on_signals(window)
    crash_log = _crash_log(window)
    code = app.exec()
    if crash_log is not None:
        crash_log.close()
    if threading.active_count() > 1:  # blocked in a driver, or building a model: a crash at the end helps nobody
        logging.shutdown()
        os._exit(code)
    return code


def close_on_signals(window: Any) -> None:
    """Ctrl-C, SIGTERM and a logout close the window as its button does, without a question; the second time the program ends at once.

    Heard because the timer of the window runs Python code all the time.
    """
    def end(number: int, _: Any) -> None:
        signal.signal(number, lambda number, _: os._exit(128 + number))
        QTimer.singleShot(0, window.close)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, end)


def _crash_log(window: Any) -> CrashLog | None:
    try:
        crash_log = CrashLog(window.store.folder)
    except OSError as error:
        log.warning("no crash log: %s", error)
        return None
    if crash_log.last is not None:
        window.messages.problem(f"The last time, the program crashed or stood still for {STILL_S:g} seconds. "
                                f"What it was doing is in {crash_log.last}")
    timer = QTimer(window, interval=1000)
    timer.timeout.connect(crash_log.alive)
    timer.start()
    window.installEventFilter(_Hidden(window, crash_log.rest))
    return crash_log


class _Hidden(QObject):
    """A window that is closed hides first, and then finishes what runs: that is no standstill."""

    def __init__(self, window: Any, rest: Callable[[], None]) -> None:
        super().__init__(window)
        self._rest = rest

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Hide:
            self._rest()
        return False


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
