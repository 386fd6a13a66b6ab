"""Entries of the menus besides actions: presets, undo, screens, docks, theme."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ..panels.dock import Dock
from ..settings.live_settings import UndoSteps
from .actions import Actions


def add_undo(menu: QMenu, before: QAction, steps: UndoSteps, parent: QWidget) -> list[QAction]:
    """Undo and redo at the top of the Edit menu."""
    undo, redo = steps.actions(parent)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
    menu.insertActions(before, [undo, redo])
    return [undo, redo]


def fill_view(actions: Actions, screens: QMenu, docks: Sequence[Dock], reset: Callable[[], None], is_light: bool,
              set_theme: Callable[[str], None]) -> None:
    """Screens for the full image, docks, reset, theme. The entry of a dock brings it to the front; when it is there, closes it."""
    menu = actions.menus["View"]
    menu.insertMenu(actions["fit"], screens)
    for dock in docks:
        name = f"show_{dock.objectName()}"
        entry = actions[name] if name in actions else menu.addAction(dock.windowTitle())  # a dock of your own has no key
        entry.setCheckable(True)
        entry.triggered.connect(lambda *_, dock=dock: bring_or_close(dock))
        for said in (dock.visibilityChanged, entry.toggled, menu.aboutToShow):
            said.connect(lambda *_, dock=dock, entry=entry: entry.setChecked(not dock.isHidden()))
    menu.addAction("Reset layout", reset)
    menu.addSeparator()
    light = menu.addAction("Light theme")
    light.setCheckable(True)
    light.setChecked(is_light)
    light.toggled.connect(lambda on: set_theme("light" if on else "dark"))


def bring_or_close(dock: Dock) -> None:
    """Close a dock that can be seen; show one that cannot."""
    if dock.isHidden() or dock.visibleRegion().isEmpty():
        bring(dock)
    else:
        dock.close()


def bring(dock: Dock) -> None:
    """Show a dock in front of those it shares its place with. The keyboard stays with the stage; Tab goes into the dock."""
    dock.show()
    dock.raise_()
    if dock.isFloating():
        dock.activateWindow()
