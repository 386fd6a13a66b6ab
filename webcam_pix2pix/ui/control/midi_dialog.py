"""MidiDialog: the MIDI device, and what its knobs and pads play."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from webcam_pix2pix.control.controllers import Controllers
from webcam_pix2pix.control.midi import Mapping, Mappings, why_no_midi
from webcam_pix2pix.control.midi.mapping import ACTION, MODES
from webcam_pix2pix.control.midi.ports import devices
from webcam_pix2pix.control.parameters import PARAMETERS

from ..foundation import theme
from ..foundation.file_dialog import ask_file, ask_to_save, of_the_user

COLUMNS = ("Plays", "Control", "Mode", "From", "To", "Pick up", "14 bit", "")
MAPPINGS = "MIDI mappings (*.json)"
POLL_MS = 500


class MidiDialog(QDialog):
    """learning: the MidiLearning that it belongs to."""

    def __init__(self, parent: QWidget, learning: Any, controllers: Controllers) -> None:
        super().__init__(parent)
        self.setWindowTitle("MIDI")
        self._learning, self._controllers = learning, controllers
        self.device = QComboBox(accessibleName="MIDI device")
        self.state = QLabel("", wordWrap=True)
        self.table = QTableWidget(0, len(COLUMNS), accessibleName="what the knobs and pads play")
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.target = QComboBox(accessibleName="setting or action to learn", editable=True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.lineEdit().setPlaceholderText("Setting or action to learn")
        learn = QPushButton("Learn", autoDefault=False, toolTip="Then move a knob or press a pad")
        load = QPushButton("Import…", autoDefault=False)
        save = QPushButton("Export…", autoDefault=False)
        close = QPushButton("Close", autoDefault=False)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        for row in ((QLabel("Device"), self.device), (self.state,), (self.table,), (self.target, learn), (load, save, close)):
            line = QHBoxLayout()
            for widget in row:
                line.addWidget(widget, 1 if widget in (self.device, self.target, self.table, self.state) else 0)
            layout.addLayout(line)
        self.device.activated.connect(lambda *_: self._open(self.device.currentText()))
        learn.clicked.connect(lambda *_: self._learn())
        load.clicked.connect(lambda *_: self._import())
        save.clicked.connect(lambda *_: self._export())
        close.clicked.connect(self.close)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._show_state)
        self.resize(860, 520)

    def refresh(self) -> None:
        """Show the devices and mappings as they are."""
        self._list_devices()
        self._list_targets()
        mappings = self._learning.router.mappings.all
        self.table.setRowCount(len(mappings))
        for row, mapping in enumerate(mappings):
            self._fill(row, mapping)
        self.table.resizeColumnsToContents()
        self._show_state()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._learning.router.learn("")

    def _fill(self, row: int, mapping: Mapping) -> None:
        self.table.setItem(row, 0, QTableWidgetItem(self._learning.label(mapping.target)))
        self.table.setItem(row, 1, QTableWidgetItem(str(mapping.control)))
        mode = QComboBox(accessibleName="mode")
        mode.addItems(MODES)
        mode.setCurrentText(mapping.mode)
        mode.currentTextChanged.connect(lambda text: self._change(mapping.target, mode=text))
        self.table.setCellWidget(row, 2, mode)
        for column, key in ((3, "low"), (4, "high")):
            share = QDoubleSpinBox(accessibleName=COLUMNS[column].lower(), suffix=" %", decimals=0)
            share.setRange(0, 100)
            share.setValue(100 * getattr(mapping, key))
            share.valueChanged.connect(lambda value, key=key: self._change(mapping.target, **{key: value / 100}))
            self.table.setCellWidget(row, column, share)
        for column, key in ((5, "pick_up"), (6, "fine")):
            box = QCheckBox(checked=getattr(mapping, key), accessibleName=COLUMNS[column].lower())
            box.toggled.connect(lambda on, key=key: self._change(mapping.target, **{key: on}))
            self.table.setCellWidget(row, column, box)
        remove = QPushButton("Remove", autoDefault=False)
        remove.clicked.connect(lambda *_: self._learning.forget(mapping.target))
        self.table.setCellWidget(row, 7, remove)

    def _change(self, target: str, **values: Any) -> None:
        mappings = self._learning.router.mappings
        try:
            changed = tuple(replace(one, **values) if one.target == target else one for one in mappings.all)
        except ValueError as error:
            self.refresh()
            return self.state.setText(str(error))
        self._learning.router.mappings = Mappings(changed)  # the row stays as it is: its editor has the keys
        QTimer.singleShot(0, lambda: self._learning.store())

    def _list_devices(self) -> None:
        try:
            names = [] if why_no_midi() else devices()
        except OSError:
            names = []
        midi = self._controllers.midi
        self.device.clear()
        self.device.addItems(names)
        if midi is not None and midi.port in names:
            self.device.setCurrentText(midi.port)

    def _list_targets(self) -> None:
        if self.target.count() == 0:
            for name, parameter in PARAMETERS.items():
                if parameter.can_be_normalised:
                    self.target.addItem(f"{self._learning.label(name)}  ({name})", name)
            self.target.setCurrentIndex(-1)
        for name, action in self._controllers.desk.actions.items():
            if self.target.findData(ACTION + name) < 0:
                self.target.addItem(f"Action: {action.text}", ACTION + name)

    def _show_state(self) -> None:
        if self._controllers.midi is None and not self.device.count():
            self._list_devices()
        midi, learning = self._controllers.midi, self._learning.router.learning
        text = why_no_midi() or ("No device is open. Choose one." if midi is None and self.device.count() else
                                 "No MIDI device is there. Plug one in." if midi is None else
                                 f"Listening to {midi.port}." if midi.port else "The device is not there yet; it is opened when it comes.")
        self.state.setText(f"Move a knob or press a pad for “{self._learning.label(learning)}”." if learning else text)

    def _open(self, device: str) -> None:
        try:
            self._controllers.open_midi(device)
        except OSError as error:
            return self.state.setText(str(error))
        self._show_state()

    def _learn(self) -> None:
        index = self.target.findText(self.target.currentText())
        if index < 0:
            self.state.setText("Choose a setting or an action first.")
        else:
            self._learning.learn(self.target.itemData(index))
            self._show_state()

    def _import(self) -> None:
        path = ask_file(self, "Import a MIDI mapping", str(of_the_user()), MAPPINGS)
        if path:
            try:
                self._learning.replace(Mappings.read(Path(path)))
            except (OSError, ValueError) as error:
                self.state.setText(str(error))

    def _export(self) -> None:
        path = ask_to_save(self, "Export the MIDI mapping", str(of_the_user() / "midi.json"), MAPPINGS)
        if path:
            try:
                self._learning.router.mappings.write(Path(path))
            except OSError as error:
                self.state.setText(f"{path}: {error}")
