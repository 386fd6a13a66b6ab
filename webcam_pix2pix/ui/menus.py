"""What stands in the menus besides the actions: presets, undo, screens, docks, theme."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from .actions import Actions
from .layout import Layout


def add_undo(menu: QMenu, before: QAction, stack: QUndoStack, parent: QWidget) -> list[QAction]:
    """Undo and redo at the top of the Edit menu."""
    undo, redo = stack.createUndoAction(parent, "Undo"), stack.createRedoAction(parent, "Redo")
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
    menu.insertActions(before, [undo, redo])
    return [undo, redo]


def fill_view(actions: Actions, screens: QMenu, layout: Layout, is_light: bool, set_theme: Callable[[str], None]) -> None:
    """Screens for the full picture, docks, reset, theme."""
    menu = actions.menus["View"]
    menu.addMenu(screens)
    menu.addSeparator()
    layout.add_to(menu)
    light = menu.addAction("Light theme")
    light.setCheckable(True)
    light.setChecked(is_light)
    light.toggled.connect(lambda on: set_theme("light" if on else "dark"))
