"""Dock: a block of the window with a quiet title bar of its own. Panel: a dock with an image."""

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSizeGrip, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..foundation import theme
from .image_view import ImageView

LEAST_LETTERS = 6  # of a note that is shortened
FRAME = 2  # px, of a floating dock; the room for it is in the style sheet


class Dock(QDockWidget):
    """Movable, tabbed, closable, floating; remembered by `name`.

    late: the widget is shown only once the dock is looked at (Qt shows those behind a tab too), so that it can build itself then.
    """

    def __init__(self, name: str, title: str, widget: QWidget, late: bool = False) -> None:
        super().__init__(title, objectName=name)
        self.setAccessibleName(title)
        self.content = widget
        self.setWidget(_holder(widget) if late else widget)
        self.bar = TitleBar(self)
        self.setTitleBarWidget(self.bar)
        self._grip = QSizeGrip(self)  # a floating dock with a title bar of ours has no frame to pull at
        self._grip.hide()
        self.topLevelChanged.connect(self._grip.setVisible)
        # Behind a tab it is far outside the window and counts as visible: Tab would reach its buttons, and Space let it float there
        self.visibilityChanged.connect(self.setEnabled)
        if late:
            widget.hide()
            self.visibilityChanged.connect(widget.setVisible)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._grip.move(self.width() - self._grip.width(), self.height() - self._grip.height())
        self._grip.raise_()

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        if self.isFloating():  # it has no frame of the system: without one, nobody sees where it ends
            painter = QPainter(self)
            painter.setPen(QPen(QColor(theme.current().dim), 2 * FRAME))
            painter.drawRect(self.rect())

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self.bar.retheme()
        if hasattr(self.content, "retheme"):
            self.content.retheme()


def _holder(widget: QWidget) -> QWidget:
    """A widget around `widget`: a dock whose own widget is hidden would not let itself be resized."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
    return holder


class Note(QLabel):
    """A text that is shortened where there is little room, and left out where there is hardly any."""

    def paintEvent(self, event) -> None:
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        if shown == self.text() or len(shown) > LEAST_LETTERS:
            painter = QPainter(self)
            painter.setPen(QColor(theme.current().dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        self.setToolTip("" if shown == self.text() else self.text())


class Title(QLabel):
    """Shortened where there is little room."""

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * theme.L, super().minimumSizeHint().height())

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().text))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class TitleBar(QWidget):
    """Title, a note in figures, buttons; drag it to move the dock, double click to let it float."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self.title = Title(dock.windowTitle())
        self.note = Note()
        self.note.setFont(theme.mono())
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._icons: list[tuple[QToolButton, str]] = []
        self._spare: list[QToolButton] = []  # left out where the title needs their room: there are keys for them
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        self._layout.setSpacing(theme.S)
        self._layout.addWidget(self.title)
        self._layout.addSpacing(theme.S)
        self._layout.addWidget(self.note, 1)
        self.add_button("arrow-square-out", f"float {dock.windowTitle()}", lambda: dock.setFloating(not dock.isFloating()))
        self.add_button("x", f"close {dock.windowTitle()}", dock.close)
        self.retheme()

    def add_button(self, icon: str, name: str, pressed, first: bool = False) -> QToolButton:
        """A small button; `name` is its tooltip and what a screen reader says."""
        button = QToolButton(objectName="flat", toolTip=name, accessibleName=name, focusPolicy=Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(13, 13))
        button.setIcon(theme.icon(icon, theme.current().dim))
        button.clicked.connect(lambda: pressed())
        self._icons.append((button, icon))
        if first:
            self._spare.append(button)
        self._layout.insertWidget(3 if first else self._layout.count(), button)
        return button

    def retheme(self) -> None:
        """Colours of the theme."""
        t = theme.current()
        self.title.setStyleSheet(f"color: {t.text};")
        self.note.setStyleSheet(f"color: {t.dim};")
        for button, icon in self._icons:
            button.setIcon(theme.icon(icon, t.dim))

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        needed = self.title.sizeHint().width() + sum(button.sizeHint().width() + theme.S for button, _ in self._icons) + 4 * theme.M
        for button in self._spare:
            button.setVisible(self.width() >= needed)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())


class Panel(Dock):
    """One stage of the frame: image, title, pixel size, zoom."""

    def __init__(self, name: str, title: str, empty: str) -> None:
        self.view, self._mark = ImageView(title, empty), ""
        super().__init__(name, title, self.view)
        self.bar.add_button("number-square-one", f"{title}: one screen pixel per pixel", lambda: self.view.set_zoom(1.0), first=True)
        self.bar.add_button("frame-corners", f"{title}: fit into the panel", lambda: self.view.set_zoom(None), first=True)
        self.view.zoomed.connect(self._note)
        self.view.pointed.connect(self._note)

    def show_image(self, image: np.ndarray | None) -> None:
        """Show a stage of the frame."""
        self.view.show_image(image)

    def show_mark(self, text: str) -> None:
        """A word about the state of the image, such as "frozen"; "" for none."""
        if text != self._mark:
            self._mark = text
            self._note()

    def tick(self) -> None:
        """Called a few times a second: images change under a mouse that stands still."""
        self.view.tick()
        if self.view.pointer is not None:
            self._note()

    def retheme(self) -> None:
        super().retheme()
        self.view.retheme()

    def _note(self) -> None:
        image = self.view.image
        size = "" if image is None else f"{image.shape[1]}×{image.shape[0]}"
        zoom = f"{self.view.scale():.0%}" if self.view.zoom and size else ""
        mark = self._mark and f"▪ {self._mark}"
        pixel = self.view.under_pointer()
        words = "  ".join(part for part in (size, zoom, mark, pixel) if part)
        _, _, colour = pixel.partition(": ")
        room, wide = self.bar.note.width(), self.bar.note.fontMetrics().horizontalAdvance
        self.bar.note.setText(next((text for text in (words, pixel) if not pixel or wide(text) <= room), colour))
