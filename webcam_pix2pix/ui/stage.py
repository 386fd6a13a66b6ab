"""Stage: the picture alone on a screen, for projector and audience."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from .picture import Picture
from .store import Remembered


class Stage(QWidget):
    """Frameless, black, no pointer; Esc, F or a double click leaves it. The window's actions work here too.

    Signals:
        left(): it was closed.
    """

    left = Signal()

    def __init__(self, parent: QWidget, remembered: Remembered) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._remembered = remembered
        self.setWindowTitle("webcam-pix2pix: prediction")
        self.setAccessibleName("prediction, full screen")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.picture = Picture("prediction, full screen", "", background="#000000", zoomable=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)

    def toggle(self) -> None:
        """Open on the remembered screen, or leave."""
        if self.isVisible():
            self.close()
        else:
            named = [screen for screen in QGuiApplication.screens() if screen.name() == self._remembered.screen]
            self._open_on(named[0] if named else self.parentWidget().screen())

    def menu(self, parent: QWidget) -> QMenu:
        """The screens to choose from."""
        menu = QMenu("Full screen on", parent)
        menu.aboutToShow.connect(lambda: self._list_screens(menu))
        return menu

    def _list_screens(self, menu: QMenu) -> None:
        menu.clear()
        for screen in QGuiApplication.screens():
            action = menu.addAction(f"{screen.name()}  {screen.size().width()}×{screen.size().height()}")
            action.triggered.connect(lambda _=False, screen=screen: self._open_on(screen))

    def _open_on(self, screen: QScreen) -> None:
        self._remembered.screen = screen.name()
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def show_image(self, image: np.ndarray | None) -> None:
        """Show the prediction, while it is open."""
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
