"""Modulation in the window: the dialog, the mark on the slider, the file that keeps it, and what stays untouched."""

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from webcam_pix2pix.control.modulation import Modulator
from webcam_pix2pix.control.modulation.audio import Levels
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.control.modulating import FILE, Modulating
from webcam_pix2pix.ui.settings.bridge import Bridge
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.settings.tree import SettingsPanel

TONE = "EdgeDetection.tone"


@pytest.fixture
def made(qtbot, tmp_path):
    from webcam_pix2pix.control import register_common
    problems = []

    def make():
        live = LiveSettings(Settings(), lambda settings: None)
        register_common(live.desk)
        panel = SettingsPanel(Bridge(live))
        qtbot.addWidget(panel)
        modulating = Modulating(live, panel, tmp_path, lambda: None, problems.append)
        return live, panel, modulating

    make.problems = problems
    return make


def test_the_dialog_moves_a_setting_and_leaves_its_value(made, tmp_path, qtbot):
    live, panel, modulating = made()
    assert [text for text, _ in panel.menu_extras[0](TONE)] == ["Modulate…"] and not panel.menu_extras[0]("Model.size")
    modulating.open(TONE)
    dialog = modulating.dialog
    qtbot.addWidget(dialog)
    assert not dialog.on.isChecked() and live.desk.modulation.of(TONE) is None  # nothing moves because a dialog was opened
    QTest.mouseClick(dialog.on, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.on.height() // 2))
    assert live.desk.modulation.of(TONE).on
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert live.desk.modulation.of(TONE) is None and not dialog.isVisible()
    modulating.open(TONE)
    dialog = modulating.dialog
    qtbot.addWidget(dialog)
    dialog.on.click()
    dialog.shape.setCurrentIndex(dialog.shape.findData("square"))
    dialog.amount.setValue(40)
    dialog.rate.setValue(2)
    dialog.unit.setCurrentIndex(1)
    assert live.desk.modulation.of(TONE) == Modulator(TONE, "square", 2.0, "beats", 0.4)
    modulating.tick()
    assert panel.fields[TONE].slider.moving in (0.0, 0.4)  # 0 is the base, and the end
    assert live.value == Settings() and live.undo.count() == 0
    dialog.bpm.setValue(90)
    assert live.desk.modulation.tempo.bpm == pytest.approx(90)
    dialog.accept()
    modulating.tick()
    assert json.loads((tmp_path / FILE).read_text())["modulators"][0]["depth"] == 0.4
    again = made()[0]
    assert again.desk.modulation.of(TONE) == live.desk.modulation.of(TONE)
    panel.menu_extras[0](TONE)[1][1]()
    modulating.tick()
    assert live.desk.modulation.of(TONE) is None and panel.fields[TONE].slider.moving is None


def test_a_damaged_file_is_not_used(made, tmp_path, caplog):
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    assert made()[0].desk.modulation.modulators == () and "not used" in caplog.text


def test_time_actions_work_on_the_desk(made):
    desk = made()[0].desk
    desk.modulation = desk.modulation.with_modulator(Modulator(TONE))
    desk.trigger("strike")
    assert desk.modulation.struck > 0
    desk.trigger("still")
    assert not desk.modulation.modulators[0].on
    for _ in range(2):
        desk.trigger("tap")
    desk.trigger("tempo", 0.5)
    assert desk.modulation.tempo.bpm == 210


def test_levels_rise_with_their_band_and_fall_slowly():
    import numpy as np
    levels, times = Levels(), np.arange(1024) / 44100
    low = dict(levels.hear(0.5 * np.sin(2 * np.pi * 86 * times)))
    assert low["bass"] > 0.8 and low["treble"] < 0.2 and low["level"] > 0.8
    after = levels.hear(np.zeros(1024))
    assert 0.5 < after["bass"] < low["bass"]
    assert Levels().hear(np.full(1024, np.nan))["level"] == 0.0
