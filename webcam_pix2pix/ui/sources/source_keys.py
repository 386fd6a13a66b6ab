"""SourceKeys: sources on the keys Shift+1 to Shift+9, to change between them as between presets."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

KEYS = range(1, 10)


class SourceKeys:
    """choose(device_id): opens a source. current(): the one in use. known: key -> device_id, kept up to date.

    Attributes:
        actions: of the keys, by the name that they have on the desk.
        menu: to see what is on the keys, and to put the source in use on one.
    """

    def __init__(self, parent: QWidget, choose: Callable[[str], None], current: Callable[[], str], known: dict[str, str],
                 note: Callable[[str], None]) -> None:
        self._choose, self._current, self._known, self._note = choose, current, known, note
        self.actions = {f"source_{key}": QAction(f"Source {key}", parent, shortcut=f"Shift+{key}") for key in KEYS}
        for key, action in zip(KEYS, self.actions.values(), strict=True):
            action.triggered.connect(lambda _=False, key=key: self.recall(key))
        self.menu = QMenu("Keys Shift+1 to Shift+9", parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)

    def recall(self, key: int) -> None:
        """Open the source on a key."""
        device_id = self._known.get(str(key))
        if device_id is None:
            return self._note(f"No source is on Shift+{key}. Put the one in use there: Source, Keys Shift+1 to Shift+9.")
        if device_id != self._current():  # the one in use goes on where it is
            self._choose(device_id)

    def store(self, key: int) -> None:
        """Put the source in use on a key."""
        self._known[str(key)] = self._current()
        self._note(f"Shift+{key} opens {spoken(self._current())}.")

    def _fill(self) -> None:
        self.menu.clear()
        for key, action in zip(KEYS, self.actions.values(), strict=True):
            device_id = self._known.get(str(key), "")
            action.setText(spoken(device_id).replace("&", "&&") if device_id else f"Source {key}")
            action.setToolTip(device_id)
            if device_id:
                self.menu.addAction(action)
        self.menu.addSeparator()
        keep = self.menu.addMenu("Put the source in use on")
        for key in KEYS:
            taken = f"  ({spoken(self._known[str(key)])})" if str(key) in self._known else ""
            keep.addAction(f"Shift+{key}{taken}".replace("&", "&&")).triggered.connect(lambda _=False, key=key: self.store(key))
        if self._known:
            self.menu.addAction("No sources on keys", self._known.clear)


def spoken(device_id: str) -> str:
    """A source in few letters."""
    return device_id if "://" in device_id or device_id.startswith("/dev/") else Path(device_id).name or device_id
