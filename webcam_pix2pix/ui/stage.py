"""Stage: the picture alone on a screen, for projector and audience."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .picture import Picture


class Stage(QWidget):
    """Frameless, black, no pointer; Esc, F or a double click leaves it. The window's actions work here too.

    Signals:
        left(): it was closed.
    """

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle("webcam-pix2pix: prediction")
        self.setAccessibleName("prediction, full screen")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.picture = Picture("prediction, full screen", "", background="#000000", zoomable=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)

    def open_on(self, screen: QScreen | None) -> None:
        """Fill `screen`; one that has gone is replaced by the main screen."""
        screen = screen if screen in QGuiApplication.screens() else QGuiApplication.primaryScreen()
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def show_image(self, image: np.ndarray | None) -> None:
        """Show the prediction."""
        if self.isVisible():
            self.picture.show_image(image)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def mouseDoubleClickEvent(self, event) -> None:
        self.close()

    def closeEvent(self, event) -> None:
        self.picture.show_image(None)
        super().closeEvent(event)
        self.left.emit()
