"""The smaller parts: what was dropped, messages, status line, background, what is remembered."""

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton, QWidget

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.model import DEFAULT_MODEL, ModelInfo, resolve_model
from webcam_pix2pix.pipeline import Status
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Quality, Settings, write_preset
from webcam_pix2pix.sinks import write_snapshot
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.foundation.background import Background
from webcam_pix2pix.ui.foundation.store import Remembered, Store
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.settings.startup import first_settings
from webcam_pix2pix.ui.shell.engine_monitor import EngineMonitor
from webcam_pix2pix.ui.shell.messages import Messages
from webcam_pix2pix.ui.shell.status import StatusLine
from webcam_pix2pix.ui.sources import drops
from webcam_pix2pix.ui.sources.source_menu import SourceMenu


def test_what_was_dropped_is_reported_by_the_file(tmp_path):
    import numpy as np
    write_preset(tmp_path / "look.json", {"Capture.freeze": True})
    (tmp_path / "model.json").write_text(json.dumps({"name": "m", "ckpt_path": "m"}))
    write_snapshot(tmp_path / "shot.png", Frame(0, 0.0, np.zeros((8, 8, 3), np.uint8)), {})
    (tmp_path / "photo.png").write_bytes(b"not even a PNG")
    for folder, file in (("frames", "0001.jpg"), ("weights", "latest_net_G.pth")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).touch()
    found = {name: drops.kind(str(tmp_path / name)) for name in
             ("look.json", "model.json", "shot.png", "photo.png", "frames", "weights", "net.pth", "film.mp4")}
    assert found == {"look.json": "preset", "model.json": "model", "shot.png": "snapshot", "photo.png": "source", "frames": "source",
                     "weights": "model", "net.pth": "model", "film.mp4": "source"}
    assert drops.kind("http://camera/stream.mjpg") == "source"


def test_messages_are_counted_until_they_are_looked_at(qtbot):
    theme.apply("dark")
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 500)
    messages = Messages(window)
    messages.problem("one")
    messages.problem("one")  # the same again at once
    messages.note("two")
    assert [m.text for m in messages.all] == ["one", "two"] and messages.unread == 1 and messages.button.text() == "1"
    messages.open_list()
    assert messages.unread == 0 and messages.button.text() == ""
    messages._list.close()


def test_a_message_about_a_file_leads_to_it_from_the_list_too(qtbot, tmp_path, monkeypatch):
    theme.apply("dark")
    window, opened = QWidget(), []
    qtbot.addWidget(window)
    monkeypatch.setattr("webcam_pix2pix.ui.shell.messages.show_folder", lambda place, failed: opened.append(place))
    messages = Messages(window)
    messages.note("Recording saved", str(tmp_path / "film.mp4"))
    messages.problem("nothing to open")
    messages.open_list()
    rows = messages._list.findChild(QListWidget)
    show = next(button for button in messages._list.findChildren(QPushButton) if button.text() != "Copy")
    assert not show.isEnabled()  # the newest stands first
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert show.isEnabled() and show.text() == "Show in folder"
    QTest.mouseClick(show, Qt.MouseButton.LeftButton)
    assert opened == [str(tmp_path / "film.mp4")]
    messages._list.close()


def test_what_misses_the_target_of_the_user_is_amber_and_marked(qtbot):
    theme.apply("dark")
    line = StatusLine()
    qtbot.addWidget(line)
    status = Status(source="test scene", source_size=(640, 480), input_size=(256, 256), model="a model", device="CPU fp32", fps=12.3,
                    stages=(("capture", 1.0), ("process", 2.0), ("predict", 80.0)), skipped=3)
    target = Quality(ladder=True, target_fps=30.0, target_latency_ms=90.0)
    line.show_status(status, target, 95.0, 3)
    assert line.fps.over and line.latency.over
    assert line.stages["predict"].over and not line.stages["process"].over
    assert "only 33" in line.stages["predict"].toolTip() and "over budget" in line.stages["predict"].accessibleDescription()
    assert line.source.value == "test scene 640×480 → 256×256" and line.fps.value == "12.3" and line.latency.value == "95"
    line.show_status(status, Quality(target_fps=30.0), None, 3)  # no target is held: a slow laptop is no fault
    assert not line.stages["predict"].over and not line.fps.over and line.latency.value == "–"


def test_the_figures_that_carry_a_mark_are_not_cut_off(qtbot):
    theme.apply("dark")
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1600, 30)
    line.show()
    status = Status(source="film", device="CPU int8", fps=14.9, source_fps=30.0, quality="quality 3 of 4: 192 px, every 2nd frame",
                    stages=(("predict", 1234.5),))
    line.show_status(status, Quality(ladder=True), None, 0)
    assert line.quality.isVisible() and line.quality.value == status.quality and line.rate.value == "30.0"
    QApplication.processEvents()
    for reading in (line.quality, line.stages["predict"], line.device):
        text = ("▲" if reading.over else "") + reading.value
        assert reading.width() >= QFontMetricsF(theme.mono()).horizontalAdvance(text), text
    line.show_status(replace(status, quality=""), Quality(), None, 0)
    assert not line.quality.isVisible()


