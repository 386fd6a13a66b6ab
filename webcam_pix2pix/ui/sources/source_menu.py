"""SourceMenu: cameras by name, files, streams, the screen, the test scene. Cameras are looked for off the GUI thread."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from ..foundation import theme
from ..foundation.background import Background

FIXED = (("screen", "Screen", "monitor"), ("sketch", "Sketch pad", "pencil-simple"), ("test", "Test scene", "person"),
         ("test:2", "Test scene, second person", "person"))
RECENT = 8


class SourceMenu(QMenu):
    """Calls `choose(device_id)`; `more` are the actions that open other sources."""

    def __init__(self, parent: QWidget, choose: Callable[[str], None], more: list[QAction], recent: list[str]) -> None:
        super().__init__(parent)
        self.recent = recent  # newest first; the window remembers it
        self.current = ""
        self.menus: list[QMenu] = []  # what else there is to choose from
        self._choose, self._more = choose, more
        self._cameras: list[tuple[str, str]] = []  # device_id, name for people
        self._looked = False
        self._background = Background("cameras")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._opened)

    def remember(self, device_id: str) -> None:
        """Put a file or stream that gave images on the list of recent ones."""
        if device_id not in {"auto", *(fixed for fixed, _, _ in FIXED)} and device_id not in {camera for camera, _ in self._cameras}:
            self.recent[:] = [device_id, *(known for known in self.recent if known != device_id)][:RECENT]

    def tick(self) -> None:
        """Called a few times a second."""
        self._background.poll()

    def shut(self) -> None:
        """Wait for the search for cameras, if one is under way."""
        self._background.close()

    def _opened(self) -> None:
        self._build()
        if not self._background.busy:
            self._background.submit(_cameras, self._found, self._failed)

    def _found(self, cameras: list[tuple[str, str]]) -> None:
        changed, self._cameras, self._looked = cameras != self._cameras or not self._looked, cameras, True
        if changed and self.isVisible():
            self._build()

    def _failed(self, error: BaseException) -> None:
        self._found([])

    def _build(self) -> None:
        self.clear()
        group = QActionGroup(self)
        for device_id, name in self._cameras:
            self._entry(group, device_id, name, "video-camera")
        if not self._cameras:
            self.addAction("No camera found" if self._looked else "Looking for cameras…").setEnabled(False)
        self.addSeparator()
        for device_id, name, icon in FIXED:
            self._entry(group, device_id, name, icon)
        if self.recent:
            self.addSeparator()
            for device_id in self.recent:
                there = "://" in device_id or Path(device_id).exists()
                self._entry(group, device_id, _short(device_id), "film-strip", "" if there else "It is not there now: ")
            self._build_removal(self.addMenu("Remove from this list"))
        self.addSeparator()
        for menu in self.menus:
            self.addMenu(menu)
        self.addActions(self._more)

    def _build_removal(self, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        for device_id in self.recent:
            action = menu.addAction(_short(device_id).replace("&", "&&"))
            action.setToolTip(device_id)
            action.triggered.connect(lambda _=False, device_id=device_id: self.recent.remove(device_id))
        menu.addSeparator()
        menu.addAction("All of them", self.recent.clear)

    def _entry(self, group: QActionGroup, device_id: str, name: str, icon: str, remark: str = "") -> None:
        action = QAction(theme.icon(icon), name.replace("&", "&&"), group, checkable=True)
        action.setChecked(device_id == self.current)
        action.setToolTip(remark + device_id)
        action.triggered.connect(lambda: self._choose(device_id))
        self.addAction(action)


def _short(device_id: str) -> str:
    return device_id if "://" in device_id else Path(device_id).name


def _cameras() -> list[tuple[str, str]]:
    """(what to pass as device_id, name) of each camera."""
    from msa.capturer import cameras

    return [(camera.source, camera.name) for camera in cameras()]
