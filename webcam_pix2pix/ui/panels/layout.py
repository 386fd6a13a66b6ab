"""Where the docks are: the default, and what was remembered."""

import logging
import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from ..foundation.store import Store
from .dock import Dock

log = logging.getLogger(__name__)

SETTLED_S = 1.0  # a window that has just been shown or resized is still finding its size
CLOSED = {"sketch", "chain"}  # docks that are opened when they are wanted
BESIDE = 0.55  # share of the window's width that everything beside the prediction may take


class Layout:
    """Docks of `window` by name: "prediction" large in the middle, "capture" over "processed" at the right, the others tabbed at the left.

    The first of the others lies on top.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, Dock], store: Store) -> None:
        self._window, self._docks, self._store = window, docks, store
        self._widths: dict[Dock, int] = {}  # of a dock in each column beside the prediction
        self._kept = 0.0  # when they were set last
        self._squeezed = False  # the window is too small for them: what they are now is not what the user wants
        window.setDockNestingEnabled(True)

    def reset(self) -> None:
        """The default for the size of the window."""
        window, docks = self._window, self._docks
        for dock in docks.values():
            dock.setFloating(False)
            dock.hide()  # until it has its place: all above one another would make the window taller
            window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        large, above, below = docks["prediction"], docks["capture"], docks["processed"]
        first, *others = (dock for dock in docks.values() if dock not in (large, above, below))
        window.splitDockWidget(first, large, Qt.Orientation.Horizontal)
        window.splitDockWidget(large, above, Qt.Orientation.Horizontal)
        window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for dock in others:
            window.tabifyDockWidget(first, dock)
        for name, dock in docks.items():
            dock.setVisible(name not in CLOSED)
        first.raise_()
        width = window.width()
        self._widths = {first: min(max(round(width * 0.24), 330), 460), above: min(max(round(width * 0.22), 230), 560)}
        self.keep()
        window.resizeDocks([above, below], [500, 500], Qt.Orientation.Vertical)

    def note(self) -> None:
        """Called a few times a second: how wide the user wants what stands beside the prediction; no floating dock is out of sight."""
        self._catch()
        if time.monotonic() - self._kept < SETTLED_S or self._squeezed:
            return
        large = self._docks["prediction"]
        shown = [dock for dock in self._docks.values() if not dock.isFloating() and not dock.visibleRegion().isEmpty()]
        beside = [dock for dock in shown if dock.geometry().right() < large.x() or dock.x() > large.geometry().right()]
        columns = {dock.x(): dock for dock in beside}  # one for each
        self._widths = {dock: dock.width() for dock in columns.values()}

    def _catch(self) -> None:
        """Bring back docks of which less than half is on the screens, once the mouse has let them go."""
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        rooms = [screen.availableGeometry() for screen in QApplication.screens()]
        for dock in self._docks.values():
            place = dock.frameGeometry()
            seen = sum(part.width() * part.height() for part in (place & room for room in rooms))
            if dock.isFloating() and dock.isVisible() and 2 * seen < place.width() * place.height():
                place.moveCenter(self._window.geometry().center())
                dock.move(place.topLeft())

    def keep(self) -> None:
        """Called when the size of the window has changed: what stands beside keeps its width, the prediction takes or gives the rest."""
        self._kept = time.monotonic()
        large = self._docks["prediction"]
        beside = {dock: width for dock, width in self._widths.items() if not dock.isFloating() and not dock.isHidden()}
        if large.isFloating() or not beside:
            return
        total = sum(beside.values())
        scale = min(1.0, BESIDE * self._window.width() / total)
        self._squeezed = scale < 1
        widths = [round(width * scale) for width in beside.values()]
        rest = max(large.minimumWidth(), self._window.width() - round(total * scale))
        self._window.resizeDocks([*beside, large], [*widths, rest], Qt.Orientation.Horizontal)

    def restore(self) -> None:
        """As remembered, the docks and the window each for itself; the default where nothing is, or where it does not fit."""
        window, known = self._window, self._store.read_layout()
        room = window.screen().availableGeometry()
        window.resize(min(round(room.width() * 0.94), 2200), min(round(room.height() * 0.92), 1400))
        self.reset()
        if known is None:
            return
        geometry, docks, widths = known
        if not window.restoreGeometry(geometry):
            log.info("the window was on a screen of another size: it gets the default size on this one")
        if window.restoreState(docks):
            self._widths = {self._docks[name]: width for name, width in widths.items() if name in self._docks}
        else:
            log.warning("the remembered layout of the docks cannot be read: default layout")
            self.reset()

    def lift(self) -> None:
        """Called once the window is shown: docks that were remembered floating stand above it; they were made before it had a place."""
        for dock in self._docks.values():
            if dock.isFloating() and dock.isVisible():
                dock.hide()  # some window managers look at whom it belongs to only when it is shown
                dock.windowHandle().setTransientParent(self._window.windowHandle())
                dock.show()
                dock.raise_()
        self.keep()  # now it has its size

    def remember(self) -> None:
        """Keep it for the next time."""
        try:
            widths = {dock.objectName(): width for dock, width in self._widths.items()}
            self._store.write_layout(self._window.saveGeometry(), self._window.saveState(), widths)
        except OSError as error:
            log.warning("the layout is not remembered: %s", error)
