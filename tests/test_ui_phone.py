"""The phone remote in the window: started and stopped, its code, its settings, its presets."""

import json
import urllib.request

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.control.remote import DEFAULT_PINS
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings, write_preset
from webcam_pix2pix.ui.control.qr import QrCode


@pytest.fixture
def window(tmp_path):
    QApplication.instance() or QApplication([])
    (tmp_path / "presets").mkdir()
    write_preset(tmp_path / "presets" / "warm.json", {"EdgeDetection.tone": 0.25})
    settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48})
    made = MainWindow(Pipeline(Capturer(settings.capture_init), settings), config_dir=tmp_path)
    yield made
    made.close()


def state(phone):
    with urllib.request.urlopen(f"http://127.0.0.1:{phone.remote.server.port}/state.json", timeout=10) as answer:
        return json.load(answer)


def test_it_is_off_until_it_is_started_and_shows_what_is_pinned(window):
    phone = window.parts.phone
    assert phone.remote is None
    window.actions_["phone"].trigger()
    dialog = phone.dialog
    assert dialog.isVisible() and dialog.switch.text() == "Start" and "Off" in dialog.address.text()
    phone.start(port=0)
    shown = state(phone)
    assert dialog.switch.text() == "Stop" and phone.remote.address == dialog.address.text()
    assert [p["name"] for p in shown["pins"]][:len(DEFAULT_PINS)] == list(DEFAULT_PINS)
    assert {"name": "warm", "action": "preset_1", "image": ""} in shown["presets"]
    assert {"freeze", "bypass", "snapshot"} <= {a["name"] for a in shown["actions"]}
    item = next(i for i in dialog._items() if i.data(Qt.ItemDataRole.UserRole) == "Capture.Processing.flip_v")
    item.setCheckState(Qt.CheckState.Checked)
    assert "Capture.Processing.flip_v" in {p["name"] for p in state(phone)["pins"]} and "Capture.Processing.flip_v" in phone.pins
    dialog.switch.click()
    assert phone.remote is None and dialog.switch.text() == "Start"


def test_the_code_is_black_on_white(window):
    code = QrCode()
    code.show_text("http://192.168.1.5:8787/?token=abcdefgh")
    code.resize(240, 240)
    image = code.grab().toImage()
    colours = {QColor(image.pixel(x, y)).name() for x in range(40, 200, 3) for y in range(40, 200, 3)}
    assert colours == {"#000000", "#ffffff"} and code.accessibleDescription().endswith("abcdefgh")
