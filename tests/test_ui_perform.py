"""The show mode: the output opens and stays, nothing opens over it, panic is safe, a clip covers for a lost source."""

import pytest
from footage import number_of, numbered, steady, write_film
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.cli import main
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings, write_preset
from webcam_pix2pix.ui.control import perform


@pytest.fixture
def window(tmp_path, request):
    QApplication.instance() or QApplication([])
    source = getattr(request, "param", "test")
    settings = Settings().with_values({"Capture.Init.device_id": source, "Capture.Init.width": 64, "Capture.Init.height": 48})
    made = MainWindow(Pipeline(Capturer(settings.capture_init), settings), config_dir=tmp_path)
    made.show()
    yield made
    made.close()


def test_the_output_opens_and_stays(window):
    part, stage = window.parts.perform, window.stage
    part.begin("1")
    part.tick()
    assert stage.isVisible() and window._started
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_F):
        QTest.keyClick(stage, key)
    window.actions_["full_screen"].trigger()
    assert stage.isVisible()
    assert not {window.actions_[name] for name in ("open_source", "about", "phone")} & set(stage.actions())
    assert {window.actions_["panic"], window.actions_["freeze"]} <= set(stage.actions())
    stage.close()  # as when its screen goes
    part.tick()
    assert stage.isVisible()
    QTest.keyClick(stage, Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier)
    part.tick()
    assert not stage.isVisible() and not part.on and window.actions_["open_source"] in stage.actions()


@pytest.mark.parametrize("display", ["0", "9", "nowhere", "-1"])
def test_a_display_that_is_not_there_is_named(window, display):
    with pytest.raises(ValueError, match=r"--display: .* expected 1"):
        window.parts.perform.begin(display)


def test_panic_is_as_trained_or_the_safe_preset(window, tmp_path):
    trouble = {"Bend.level_1": 0.0, "Capture.Processing.invert": True, "Prediction.enabled": False, "Capture.freeze": True}
    window.live.apply(trouble, "trouble")
    window.actions_["panic"].trigger()
    values = window.live.value.flat()
    assert values["Bend.level_1"] == 1.0 and not values["Capture.Processing.invert"] and values["Prediction.enabled"]
    assert not values["Capture.freeze"]
    (tmp_path / "presets").mkdir(exist_ok=True)
    write_preset(tmp_path / "presets" / perform.SAFE, {"Bend.level_1": 0.5})
    window.live.set("Bend.level_2", 0.0)
    window.live.desk.trigger("panic", by="osc")
    QTest.qWait(100)  # it runs in the window, soon
    assert (window.live.value.bend.level_1, window.live.value.bend.level_2) == (0.5, 1.0)


@pytest.mark.parametrize("window", ["/dev/video99"], indirect=True)
def test_a_clip_covers_for_a_source_that_is_gone(window, tmp_path, monkeypatch):
    monkeypatch.setattr(perform, "GONE_S", 0.0)
    clip = write_film(tmp_path / "clip.mp4", steady(20, 25))
    part = window.parts.perform
    part.begin(clip=clip)
    for _ in range(400):
        part.tick()
        QTest.qWait(20)
        if window.stage.view.image is not None:
            break
    assert window.stage.view.image.shape == numbered(0).shape and 0 <= number_of(window.stage.view.image) < 20
    with pytest.raises(FileNotFoundError, match="--clip"):
        part.begin(clip=tmp_path / "none.mp4")


@pytest.mark.parametrize("arguments, said", [
    (["--display", "1"], "only with --perform"), (["--clip", "x.mp4"], "only with --perform"),
    (["--perform", "--headless"], "needs the window"), (["--token", "abcdef"], "only with --remote"),
    (["--remote", "x"], "is not an address"), (["--remote", "80", "--token", "a b"], "--token")])
def test_what_cannot_be_asked_for(arguments, said, capsys):
    assert main(["live", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
