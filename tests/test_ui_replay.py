"""A performance in the window: recorded by its action, played as a source, and not remembered as the user's own settings."""

import json

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from msa.capturer.replay import Replay
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings


@pytest.fixture
def window(tmp_path):
    app = QApplication.instance() or QApplication([])
    settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 160, "Capture.Init.height": 120})
    made = MainWindow(Pipeline(Capturer(settings.capture_init), settings), config_dir=tmp_path / "config")
    made.output.folder = str(tmp_path)
    made.show()
    made.start()
    app.processEvents()
    yield made
    made.close()


def until(condition, seconds=15.0):
    for _ in range(int(50 * seconds)):
        if condition():
            return
        QTest.qWait(20)
    raise AssertionError("waited in vain")


def test_a_performance_is_recorded_and_played_again(window, tmp_path):
    act, parts = window.actions_["record_replay"], window.parts
    until(lambda: window.frame is not None)
    act.trigger()
    recorder = parts.replaying.recorder
    assert act.isChecked() and parts.replaying.at_work()
    until(lambda: recorder.frames > 2)
    window.live.set("EdgeDetection.tone", 0.25)
    window.live.set("Bend.level_3", 1.5)
    before = recorder.frames
    until(lambda: recorder.frames > before + 2)
    act.trigger()
    assert not act.isChecked() and not parts.lends_settings
    (path,) = tmp_path.glob("*.replay")
    until(lambda: any(path.name in message.text for message in window.messages.all))
    replay = Replay(path)
    assert replay.whole and {"EdgeDetection.tone", "Bend.level_3"} <= {name for m in replay.moments[1:] for name in m.values}
    assert any("Bend.level_3" in event["values"] for event in replay.events)
    replay.close()
    window.live.set("EdgeDetection.tone", 0.75)
    window._remember()
    window.open.path(str(path))
    until(lambda: parts.lends_settings and window.transport.isVisible())
    until(lambda: window.live.value.edges.tone == 0.25 and window.live.value.bend.level_3 == 1.5)
    window._remember()
    stored = json.loads(next((tmp_path / "config").glob("*.json")).read_text())
    assert stored["settings"]["EdgeDetection.tone"] == 0.75
