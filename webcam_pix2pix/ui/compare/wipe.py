"""Wipe: the line between two images in one panel, and what is to the left and right of it."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QLabel, QWidget

from webcam_pix2pix.preprocessing import resized

from ..foundation import theme
from ..panels.image_view import ImageView

GRIP = 26  # px, in which the line is taken hold of


class Wipe(QWidget):
    """A child of `view`, over its image. Hidden until show_names().

    Attributes:
        share: where the line is, 0 (left end of the image) to 1.

    Signals:
        moved(): the line is elsewhere.
    """

    moved = Signal()

    def __init__(self, view: ImageView) -> None:
        super().__init__(view, accessibleName="line between the two images", toolTip="Drag the line")
        self.share = 0.5
        self._view = view
        self._names = [QLabel(view), QLabel(view)]
        for label in self._names:
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setStyleSheet(f"background: rgba(0, 0, 0, 150); color: {theme.DARK.text}; border-radius: 3px; padding: 2px {theme.S}px;")
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.show_names("", "")

    def show_names(self, left: str, right: str) -> None:
        """What is compared; two empty names hide the line."""
        for label, text in zip(self._names, (left, right), strict=True):
            label.setText(text)
            label.adjustSize()
            label.setVisible(bool(text))
        self.setVisible(bool(left or right))

    def composed(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """`left` up to the line, `right` from there on: HxWx3 RGB uint8 of the size of `right`, a fresh array."""
        if left.shape != right.shape:
            left = resized(left, right.shape[:2], "stretch")
        column = round(self.share * right.shape[1])
        return np.concatenate((left[:, :column], right[:, column:]), axis=1)

    def place(self) -> None:
        """Follow the image: it may have been zoomed, or its panel resized."""
        box = self._view.image_rect()
        x = box.left() + round(self.share * box.width())
        self.setGeometry(QRect(x - GRIP // 2, 0, GRIP, self._view.height()))
        left, right = self._names
        edge = max(0, box.top()) + theme.M
        left.move(max(box.left(), 0) + theme.M, edge)
        right.move(min(box.right(), self._view.width()) - right.width() - theme.M, edge)

    def mouseMoveEvent(self, event) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            box = self._view.image_rect()
            x = self.mapTo(self._view, event.position().toPoint()).x()
            self.share = min(max((x - box.left()) / max(1, box.width()), 0.0), 1.0)
            self.place()
            self.moved.emit()

    def mousePressEvent(self, event) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event) -> None:
        self.share = 0.5
        self.place()
        self.moved.emit()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        middle, height = self.width() / 2, self.height()
        for color, width in (("#80000000", 3), ("#f0ffffff", 1)):  # seen on any image
            painter.setPen(QPen(QColor(color), width))
            painter.drawLine(QPointF(middle, 0), QPointF(middle, height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.DARK.raised))
        painter.setPen(QPen(QColor(theme.DARK.text), 1))
        painter.drawEllipse(QPointF(middle, height / 2), 11, 11)
        for side in (-1, 1):
            tip = QPointF(middle + 7 * side, height / 2)
            for y in (-3, 3):
                painter.drawLine(tip, tip + QPointF(-3 * side, y))
