"""More ways to choose a source: on keys, by a look through all cameras, by dragging over the screen."""

from typing import Any

from PySide6.QtGui import QAction

from .camera_picker import CameraPicker
from .region import pick_region
from .source_keys import SourceKeys


def more_sources(window: Any) -> dict[str, QAction]:
    """Put them into the MainWindow `window`; the actions of the keys by the name that they have on the desk."""
    keys = SourceKeys(window, window.open.source, lambda: window.live.value.capture_init.device_id, window.remembered.source_keys,
                      window.messages.note)
    window.addActions(list(keys.actions.values()))
    window.stage.addActions(list(keys.actions.values()))
    window.sources.menus.append(keys.menu)
    window.actions_["region"].triggered.connect(lambda *_: pick_region(window, window.open.source))
    window.actions_["cameras"].triggered.connect(lambda *_: CameraPicker(window, window.pipeline.capturer, window.open.source).open())
    return keys.actions
