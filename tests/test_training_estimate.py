"""What a run will take, estimated before its first step, beside what it took."""

from pathlib import Path

import pytest
import torch
from test_training import Quiet, make_dataset, one_thread, start  # noqa: F401

from webcam_pix2pix.training import estimate as module
from webcam_pix2pix.training.estimate import Estimate, estimate, process_peak
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.runs.between import Between
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.specs import generator_spec

CPU = torch.device("cpu")


def bytes_in(folder: Path) -> int:
    """Files that are linked under several names count once."""
    return sum({(s.st_dev, s.st_ino): s.st_size for s in (p.stat() for p in folder.rglob("*") if p.is_file())}.values())


def test_disk_is_what_comes(tmp_path):
    dataset = make_dataset(tmp_path / "set", 4, 2)
    for name, values in (("plain", {"ngf": 16, "ndf": 16}), ("averaged", {"ngf": 16, "ema": 0.9, "spectral_norm": True, "keep_last": 1})):
        run, options = start(dataset, tmp_path / "runs", name, save_epoch_freq=1, **values)
        monitor = Quiet()
        assert train(dataset, run, options, monitor)
        models = sum(p.stat().st_size for p in [run.generator])  # the model in the models folder is as large
        assert monitor.estimate.checkpoint == pytest.approx(run.latest.stat().st_size, rel=0.05)
        # the best one may be the latest: then there is one less
        assert monitor.estimate.disk * 0.65 <= bytes_in(run.path) + models < monitor.estimate.disk * 1.2, name


def between(held_out=10, epochs=None, pairs=100, **values):
    options = Options().with_values(values)
    return Between(options, options.epochs if epochs is None else epochs, pairs, held_out)


def test_checkpoints_that_are_kept():
    def count(held_out=10, **values):
        return between(held_out, **values).checkpoints()

    assert count(n_epochs=100, n_epochs_decay=100) == pytest.approx(4.9)  # the best may be one of the others
    assert count(n_epochs=4, n_epochs_decay=0) == 2 and count(n_epochs=4, n_epochs_decay=0, held_out=0) == 1
    assert count(n_epochs=11, n_epochs_decay=0, keep_last=1) == pytest.approx(2.9) and count(n_epochs=1, n_epochs_decay=0) == 2
    assert count(n_epochs=9, n_epochs_decay=0, save_epoch_freq=1) == 4.5  # half of the time it is
    assert count(n_epochs=4, n_epochs_decay=0, save_by_iter=True, save_latest_freq=200, held_out=0) == 3


def test_what_comes_between_the_steps_is_counted():
    usual = between(n_epochs=10, n_epochs_decay=0, n_samples=6)
    assert usual.looked_at() == 10 * 10 + 11 * 6 and between(0, n_epochs=10, n_epochs_decay=0, n_samples=6).looked_at() == 11 * 6
    assert between(n_epochs=10, n_epochs_decay=0, average=3).looked_at() - usual.looked_at() == 5 * 10
    assert between(n_epochs=10, n_epochs_decay=0, val_freq=5, sample_freq=10).looked_at() == 2 * 10 + 2 * 6
    assert between(0, n_epochs=10, n_epochs_decay=0).saves() == pytest.approx(2 + 1 + 10 * 100 / 5000)
    assert between(0, n_epochs=10, n_epochs_decay=0, epochs=5, save_epoch_freq=1).saves() == pytest.approx(5 + 1 + 5 * 100 / 5000)


def test_time_has_all_its_parts():
    found = Estimate(step_ms=500.0, memory=1, checkpoint=1, disk=1, steps=120, other_s=30.0)
    assert found.seconds == 90 and "about 2 min (120 steps of 500 ms)" in found.lines()[0]


def test_memory_is_that_of_the_process():
    options = Options().with_values({"netG": "unet_64", "ngf": 8, "ndf": 8, "load_size": 70, "crop_size": 64, "batch_size": 2})
    found = estimate(options, generator_spec(options), CPU, (64, 64), 10)
    assert process_peak() <= found.memory <= 1.1 * process_peak() + 2 * module.PAGE and found.step_ms > 0
