"""Region: a part of the screen, chosen by dragging over a still image of it."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPen, QPixmap, QScreen
from PySide6.QtWidgets import QWidget

from ..foundation import theme

LEAST = 16  # px a side, of the device
WORDS = "Drag over the part of the screen that is to be the source.  Esc or right click: none"


class Region(QWidget):
    """Covers one screen. done(rectangle): in pixels of the device from the corner of the screen; None: left with Esc.

    parent: keeps it while it is open.
    """

    def __init__(self, screen: QScreen, done: Callable[[QRect | None], object], parent: QWidget) -> None:
        flags = Qt.WindowType
        super().__init__(parent, flags.Window | flags.FramelessWindowHint | flags.WindowStaysOnTopHint | flags.BypassWindowManagerHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done, self._image = done, QPixmap(screen.grabWindow(0))
        self._start: QPoint | None = None
        self._box = QRect()
        self.setGeometry(screen.geometry())
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = event.position().toPoint()

    def mouseMoveEvent(self, event) -> None:
        if self._start is not None:
            self._box = QRect(self._start, event.position().toPoint()).normalized().intersected(self.rect())
            self.update()

    def mouseReleaseEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.RightButton:  # not at the press: a window that goes in between keeps the button down for Qt
            return self._finish(None)
        ratio, box = self.devicePixelRatioF(), self._box
        part = QRect(round(box.x() * ratio), round(box.y() * ratio), round(box.width() * ratio), round(box.height() * ratio))
        self._start = None
        if min(part.width(), part.height()) >= LEAST:
            self._finish(part)

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(None)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._image)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 120))
        if not self._box.isEmpty():
            ratio = self._image.width() / max(1, self.width())
            source = QRect(round(self._box.x() * ratio), round(self._box.y() * ratio), round(self._box.width() * ratio),
                           round(self._box.height() * ratio))
            painter.drawPixmap(self._box, self._image, source)
            painter.setPen(QPen(QColor(theme.DARK.accent), 2))
            painter.drawRect(self._box)
        words = painter.fontMetrics().boundingRect(WORDS).adjusted(-theme.L, -theme.M, theme.L, theme.M)
        words.moveCenter(QPoint(self.rect().center().x(), words.height()))
        painter.fillRect(words, QColor(theme.DARK.panel))
        painter.setPen(QColor(theme.DARK.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, WORDS)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.grabKeyboard()  # a window without a frame gets no keys by itself

    def _finish(self, part: QRect | None) -> None:
        self.releaseKeyboard()
        self.close()
        self._done(part)


def pick_region(window: QWidget, choose: Callable[[str], object]) -> Region:
    """Let the user drag over the screen that `window` is on; choose(device_id) follows unless it is left with Esc."""
    screen = window.screen()
    number = QGuiApplication.screens().index(screen) + 1

    def done(part: QRect | None) -> None:
        if part is not None:
            choose(f"screen:{number}:{part.width()}x{part.height()}+{part.x()}+{part.y()}")

    region = Region(screen, done, window)
    region.show()
    region.activateWindow()
    region.setFocus()
    return region
