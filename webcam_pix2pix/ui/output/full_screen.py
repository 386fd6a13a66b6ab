"""Stage: the image alone on a screen, for projector and audience."""

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from webcam_pix2pix.outgoing import Output, sharpened
from webcam_pix2pix.projection import Screen

from ..foundation.store import Remembered
from .output_view import CORNER_KEYS, OutputView

FRAMELESS = Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint
SETTLE_MS = 300  # for a screen that has just come


class Stage(QWidget):
    """Frameless, no pointer; Esc, F or a double click leaves it. The window's actions work here too.

    It opens on the screen that was chosen in the menu; where none was chosen, or that one is not connected, on a screen that the
    window is not on, if there is one. On a screen of its own it leaves the keyboard to the window. When its screen is disconnected it
    becomes a window, and goes back when the screen does.

    Attributes:
        kiosk: it stays: neither Esc nor F nor a double click closes it. Shift+Esc does.

    Signals:
        kiosk_left(): Shift+Esc.
        shown_on(str): it was opened, on the screen of that name; "": it was closed.
        left(): it was closed.
        problem(str), note(str): its screen was disconnected, or is back.
        black(bool), patterned(bool), pinning(bool): blackout, test pattern, the corners are being moved.
        corners_moved(str): the corners are elsewhere, as Screen.corners says it.
    """

    kiosk_left = Signal()
    shown_on = Signal(str)
    left = Signal()
    problem = Signal(str)
    note = Signal(str)
    black = Signal(bool)
    patterned = Signal(bool)
    pinning = Signal(bool)
    corners_moved = Signal(str)

    def __init__(self, parent: QWidget, remembered: Remembered) -> None:
        super().__init__(parent, FRAMELESS)
        self._remembered = remembered
        self.kiosk = False
        self._on = ""  # name of the screen it was opened on
        self._lost = ""  # name of the screen it waits for
        self._is_black = False
        self.setWindowTitle("webcam-pix2pix: prediction")
        self.setAccessibleName("prediction, full screen")
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.view = OutputView()
        self.view.corners_moved.connect(self.corners_moved)
        self.view.done.connect(lambda: self.move_corners(False))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        QGuiApplication.instance().screenRemoved.connect(self._screen_removed)
        QGuiApplication.instance().screenAdded.connect(self._screen_added)

    def toggle(self) -> None:
        """Open, or leave."""
        if self.kiosk and self.isVisible():
            self.shown_on.emit(self._on)  # the action shows what is the case
        elif self.isVisible():
            self.close()
        else:
            self.open_on(self.target())

    def follow(self, placing: Screen) -> None:
        """Show the painting as `placing` says."""
        self.view.place(placing)

    def blackout(self, on: bool) -> None:
        """Fade to black, or back. It holds while the output is closed, too."""
        self._is_black = on
        self.view.fade(on)
        self.black.emit(on)

    def test_pattern(self, on: bool) -> None:
        """Show the test pattern instead of the painting."""
        on = on and self.isVisible()
        self.view.show_pattern(self._on or self.screen().name() if on else None)
        self.patterned.emit(on)

    def move_corners(self, on: bool) -> None:
        """Show handles at the corners, which mouse and keys move; or be done with it."""
        on = on and self.isVisible()
        self.view.move_corners(on)
        if on:
            self.activateWindow()
            self.setFocus()
        elif self.screen() is not self.parentWidget().screen():  # on the same one the window would come before the painting
            self.parentWidget().activateWindow()
        self.pinning.emit(on)

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
            self.open_on(self.target())

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

    def open_on(self, screen: QScreen) -> None:
        """Open there, or move there."""
        own = screen is not self.parentWidget().screen()
        self._on, self._lost = screen.name(), ""
        if self.isVisible():
            self.hide()  # moved while full screen, some window managers keep it where it was
        if self.windowFlags() != FRAMELESS:
            self.setWindowFlags(FRAMELESS)
        self.setWindowTitle("webcam-pix2pix: prediction")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, own)
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        if own:
            QTimer.singleShot(SETTLE_MS, self, self._give_keys_back)
        else:
            self.activateWindow()
            self.setFocus()
        self.shown_on.emit(screen.name())

    def _screen_removed(self, screen: QScreen) -> None:
        if self.isVisible() and screen.name() == self._on:
            self._lost = screen.name()
            self._become_window()
            self.problem.emit(f"The screen {self._lost} was disconnected: the output is in a window until it is back.")

    def _give_keys_back(self) -> None:
        """Some window managers give them to whatever is new."""
        if self.isActiveWindow() and self.view.moving is None and self.screen() is not self.parentWidget().screen():
            self.parentWidget().activateWindow()

    def _become_window(self) -> None:
        """On the screen that the operator has, small, with a frame."""
        here = QGuiApplication.primaryScreen().availableGeometry()
        self.hide()
        self.setWindowFlags(Qt.WindowType.Window)
        self.setWindowTitle(f"The output: {self._lost} is disconnected")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        width, height = here.width() // 3, here.height() // 3
        self.showNormal()
        self.setGeometry(QRect(here.right() - width - 16, here.bottom() - height - 16, width, height))
        self.shown_on.emit("a window")

    def _screen_added(self, screen: QScreen) -> None:
        if self._lost and screen.name() == self._lost:
            QTimer.singleShot(SETTLE_MS, self, self._come_back)

    def _come_back(self) -> None:
        screen = next((screen for screen in QGuiApplication.screens() if screen.name() == self._lost), None)
        if self.isVisible() and screen is not None:
            self.open_on(screen)
            self.note.emit(f"The screen {screen.name()} is back, and the output on it.")

    def show_image(self, image: np.ndarray | None, output: Output = Output()) -> None:  # noqa: B008 - it is frozen
        """Show the prediction, while it is open; sharpened, if `output` says so and the screen enlarges it."""
        if self.isVisible():
            if image is not None and output.sharp_screen and self._enlarges(image):
                image = sharpened(image, output.sharpen)
            self.view.show_image(image)

    def _enlarges(self, image: np.ndarray) -> bool:
        ratio, (height, width), placing = self.devicePixelRatioF(), image.shape[:2], self.view.placing
        if placing.rotate in ("90", "270"):
            height, width = width, height
        return placing.scaling == "smooth" and min(self.width() * ratio / width, self.height() * ratio / height) > 1

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self.view.moving is not None and event.key() in CORNER_KEYS:
            event.accept()  # they are for the corners; all others are for the show, the test pattern among them
            return True
        if event.type() == QEvent.Type.KeyPress and self.view.takes(event):
            return True  # before Tab goes to another widget
        return super().event(event)

    def keyPressEvent(self, event) -> None:
        if event.key() != Qt.Key.Key_Escape:
            return
        if not self.kiosk:
            self.close()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.kiosk_left.emit()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if self.view.shows_pattern:
            self.test_pattern(True)

    def mouseDoubleClickEvent(self, event) -> None:
        if self.view.moving is None and not self.kiosk:
            self.close()

    def closeEvent(self, event) -> None:
        self._lost = ""
        self.view.stop()
        self.view.black = float(self._is_black)
        if self.view.shows_pattern:
            self.test_pattern(False)
        self.view.show_image(None)
        self.pinning.emit(False)
        super().closeEvent(event)
        self.shown_on.emit("")
        self.left.emit()
