"""Where the docks are: the default, what was remembered, the menu that shows and hides them."""

import logging

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QMenu

from .dock import Dock
from .store import Store

log = logging.getLogger(__name__)


class Layout:
    """Docks of `window` by name: "prediction" large in the middle, "capture" over "processed" at the right, the others tabbed at the left.

    The first of the others lies on top.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, Dock], store: Store) -> None:
        self._window, self._docks, self._store = window, docks, store
        window.setDockNestingEnabled(True)

    def reset(self) -> None:
        """The default for the size of the window."""
        window, docks = self._window, self._docks
        for dock in docks.values():
            dock.setFloating(False)
            window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            dock.show()
        large, above, below = docks["prediction"], docks["capture"], docks["processed"]
        first, *others = (dock for dock in docks.values() if dock not in (large, above, below))
        window.splitDockWidget(first, large, Qt.Orientation.Horizontal)
        window.splitDockWidget(large, above, Qt.Orientation.Horizontal)
        window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for dock in others:
            window.tabifyDockWidget(first, dock)
        first.raise_()
        width = max(window.width(), 800)
        left, right = min(max(round(width * 0.24), 330), 460), min(max(round(width * 0.22), 230), 560)
        window.resizeDocks([first, large, above], [left, width - left - right, right], Qt.Orientation.Horizontal)
        window.resizeDocks([above, below], [500, 500], Qt.Orientation.Vertical)

    def restore(self) -> None:
        """As remembered; the default when nothing is, or when it does not fit."""
        window, known = self._window, self._store.read_layout()
        room = window.screen().availableGeometry()
        window.resize(min(round(room.width() * 0.94), 2200), min(round(room.height() * 0.92), 1400))
        self.reset()
        if known and not (window.restoreGeometry(known[0]) and window.restoreState(known[1])):
            log.warning("the remembered layout does not fit this version: default layout")
            self.reset()

    def remember(self) -> None:
        """Keep it for the next time. Raises OSError."""
        self._store.write_layout(self._window.saveGeometry(), self._window.saveState())

    def add_to(self, menu: QMenu) -> None:
        """One entry for each dock, and the reset."""
        for dock in self._docks.values():
            action = dock.toggleViewAction()
            action.setText(f"Show {dock.windowTitle()}")
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Reset layout", self.reset)