def test_background_hands_over_in_the_thread_that_polls():
    background, got = Background("test"), []
    background.submit(lambda: threading.current_thread().name, lambda name: got.append((name, threading.current_thread().name)))
    background.submit(lambda: 1 / 0, got.append, lambda error: got.append(type(error)))
    until = time.monotonic() + 5
    while background.busy and time.monotonic() < until:
        background.poll()
        time.sleep(0.005)
    background.close()
    assert got[0][0].startswith("test") and got[0][1] == threading.current_thread().name and got[1] is ZeroDivisionError


def test_background_drops_at_the_end_only_what_need_not_be_done():
    background, done, gate = Background("test"), [], threading.Event()
    background.submit(lambda: gate.wait(10), done.append)
    background.submit(lambda: done.append("thumbnail"), done.append)
    background.submit(lambda: done.append("recording"), done.append, must=True)
    threading.Timer(0.1, gate.set).start()
    background.close()
    assert done == ["recording"]


def test_models_are_reported_apart_by_file_not_by_name(qtbot):
    class Engine:
        status = Status()

        class capturer:
            refused = None

    live = LiveSettings(Settings(), lambda value: None)
    window = QWidget()
    qtbot.addWidget(window)
    monitor = EngineMonitor(Engine(), live, Messages(window), {}, keep=False)
    soft, hard = (Recipe().with_values({"EdgeDetection.blur_sigma": sigma}) for sigma in (0.5, 2.5))
    for number, recipe in (("0", soft), ("1", hard)):
        path = Path(f"runs/0000{number}-cactus/model.json")
        Engine.status = Status(model=ModelInfo("cactus", path, path, recipe=recipe))
        monitor.tick()
        assert live.value.edges.blur_sigma == recipe.edges.blur_sigma and not live.departures()
    live.set("EdgeDetection.tone", 0.4)
    Engine.status = Status(model=replace(Engine.status.model))  # the same at another precision
    monitor.tick()
    assert live.value.edges.tone == 0.4


def test_remembered_values_survive_and_unknown_ones_do_not_hurt(tmp_path, caplog):
    store = Store(tmp_path / "new" / "folder")
    assert store.read() == Remembered() and store.read_layout() is None
    store.write(Remembered(settings=Settings().with_values({"EdgeDetection.tone": 0.3, "Capture.freeze": True}).flat(), theme="light"))
    again = store.read()
    assert again.settings["EdgeDetection.tone"] == 0.3 and again.theme == "light" and "Capture.freeze" not in again.settings
    again.settings |= {"Old.name": 1, "EdgeDetection.tone_blur": 9999}
    assert "Old.name" not in again.valid_settings() and "EdgeDetection.tone_blur" not in again.valid_settings()
    assert "Old.name" in caplog.text


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 99}', '{"version": 1, "theme": 7, "settings": []}'])
def test_an_unreadable_memory_is_left_out(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    assert Store(tmp_path).read() == Remembered()


def test_a_session_begins_with_memory_recipe_and_what_was_asked_for():
    tone = "EdgeDetection.tone"
    fresh = first_settings(Remembered(), {tone: 0.2})
    assert fresh.recipe == resolve_model(DEFAULT_MODEL).recipe and not fresh.keep
    assert fresh.settings.edges.tone == 0.2 and fresh.settings.edges.tone_color
    again = first_settings(Remembered(settings={tone: 0.9, "EdgeDetection.method": "custom_canny"}), {})
    assert again.keep and again.settings.edges.tone == 0.9
    other = first_settings(Remembered(settings={tone: 0.9}), {"Model.model_name": "oil_color"})
    assert not other.keep and other.settings.edges.tone == other.recipe.edges.tone
    assert first_settings(Remembered(), {"Model.model_name": "no such model"}).recipe is None


def test_the_source_menu_offers_what_there_is(qtbot, tmp_path):
    theme.apply("dark")
    parent, chosen = QWidget(), []
    qtbot.addWidget(parent)
    old, gone = str(tmp_path / "old.mp4"), str(tmp_path / "gone.mp4")
    Path(old).touch()
    menu = SourceMenu(parent, chosen.append, [], [old, gone])
    menu.aboutToShow.emit()
    assert menu._background.busy  # cameras are looked for elsewhere
    qtbot.waitUntil(lambda: menu.tick() or not menu._background.busy, timeout=20000)
    menu.current = "test"
    menu.aboutToShow.emit()
    menu.shut()
    actions = {action.text(): action for action in menu.actions()}
    assert {"Screen", "Test scene", "old.mp4", "gone.mp4"} <= set(actions) and actions["Test scene"].isChecked()
    assert actions["gone.mp4"].toolTip().startswith("It is not there now") and actions["old.mp4"].toolTip() == old
    actions["old.mp4"].trigger()
    assert chosen == [old]
    menu.remember("rtsp://camera")
    menu.remember("test")
    assert menu.recent == ["rtsp://camera", old, gone]
