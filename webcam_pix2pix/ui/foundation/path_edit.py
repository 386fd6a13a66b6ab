"""PathEdit: a folder to type or to read; while nobody types, both ends of its path are seen. FolderChoice: with buttons beside it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStyle, QStyleOptionFrame, QStylePainter, QToolButton, QWidget

from . import theme
from .desktop import show_folder
from .file_dialog import ask_folder


class PathEdit(QLineEdit):
    """hint: said in the tooltip, below the path."""

    def __init__(self, path: str, hint: str, accessible_name: str) -> None:
        super().__init__(path, accessibleName=accessible_name)
        self._hint = hint
        self.textChanged.connect(self._explain)
        self._explain(path)

    def shown(self) -> str:
        """The path as it is seen while nobody types."""
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, self._frame(), self).width() - 6
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)

    def paintEvent(self, event) -> None:
        shown = self.shown()
        if self.hasFocus() or shown == self.text():
            return super().paintEvent(event)
        frame, painter = self._frame(), QStylePainter(self)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, frame)
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, frame, self).adjusted(3, 0, -3, 0)
        painter.setPen(frame.palette.text().color())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _frame(self) -> QStyleOptionFrame:
        frame = QStyleOptionFrame()
        self.initStyleOption(frame)
        return frame

    def _explain(self, path: str) -> None:
        self.setToolTip(f"{path}\n\n{self._hint}")


class FolderChoice(QWidget):
    """A folder: its path, a button that opens it in the file manager, and one that asks for another.

    what: what the folder is, for titles and names. failed: gets one line where it cannot be opened.
    """

    def __init__(self, path: str, what: str, hint: str, failed: Callable[[str], object]) -> None:
        super().__init__()
        self._what = what
        self.edit = PathEdit(path, hint, what)
        self.open = QToolButton(objectName="flat", iconSize=theme.icon_size(), accessibleName=f"open {what}",
                                toolTip="Show the folder in the file manager")
        self.open.clicked.connect(lambda *_: show_folder(Path(self.edit.text().strip()).absolute(), failed))
        self.choose = QPushButton("Choose…", accessibleName=f"choose {what}")
        self.choose.clicked.connect(lambda *_: self._ask())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        for widget in (self.edit, self.open, self.choose):
            layout.addWidget(widget)
        self.retheme()

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self.open.setIcon(theme.icon("folder-open"))

    def _ask(self) -> None:
        folder = ask_folder(self, self._what.capitalize(), self.edit.text())
        if folder:
            self.edit.setText(folder)
