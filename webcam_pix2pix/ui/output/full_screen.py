"""Stage: the image alone on a screen, for projector and audience."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from webcam_pix2pix.outgoing import Output, sharpened

from ..foundation.store import Remembered
from ..panels.image_view import ImageView


class Stage(QWidget):
    """Frameless, black, no pointer; Esc, F or a double click leaves it. The window's actions work here too.

    It opens on the screen that was chosen in the menu; where none was chosen, or that one is not connected, on a screen that the
    window is not on, if there is one. On a screen of its own it leaves the keyboard to the window.

    Signals:
        shown_on(str): it was opened, on the screen of that name; "": it was closed.
        left(): it was closed.
        problem(str): its screen was disconnected.
    """

    shown_on = Signal(str)
    left = Signal()
    problem = Signal(str)

    def __init__(self, parent: QWidget, remembered: Remembered) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._remembered = remembered
        self._on: QScreen | None = None  # the screen it was opened on
        self.setWindowTitle("webcam-pix2pix: prediction")
        self.setAccessibleName("prediction, full screen")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.view = ImageView("prediction, full screen", "", background="#000000", zoomable=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        QGuiApplication.instance().screenRemoved.connect(self._screen_removed)

    def toggle(self) -> None:
        """Open, or leave."""
        if self.isVisible():
            self.close()
        else:
            self._open_on(self.target())

    def target(self) -> QScreen:
        """The screen it opens on."""
        screens, here = QGuiApplication.screens(), self.parentWidget().screen()
        chosen = [screen for screen in screens if screen.name() == self._remembered.show_on]
        others = [screen for screen in screens if screen is not here]
        return (chosen or others or [here])[0]

    def menu(self, parent: QWidget) -> QMenu:
        """The screens to choose from; the chosen one is marked."""
        menu = QMenu("Full screen on", parent)
        menu.aboutToShow.connect(lambda: self._list_screens(menu))
        return menu

    def choose(self, name: str) -> None:
        """From now on, open on the screen of that name ("": another one than the window's); one that is open moves there."""
        self._remembered.show_on = name
        if name or self.isVisible():
            self._open_on(self.target())

    def _list_screens(self, menu: QMenu) -> None:
        menu.clear()
        group, chosen, here = QActionGroup(menu), self._remembered.show_on, self.parentWidget().screen()
        entries = [("", "Automatic: the screen that the window is not on")]
        for screen in QGuiApplication.screens():
            size, where = screen.size(), "  (this window)" if screen is here else ""
            entries.append((screen.name(), f"{screen.name()}  {size.width()}×{size.height()}{where}"))
        if chosen not in (name for name, _ in entries):
            entries.append((chosen, f"{chosen}  (not connected)"))
        for name, text in entries:
            action = menu.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == chosen)
            group.addAction(action)
            action.triggered.connect(lambda _=False, name=name: self.choose(name))

    def _open_on(self, screen: QScreen) -> None:
        own = screen is not self.parentWidget().screen()
        self._on = screen
        if self.isVisible():
            self.hide()  # moved while full screen, some window managers keep it where it was
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, own)
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        if not own:
            self.activateWindow()
            self.setFocus()
        self.shown_on.emit(screen.name())

    def _screen_removed(self, screen: QScreen) -> None:
        if self.isVisible() and screen is self._on:
            self.close()
            self.problem.emit(f"The screen {screen.name()} was disconnected: full screen is closed. F opens it again.")

    def show_image(self, image: np.ndarray | None, output: Output = Output()) -> None:  # noqa: B008 - it is frozen
        """Show the prediction, while it is open; sharpened, if `output` says so and the screen enlarges it."""
        if self.isVisible():
            if image is not None and output.sharp_screen and self._enlarges(image):
                image = sharpened(image, output.sharpen)
            self.view.show_image(image)

    def _enlarges(self, image: np.ndarray) -> bool:
        ratio, (height, width) = self.devicePixelRatioF(), image.shape[:2]
        return min(self.width() * ratio / width, self.height() * ratio / height) > 1

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def mouseDoubleClickEvent(self, event) -> None:
        self.close()

    def closeEvent(self, event) -> None:
        self.view.show_image(None)
        super().closeEvent(event)
        self.shown_on.emit("")
        self.left.emit()
