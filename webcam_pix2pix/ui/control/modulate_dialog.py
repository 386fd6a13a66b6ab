"""ModulateDialog: how one setting moves by itself. Every change is heard and seen at once."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from webcam_pix2pix.control.desk import Desk
from webcam_pix2pix.control.modulation import Modulator
from webcam_pix2pix.control.modulation.audio import why_no_sound
from webcam_pix2pix.control.modulation.modulator import BANDS, RATES, UNITS
from webcam_pix2pix.control.modulation.shapes import SHAPES
from webcam_pix2pix.control.modulation.tempo import FASTEST, SLOWEST

from ..foundation import theme


class ModulateDialog(QDialog):
    """It stays open beside the show. name: of the setting; label: for people. Cancel and Esc take back what was tried in it."""

    def __init__(self, parent: QWidget, desk: Desk, name: str, label: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Modulate {label}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self._desk, self._name = desk, name
        self._before = desk.modulation.of(name)
        first = self._before or Modulator(name, on=False)
        self.on = QCheckBox("Moves by itself", checked=first.on)
        self.shape = _combo([(shape.capitalize(), shape) for shape in SHAPES] + [(f"Sound: {band}", band) for band in BANDS], first.shape,
                            "shape")
        self.rate = _number(*RATES, first.rate, 2, "seconds or beats of a cycle")
        self.unit = _combo([("seconds", UNITS[0]), ("beats", UNITS[1])], first.unit, "unit of the rate")
        self.amount = _number(-100, 100, 100 * first.depth, 1, "depth in percent of the range", " %")
        self.phase = _number(0, 1, first.phase, 2, "phase, 0 to 1 of a cycle")
        self.bpm = _number(SLOWEST, FASTEST, desk.modulation.tempo.bpm, 1, "beats per minute", " bpm")
        tap = QPushButton("Tap", accessibleName="tap the tempo", toolTip="Press in time (T in the window)", autoDefault=False)
        strike = QPushButton("Start", accessibleName="start one shots", autoDefault=False,
                             toolTip="Settings of the shape “one shot” move once (E in the window)")
        self.note = QLabel("", wordWrap=True, objectName="dim")
        form = QFormLayout()
        form.addRow("", self.on)
        form.addRow("Shape", self.shape)
        form.addRow("One cycle", _row(self.rate, self.unit))
        form.addRow("Depth", self.amount)
        form.addRow("Phase", self.phase)
        form.addRow("Tempo", _row(self.bpm, tap))
        form.addRow("One shots", strike)
        keep, cancel = QPushButton("OK", default=True), QPushButton("Cancel", autoDefault=False)
        remove = QPushButton("Remove", autoDefault=False, enabled=self._before is not None, toolTip="The setting stands still again")
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        layout.addLayout(form)
        layout.addWidget(self.note)
        layout.addLayout(_row(remove, cancel, keep))
        for box in (self.shape, self.unit):
            box.currentIndexChanged.connect(self._changed)
        for spin in (self.rate, self.amount, self.phase):
            spin.valueChanged.connect(self._changed)
        self.on.toggled.connect(self._changed)
        self.bpm.valueChanged.connect(lambda bpm: desk.trigger("tempo", (bpm - SLOWEST) / (FASTEST - SLOWEST)))
        tap.pressed.connect(self._tap)
        strike.clicked.connect(lambda *_: desk.trigger("strike"))
        remove.clicked.connect(self._remove)
        keep.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._changed()

    def reject(self) -> None:
        """Esc, Cancel, or the close button of the window: as it was before."""
        modulation = self._desk.modulation
        self._desk.modulation = modulation.with_modulator(self._before) if self._before else modulation.without(self._name)
        super().reject()

    def _changed(self, *_: Any) -> None:
        if self.on.isChecked() or self._desk.modulation.of(self._name):
            before = self._desk.modulation.of(self._name) or Modulator(self._name)
            self._desk.modulation = self._desk.modulation.with_modulator(replace(
                before, shape=self.shape.currentData(), rate=self.rate.value(), unit=self.unit.currentData(),
                depth=self.amount.value() / 100, phase=self.phase.value(), on=self.on.isChecked()))
        sound = self.shape.currentData() in BANDS
        self.rate.setEnabled(not sound)
        self.unit.setEnabled(not sound)
        self.phase.setEnabled(not sound)
        self.note.setText((why_no_sound() or "Follows the microphone or line input.") if sound else
                          "Around the value of the slider. Presets, snapshots and undo keep that value.")

    def _tap(self) -> None:
        self._desk.trigger("tap")
        with QSignalBlocker(self.bpm):
            self.bpm.setValue(self._desk.modulation.tempo.bpm)

    def _remove(self) -> None:
        self._desk.modulation = self._desk.modulation.without(self._name)
        self.accept()


def _combo(items: list[tuple[str, str]], chosen: str, name: str) -> QComboBox:
    box = QComboBox(accessibleName=name)
    for text, data in items:
        box.addItem(text, data)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _number(low: float, high: float, value: float, digits: int, name: str, suffix: str = "") -> QDoubleSpinBox:
    box = QDoubleSpinBox(accessibleName=name, suffix=suffix, decimals=digits)
    box.setRange(low, high)
    box.setSingleStep(0.05 if high <= 1 else 1 if high <= 100 else 0.5)
    box.setValue(value)
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row
