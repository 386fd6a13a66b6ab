"""The sketch pad comes to the front when the drawing becomes the source."""

from typing import Any

from PySide6.QtCore import QTimer

from ..panels.dock import Dock
from .sketch_dock import SOURCE, Sketch


def show_sketch_pad(window: Any) -> None:
    """Give the sketch pad its settings, and bring it whenever it is chosen as the source. window: the MainWindow."""
    dock: Dock = next(dock for dock in window.docks if isinstance(dock.content, Sketch))
    dock.content.settings_of(window.live)
    before = [window.live.value.capture_init.device_id]

    def follow() -> None:
        now = window.live.value.capture_init.device_id
        chosen, before[0] = now == SOURCE and before[0] != SOURCE, now
        if chosen:
            dock.show()
            QTimer.singleShot(50, dock, dock.raise_)  # a dock that was closed has no tab yet

    window.live.changed.connect(follow)
    if before[0] == SOURCE:
        before[0] = ""
        QTimer.singleShot(0, window, follow)  # once the docks have their places
