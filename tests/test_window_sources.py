"""Sources in the window: mirrored by kind, remembered once they give images, played by keys, announced when they come back."""

import json
from pathlib import Path

import numpy as np
import pytest
from footage import numbered, save, steady, write_film
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from test_app import TONE, build, make, wait, window  # noqa: F401

from msa.capturer import capturer
from webcam_pix2pix.cli.headless import run_headless
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.foundation import file_dialog, theme
from webcam_pix2pix.ui.foundation.store import Remembered, Store
from webcam_pix2pix.ui.settings.startup import borrowed, first_settings, to_remember

FLIP = "Capture.Processing.flip_h"
DEVICE = "Capture.Init.device_id"


@pytest.fixture
def film(tmp_path):
    (tmp_path / "films").mkdir()
    return write_film(tmp_path / "films" / "b.mp4", steady(150, 25))


def flipped(window):  # noqa: F811
    return window.pipeline.settings.processing.flip_h


def plays(window, qtbot, name):  # noqa: F811
    wait(qtbot, lambda: window.pipeline.capturer.source is not None and name in window.pipeline.capturer.source.name)


def test_cameras_are_mirrored_and_films_are_not(window, qtbot, film):  # noqa: F811
    assert flipped(window)
    window.open.source(str(film))
    plays(window, qtbot, "b.mp4")
    wait(qtbot, lambda: not flipped(window))
    wait(qtbot, lambda: window.frame.captured[:, :8].mean() < window.frame.captured[:, -8:].mean())  # grey grows to the right
    window.open.source("test")
    wait(qtbot, lambda: flipped(window))


def test_a_source_that_cannot_be_opened_changes_nothing(window, qtbot, tmp_path, monkeypatch):  # noqa: F811
    seen, running = [], window.pipeline.capturer.source
    window.live.changed.connect(lambda: seen.append(flipped(window)))
    QTimer.singleShot(100, lambda: _answer(QApplication.activeModalWidget(), "http://127.0.0.1:9/none"))
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, lambda: any("127.0.0.1:9" in message.text for message in window.messages.all))
    wait(qtbot, lambda: window.live.value.capture_init.device_id == "test")
    qtbot.wait(300)
    assert len(seen) == 2 and all(seen) and window.pipeline.capturer.source is running  # asked for, and back; never turned over
    assert not any(message.over for message in window.messages.all)  # it can still be read
    monkeypatch.setattr(capturer, "REPORTED_S", 0.0)
    wait(qtbot, lambda: window.messages.all[-1].over and not window.pipeline.status.source_note)
    assert not any("is back" in message.text for message in window.messages.all)
    window.close()
    assert Store(tmp_path / "config").read().settings[DEVICE] == "test"


def _answer(dialog, text):
    dialog.findChild(QLineEdit).setText(text)
    dialog.accept()


def test_the_mirror_is_remembered_for_each_kind_of_source(make, qtbot, film, tmp_path):  # noqa: F811
    window = make()  # noqa: F811
    window.open.source(str(film))
    plays(window, qtbot, "b.mp4")
    wait(qtbot, lambda: not flipped(window))
    window.live.set(FLIP, True)
    save(tmp_path / "still.png", numbered(1))
    window.open.source(str(tmp_path / "still.png"))
    wait(qtbot, lambda: not flipped(window))
    window.open.source(str(film))
    wait(qtbot, lambda: flipped(window))
    window.open.source("test")
    plays(window, qtbot, "test")
    qtbot.wait(100)
    window.live.set(FLIP, False)
    window.close()
    known = Store(tmp_path / "config").read()
    assert known.mirror == {"film": True, "test": False}
    for device_id, flip in ((str(film), True), ("test", False), ("0", True), ("rtsp://a", False)):
        assert first_settings(known, {DEVICE: device_id}).settings.processing.flip_h == flip
        assert first_settings(known, {DEVICE: device_id, FLIP: not flip}).settings.processing.flip_h != flip


def test_one_choice_for_all_sources_of_an_older_version_is_for_cameras(tmp_path):
    (tmp_path / "settings.json").write_text(json.dumps({"version": 1, "settings": {FLIP: False}}))
    known = Store(tmp_path).read()
    assert known.mirror == {"camera": False} and not first_settings(known, {}).settings.processing.flip_h
    (tmp_path / "settings.json").write_text(json.dumps({"version": 1, "settings": {}, "mirror": {"camera": "x", "film": True}}))
    assert Store(tmp_path).read().mirror == {"film": True}


def test_what_the_command_line_asks_for_is_not_remembered(make, qtbot, film, tmp_path):  # noqa: F811
    (tmp_path / "config").mkdir()
    mine = Settings().with_values({TONE: 0.7, DEVICE: "screen", FLIP: False}).flat()
    Store(tmp_path / "config").write(Remembered(settings=mine))
    asked = {DEVICE: str(film), TONE: 0.1, "Prediction.post_time_lerp": 0.9}
    first = first_settings(Store(tmp_path / "config").read(), asked)
    window = make(first.settings.flat(), chosen=asked, keep=first.keep)  # noqa: F811
    assert window.live.value.edges.tone == 0.1 and window.live.value.capture_init.device_id == str(film)
    window.live.set("Prediction.post_time_lerp", 0.3)  # by the user: this one counts
    window.close()
    known = Store(tmp_path / "config").read().settings
    assert (known[TONE], known[DEVICE], known["Prediction.post_time_lerp"]) == (0.7, "screen", 0.3)


