"""StatusLine: the instrument panel at the bottom of the window."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QToolTip, QWidget

from msa.heartbeats import ages

from ..foundation import theme

COUNTED = 60  # images of the source over which the share of those left out is taken
NEAR = 0.9  # share of the target that counts as held
STAGES = ("capture", "process", "predict")


LEAST_LETTERS = 12  # of a text that is shortened


class Reading(QWidget):
    """One figure: caption, value, unit. Over budget it is amber and carries a mark.

    details: asked for more lines of the tooltip when it shows.
    """

    def __init__(self, caption: str, unit: str = "", width: int = 4, stretch: bool = False,
                 details: Callable[[], str] | None = None) -> None:
        super().__init__()
        self.details = details
        self.caption, self.unit, self.width_, self.stretch = caption, unit, width, stretch
        self.value, self.over = "–", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(caption or unit)

    def show_value(self, value: str, over: bool = False, tip: str = "") -> None:
        """Show `value`; `over` draws attention to it."""
        if (value, over) != (self.value, self.over):
            self.value, self.over = value, over
            self.setAccessibleDescription(f"{value} {self.unit}{', over budget' if over else ''}")
            if not self.stretch and len(value) + over > self.width_:  # with its mark
                self.width_ = len(value) + over
                self.updateGeometry()
            self.update()
        if tip != self.toolTip():
            self.setToolTip(tip)

    def sizeHint(self) -> QSize:
        text_font, figures = QFontMetricsF(QApplication.font()), QFontMetricsF(theme.mono())
        width = figures.horizontalAdvance("0" * self.width_)
        width += sum(text_font.horizontalAdvance(f"{text} ") for text in (self.caption, self.unit) if text)
        return QSize(round(width) + 2, round(text_font.height()) + 2 * theme.S)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height()) if self.stretch else self.sizeHint()

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.details is not None:
            QToolTip.showText(event.globalPos(), f"{self.toolTip()}\n\n{self.details()}", self)
            return True
        return super().event(event)

    def paintEvent(self, event) -> None:
        t, painter = theme.current(), QPainter(self)
        text_font, mono = QApplication.font(), theme.mono()
        x, middle = 0.0, Qt.AlignmentFlag.AlignVCenter
        room = QRectF(self.rect())

        def write(text: str, font, color: str, width: float = 0.0) -> None:
            nonlocal x
            painter.setFont(font)
            painter.setPen(QColor(color))
            width = width or QFontMetricsF(font).horizontalAdvance(text)
            painter.drawText(QRectF(x, 0, width, room.height()), middle | Qt.AlignmentFlag.AlignLeft, text)
            x += width

        if self.caption:
            write(self.caption + " ", text_font, t.dim)
        figures = QFontMetricsF(mono)
        if self.stretch:
            shown = figures.elidedText(self.value, Qt.TextElideMode.ElideMiddle, room.width() - x)
            if shown == self.value or len(shown) >= LEAST_LETTERS or self.over:  # the rest of a word tells nothing; the tooltip has it all
                write(shown, mono, t.amber if self.over else t.text, room.width() - x)
        else:
            write(("▲" if self.over else "") + self.value, mono, t.amber if self.over else t.text)
            if self.unit:
                write(" " + self.unit, text_font, t.dim)


class Lamp(QLabel):
    """A red dot and what runs; not there when nothing does."""

    def __init__(self) -> None:
        super().__init__(accessibleName="running")
        self.hide()

    def show_text(self, text: str, tip: str) -> None:
        """What runs; "" for nothing."""
        if text != self.text().removeprefix("● "):
            self.setText(f"● {text}" if text else "")
            self.setStyleSheet(f"color: {theme.current().red};")
            self.setToolTip(tip)
            self.setVisible(bool(text))


class StatusLine(QWidget):
    """Frame rate, milliseconds per stage, latency, frames skipped, device, source and model input size."""

    def __init__(self) -> None:
        super().__init__(accessibleName="instruments")
        self.fps = Reading("", "fps", 5, details=lambda: f"Last sign of life of each thread:\n{ages()}")
        self.rate = Reading("source", "", 5)
        self.stages = {name: Reading(name, "ms" if name == STAGES[-1] else "", 6) for name in STAGES}
        self.latency = Reading("latency", "ms", 4)
        self.skipped = Reading("skipped", "%", 3)
        self.device = Reading("", "", 8)
        self.quality = Reading("", "", 8)
        self.morph = Reading("morph", "%", 3)
        for reading in (self.quality, self.morph):
            reading.hide()
        self.source = Reading("", "", 20, stretch=True)
        self.lamp = Lamp()
        self._added: list[QWidget] = []
        self._share, self._counted = 0.0, (0, 0)  # percent left out of the last images; left out and painted before those
        # the first to go where there is no room
        self._spare: tuple[Reading, ...] = (self.rate, self.stages["capture"], self.stages["process"], self.skipped)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(theme.M, 0, theme.S, 0)
        self._layout.setSpacing(theme.L)
        self._layout.addWidget(self.lamp)
        for reading in (self.fps, self.rate, *self.stages.values(), self.latency, self.skipped, self.device, self.quality, self.morph,
                        self.source):
            self._layout.addWidget(reading, 1 if reading.stretch else 0)

    def add(self, widget: QWidget) -> None:
        """Put `widget` at the right end."""
        self._layout.addWidget(widget)
        self._added.append(widget)

    def _fit(self) -> None:
        """Leave out what matters least until the others can be read."""
        readings = [self.fps, self.rate, *self.stages.values(), self.latency, self.skipped, self.device, self.source]
        items = [self._layout.itemAt(i) for i in range(self._layout.count())]
        others: list[int] = [item.sizeHint().width() + theme.L for item in items
                             if not isinstance(widget := item.widget(), Reading) or widget not in readings]
        room = self.width() - sum(others) - 2 * theme.L
        needed = sum((r.minimumSizeHint() if r.stretch else r.sizeHint()).width() + theme.L for r in readings)
        for reading in self._spare:
            reading.setVisible(needed <= room)
            if needed > room:
                needed -= reading.sizeHint().width() + theme.L

    def show_morph(self, player) -> None:
        """How far the morph of the Player is, while one is on its way."""
        if player.running:
            where = f"To “{player.target}”" if player.running > 0 else f"Back from “{player.target}”"
            self.morph.show_value(f"{100 * player.position:.0f}", tip=f"{where}. The same preset again turns it round")
        self.morph.setVisible(bool(player.running))

    def _note_skipped(self, skipped: int, frames: int) -> None:
        """The share of some seconds of painting; a source that is opened anew begins again."""
        left_out, used = skipped - self._counted[0], frames - self._counted[1]
        if left_out < 0 or used < 0:
            left_out, used = skipped, frames
        if left_out + used >= COUNTED:
            self._share, self._counted = 100 * left_out / (left_out + used), (skipped, frames)

    def show_status(self, status, quality, latency_ms: float | None, skipped: int) -> None:
        """Show a pipeline Status. quality: the Quality settings; only a target that the user has set there can be missed."""
        target_fps = quality.target_fps if quality.ladder else None
        rate = min(target_fps, status.source_fps) if target_fps and status.source_fps else target_fps
        slow = bool(rate and status.model is not None and 0 < status.fps < NEAR * rate)
        why = f": fewer than the {rate:.3g} to hold" if slow else ""
        self.fps.show_value(f"{status.fps:.1f}", slow, f"Images painted per second{why}")
        self.rate.show_value(f"{status.source_fps:.1f}", tip="Frames per second that the source gives")
        known = dict(status.stages)
        for name, reading in self.stages.items():
            ms = known.get(name)
            over = bool(ms and target_fps and ms > 1000 / target_fps and name != "capture")
            why = f"Milliseconds per frame: {name}."
            if over and target_fps:
                why += f" For {target_fps:.3g} frames per second there are only {1000 / target_fps:.0f}."
            reading.show_value("–" if ms is None else f"{ms:.1f}", over, why)
        target_ms = quality.target_latency_ms if quality.ladder else 0.0
        late = bool(latency_ms and target_ms and latency_ms > target_ms)
        self.latency.show_value("–" if latency_ms is None else f"{latency_ms:.0f}", late, "From capture to the screen, milliseconds" + (
            f": more than the {target_ms:.0f} to hold" if late else ""))
        if status.model is None:  # nothing is painted yet
            self._counted = skipped, status.frames
        self._note_skipped(skipped, status.frames)
        self.skipped.show_value(f"{self._share:.0f}", tip=f"Share of the source's last images that were left out ({skipped} in all) as "
                                "a newer one had come: none waits, so that the painting follows at once")
        device = status.device or ("loading…" if status.loading else "no model")
        self.device.show_value(device, tip=status.device_note or "Where the network runs, and in which precision")
        self.quality.show_value(status.quality, tip="What the program has lowered to keep the frame rate")
        self.quality.setVisible(bool(status.quality))
        text = status.source
        if status.source_size:
            text += f" {status.source_size[0]}×{status.source_size[1]}"
        if status.input_size:
            text += f" → {status.input_size[1]}×{status.input_size[0]}"
        note = status.source_note or (str(status.still[0]) if status.still else "")
        self._fit()
        self.source.show_value(f"▲ {note}" if note else text, bool(note), f"{text}\n{note}".strip())
