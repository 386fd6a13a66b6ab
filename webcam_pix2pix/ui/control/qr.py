"""A QR code as a widget."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

QUIET = 4  # modules of margin that scanners need


class QrCode(QWidget):
    """Shows a text as a QR code, black on white in every theme; nothing for an empty one."""

    def __init__(self) -> None:
        super().__init__(accessibleName="QR code of the address")
        self._rows: list[bytearray] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Another text."""
        import segno

        self._rows = [bytearray(row) for row in segno.make(text, micro=False, error="m").matrix] if text else []
        self.setAccessibleDescription(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 240)

    def paintEvent(self, event) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        modules = len(self._rows) + 2 * QUIET
        size = min(self.width(), self.height()) // modules  # whole pixels: sharp edges are read from further away
        left, top = (self.width() - size * modules) / 2, (self.height() - size * modules) / 2
        painter.fillRect(QRectF(left, top, size * modules, size * modules), QColor("white"))
        for y, row in enumerate(self._rows, QUIET):
            for x, dark in enumerate(row, QUIET):
                if dark:
                    painter.fillRect(QRectF(left + x * size, top + y * size, size, size), QColor("black"))
