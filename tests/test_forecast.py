"""How long a training will take, before it is started; and as the dialogs say it."""

import numpy as np
import pytest
from footage import steady, write_film
from PIL import Image

from webcam_pix2pix.training.forecast import expected_pairs, pairs_in, rough_step_ms, seconds, spoken
from webcam_pix2pix.training.setup.plan import plan
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.training.new_model import NewModel
from webcam_pix2pix.ui.training.time_estimate import MEASURING, TimeEstimate, _pairs, _step_ms

SMALL = preset("live").with_values({"netG": "unet_64", "ngf": 4, "ndf": 4, "crop_size": 64, "load_size": 70})


def test_pairs_of_images_and_films_are_expected(tmp_path):
    for number in range(20):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no image")
    assert expected_pairs([str(tmp_path)]) == 18
    film = write_film(tmp_path / "film.mp4", steady(100, 25))
    assert expected_pairs([str(film)]) == 90 and expected_pairs([str(tmp_path)]) == 108
    (tmp_path / "damaged.mp4").write_bytes(b"no film" * 100)  # is left out, and the others are counted
    assert expected_pairs([str(tmp_path)]) == 108
    (tmp_path / "train").mkdir()
    assert pairs_in(tmp_path) == 1


@pytest.mark.parametrize(("time", "text"), [(30, "about a minute"), (240, "about 4 minutes"), (41 * 60, "about 40 minutes"),
                                            (1.4 * 3600, "about 1.5 hours"), (13 * 3600, "about 13 hours"), (5 * 86400, "about 5 days")])
def test_times_are_told_no_finer_than_they_can_be_known(time, text):
    assert spoken(time) == text


def test_a_short_training_takes_a_quarter_of_the_time():
    def of(length):
        return preset("live").with_values(plan(1000, "live", 256, length=length).options)

    usual = seconds(of("usual"), 1000, 50.0)
    assert usual == 60 * 250 * 0.05
    assert seconds(of("short"), 1000, 50.0) == usual / 4 and seconds(of("long"), 1000, 50.0) == usual * 2.5


def test_few_images_are_pointed_out_before_the_start(qtbot, tmp_path):
    for number in range(12):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"{number}.png")
    dialog = NewModel(None, tmp_path / "runs")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.add(str(tmp_path))
    assert "“painter”" in dialog.hint.text()
    qtbot.waitUntil(lambda: "About 11 images" in dialog.hint.text(), timeout=60_000)
    assert "by heart" in dialog.hint.text() and "a few hundred" in dialog.hint.text()
    dialog.preset.setCurrentIndex(dialog.preset.findData("painter"))
    assert "by heart" not in dialog.hint.text() and "a few hundred" in dialog.hint.text()
    dialog.preset.setCurrentIndex(0)
    process = dialog.time._process
    dialog.accept()  # while a step is still being measured
    assert process.state() == process.ProcessState.NotRunning


def test_a_step_is_measured_in_a_process_of_its_own(qtbot, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    label = TimeEstimate()
    qtbot.addWidget(label)
    label.show()
    label.ask(lambda pairs: SMALL, pairs=400)
    assert label.text() == f"about a minute, {MEASURING}" and label.measured_s is None  # roughly, at once
    qtbot.waitUntil(lambda: MEASURING not in label.text(), timeout=90_000)
    assert label.text().startswith("about ") and label.text().endswith("on this machine") and label.measured_s > 0
    before = label.text()
    label.ask(lambda pairs: SMALL.with_values({"n_epochs": 40_000}), pairs=400)  # nothing to measure again
    assert label.text() != before and MEASURING not in label.text()
    label.ask(lambda pairs: SMALL.with_values({"ngf": 8}), pairs=400)
    label.stop("given up")
    qtbot.wait(50)
    assert label.text() == "given up"


def test_a_rough_time_is_known_at_once_and_follows_what_was_measured(monkeypatch):
    live, large = preset("live"), preset("live").with_values({"crop_size": 512, "netG": "unet_512"})
    monkeypatch.setattr("webcam_pix2pix.training.forecast.shutil.which", lambda name: None)
    monkeypatch.setattr("webcam_pix2pix.training.forecast.sys.platform", "linux")
    monkeypatch.setattr("webcam_pix2pix.training.forecast.os.cpu_count", lambda: 2)
    for kind, step_ms in (("live", 1641), ("painter", 3320), ("classic", 2243), ("quality", 5670), ("student", 1565)):  # on two cores
        assert 0.5 < rough_step_ms(preset(kind), {}) / step_ms < 2, kind
    share = rough_step_ms(preset("projected"), {}) / rough_step_ms(preset("painter"), {})
    assert 0.72 < share < 1.38  # of processor time, measured with AVX2 and AMX
    assert rough_step_ms(large, {live: 100.0}) == pytest.approx(400.0)
    monkeypatch.setattr("webcam_pix2pix.training.forecast.shutil.which", lambda name: f"/usr/bin/{name}")
    assert rough_step_ms(live, {}) is None and rough_step_ms(live, {large: 80.0}) == pytest.approx(20.0)


def test_a_first_look_that_takes_hours_says_what_would_be_faster_and_the_dialog_stays_as_it_is(qtbot, tmp_path):
    theme.apply("dark")
    footage = ("/films/slow.mp4",)
    for kind, size, pairs in (("live", 256, 1000), ("quality", 512, 4000)):
        options = preset(kind).with_values(plan(pairs, kind, size).options)
        _step_ms[options.with_values({"n_epochs": 1, "n_epochs_decay": 0})] = 20_000.0
    dialog = NewModel(None, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    _pairs[footage] = 1000
    dialog.add(footage[0])
    places = {widget: widget.mapTo(dialog, widget.rect().topLeft()) for widget in (dialog.footage, dialog.length, dialog.go)}
    size = dialog.size()
    assert "Even" not in dialog.hint.text()
    dialog.length.setCurrentIndex(dialog.length.findData("short"))
    text = dialog.hint.text()
    assert "Even “short” takes about 21 hours here" in text and "Faster" not in text and "stop at any time" in text
    _pairs[footage] = 4000
    dialog.preset.setCurrentIndex(dialog.preset.findData("quality"))
    dialog.size_.setCurrentIndex(1)
    text = dialog.hint.text()
    assert "Faster: 256 × 256 pixels or the kind “live”." in text
    dialog.hint.setText("many words " * 80)
    dialog.other.offer("Use another name", lambda: None)
    qtbot.wait(50)
    assert dialog.size() == size
    assert all(widget.mapTo(dialog, widget.rect().topLeft()) == place for widget, place in places.items())


def test_the_time_follows_the_choices(qtbot, tmp_path):
    theme.apply("dark")
    _pairs[("/films/a.mp4",)] = 1000
    for kind in ("live", "quality"):
        options = preset(kind).with_values(plan(1000, kind, 256).options)
        _step_ms[options.with_values({"n_epochs": 1, "n_epochs_decay": 0})] = 50.0 if kind == "live" else 500.0
    dialog = NewModel(None, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.time.text() == "known when there is footage"
    dialog.add("/films/a.mp4")
    assert dialog.time.text() == "about 10 minutes on this machine"
    dialog.length.setCurrentIndex(dialog.length.findData("short"))
    assert dialog.time.text() == "about 3 minutes on this machine" and dialog.arguments()[-2:] == ["--length", "short"]
    dialog.preset.setCurrentIndex(dialog.preset.findData("quality"))
    assert dialog.time.text() == "about 1.5 hours on this machine"
    _pairs.clear()
    _step_ms.clear()
