"""The Training dock and its dialogs, offscreen, with a real training process beside it."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from msa.capturer import Capturer
from msa.capturer.init import Init
from webcam_pix2pix.dataset.jobs.job import JobFolder
from webcam_pix2pix.dataset.manifest import PAIRS, write_manifest
from webcam_pix2pix.dataset.prepare import PrepareJob
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.training.runs.runfolder import Steps, new_run, runs_in
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.plan import plan
from webcam_pix2pix.training.setup.presets import PRESETS, preset
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.training import new_model
from webcam_pix2pix.ui.training.new_model import NewModel
from webcam_pix2pix.ui.training.run_state import TrainingProgress
from webcam_pix2pix.ui.training.start_training import StartTraining
from webcam_pix2pix.ui.training.training_dock import Training

SMALL = "--netG unet_64 --ngf 4 --ndf 4 --load_size 70 --crop_size 64 --num_threads 0 --print_freq 2 --n_samples 2 --val_freq 100"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "shapes"
    rng = np.random.default_rng(0)
    for phase in ("train", "val"):
        (root / phase).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(rng.integers(0, 255, (64, 128, 3)).astype(np.uint8)).save(root / phase / f"{i}.png")
    return root


@pytest.fixture
def dock(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(tmp_path / "models"))
    theme.apply("dark")
    pipeline = Pipeline(Capturer(Init(device_id="test", width=64, height=48, fps=2)), Settings(), lambda settings, frames: None)
    said = []
    dock = Training(pipeline, lambda text, problem=False, place="": said.append(text), tmp_path / "runs")
    dock.said = said
    qtbot.addWidget(dock)
    dock.resize(360, 700)
    dock.show()
    yield dock
    dock.shut()
    pipeline.close()


def steps(run) -> int:
    return torch.load(run.latest, weights_only=True)["progress"]["steps"]


def ticking(dock, condition, seconds=90.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{dock.said} {dock.state.text()}"
        dock.tick()
        QTest.qWait(20)


def test_train_pause_load_stop_and_continue(dock, dataset, tmp_path):
    assert dock.new.isEnabled() and dock.state.text().startswith("New model…") and not dock.details.isVisible()
    dock.begin(["train", str(dataset), "--name", "shapes", "--n_epochs", "4000", "--save_latest_freq", "30",
                "--save_epoch_freq", "10", *SMALL.split()], "shapes")
    ticking(dock, lambda: dock.run is not None and dock.run.latest.is_file() and dock.load.isEnabled() and dock.checkpoint.count())
    assert dock.run.path == tmp_path / "runs" / "00000-shapes" and dock.stop.isEnabled() and not dock.start_.isEnabled()
    ticking(dock, lambda: len(dock.curves.lines["G_L1"].getData()[0] if dock.curves.lines["G_L1"].getData()[0] is not None else []) > 3)
    assert not dock.samples.image.pixmap().isNull() and "images/s" in dock.state.text()

    dock.load.click()
    assert dock.pipeline.settings.model.model_name == str(dock.run.model)

    run, other = dock.run, new_run(tmp_path / "runs", "other")
    other.create(dataset, Options(), None)
    ticking(dock, lambda: dock.run.path == other.path)  # another one is looked at meanwhile
    assert "training" not in dock.state.text()
    dock.pause.click()
    assert run.pause_file.exists() and not other.pause_file.exists()
    shutil.rmtree(other.path)
    ticking(dock, lambda: dock.run.path == run.path and "paused" in dock.state.text())
    QTest.qWait(500)
    held = dock.run.stats_file.stat().st_size
    QTest.qWait(300)
    assert dock.run.stats_file.stat().st_size == held
    dock.stop.click()
    assert dock.stop.text() == "Stopping…" and not dock.stop.isEnabled() and "stopping" in dock.state.text()  # at once
    ticking(dock, lambda: dock.job is None)
    assert "stopped and saved" in dock.said[-1] and not dock.run.finished_epochs()
    assert dock.run.progress().done == steps(dock.run)
    ticking(dock, lambda: dock.stop.text() == "Stop")
    done = steps(dock.run)
    assert f"stopped · {done} of " in dock.state.text()
    ticking(dock, lambda: dock.resume.isEnabled() and dock.checkpoint.count() > 1)
    kept = dock.checkpoint.itemData(dock.checkpoint.count() - 1)
    dock.checkpoint.setCurrentIndex(dock.checkpoint.count() - 1)
    dock.load.click()
    ticking(dock, lambda: kept.stem in dock.pipeline.settings.model.model_name)
    dock.begin(["train", "--name", "next"], "next")
    assert not dock.area.isVisible() and "stopped" not in dock.state.text()  # nothing of the run before under the progress of the new one
    ticking(dock, lambda: dock.job is None and dock.area.isVisible())
    dock.resume.click()
    ticking(dock, lambda: steps(dock.run) > done)
    dock.shut()  # the window closes
    assert dock.job.wait() == 130 and "stopped and saved" in dock.job.last_line()


def test_a_run_without_a_checkpoint_cannot_be_loaded_and_promises_nothing(dock, dataset, tmp_path):
    run = new_run(tmp_path / "runs", "early")
    run.create(dataset, Options(), None)
    run.model.write_text("{}")
    ticking(dock, lambda: dock.run is not None and dock.run.path == run.path)
    run.add_stats({"samples": 10, "epoch": 1, "val_L1": 0.3, "time": 1.0})
    ticking(dock, lambda: dock.curves.lines["val_L1"].getData()[0] is not None)
    assert not dock.load.isEnabled() and dock.curves.plot.getAxis("bottom").labelText == "pairs seen"


def test_figures_of_the_loss_axis_are_plain_and_do_not_overlap(qtbot):
    from webcam_pix2pix.ui.training.loss_chart import LABEL_PX, LossAxis
    axis = LossAxis("left")
    for low, high in ((-3.0, 0.0), (-1.0, -0.2), (-0.31, -0.29), (-3.0, 3.0)):
        for size in (60, 150, 400):
            values = axis.tickValues(low, high, size)[0][1]
            assert len(values) * LABEL_PX <= max(size, 2 * LABEL_PX) and all(low <= value <= high for value in values)
            assert len(values) >= 2  # an axis without figures says nothing
    assert axis.tickStrings([-3, -0.69897, 0, 1], 1.0, 1.0) == ["0.001", "0.2", "1", "10"]


def test_a_training_that_fails_is_reported(dock, tmp_path):
    dock.begin(["train", str(tmp_path / "nothing"), "--name", "x"], "x")
    ticking(dock, lambda: dock.job is None)
    assert "ended with an error" in dock.said[-1] and "no such dataset folder" in dock.said[-1]
    assert not runs_in(tmp_path / "runs")
    ticking(dock, lambda: dock.trouble.isVisible())
    assert "no such dataset folder" in dock.trouble.text()


def test_start_dialog_checks_what_is_typed(qtbot, dataset, tmp_path):
    dialog = StartTraining(None, tmp_path)
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled()
    dialog.dataset.setText(str(dataset))
    dialog.more.setText("--n_epochs 3")
    assert dialog.go.isEnabled() and dialog.arguments() == [str(dataset), "--name", "shapes", "--preset", "live", "--n_epochs", "3"]
    new_run(tmp_path, "shapes").create(dataset, Options(), None)
    dialog.more.setText("")
    assert not dialog.go.isEnabled() and "There is a run shapes already" in dialog.hint.text()
    dialog.name.setText("other")
    assert dialog.go.isEnabled()
    dialog.name.setText("shapes 2")
    dialog.more.setText("--n_epochs many")
    assert not dialog.go.isEnabled() and "not a whole number" in dialog.hint.text()
    dialog.more.setText("--n_epochs '")
    assert not dialog.go.isEnabled()
    dialog.more.setText("--no_flip --batch_size=2 --no-spectral_norm")
    assert dialog.go.isEnabled() and dialog.arguments()[5:] == ["--no_flip", "--batch_size=2", "--no-spectral_norm"]
    for wrong in ("--no_flip true", "--no_flip=true", "--no-n_epochs", "--such 3", "3"):
        dialog.more.setText(wrong)
        assert not dialog.go.isEnabled() and dialog.hint.text().startswith("More:")


def test_start_dialog_takes_epochs_and_batch_in_numbers_and_a_dataset_to_begin_with(qtbot, dataset, tmp_path):
    dialog = StartTraining(None, tmp_path, str(dataset))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.go.isEnabled() and "for laptops" in dialog.preset.currentText() and not dialog.more.isVisible()
    dialog.epochs.setValue(30)
    dialog.batch.setValue(2)
    usual = preset("live")
    decay = 30 * usual.n_epochs_decay // usual.epochs
    assert dialog.arguments() == [str(dataset), "--name", "shapes", "--preset", "live", "--n_epochs", str(30 - decay),
                                  "--n_epochs_decay", str(decay), "--batch_size", "2"]
    dialog.expert.click()
    assert dialog.more.isVisible()


def test_new_model_dialog_asks_only_what_it_cannot_know(qtbot, tmp_path):
    dialog = NewModel(None, tmp_path)
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled()
    dialog.add("/films/my film.mp4")
    assert dialog.go.isEnabled() and dialog.arguments() == ["my film", "/films/my film.mp4", "--size", "256", "--preset", "live"]
    dialog.name.setText("a/b")
    assert not dialog.go.isEnabled() and "expected letters" in dialog.hint.text()
    dialog.name.setText("my film")
    dialog.footage.replace(())
    assert dialog.run_name() == ""  # it was only a suggestion
    dialog.add("/films/sea.mp4")
    assert dialog.run_name() == "sea"


def test_a_run_that_another_window_has_stopped_is_stopping_until_it_has_ended(dock, dataset, tmp_path):
    run = new_run(tmp_path / "runs", "left")
    run.create(dataset, Options(), None)
    run.tell_progress(Steps(2, 700, 90.0))
    with run.taken():  # as the process of the window before holds it
        ticking(dock, lambda: dock.run is not None and "in another program" in dock.state.text())
        run.stop_file.touch()
        run.add_stats({"samples": 10, "epoch": 1, "val_L1": 0.3, "time": 1.0})
        ticking(dock, lambda: "stopping" in dock.state.text() and not dock.resume.isEnabled())
    ticking(dock, lambda: "stopped · 2 of 700 steps" in dock.state.text() and dock.resume.isEnabled())  # though no file has changed


def test_new_model_goes_on_only_with_what_it_was_begun_with(qtbot, dataset, tmp_path):
    new_run(tmp_path, "mine").create(dataset, preset("live").with_values(plan(12, "live", 256).options), "live")
    dialog = NewModel(None, tmp_path)
    qtbot.addWidget(dialog)
    dialog.add("/films/mine.mp4")
    assert dialog.go.isEnabled() and "will continue" in dialog.hint.text() and dialog.other.isHidden()
    dialog.size_.setCurrentIndex(1)
    assert not dialog.go.isEnabled() and "with 256 pixels" in dialog.hint.text()
    dialog.size_.setCurrentIndex(0)
    dialog.preset.setCurrentIndex(dialog.preset.findData("painter"))
    assert not dialog.go.isEnabled() and "another kind of model (live)" in dialog.hint.text() and "--" not in dialog.hint.text()
    dialog.other.click()
    assert dialog.go.isEnabled() and dialog.run_name() == "mine 2" and dialog.other.isHidden()


@pytest.mark.parametrize("finished", [True, False])
def test_other_footage_under_the_same_name_is_said_before_the_start(qtbot, dataset, tmp_path, finished):
    runs, before = tmp_path / "runs", ("/films/drive.mp4", "/films/sea.mp4")
    job = PrepareJob(before, Recipe(), "photos").describe()
    if finished:
        (tmp_path / "datasets" / "mine").mkdir(parents=True)
        write_manifest(tmp_path / "datasets" / "mine", {"format": PAIRS, "version": 1, "job": job}, {"pairs": []})
    else:
        JobFolder(tmp_path / "datasets" / "mine", job)
    new_run(runs, "mine").create(dataset, preset("live").with_values(plan(12, "live", 256).options), "live")
    (tmp_path / "datasets" / "mine 2").mkdir(parents=True)
    dialog = NewModel(None, runs)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.add("/films/mine.mp4")
    assert not dialog.go.isEnabled() and "other footage: drive.mp4, sea.mp4." in dialog.hint.text()
    QTest.mouseClick(dialog.other, Qt.MouseButton.LeftButton)
    assert dialog.go.isEnabled() and dialog.run_name() == "mine 3" and not dialog.its.isVisible()
    dialog.name.setText("mine")
    QTest.mouseClick(dialog.its, Qt.MouseButton.LeftButton)
    assert dialog.go.isEnabled() and "will continue" in dialog.hint.text() and not dialog.other.isVisible()
    dialog.footage.replace(before[::-1])  # in another order they are the same
    assert dialog.go.isEnabled() and dialog.arguments()[1:3] == list(before)


def test_load_is_seen_however_long_the_text(dock, dataset, tmp_path):
    run = new_run(tmp_path / "runs", "long")
    run.create(dataset, Options(), None)
    run.add_stats({"samples": 10, "epoch": 1, "val_L1": 0.3, "time": 1.0})
    dock.resize(300, 420)
    ticking(dock, lambda: dock.run is not None and dock.load.isVisible())
    dock.state.setText("many words " * 60)
    QTest.qWait(50)
    corner = dock.load.mapTo(dock, dock.load.rect().bottomRight())
    assert not dock.area.isAncestorOf(dock.load) and dock.rect().contains(corner) and dock.load.height() >= dock.load.sizeHint().height()
    assert dock.samples.height() > dock.curves.height()


def test_the_time_left_counts_down_between_the_figures(qtbot, dataset, tmp_path):
    run, began = new_run(tmp_path, "slow"), time.time() - 7200
    run.create(dataset, Options(), None)
    bar = TrainingProgress()
    qtbot.addWidget(bar)
    bar.show_run(run, False, began)
    assert not bar.known and bar.maximum() == 0  # moving
    run.tell_progress(Steps(20, 100, 4800.0))
    bar.show_run(run, False, began)
    assert bar.known and bar.format() == "20 of 100 steps · 1 h 20 min left" and bar.value() == 200
    os.utime(run.progress_file, (time.time() - 1800, time.time() - 1800))
    bar.show_run(run, False, began)
    assert bar.format() == "20 of 100 steps · 50 min left"
    bar.show_run(run, True, began)
    assert bar.format() == "20 of 100 steps · paused"
    bar.show_run(run, False, time.time())  # it goes on: what is there is of the sitting before
    assert not bar.known and bar.format() == "20 of 100 steps"


def test_shrink_asks_for_footage_and_gives_a_command(qtbot, tmp_path):
    from webcam_pix2pix.cli import _parser
    from webcam_pix2pix.ui.training.shrink_model import ShrinkModel
    dialog = ShrinkModel(None, tmp_path / "runs", "/models/big.json", "big")
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled() and "Add footage" in dialog.hint.text()
    dialog.footage.add(str(tmp_path / "film.mp4"))
    assert dialog.go.isEnabled() and dialog.run_name() == "big small" and "compared" in dialog.hint.text()
    args = _parser(["shrink"]).parse_args(["shrink", *dialog.arguments()])
    assert (args.model, args.name, args.on, args.ngf) == ("/models/big.json", "big small", [str(tmp_path / "film.mp4")], None)
    dialog.filters.setCurrentIndex(1)
    assert dialog.arguments()[-2:] == ["--ngf", "16"]
    dialog.name.setText("a/b")
    assert not dialog.go.isEnabled() and "expected letters" in dialog.hint.text()


@pytest.mark.parametrize("weights", [None, Path("lite0.pth")])
def test_only_kinds_that_can_be_trained_here_are_offered(monkeypatch, weights):
    monkeypatch.setattr(new_model, "lite0_weights", lambda: weights)
    assert set(new_model.kinds()) == set(PRESETS) - (set() if weights else {"projected"})
