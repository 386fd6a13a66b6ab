"""TransportBar: play, pause, scrub, loop and speed of a film or a folder of images; hidden for every other source."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolBar, QToolButton

from msa.capturer import SPEEDS, Transport

from ..foundation import theme
from ..shell.actions import Actions

TICKS = 10_000  # of the slider, over the whole
GRAB = 6  # px beside an end of the loop where the mouse takes it
GO = "Click or drag to go there"
BUTTONS = ("previous", "play", "next", "mark_in", "mark_out", "unmark")


class Timeline(QSlider):
    """The whole from left to right, the loop as a band between brackets that can be dragged; a click beside them goes there.

    Signals:
        chosen(float): 0 to 1, by mouse or keyboard.
        looped(float, float): where the loop is to begin and to end, 0 to 1.
    """

    chosen = Signal(float)
    looped = Signal(float, float)

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal, accessibleName="place in the film", mouseTracking=True, toolTip=GO)
        self.setRange(0, TICKS)
        self.setSingleStep(TICKS // 100)
        self.setPageStep(TICKS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(80)
        self.loop: tuple[float, float] | None = None  # 0 to 1
        self.ends = "", ""  # what the ends of the loop are called
        self._pulled: int | None = None  # end of the loop that the mouse holds: 0 or 1
        self.actionTriggered.connect(lambda *_: self.chosen.emit(self.sliderPosition() / TICKS))

    def show_place(self, share: float, loop: tuple[float, float] | None) -> None:
        """Show where it stands (0 to 1), and the loop."""
        if not self.isSliderDown():
            self.setValue(round(share * TICKS))
        if loop != self.loop:
            self.loop = loop
            self.update()

    def end_at(self, x: float) -> int | None:
        """The end of the loop under the mouse: 0 or 1; None where there is none, or where the place itself is nearer."""
        if self.loop is None:
            return None
        away = [abs(x - self._x(share)) for share in self.loop]
        near = min((0, 1), key=away.__getitem__)
        return near if away[near] <= min(GRAB, abs(x - self._x(self.value() / TICKS))) else None

    def mousePressEvent(self, event) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pulled = self.end_at(event.position().x())
        if self._pulled is None:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event) -> None:
        if self.isSliderDown():
            self._go(event)
        elif self._pulled is None:
            over = self.end_at(event.position().x())
            self.setCursor(Qt.CursorShape.SizeHorCursor if over is not None else Qt.CursorShape.ArrowCursor)
            self.setToolTip(GO if over is None else self.ends[over])
        else:
            start, end = self.loop or (0.0, 1.0)  # dragged to both ends of the film, it was none for a moment
            share = self._share(event)
            self.looped.emit(*((min(share, end), end) if self._pulled == 0 else (start, max(share, start))))

    def mouseReleaseEvent(self, event) -> None:
        self.setSliderDown(False)
        self._pulled = None

    def wheelEvent(self, event) -> None:
        event.ignore()  # nothing jumps because the pointer happened to be here

    def paintEvent(self, event) -> None:
        t, painter = theme.current(), QPainter(self)
        middle, width = self.height() // 2, self.width() - 2 * theme.S
        painter.fillRect(QRect(theme.S, middle - 2, width, 4), QColor(t.line))
        if self.loop is not None:
            left, right = (self._x(share) for share in self.loop)
            painter.fillRect(QRect(left, middle - 2, right - left, 4), QColor(t.accent))
            for x, foot in ((left, left), (right - 2, right - 6)):  # [ and ], as their keys
                painter.fillRect(QRect(x, middle - 8, 2, 16), QColor(t.accent))
                for y in (middle - 8, middle + 6):
                    painter.fillRect(QRect(foot, y, 6, 2), QColor(t.accent))
        x = self._x(self.value() / TICKS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.accent if self.hasFocus() or self.isSliderDown() else t.text))
        painter.drawEllipse(QRect(x - 5, middle - 5, 10, 10))

    def _x(self, share: float) -> int:
        return theme.S + round(share * (self.width() - 2 * theme.S))

    def _share(self, event) -> float:
        return min(max((event.position().x() - theme.S) / max(1, self.width() - 2 * theme.S), 0.0), 1.0)

    def _go(self, event) -> None:
        share = self._share(event)
        self.setValue(round(share * TICKS))
        self.chosen.emit(share)


class TransportBar(QToolBar):
    """Acts on `source()`, the Transport of the source in use; `skip(by)` goes to the next (1) or previous (-1) film of the folder."""

    def __init__(self, actions: Actions, source: Callable[[], Transport | None], skip: Callable[[int], None]) -> None:
        super().__init__("Transport", objectName="transport", movable=False)
        self._actions, self._source, self._skip = actions, source, skip
        self.timeline = Timeline()
        self.timeline.chosen.connect(lambda share: self._with(lambda t: t.seek(share * self._last(t))))
        self.timeline.looped.connect(lambda start, end: self._with(
            lambda t: t.set_loop(start * self._last(t), end * self._last(t) if end < 1 else None)))
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
        start, stop = (place_text(transport, place) for place in (transport.start, end))
        self.timeline.ends = f"Start of the loop, {start}: drag it", f"End of the loop, {stop}: drag it"
        self.timeline.setAccessibleDescription("" if whole else f"loop from {start} to {stop}")
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
    length = round(transport.length)
    whole = f"{length}" if transport.unit == "images" else f"{length // 60}:{length % 60:02d}"
    return f"{place_text(transport, transport.position)} / {whole}"


def place_text(transport: Transport, place: float) -> str:
    """A place in it, for people: "0:07.4" or "3"."""
    if transport.unit == "images":
        return f"{place + 1:.0f}"
    tenths = int(10 * place)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
