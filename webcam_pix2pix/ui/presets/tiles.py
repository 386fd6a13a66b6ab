"""Tiles: the presets of the bank as thumbnails, to click, to drag into order, to rename."""

import zlib
from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate

from webcam_pix2pix.control.presets import Bank, Player, Preset

from ..foundation import theme

Index = QModelIndex | QPersistentModelIndex
NONE = QModelIndex()
PRESET = Qt.ItemDataRole.UserRole  # the Preset of a tile
SMALLEST = 104  # px, of a tile
ICONS = {"model": "paint-brush", "source": "video-camera"}


class TileModel(QAbstractListModel):
    """The presets in their order. rename(preset, name): asked for by the editor of a tile."""

    def __init__(self, bank: Bank, rename: Callable[[Preset, str], object]) -> None:
        super().__init__()
        self._bank, self._rename = bank, rename
        self.presets: tuple[Preset, ...] = ()

    def refresh(self) -> bool:
        """Show what the bank holds; whether it was something else before."""
        presets = self._bank.presets
        if presets == self.presets:
            return False
        self.beginResetModel()
        self.presets = presets
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = NONE) -> int:
        return len(self.presets)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole):
        if not index.isValid() or index.row() >= len(self.presets):
            return None
        preset = self.presets[index.row()]
        if role == PRESET:
            return preset
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            return preset.name
        if role == Qt.ItemDataRole.ToolTipRole:
            holds = "holds " + (" and ".join(preset.parts) or "nothing that this program knows")
            facts = (holds, f"key {preset.key}" if preset.key else "no key: right click, Key", "" if preset.file else "built in",
                     "" if preset.thumbnail else "the image shows what the network sees")
            return preset.problem or f"{preset.name}\n{' · '.join(filter(None, facts))}"
        return None

    def setData(self, index: Index, value: str, role: int = Qt.ItemDataRole.EditRole) -> bool:
        preset = self.presets[index.row()]
        if value.strip() and value.strip() != preset.name:
            self._rename(preset, value)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return usual | (Qt.ItemFlag.ItemIsEditable if self.presets[index.row()].file else Qt.ItemFlag.NoItemFlags)


