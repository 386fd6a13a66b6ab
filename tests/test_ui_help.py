"""What the window says: messages that can be clicked and end, hints once, help pages, endings of a training."""

import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from test_app import make, wait, window  # noqa: F401

from webcam_pix2pix.pipeline import Status
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.foundation.store import Remembered
from webcam_pix2pix.ui.settings.live_settings import LiveSettings
from webcam_pix2pix.ui.shell.engine_monitor import EngineMonitor
from webcam_pix2pix.ui.shell.help_windows import Sheet, places
from webcam_pix2pix.ui.shell.hints import FIRST_S, HINTS, NEXT_S, Hints
from webcam_pix2pix.ui.shell.messages import Messages
from webcam_pix2pix.ui.training.command_process import Job
from webcam_pix2pix.ui.training.run_state import ending


@pytest.fixture
def messages(qtbot):
    theme.apply("dark")
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 500)
    parent.show()
    return Messages(parent)


def test_a_message_about_a_file_opens_its_folder(messages, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("webcam_pix2pix.ui.shell.toast.show_folder", lambda path, failed: opened.append(Path(path)))
    messages.note("Snapshot saved: shot.png", str(tmp_path / "shot.png"))
    button = messages._toast.findChild(QPushButton)
    assert button.isVisible() and button.text() == "Show in folder"
    button.click()
    read(messages)
    messages.note("finished", str(tmp_path / "index.html"))
    assert button.text() == "Open page"
    button.click()
    read(messages)
    messages.note("nothing to open")
    assert not button.isVisible() and opened == [tmp_path / "shot.png", tmp_path / "index.html"]


def read(messages):
    """The user closes the message; the next one comes."""
    messages._toast._close.click()
    messages.tick()


def test_no_message_replaces_one_that_was_not_read(messages, tmp_path):
    messages.note("Recording saved", str(tmp_path / "film.mp4"))
    messages.problem("camera lost")
    messages.note("Preset “a”")
    messages.note("Preset “b”")  # an answer to the last key; the one before says nothing now
    messages.tick()
    shown = []
    while not messages.free:
        shown.append(messages._toast.message.text)
        read(messages)
    assert shown == ["Recording saved", "camera lost", "Preset “b”"]
    messages.note("Method is yours now")
    messages.note("Preset “c”")
    assert messages._toast.message.text == "Method is yours now" and len(messages._waiting) == 1


def test_where_no_program_opens_folders_the_message_says_where_the_file_is(messages, monkeypatch, tmp_path, qtbot):
    script = tmp_path / "xdg-open"
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setattr("webcam_pix2pix.ui.foundation.desktop.OPENER", str(script))
    monkeypatch.setattr("webcam_pix2pix.ui.foundation.desktop.sys.platform", "linux")
    messages.note("Snapshot saved: shot.png", str(tmp_path / "shot.png"))
    button = messages._toast.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: messages._toast._text.text().startswith("No program opens this here."))
    assert not button.isVisible() and QGuiApplication.clipboard().text() == str(tmp_path / "shot.png")
    sheet = places(messages._window, [tmp_path] * 6)
    sheet.show()
    sheet.text.linkActivated.emit(QUrl.fromLocalFile(str(tmp_path)).toString())
    wait(qtbot, lambda: sheet.notice.isVisible() and sheet.notice.text().startswith("No program opens this here."))
    assert QGuiApplication.clipboard().text() == str(tmp_path)
    sheet.close()


def test_a_message_with_a_long_path_stays_wide_enough_to_be_read_over_a_narrow_image(qtbot):
    theme.apply("dark")
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(800, 600)
    image = QWidget(parent)
    image.setGeometry(300, 100, 270, 400)
    parent.show()
    messages = Messages(parent, lambda aside: image)
    path = "/home/somebody/Videos/webcam-pix2pix/painting 2026-01-01 12.00.00.mp4"
    messages.note(f"Recording saved: {path}", path)
    toast = messages._toast
    button = toast.findChild(QPushButton)
    assert toast.height() < 0.4 * image.height() and parent.rect().contains(toast.geometry())
    toast.layout().activate()
    assert button.width() >= button.sizeHint().width() and toast.rect().contains(button.geometry())


