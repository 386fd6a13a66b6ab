"""Icons of one set, Phosphor, drawn from the font that qtawesome brings along.

qtawesome itself is not imported: it would load a dozen fonts and a wrapper of Qt before the window could open.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap


def glyph(name: str, color: str, checked: str, disabled: str) -> QIcon:
    """The icon `name`, such as "camera", in `color`, in `checked` while its button is on, in `disabled` while it cannot be used."""
    return QIcon(_Engine(_phosphor()[1][name], QColor(color), QColor(checked), QColor(disabled)))


class _Engine(QIconEngine):
    def __init__(self, letter: str, color: QColor, checked: QColor, disabled: QColor) -> None:
        super().__init__()
        self._letter, self._color, self._checked, self._disabled = letter, color, checked, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        font = QFont(_phosphor()[0])
        font.setPixelSize(max(1, rect.height()))
        painter.save()
        painter.setFont(font)
        painter.setPen(self._disabled if mode == QIcon.Mode.Disabled else self._checked if state == QIcon.State.On else self._color)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._letter, self._color, self._checked, self._disabled)


@cache
def _phosphor() -> tuple[str, dict[str, str]]:
    """(font family, name -> letter)."""
    spec = find_spec("qtawesome")
    assert spec and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    font, names = next(folder.glob("phosphor*.ttf")), next(folder.glob("phosphor*.json"))
    family = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font)))[0]
    return family, {name: chr(int(code, 16)) for name, code in json.loads(names.read_text()).items()}
