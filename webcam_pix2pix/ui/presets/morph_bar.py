"""MorphBar: what is on air, how long a recall takes and how it goes, the way back, and the crossfader between two presets."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from params import rows
from webcam_pix2pix.control.presets import Bank, Player
from webcam_pix2pix.settings import MORPH_CURVES

from ..foundation import theme
from ..settings.live_settings import LiveSettings
from ..settings.numbers import ValueEdit, typed_number

SECONDS = "Presets.morph_s"
TICKS = 300  # of the slider of seconds
LONGEST_S = 30.0
NAME_PX = 72  # of a preset at an end of the crossfader
CROSS = 1000  # ticks of the crossfader


class MorphBar(QWidget):
    """Signals:
        problem(str): what could not be done.
    """

    problem = Signal(str)

    def __init__(self, bank: Bank, player: Player, live: LiveSettings) -> None:
        super().__init__()
        self._bank, self._player, self._live = bank, player, live
        tab = Qt.FocusPolicy.TabFocus
        self.seconds = QSlider(Qt.Orientation.Horizontal, maximum=TICKS, pageStep=TICKS // 10, focusPolicy=tab,
                               accessibleName="seconds of a morph")
        self.seconds.setToolTip("Time that a recalled preset takes. 0: at once. Numbers glide, switches change half-way")
        self.seconds.valueChanged.connect(self._set_seconds)
        self.time = ValueEdit(next(row for row in rows() if row.name == SECONDS))
        self.time.setAccessibleName("seconds of a morph, as a number")
        self.time.setToolTip("Time that a recalled preset takes: click and type it. 0: at once")
        self.time.typed.connect(self._typed)
        self.curve = QComboBox(accessibleName="curve of a morph", focusPolicy=tab)
        self.curve.setToolTip("How a morph goes on its way: even, or slow where it begins or ends")
        self.curve.addItems(list(MORPH_CURVES))
        self.curve.activated.connect(lambda *_: self._live.set("Presets.morph_curve", self.curve.currentText()))
        self.back = QToolButton(toolTip="Turn the morph round, or go back to where it began",
                                accessibleName="turn the morph round", objectName="flat", focusPolicy=tab, iconSize=theme.icon_size())
        self.back.clicked.connect(lambda *_: self._player.reverse())
        self.a, self.b = self._end_button(0), self._end_button(1)
        self.fader = Fader(Qt.Orientation.Horizontal, maximum=CROSS, accessibleName="crossfader", focusPolicy=tab)
        self.air = QLabel(accessibleName="on air")
        self.fader.valueChanged.connect(lambda value: self._player.crossfade(value / CROSS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addWidget(self.air)
        for parts in ((QLabel("Morph"), self.seconds, self.time, self.curve, self.back), (self.a, self.fader, self.b)):
            row = QHBoxLayout()
            row.setSpacing(theme.S)
            for part in parts:
                row.addWidget(part, 1 if isinstance(part, QSlider) else 0)
            layout.addLayout(row)

    def tick(self) -> None:
        """A few times a second: show what others have changed."""
        presets = self._live.value.presets
        if not self.seconds.isSliderDown():
            _quietly(self.seconds, _ticks(presets.morph_s))
        self.time.show_value(presets.morph_s)
        self.curve.setCurrentText(presets.morph_curve)
        ends = self._bank.ends
        self._show_air(ends)
        for button, letter, preset in zip((self.a, self.b), "AB", ends, strict=True):
            name = button.fontMetrics().elidedText(preset.name if preset else "choose", Qt.TextElideMode.ElideRight, NAME_PX)
            button.setText(f"{letter} {name} ▾")
            button.setAccessibleName(f"preset {letter} of the crossfader: {preset.name if preset else 'none'}")
        self.fader.setEnabled(all(preset is not None for preset in ends))

    def _show_air(self, ends) -> None:
        """What is on air, and where the crossfader stands for it."""
        player, place = self._player, self._player.fader
        if not self.fader.isSliderDown():
            self.fader.show_place(place)
        now = self._bank.named(player.on_air) if player.on_air else None
        changed = ", changed" if player.departed else ""
        text = "" if now is None else f"On air: {now.name}{changed}"
        if player.running and player.target:
            turn = " · again: back" if player.running > 0 else ""
            text = f"{'To' if player.running > 0 else 'Back from'} {player.target}: {100 * player.position:.0f} %{turn}"
        elif place is not None and 0 < place < 1 and all(ends):
            text = f"On air: {100 - 100 * place:.0f} % {ends[0].name}, {100 * place:.0f} % {ends[1].name}{changed}"
        self.air.setToolTip(text)
        self.air.setText(self.air.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(self.width(), 60)))

    def _end_button(self, end: int) -> QToolButton:
        button = QToolButton(toolTip=f"Preset {'AB'[end]} of the crossfader",
                             accessibleName=f"preset {'AB'[end]} of the crossfader", focusPolicy=Qt.FocusPolicy.TabFocus,
                             popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu, end))
        button.setMenu(menu)
        widest = button.fontMetrics().horizontalAdvance("A  ▾") + NAME_PX + 2 * theme.M
        button.setFixedWidth(widest)  # the fader between them must not move under the mouse
        return button

    def _fill(self, menu: QMenu, end: int) -> None:
        menu.clear()
        now = self._bank.ends[end]
        for preset in (*self._bank.presets, None):
            action = menu.addAction(preset.name.replace("&", "&&") if preset else "None")
            action.setCheckable(True)
            action.setChecked((preset and preset.identity) == (now and now.identity))
            action.triggered.connect(lambda _=False, preset=preset: self._choose(end, preset))

    def _choose(self, end: int, preset) -> None:
        try:
            self._bank.set_end(end, preset)
        except OSError as error:
            self.problem.emit(f"{self._bank.folder}: not stored ({error.strerror or error})")
        self.tick()

    def _set_seconds(self, ticks: int) -> None:
        self._live.set(SECONDS, round(LONGEST_S * (ticks / TICKS) ** 2, 1))
        self.tick()

    def _typed(self, text: str) -> None:
        try:
            self._live.set(SECONDS, typed_number(self.time.row, text))
        except ValueError as error:
            self.problem.emit(str(error))
        self.tick()


class Fader(QSlider):
    """A slider that is dim while what is on air is neither of its ends; it can be moved all the same."""

    on_air = True

    def show_place(self, place: float | None) -> None:
        """place: 0 to 1; None: it has none, and stays where it is."""
        if place is not None:
            _quietly(self, round(CROSS * place))
        on_air = place is not None
        self.setToolTip("From preset A to preset B" if on_air else "From preset A to preset B. Neither is on air now: move it to go there")
        if on_air != self.on_air:
            self.on_air = on_air
            self.update()

    def paintEvent(self, event) -> None:
        if self.on_air:
            return super().paintEvent(event)
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        option.subControls = QStyle.SubControl.SC_SliderGroove | QStyle.SubControl.SC_SliderHandle
        option.state &= ~QStyle.StateFlag.State_Enabled
        option.palette.setCurrentColorGroup(QPalette.ColorGroup.Disabled)
        painter = QStylePainter(self)
        painter.setOpacity(0.45)  # the style hardly shows that a slider is disabled
        painter.drawComplexControl(QStyle.ComplexControl.CC_Slider, option)


def _ticks(seconds: float) -> int:
    return round(TICKS * (seconds / LONGEST_S) ** 0.5)


def _quietly(slider: QSlider, value: int) -> None:
    slider.blockSignals(True)
    slider.setValue(value)
    slider.blockSignals(False)
