"""The Collect dock, offscreen, on the test scene."""

import time

import numpy as np
import pytest
from footage import steady, write_film
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from msa.capturer import Capturer
from msa.capturer.init import Init
from msa.images import read_image
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.foundation.desktop import folder_of
from webcam_pix2pix.ui.training.collect_dock import Collect


@pytest.fixture
def dock(qtbot, tmp_path):
    theme.apply("dark")
    settings = Settings().with_values({"EdgeDetection.canny_t1_fine": 30, "EdgeDetection.method": "custom_canny"})
    pipeline = Pipeline(Capturer(Init(device_id="test", width=160, height=120, fps=60)), settings)
    said = []
    dock = Collect(pipeline, lambda text, problem=False, place="": said.append(text), tmp_path / "sets" / "live")
    dock.said = said
    qtbot.addWidget(dock)
    dock.resize(320, 600)
    dock.show()
    pipeline.start()
    yield dock
    dock.shut()
    pipeline.close()


def ticking(dock, condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{dock.said} {dock.state.text()}"
        dock.tick()
        time.sleep(0.01)


def test_the_folder_shows_both_ends_and_can_be_opened(dock, tmp_path, monkeypatch):
    path = f"/media/{'a long name ' * 12}/the end"
    dock.folder.setText(path)
    shown = dock.folder.shown()
    assert shown.startswith("/media/a") and shown.endswith("the end") and "…" in shown and path in dock.folder.toolTip()
    assert dock.folder.text() == path
    opened = []
    monkeypatch.setattr("webcam_pix2pix.ui.foundation.path_edit.show_folder", lambda path, failed: opened.append(folder_of(path)))
    dock.folder.setText(str(tmp_path / "sets" / "not yet"))
    QTest.mouseClick(dock.place.open, Qt.MouseButton.LeftButton)
    assert opened == [tmp_path]  # the nearest folder that is there


def test_collects_until_it_is_stopped(dock, tmp_path):
    dock.rate.setValue(30)
    dock.record.click()
    assert not dock.folder.isEnabled()
    ticking(dock, lambda: dock.writer.count >= 5 and not dock.last.pixmap().isNull())
    assert "pairs" in dock.state.text()
    dock.record.click()
    ticking(dock, lambda: dock.said)
    manifest = read_manifest(tmp_path / "sets" / "live")
    assert dock.said[0] == f"{len(manifest['pairs'])} pairs in {tmp_path / 'sets' / 'live'}" and dock.folder.isEnabled()
    recipe = recipe_of(manifest)
    assert recipe.edges.canny_t1_fine == 30
    pair = read_image(tmp_path / "sets" / "live" / manifest["pairs"][0]["file"])
    assert np.array_equal(preprocess(np.ascontiguousarray(pair[:, 256:]), recipe.processing, recipe.edges), pair[:, :256])


def test_limit_ends_it(dock, tmp_path):
    dock.rate.setValue(60)
    dock.limit.setValue(4)
    dock.record.click()
    ticking(dock, lambda: dock.said)
    assert not dock.record.isChecked() and len(read_manifest(tmp_path / "sets" / "live")["pairs"]) == 4


def test_a_folder_in_use_is_reported(dock, tmp_path):
    (tmp_path / "sets" / "live").mkdir(parents=True)
    (tmp_path / "sets" / "live" / "mine.txt").touch()
    dock.record.click()
    assert "not empty" in dock.said[0] and not dock.record.isChecked() and dock.writer is None


def test_closing_the_window_keeps_what_was_collected(dock, tmp_path):
    dock.rate.setValue(30)
    dock.record.click()
    ticking(dock, lambda: dock.writer.count >= 3)
    dock.shut()
    assert len(read_manifest(tmp_path / "sets" / "live")["pairs"]) >= 3


def drop(dock, path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    dock.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))


def test_a_film_dropped_on_it_is_imported(dock, tmp_path):
    film = write_film(tmp_path / "film.mkv", steady(40, 10))
    drop(dock, film)
    assert dock.cancel.isVisible()
    drop(dock, film)
    assert "Another import is running" in dock.said.pop()
    ticking(dock, lambda: dock.said)
    assert dock.said == [f"8 pairs in {tmp_path / 'sets' / 'film'}"] and not dock.cancel.isVisible()
    assert recipe_of(read_manifest(tmp_path / "sets" / "film")).edges.canny_t1_fine == 30


def test_an_import_can_be_cancelled_and_fail(dock, tmp_path):
    film = write_film(tmp_path / "film.mkv", steady(400, 100))
    drop(dock, film)
    dock.cancel.click()
    ticking(dock, lambda: dock.said)
    assert dock.said.pop().startswith("Import: stopped")
    settings = dock.pipeline.settings
    dock.pipeline.settings = settings.with_values({"EdgeDetection.canny_t1_fine": 77})
    drop(dock, film)
    ticking(dock, lambda: dock.said)  # with other settings it is another one
    assert dock.said.pop() == f"8 pairs in {tmp_path / 'sets' / 'film-2'}"
    dock.pipeline.settings = settings
    drop(dock, film)
    ticking(dock, lambda: dock.said)  # the same again goes on in the same folder
    assert dock.said.pop() == f"8 pairs in {tmp_path / 'sets' / 'film'}"
    (tmp_path / "text.mp4").write_text("x")
    drop(dock, tmp_path / "text.mp4")
    ticking(dock, lambda: dock.said)
    assert "nothing usable" in dock.said[0]


def test_the_last_pair_can_be_thrown_away_and_the_rest_trained_with(dock, tmp_path):
    asked = []
    dock.train.connect(asked.append)
    assert not dock.learn.isEnabled() and not dock.undo.isEnabled()
    dock.rate.setValue(60)
    dock.limit.setValue(6)
    dock.record.click()
    ticking(dock, lambda: dock.writer.count >= 3 and dock.undo.isEnabled())
    dock.undo.click()
    ticking(dock, lambda: dock.said)
    manifest = read_manifest(tmp_path / "sets" / "live")
    files = [path for phase in ("train", "val", "test") for path in (tmp_path / "sets" / "live" / phase).glob("*.png")]
    assert len(manifest["pairs"]) == len(files) == 6  # one more has taken its place
    dock.learn.click()
    assert asked == [str(tmp_path / "sets" / "live")]


def test_folder_rate_and_limit_are_remembered(dock):
    memory = {"folder": "/sets/mine", "rate": 5.0, "limit": 300, "other": 1}
    dock.recall(memory)
    assert (dock.folder.text(), dock.rate.value(), dock.limit.value()) == ("/sets/mine", 5.0, 300)
    dock.rate.setValue(7.5)
    dock.limit.setValue(0)
    assert memory == {"folder": "/sets/mine", "rate": 7.5, "limit": 0, "other": 1}
    dock.recall({"folder": 3, "rate": "x"})
    assert dock.folder.text() == "/sets/mine"
