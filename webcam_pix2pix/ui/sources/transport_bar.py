"""TransportBar: play, pause, scrub, loop and speed of a film or a folder of images; hidden for every other source."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolBar, QToolButton

from msa.capturer import SPEEDS, Transport

from ..foundation import theme
from ..shell.actions import Actions

TICKS = 10_000  # of the slider, over the whole
BUTTONS = ("previous", "play", "next", "mark_in", "mark_out", "unmark")


class Timeline(QSlider):
    """The whole from left to right, the loop as a band; a click goes there.

    Signals:
        chosen(float): 0 to 1, by mouse or keyboard.
    """

    chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal, accessibleName="place in the film", toolTip="Click or drag to go there")
        self.setRange(0, TICKS)
        self.setSingleStep(TICKS // 100)
        self.setPageStep(TICKS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(80)
        self.loop: tuple[float, float] | None = None  # 0 to 1
        self.actionTriggered.connect(lambda *_: self.chosen.emit(self.sliderPosition() / TICKS))

    def show_place(self, share: float, loop: tuple[float, float] | None) -> None:
        """Show where it stands (0 to 1), and the loop."""
        if not self.isSliderDown():
            self.setValue(round(share * TICKS))
        if loop != self.loop:
            self.loop = loop
            self.update()

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event) -> None:
        if self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, event) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event) -> None:
        event.ignore()  # nothing jumps because the pointer happened to be here

    def paintEvent(self, event) -> None:
        t, painter = theme.current(), QPainter(self)
        middle, width = self.height() // 2, self.width() - 2 * theme.S
        painter.fillRect(QRect(theme.S, middle - 2, width, 4), QColor(t.line))
        if self.loop is not None:
            left, right = (theme.S + round(share * width) for share in self.loop)
            painter.fillRect(QRect(left, middle - 2, right - left, 4), QColor(t.accent))
            for x in (left, right):
                painter.fillRect(QRect(x - 1, middle - 7, 2, 14), QColor(t.accent))
        x = theme.S + round(self.value() / TICKS * width)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.accent if self.hasFocus() or self.isSliderDown() else t.text))
        painter.drawEllipse(QRect(x - 5, middle - 5, 10, 10))

    def _go(self, event) -> None:
        share = (event.position().x() - theme.S) / max(1, self.width() - 2 * theme.S)
        share = min(max(share, 0.0), 1.0)
        self.setValue(round(share * TICKS))
        self.chosen.emit(share)


class TransportBar(QToolBar):
    """Acts on `source()`, the Transport of the source in use; `skip(by)` goes to the next (1) or previous (-1) film of the folder."""

    def __init__(self, actions: Actions, source: Callable[[], Transport | None], skip: Callable[[int], None]) -> None:
        super().__init__("Transport", objectName="transport", movable=False)
        self._actions, self._source, self._skip = actions, source, skip
        self.timeline = Timeline()
        self.timeline.chosen.connect(lambda share: self._with(lambda t: t.seek(share * self._last(t))))
        self.place = QLabel(accessibleName="time")
        self.place.setFont(theme.mono())
        self.speed = QComboBox(accessibleName="speed of the film", toolTip="Speed", focusPolicy=Qt.FocusPolicy.TabFocus)
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(lambda *_: self._with(self._set_speed))
        for name in BUTTONS:
            button = QToolButton(focusPolicy=Qt.FocusPolicy.TabFocus, accessibleName=actions[name].text())
            button.setDefaultAction(actions[name])
            button.setIconSize(theme.icon_size())
            if name == "mark_in":
                for widget in (self.timeline, self.place, self.speed):
                    self.addWidget(widget)
            self.addWidget(button)
        does: dict[str, Callable[[Transport], None]] = {
            "mark_in": Transport.mark_in, "mark_out": Transport.mark_out, "unmark": Transport.unmark,
            "picture_on": lambda t: t.move(1), "picture_back": lambda t: t.move(-1)}
        for name, act in does.items():
            actions[name].triggered.connect(lambda *_, act=act: self._with(act))
        actions["play"].triggered.connect(lambda *_: self._with(self._toggle))
        actions["next"].triggered.connect(lambda *_: self._step(1))
        actions["previous"].triggered.connect(lambda *_: self._step(-1))
        self._playing: bool | None = None  # as the button shows it
        self._playable = [actions[name] for name in (*does, "play", "next", "previous")]
        self.hide()

    def tick(self) -> None:
        """Called a few times a second."""
        transport = self._source()
        if self.isHidden() != (transport is None):
            self.setVisible(transport is not None)
        for action in self._playable:
            action.setEnabled(transport is not None)
        if transport is None:
            return
        last = self._last(transport)
        end = last if transport.end is None else transport.end
        whole = transport.start == 0 and transport.end is None
        self.timeline.show_place(transport.position / last, None if whole else (transport.start / last, end / last))
        self._actions["unmark"].setEnabled(not whole)
        self._show_playing(not transport.paused)
        self.place.setText(position_text(transport))
        if SPEEDS[self.speed.currentIndex()] != transport.speed and not self.speed.view().isVisible():
            self.speed.setCurrentIndex(SPEEDS.index(transport.speed))

    def retheme(self) -> None:
        """Colours of the theme."""
        self._playing = None
        self.timeline.update()

    def _show_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self._actions["play"].setText("Pause film" if playing else "Play film")
            self._actions["play"].setIcon(theme.icon("pause" if playing else "play"))

    def _with(self, act: Callable[[Transport], None]) -> None:
        transport = self._source()
        if transport is not None:
            act(transport)
            self.tick()

    def _step(self, by: int) -> None:
        transport = self._source()
        if transport is None or transport.unit == "s":
            self._skip(by)
        else:  # an image stays for its time, and the show of the others goes on
            paused = transport.paused
            transport.move(by)
            transport.paused = paused

    def _set_speed(self, transport: Transport) -> None:
        transport.speed = self.speed.currentData()

    @staticmethod
    def _toggle(transport: Transport) -> None:
        transport.paused = not transport.paused

    @staticmethod
    def _last(transport: Transport) -> float:
        """The place at the right end of the timeline."""
        return max(transport.length - (transport.step if transport.unit == "images" else 0), transport.step)


def position_text(transport: Transport) -> str:
    """Where it stands, for people: "0:07.4 / 1:30" or "3 / 12"."""
    if transport.unit == "images":
        return f"{transport.position + 1:.0f} / {transport.length:.0f}"
    position, length = int(10 * transport.position), round(transport.length)
    return f"{position // 600}:{position // 10 % 60:02d}.{position % 10} / {length // 60}:{length % 60:02d}"
