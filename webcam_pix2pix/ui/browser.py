"""ModelBrowser: the models of the models folders, to look at and to choose from."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


class ModelBrowser(QWidget):
    chosen = Signal(str)
    problem = Signal(str)

    def __init__(self, recent: list[str]) -> None:
        super().__init__()
        self.recent = recent

    def menu(self, parent: QWidget, more: Sequence[QAction]) -> QMenu:
        menu = QMenu(parent)
        menu.addActions(list(more))
        return menu

    def step(self, by: int) -> None:
        pass

    def show_current(self, model, loading: str) -> None:
        pass

    def retheme(self) -> None:
        pass
