"""DropTarget: shows where a file that is dragged over the window will go, and what becomes of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from ..foundation import theme


class DropTarget(QLabel):
    """A frame over `parent`, with a word in it; hidden until something is dragged over."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, objectName="droptarget", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def point_out(self, text: str) -> None:
        """Show the frame with `text`."""
        t, tint = theme.current(), theme.current().window
        self.setStyleSheet(f"#droptarget {{ border: 3px solid {t.accent}; border-radius: 6px; color: {t.text}; font-weight: bold;"
                           f" background: rgba({int(tint[1:3], 16)}, {int(tint[3:5], 16)}, {int(tint[5:7], 16)}, 170); }}")
        self.setText(text)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
