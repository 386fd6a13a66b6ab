"""PathEdit: a folder to type or to read; while nobody types, both ends of its path are seen, and the tooltip has it all."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QStylePainter


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