def test_a_model_chosen_in_the_window_brings_its_preset_along():
    before, now = Remembered(settings=Settings().flat()), Settings().with_values({"Model.model_name": "blue", TONE: 0.3, DEVICE: "test"})
    lent = borrowed(before, now, {"Model.model_name": "blue", TONE: 0.3, DEVICE: "test"})
    assert to_remember(now.flat(), lent) == Settings().flat()
    other = to_remember(now.flat() | {"Model.model_name": "red"}, lent)
    assert other["Model.model_name"] == "red" and other[TONE] == 0.3 and other[DEVICE] == "auto"


def test_a_source_is_listed_once_it_has_given_a_image_and_can_be_removed(window, qtbot, film, tmp_path):  # noqa: F811
    (tmp_path / "broken.mp4").write_text("no film")
    window.open.source(str(tmp_path / "broken.mp4"))
    wait(qtbot, lambda: any("broken.mp4" in message.text for message in window.messages.all))
    window.open.source(str(film))
    wait(qtbot, lambda: window.remembered.recent_sources == [str(film)])
    window.sources.aboutToShow.emit()
    removal = next(action.menu() for action in window.sources.actions() if action.text() == "Remove from this list")
    next(action for action in removal.actions() if action.text() == "b.mp4").trigger()
    assert window.remembered.recent_sources == []


def test_keys_play_a_film(window, qtbot, film, tmp_path):  # noqa: F811
    write_film(film.with_name("a.mp4"), steady(50, 25))
    assert window.transport.isHidden()
    window.open.source(str(film))
    wait(qtbot, lambda: not window.transport.isHidden() and window.pipeline.capturer.transport is not None)
    transport = window.pipeline.capturer.transport
    wait(qtbot, lambda: transport.position > 0.1)
    QTest.keyClick(window, Qt.Key.Key_P)
    assert transport.paused and window.actions_["play"].text() == "Play film"
    qtbot.wait(150)
    held = transport.position
    QTest.keyClick(window, Qt.Key.Key_Period)
    wait(qtbot, lambda: transport.position == pytest.approx(held + 0.04, abs=0.002))
    QTest.keyClick(window, Qt.Key.Key_Comma)
    wait(qtbot, lambda: transport.position == pytest.approx(held, abs=0.002))
    line = window.transport.timeline
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, line.height() // 2))
    wait(qtbot, lambda: abs(transport.position - 3.0) < 0.1)
    QTest.keyClick(window, Qt.Key.Key_BracketLeft)
    assert transport.start == transport.position
    transport.seek(4.0)
    wait(qtbot, lambda: abs(transport.position - 4.0) < 0.05)
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    assert transport.end == pytest.approx(4.0, abs=0.05) and window.transport.timeline.loop is not None
    QTest.keyClick(window, Qt.Key.Key_Backslash)
    assert (transport.start, transport.end) == (0.0, None)
    window.transport.speed.setCurrentIndex(4)
    window.transport.speed.activated.emit(4)
    assert transport.speed == 4.0
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    plays(window, qtbot, "a.mp4")  # after the last comes the first
    window.open.source("test")
    wait(qtbot, lambda: window.transport.isHidden() and not window.actions_["play"].isEnabled())


def test_the_ends_of_a_loop_are_dragged_and_say_what_they_are(window, qtbot, film):  # noqa: F811
    window.open.source(str(film))
    wait(qtbot, lambda: not window.transport.isHidden() and window.pipeline.capturer.transport is not None)
    transport, line = window.pipeline.capturer.transport, window.transport.timeline
    transport.set_loop(2.0, 4.0)
    transport.paused = True
    transport.seek(3.0)
    wait(qtbot, lambda: line.loop is not None and abs(transport.position - 3.0) < 0.05 and abs(line.value() - 5000) < 100)

    def at(seconds):
        return QPoint(theme.S + round(seconds / transport.length * (line.width() - 2 * theme.S)), line.height() // 2)

    def drag(start, to):
        QTest.mouseMove(line, at(start))
        QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=at(start))
        tip, held = line.toolTip(), transport.position
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(line, at(start + share * (to - start)))
        QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=at(to))
        assert transport.position == held  # it moves the loop, not the film
        return tip

    near = pytest.approx
    assert drag(2.0, 1.0) == "Start of the loop, 0:02.0: drag it"
    assert (transport.start, transport.end) == (near(1.0, abs=0.1), 4.0)
    assert drag(4.0, 5.0) == "End of the loop, 0:04.0: drag it"
    assert (transport.start, transport.end) == (near(1.0, abs=0.1), near(5.0, abs=0.1))
    assert "loop from 0:0" in line.accessibleDescription()
    drag(1.0, 5.6)  # past the other end: they never cross
    assert transport.start == near(transport.end - transport.step, abs=0.05)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=at(0.5))  # beside them
    wait(qtbot, lambda: abs(transport.position - 0.5) < 0.1)
    for name in ("mark_in", "mark_out", "unmark"):
        assert "loop" in window.actions_[name].toolTip().lower()