def test_a_message_waits_no_longer_than_the_one_before_takes_to_read(messages, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("webcam_pix2pix.ui.shell.messages.time.monotonic", lambda: now[0])
    messages.problem("first")
    messages.problem("second")
    now[0] += 3.9
    messages.tick()
    assert messages._toast.message.text == "first"
    now[0] += 0.2
    messages.tick()
    assert messages._toast.message.text == "second"
    now[0] += 11
    messages.tick()
    assert not messages.free
    now[0] += 2
    messages.tick()
    assert messages.free


def test_a_problem_that_is_over_is_withdrawn(messages):
    messages.problem("stream lost")
    messages.problem("disk full")
    messages.withdraw("stream lost")
    assert messages.unread == 1 and [m.over for m in messages.all] == [True, False] and not messages.free
    messages.withdraw("disk full")
    assert messages.free and messages.unread == 0 and messages.button.text() == ""


def test_a_source_that_is_back_is_announced(messages):
    class Engine:
        status = Status(source="stream a", source_note="stream a lost; trying again")

        class capturer:
            device_id, error, refused = "rtsp://a", "stream a lost; trying again", None

    monitor = EngineMonitor(Engine(), LiveSettings(Settings(), lambda value: None), messages, {}, keep=False)
    monitor.tick()
    assert messages.all[-1].text == "stream a lost; trying again" and messages.unread == 1
    Engine.status, Engine.capturer.error = Status(source="stream a"), None
    monitor.tick()
    assert messages.all[-1].text == "stream a is back." and messages.all[0].over and messages.unread == 0
    Engine.status, Engine.capturer.error = Status(source="stream a", source_note="stream a lost"), "stream a lost"
    monitor.tick()
    Engine.status, Engine.capturer.error, Engine.capturer.device_id = Status(source="test scene"), None, "test"
    monitor.tick()
    assert messages.all[-1].text == "stream a lost" and messages.all[-1].over  # another source is no return


def test_four_hints_in_the_first_minute_and_never_again():
    remembered, printed, free = Remembered(), [], [True]
    hints = Hints(remembered, printed.append, lambda: free[0])
    for now in range(60):
        free[0] = now % 7 != 0  # now and then something else is being told
        hints.tick(painting=now >= 3, now=float(now))
    assert tuple(printed) == HINTS and FIRST_S + 3 * NEXT_S < 57
    again = Hints(remembered, printed.append, lambda: True)
    for now in range(60):
        again.tick(True, float(now))
    assert len(printed) == len(HINTS) == remembered.hints == 4


def test_a_hint_covers_neither_the_painting_nor_the_status_line(window, qtbot):  # noqa: F811
    window.resize(1280, 720)
    wait(qtbot, lambda: window.panels.room(aside=True) is window.processed.view)
    toast = window.messages._toast
    for text in HINTS:
        window.messages.hint(text)
        place, status = toast.geometry(), window.status.mapTo(window, QPoint(0, 0)).y()
        painting = QRect(window.prediction.view.mapTo(window, QPoint(0, 0)), window.prediction.view.size())
        assert toast.isVisible() and place.bottom() < status and not place.intersects(painting), place
        toast._close.click()
    window.messages.note("Snapshot saved")
    assert toast.geometry().intersects(painting)  # what was asked for is answered where one looks


def test_the_shortcuts_are_searched_by_typing(window, qtbot):  # noqa: F811
    window.actions_["shortcuts"].trigger()
    sheet = next(sheet for sheet in window.findChildren(Sheet) if sheet.objectName() == "shortcuts")
    sheet.activateWindow()
    wait(qtbot, sheet.isActiveWindow)
    text = sheet.area.widget()
    assert "Snapshot" in text.text() and "Blackout" in text.text()
    for letter in "film":
        QTest.keyClick(sheet.focusWidget(), letter)
    assert sheet.search.text() == "film"
    assert "Play or pause film" in text.text() and "Source" in text.text() and "Blackout" not in text.text() and "Model<" not in text.text()
    sheet.search.setText("ctrl+r")
    assert "Record" in text.text() and "Snapshot" not in text.text()
    sheet.search.setText("quantum")
    assert text.text().startswith("No key does that")
    QTest.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_help_opens_each_page_once(window):  # noqa: F811
    for name in ("first_steps", "stage_page", "places", "shortcuts", "about", "places"):
        window.actions_[name].trigger()
    sheets = window.findChildren(Sheet)
    assert sorted(sheet.objectName() for sheet in sheets) == ["about", "first_steps", "places", "shortcuts", "stage_page"]
    for sheet in sheets:
        sheet.close()


def test_keys_bring_panels_to_the_front(window, qtbot):  # noqa: F811
    from PySide6.QtTest import QTest
    docks = {dock.objectName(): dock for dock in window.docks}
    for key, name in ((Qt.Key.Key_4, "collect"), (Qt.Key.Key_2, "models"), (Qt.Key.Key_1, "parameters")):
        QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        wait(qtbot, lambda name=name: not docks[name].visibleRegion().isEmpty())
    assert all(window.actions_[f"show_{name}"].isChecked() != docks[name].isHidden() for name in docks)
    QTest.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)  # it is seen: closed
    assert docks["capture"].isHidden() and not window.actions_["show_capture"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert docks["capture"].isVisible()
    QTest.keyClick(window, Qt.Key.Key_Space)  # the keyboard has stayed with the stage
    assert window.pipeline.settings.capture.freeze
    assert [action.text() for action in window.menuBar().actions()] == [
        "&File", "&Edit", "&View", "&Source", "&Model", "&Live", "&Help"]


def test_a_file_that_is_dragged_over_the_window_is_answered(window, tmp_path):  # noqa: F811
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "film.mp4"))])
    window.dragEnterEvent(QDragEnterEvent(QPointF(5, 5).toPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                          Qt.KeyboardModifier.NoModifier))
    assert window.drop_target.isVisible() and window.drop_target.size() == window.size()
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.drop_target.isVisible()


@pytest.mark.parametrize(("arguments", "said", "problem"), [
    (["--help"], "Training of x is finished.", False), (["train", "/no/such/folder", "--name", "x"], "ended with an error", True)])
def test_no_ending_of_a_training_is_a_command(tmp_path, arguments, said, problem):
    job = Job(arguments, tmp_path / "log")
    job.wait()
    text, is_problem, _ = ending(job, "x", None)
    assert said in text and is_problem == problem and "webcam-pix2pix" not in text


def test_a_stopped_training_says_how_to_continue(tmp_path):
    if sys.platform == "win32":
        pytest.skip("no gentle signal")
    job = Job(["live", "--headless", "--source", "test", "--frames", "100000"], tmp_path / "log")
    time.sleep(0.3)
    job.stop()
    job.wait()
    text, is_problem, _ = ending(job, "x", None)
    assert not is_problem and text == "x is stopped. New model… with the same name and footage goes on with it."
