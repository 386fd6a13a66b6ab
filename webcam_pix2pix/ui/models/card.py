"""CardDelegate: how one model looks in the browser."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate

from ..foundation import theme

ENTRY = Qt.ItemDataRole.UserRole  # the Entry of an item
STATE = Qt.ItemDataRole.UserRole + 1  # "", "running" or "loading…"


class CardDelegate(QStyledItemDelegate):
    """Thumbnail, name, network and size, recipe; the running one carries a bar and the word."""

    def sizeHint(self, option, index) -> QSize:
        return QSize(200, round(3.6 * QApplication.fontMetrics().height()) + 2 * theme.M)

    def paint(self, painter: QPainter, option, index) -> None:
        t, entry, state = theme.current(), index.data(ENTRY), index.data(STATE)
        box = option.rect.adjusted(theme.S, 2, -theme.S, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        selected, hover = option.state & QStyle.StateFlag.State_Selected, option.state & QStyle.StateFlag.State_MouseOver
        if selected or hover:
            painter.setBrush(QColor(t.raised))
            painter.setPen(QColor(t.accent if option.state & QStyle.StateFlag.State_HasFocus else t.line))
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if state:
            painter.fillRect(QRect(box.left(), box.top() + theme.S, 3, box.height() - 2 * theme.S), QColor(t.accent))
        side = box.height() - 2 * theme.S
        image = QRect(box.left() + theme.M, box.top() + theme.S, side, side)
        self._thumbnail(painter, image, entry)
        text = box.adjusted(side + 2 * theme.M + theme.S, theme.S, -theme.M, -theme.S)
        line = text.height() // 3
        bold = QFont(option.font)
        bold.setBold(True)
        rows = [QRect(text.left(), text.top() + i * line, text.width(), line) for i in range(3)]
        self._write(painter, rows[0], entry.info.name, bold, t.text, shorten=Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        words = " · ".join(filter(None, (entry.note, state)))
        right = self._write(painter, rows[1], words, option.font, t.accent if state else t.amber, right=True) if words else 0
        self._write(painter, rows[1].adjusted(0, 0, -right, 0), entry.line, option.font, t.dim)
        self._write(painter, rows[2], entry.recipe, option.font, t.dim)
        painter.restore()

    @staticmethod
    def _thumbnail(painter: QPainter, box: QRect, entry) -> None:
        t, path = theme.current(), QPainterPath()
        path.addRoundedRect(QRectF(box), 3, 3)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(box, QColor(t.panel))
        if entry.thumbnail is not None:
            painter.drawImage(box, entry.thumbnail)
        else:
            theme.icon("cube", t.line).paint(painter, box.adjusted(12, 12, -12, -12))
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, box: QRect, text: str, font: QFont, color: str, right: bool = False,
               shorten: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> int:
        """Write one line; returns its width with a space."""
        painter.setFont(font)
        painter.setPen(QColor(color))
        metrics = painter.fontMetrics()
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(text, shorten, box.width()))
        return metrics.horizontalAdvance(text) + theme.M
