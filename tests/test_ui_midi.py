"""MIDI in the window: learning from the menu of a setting, the dialog, the file, and a machine without the packages."""

import pytest
from PySide6.QtWidgets import QMainWindow

from webcam_pix2pix.control import register_common
from webcam_pix2pix.control.controllers import Controllers
from webcam_pix2pix.control.midi import Mapping, Mappings
from webcam_pix2pix.control.midi.mapping import Control
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.control import midi_dialog
from webcam_pix2pix.ui.control.midi_learning import FILE, MidiLearning
from webcam_pix2pix.ui.settings.live_settings import LiveSettings

TONE = "EdgeDetection.tone"


@pytest.fixture
def learning(qtbot, tmp_path, monkeypatch):
    window = QMainWindow()
    qtbot.addWidget(window)
    live = LiveSettings(Settings(), lambda settings: None, window)
    register_common(live.desk)
    controllers, lines = Controllers(live.desk, print), []
    made = MidiLearning(window, controllers, tmp_path, live.later, lines.append, lines.append)
    made.live, made.lines, made.controllers, made.file = live, lines, controllers, tmp_path / FILE
    monkeypatch.setattr(midi_dialog, "devices", lambda: ["nano 20:0"])
    yield made
    if made.dialog is not None:
        made.dialog.close()


def test_a_setting_is_learned_from_its_menu(learning, monkeypatch):
    learning.controllers.midi = object()  # a device is open
    assert not learning.entries("Model.model_name")
    (text, learn), = learning.entries(TONE)
    learn()
    assert text == "MIDI learn…" and "Move a knob" in learning.lines[-1]
    learning.router.take(bytes((0xB0, 21, 30)))
    learning.live.tick()
    assert "controller 21, channel 1" in learning.lines[-1] and Mappings.read(learning.file).of(TONE)
    text, forget = learning.entries(TONE)[1]
    assert text == "Forget MIDI controller 21, channel 1"
    forget()
    assert not Mappings.read(learning.file).all
    learning.controllers.midi = None


def test_without_the_packages_one_line_says_which(learning, monkeypatch):
    from webcam_pix2pix.control.midi import ports
    monkeypatch.setattr(ports, "why_no_midi", lambda: ports.INSTALL)
    learning.learn(TONE)
    assert "python-rtmidi" in learning.lines[-1] and not learning.router.learning


def test_the_dialog_changes_how_a_knob_plays(learning, qtbot):
    learning.replace(Mappings((Mapping(Control("control", 0, 7), TONE), Mapping(Control("note", 0, 1), "action:freeze"))))
    learning.open()
    dialog = learning.dialog
    assert dialog.table.rowCount() == 2 and dialog.table.item(1, 0).text() == "Freeze"
    dialog.table.cellWidget(0, 2).setCurrentText("relative")
    dialog.table.cellWidget(0, 4).setValue(50)
    dialog.table.cellWidget(0, 6).setChecked(True)
    qtbot.waitUntil(lambda: Mappings.read(learning.file).of(TONE).fine)
    assert learning.router.mappings.of(TONE) == Mapping(Control("control", 0, 7), TONE, "relative", 0.0, 0.5, True, True)
    dialog.table.cellWidget(1, 6).setChecked(True)  # a pad has no 14 bit
    assert "14 bit" in dialog.state.text() and not dialog.table.cellWidget(1, 6).isChecked()
    dialog.table.cellWidget(0, 7).click()
    assert dialog.table.rowCount() == 1 and learning.router.mappings.of(TONE) is None
    assert dialog.target.findData("action:freeze") >= 0 and dialog.target.findData(TONE) >= 0