def test_a_film_that_is_chosen_again_is_where_it_was(window, qtbot, film):  # noqa: F811
    window.open.source(str(film))
    wait(qtbot, lambda: not window.transport.isHidden() and window.pipeline.capturer.transport is not None)
    transport = window.pipeline.capturer.transport
    transport.set_loop(2.0, 4.0)
    transport.seek(3.0)
    wait(qtbot, lambda: transport.position >= 3.0)
    window.open.source("test")
    wait(qtbot, lambda: window.transport.isHidden())
    window.actions_["back_source"].trigger()
    wait(qtbot, lambda: not window.transport.isHidden() and window.transport.timeline.loop is not None)
    again = window.pipeline.capturer.transport
    assert again is not transport and (again.start, again.end) == (2.0, 4.0) and 2.0 <= again.position <= 4.1


def test_keys_go_through_a_folder_of_images(window, qtbot, tmp_path):  # noqa: F811
    for number in range(4):
        save(tmp_path / "images" / f"{number}.png", numbered(number))
    window.open.source(str(tmp_path / "images"))
    wait(qtbot, lambda: not window.transport.isHidden())
    transport = window.pipeline.capturer.transport
    QTest.keyClick(window, Qt.Key.Key_P)
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, lambda: transport.position == 1)
    wait(qtbot, lambda: window.transport.place.text() == "2 / 4")
    assert transport.paused


def test_a_film_is_not_mirrored_without_a_window_either(film, small_model, tmp_path):
    from msa.images import read_image

    def left_and_right(**values):
        run_headless({DEVICE: str(film), "Model.model_name": str(small_model), "Prediction.enabled": False, "EdgeDetection.method": "none",
                      "Prediction.post_time_lerp": 0.0, **values}, frames=1, snapshot=tmp_path / "out.png")
        image = read_image(tmp_path / "out.png").astype(np.float32)
        return image[:4, :8, 0].mean(), image[:4, -8:, 0].mean()

    left, right = left_and_right()
    assert left < right
    left, right = left_and_right(**{FLIP: True})
    assert left > right


def test_each_file_dialog_begins_where_such_files_are(monkeypatch, tmp_path):
    from webcam_pix2pix.ui.sources import dialogs
    begun = []
    films, images = tmp_path / "films", tmp_path / "images"
    films.mkdir()

    def answer(path):
        return lambda parent, title, place="", *_: begun.append(place) or path

    memory: dict[str, str] = {}
    dialogs.recall(memory)
    monkeypatch.setattr(dialogs, "ask_file", answer(str(films / "a.mp4")))
    monkeypatch.setattr(dialogs, "ask_folder", answer(str(images)))
    assert dialogs.source(None) == str(films / "a.mp4") and dialogs.image_folder(None) == str(images)
    assert dialogs.source(None) and dialogs.image_folder(None)  # the folder of images has gone meanwhile
    assert all(begun) and str(Path.cwd()) not in begun
    assert begun[2] == str(films) and begun[3] == begun[1] != str(images)
    assert memory == {"films": str(films), "images": str(images)}
    dialogs.output(None, films / "not made yet")  # not where a film was opened last, but where recordings go
    dialogs.saved_settings(None, tmp_path / "presets", (images, films))  # without presets of one's own, where snapshots are
    assert begun[4:] == [str(films / "not made yet"), str(films)] and memory["settings"] == str(films)
    dialogs.recall({})


def test_a_folder_that_is_not_there_is_asked_for_near_where_it_would_be(qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "Documents").mkdir(parents=True)
    for asked, begins in ((tmp_path / "home" / "Documents" / "ours" / "collected", tmp_path / "home" / "Documents"),
                          ("", tmp_path / "home"), ("collected", tmp_path / "home")):
        made = file_dialog.dialog(None, "Folder", str(asked), QFileDialog.FileMode.Directory, "", ())
        assert made.directory().absolutePath() == str(begins)
        made.deleteLater()


def test_an_address_is_dropped_as_a_link_or_as_text(window):  # noqa: F811
    from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
    from PySide6.QtGui import QDropEvent
    opened = []
    window.open.path = opened.append
    for text, url in (("", "http://10.0.0.9/cam.mjpg"), ("rtsp://10.0.0.9/live", ""), ("no address: nothing", "")):
        data = QMimeData()
        data.setText(text)
        if url:
            data.setUrls([QUrl(url)])
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                    Qt.KeyboardModifier.NoModifier))
    assert opened == ["http://10.0.0.9/cam.mjpg", "rtsp://10.0.0.9/live"]