class TileDelegate(QStyledItemDelegate):
    """Thumbnail, name, key; a frame around the one that was recalled, and how far the morph to it has come.

    made: gives the thumbnail of a preset that has none; empty while there is none.
    """

    def __init__(self, view: QListView, player: Player, made: Callable[[Preset], bytes]) -> None:
        super().__init__(view)
        self._player, self._made = player, made
        self.ends: tuple[str, str] = ("", "")  # identities of A and B
        self._images: dict[bytes, QImage] = {}

    def sizeHint(self, option, index) -> QSize:
        return self.parent().gridSize()

    def updateEditorGeometry(self, editor, option, index) -> None:
        name = self._parts(option.rect)[1]
        editor.setGeometry(name.adjusted(-theme.S, -2, theme.S, 2))

    def paint(self, painter: QPainter, option, index) -> None:
        t, preset = theme.current(), index.data(PRESET)
        image, name = self._parts(option.rect)
        now = preset.identity == self._player.on_air
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(QRectF(image), 4, 4)
        painter.setClipPath(path)
        shown = self._image(preset.thumbnail or self._made(preset))
        if shown is not None:
            painter.drawImage(image, shown, _filling(shown.size(), image.size()))
        else:
            self._initials(painter, image, preset.name)
        if now and self._player.running:
            done = round(image.width() * self._player.position)
            painter.fillRect(QRect(image.left(), image.bottom() - 7, image.width(), 8), QColor(0, 0, 0, 165))
            painter.fillRect(QRect(image.left(), image.bottom() - 7, done, 8), QColor(t.accent))
        painter.setClipping(False)
        hover, focus = option.state & QStyle.StateFlag.State_MouseOver, option.state & QStyle.StateFlag.State_HasFocus
        if now or hover or focus:
            painter.setPen(QPen(QColor(t.accent if now or focus else t.dim), 2 if now else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(image).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if preset.key:
            self._badge(painter, image.left() + theme.S, image.top() + theme.S, str(preset.key), t.text)
        for letter, end in zip("AB", self.ends, strict=True):
            if end and end == preset.identity:
                self._badge(painter, image.right() - 18 - theme.S - 22 * (letter == "A" and self.ends[0] == self.ends[1]),
                            image.top() + theme.S, letter, t.accent)
        for number, part in enumerate(part for part in preset.parts if part in ICONS):
            self._mark(painter, image.right() - (number + 1) * 20, image.bottom() - 22, ICONS[part])
        painter.setFont(option.font)
        painter.setPen(QColor(t.amber if preset.problem else t.text))
        text = ("⚠ " if preset.problem else "") + preset.name
        painter.drawText(name, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                         "\n".join(two_lines(text, painter.fontMetrics(), name.width())))
        painter.restore()

    def _parts(self, rect: QRect) -> tuple[QRect, QRect]:
        """(thumbnail, name) of a tile."""
        line = 2 * self.parent().fontMetrics().height() + theme.S
        image = rect.adjusted(theme.S, theme.S, -theme.S, -line - theme.S)
        return image, QRect(image.left(), image.bottom() + 2, image.width(), line)

    def _image(self, data: bytes) -> QImage | None:
        if not data:
            return None
        if data not in self._images:
            if len(self._images) > 500:
                self._images.clear()
            self._images[data] = QImage.fromData(data)
        image = self._images[data]
        return None if image.isNull() else image

    @staticmethod
    def _initials(painter: QPainter, image: QRect, name: str) -> None:
        """In place of an image: the first letters of the name, on a quiet ground whose colour is that of the name."""
        painter.fillRect(image, QColor.fromHsv(zlib.crc32(name.encode()) % 360, 90, 85))
        font = QFont(painter.font())
        font.setPixelSize(max(10, image.height() // 3))
        painter.setFont(font)
        painter.setPen(QColor(theme.DARK.text))
        painter.drawText(image, Qt.AlignmentFlag.AlignCenter, "".join(word[0] for word in name.split()[:2]).upper())

    @staticmethod
    def _badge(painter: QPainter, x: int, y: int, text: str, color: str) -> None:
        box = QRect(x, y, 18, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 165))
        painter.drawRoundedRect(box, 4, 4)
        font = QFont(theme.mono())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.DARK.text if color == theme.current().text else theme.DARK.accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    @staticmethod
    def _mark(painter: QPainter, x: int, y: int, icon: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 165))
        painter.drawRoundedRect(QRect(x, y, 18, 18), 4, 4)
        theme.icon(icon, theme.DARK.text).paint(painter, QRect(x + 3, y + 3, 12, 12))


class Tiles(QListView):
    """Signals:
        recalled(object): a preset was clicked, or Enter was pressed on it.
        moved(object, int): it was dragged to this place, counted without it.
    """

    recalled = Signal(object)
    moved = Signal(object, int)

    def __init__(self, model: TileModel) -> None:
        super().__init__(accessibleName="presets", mouseTracking=True)
        self.setModel(model)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else tiles and bar would change each other for ever
        self.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setSelectionRectVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda index: self.recalled.emit(index.data(PRESET)))

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid() and \
                self.state() != QListView.State.EditingState:
            self.recalled.emit(self.currentIndex().data(PRESET))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event) -> None:
        width = self.viewport().width() - 2
        columns = max(1, width // SMALLEST)
        side = width // columns
        self.setGridSize(QSize(side, round(0.86 * side) + 2 * self.fontMetrics().height()))
        super().resizeEvent(event)

    def dropEvent(self, event) -> None:
        presets, dragged = self.model().presets, self.currentIndex().row()
        if event.source() is self and 0 <= dragged < len(presets):
            self.moved.emit(presets[dragged], self.place_at(event.position().toPoint(), dragged))
        event.setDropAction(Qt.DropAction.CopyAction)  # the bank has moved it: there is nothing to remove
        event.accept()
        self.setState(QListView.State.NoState)
        self.viewport().update()

    def place_at(self, point, dragged: int) -> int:
        """Where the tile `dragged` goes when it is let go at `point` (viewport coordinates), counted without it."""
        row = next((i for i in range(self.model().rowCount()) if self.visualRect(self.model().index(i)).contains(point)), None)
        if row is None:
            return self.model().rowCount() - 1
        box = self.visualRect(self.model().index(row))
        before = row + (point.x() > box.center().x())
        return before - (before > dragged)


def two_lines(text: str, font: QFontMetrics, width: int) -> list[str]:
    """`text` in at most two lines: broken between words where it can be, shortened in the middle where it must be."""
    if font.horizontalAdvance(text) <= width:
        return [text]
    words = text.split(" ")
    count = next((n for n in range(len(words), 0, -1) if font.horizontalAdvance(" ".join(words[:n])) <= width), 0)
    if not 0 < count < len(words):  # one long word
        return [font.elidedText(text, Qt.TextElideMode.ElideMiddle, width)]
    return [" ".join(words[:count]), font.elidedText(" ".join(words[count:]), Qt.TextElideMode.ElideMiddle, width)]


def _filling(size: QSize, room: QSize) -> QRect:
    """The middle part of an image of `size` that has the shape of `room`."""
    width, height = min(size.width(), round(size.height() * room.width() / max(1, room.height()))), size.height()
    if width == size.width():
        height = min(size.height(), round(size.width() * room.height() / max(1, room.width())))
    return QRect((size.width() - width) // 2, (size.height() - height) // 2, width, height)
