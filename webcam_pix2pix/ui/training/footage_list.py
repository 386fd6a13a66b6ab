"""FootageList: films, images and folders that a model is made from, added with buttons or dropped."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from ..foundation import theme
from ..sources import dialogs
from ..sources.drop_target import DropTarget


class FootageList(QWidget):
    """`paths()` are those that were added.

    Signals:
        changed(): another list of paths.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget(accessibleName="footage")
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.list)
        layout.addLayout(_row(("Add films…", self._ask_films), ("Add folder…", self._ask_folder), ("Remove", self._remove)))
        self.setAcceptDrops(True)
        self._target = DropTarget(self)

    def paths(self) -> list[str]:
        return [self.list.item(i).text() for i in range(self.list.count())]

    def add(self, path: str) -> None:
        """Add a film, an image or a folder."""
        if path and not self.list.findItems(path, Qt.MatchFlag.MatchExactly):
            self.list.addItem(path)
            self.changed.emit()

    def suggested_name(self) -> str:
        """Of what is made from it: that of the first file; "" while there is none."""
        return Path(self.paths()[0]).stem.replace("_", " ") if self.list.count() else ""

    def _ask_films(self) -> None:
        for path in dialogs.films(self, "Films and images", images=True):
            self.add(path)

    def _ask_folder(self) -> None:
        self.add(dialogs.image_folder(self, "Add folder") or "")

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self.changed.emit()

    def dragEnterEvent(self, event) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._target.point_out("Add to the footage")

    def dragLeaveEvent(self, event) -> None:
        self._target.hide()

    def dropEvent(self, event) -> None:
        self._target.hide()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.add(url.toLocalFile())
        event.acceptProposedAction()


def _row(*buttons) -> QHBoxLayout:
    row = QHBoxLayout()
    for text, pressed in buttons:
        button = QPushButton(text)
        button.clicked.connect(lambda *_, pressed=pressed: pressed())
        row.addWidget(button)
    row.addStretch(1)
    return row
