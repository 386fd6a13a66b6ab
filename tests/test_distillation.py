"""Students of a teacher: targets and maps, resume to the bit, and the command shrink."""

import json
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from test_training import SMALL, Quiet, assert_same, make_dataset, networks_of, one_thread, start, trained  # noqa: F401

from webcam_pix2pix.cli import main
from webcam_pix2pix.cli.commands.making import shrink
from webcam_pix2pix.model import Port, read_model, resolve_model, write_descriptor
from webcam_pix2pix.training.data import validation_pairs
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.objectives import comparison
from webcam_pix2pix.training.objectives.choice import judged, objective
from webcam_pix2pix.training.objectives.teacher import load_teacher
from webcam_pix2pix.training.runs.runfolder import find_run, read_stats
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.specs import generator_spec
from webcam_pix2pix.training.trainer import Trainer

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("data") / "shapes", 6, 2)


@pytest.fixture(scope="module")
def teacher(dataset, tmp_path_factory):
    """A run of a few steps of a network that is a little larger."""
    run, _ = trained(dataset, tmp_path_factory.mktemp("runs"), "teacher", n_epochs=1, n_epochs_decay=0, ngf=8)
    return run.model


def test_the_target_is_what_the_teacher_paints_and_maps_are_compared(teacher, dataset):
    options = Options().with_values(SMALL | {"teacher": str(teacher), "lambda_distill": 2.0, "lambda_stable": 1.0, "ngf": 4})
    torch.manual_seed(0)
    trainer = Trainer(options, generator_spec(options), CPU)
    distillation = trainer.objective
    assert distillation.scales == [2, 4, 8, 16]
    a, b = torch.rand(4, 3, 64, 64) * 2 - 1, torch.zeros(2, 3, 64, 64)
    with torch.no_grad():
        expected = load_teacher(str(teacher), CPU)(a[:2])
        assert torch.equal(distillation.target(a[:2], b), expected) and not torch.equal(expected, b)
    projection = distillation.projections["4"].weight
    before = projection.detach().clone()
    losses = trainer.step(a, b, torch.zeros(2, 2))
    assert {"G_distill", "G_stable", "G_GAN", "G_L1", "D_real"} <= set(losses) and losses["G_distill"] > 0
    assert not torch.equal(projection, before) and not any(p.requires_grad for p in load_teacher(str(teacher), CPU).parameters())

    held_out = validation_pairs(dataset, options)
    pairs = judged(held_out, options, CPU)
    item = pairs[0]
    predicted = load_teacher(str(teacher), CPU)(held_out[0]["A"][None])[0]
    assert (item["B"] - predicted).abs().max() < 1 / 127 and torch.equal(item["A"], held_out[0]["A"])
    assert torch.equal(pairs[0]["B"], item["B"]) and len(pairs) == 2


def test_a_residual_network_teaches_too_and_any_other_model_by_its_images(teacher, monkeypatch):
    options = Options().with_values(SMALL | {"netG": "resnet_6blocks", "ngf": 4, "lambda_distill": 1.0, "teacher": str(teacher)})
    found = objective(options, Trainer(options, generator_spec(options), CPU).G, CPU)
    assert found.scales == [2, 4]
    from webcam_pix2pix.training.objectives import teacher as module
    by_images = module.ImageTeacher(resolve_model(str(teacher)), "cpu")
    x = (torch.rand(2, 3, 64, 64) * 255).round() / 127.5 - 1
    with torch.no_grad():
        assert (by_images(x) - load_teacher(str(teacher), CPU)(x)).abs().mean() < 0.05
    assert by_images.maps is None


def test_an_onnx_file_teaches_what_it_paints(teacher, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    assert main(["export", "--model", str(teacher), "--output", str(tmp_path / "teacher.onnx")]) == 0
    port = Port((64, 64, 3))  # what so young a network gives, nobody could guess the range of
    write_descriptor(replace(read_model(tmp_path / "teacher.onnx"), input=port, output=port), tmp_path / "teacher.json")
    found, x = load_teacher(str(tmp_path / "teacher.json"), CPU), torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(found(x), load_teacher(str(teacher), CPU)(x), atol=1e-4)
    options = Options().with_values(SMALL | {"lambda_distill": 1.0, "teacher": str(tmp_path / "teacher.json")})
    trainer = Trainer(options, generator_spec(options), CPU)
    assert trainer.objective.scales == [] and "G_distill" not in trainer.step(x, x)
    found.check((64, 64))


def test_a_student_continues_to_the_bit_and_comes_near_its_teacher(teacher, dataset, tmp_path):
    values = {"teacher": str(teacher), "lambda_distill": 1.0, "lambda_stable": 1.0, "ema": 0.9, "n_epochs": 2}
    whole, finished = trained(dataset, tmp_path, "whole", **values)
    assert finished and "G_distill" in read_stats(whole.stats_file)[0]
    calls = iter(range(100))
    stopped, finished = trained(dataset, tmp_path, "stopped", lambda: next(calls) == 4, **values)
    assert not finished and train(dataset, stopped, stopped.read_options()[1], Quiet())
    assert_same(whole, stopped)
    stored = [torch.load(run.latest, weights_only=True)["networks"]["objective"] for run in (whole, stopped)]
    assert stored[0] and all(torch.equal(value, stored[1][key]) for key, value in stored[0].items())
    assert "student, teacher" in whole.page.read_text()
    longer, _ = trained(dataset, tmp_path, "longer", teacher=str(teacher), lambda_gan=0.0, lr=0.005, no_dropout=True, n_epochs=12,
                        n_epochs_decay=3, val_freq=3, sample_freq=50)
    scores = [line["val_L1"] for line in read_stats(longer.stats_file) if "val_L1" in line]
    assert scores[-1] < 0.7 * scores[0] and not any(name.startswith("D_") for name in read_stats(longer.stats_file)[0])


def test_shrink_makes_compares_and_goes_on(teacher, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(comparison, "SECONDS", 0.05)
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(1)
    for i in range(12):
        cv2.imwrite(str(photos / f"{i}.png"), cv2.resize(rng.integers(0, 255, (6, 8, 3)).astype(np.uint8), (96, 72)))
    small = {"ngf": 4, "ndf": 4, "batch_size": 2, "n_epochs": 1, "n_epochs_decay": 1, "num_threads": 0, "n_samples": 1, "precision": "fp32"}
    command = ["shrink", str(teacher), "small", "--on", str(photos), "--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs"),
               "--models", str(tmp_path / "models"), "--workers", "1"]
    command += [text for key, value in small.items() for text in (f"--{key}", str(value))]
    assert main(command) == 0
    printed = capsys.readouterr().out
    line = printed.strip().splitlines()[-1]
    assert re.fullmatch(r"small: [\d.]+ ms instead of [\d.]+ per image, [\d.]+ times as fast, SSIM -?\d\.\d\d to the teacher", line)
    run = find_run(tmp_path / "runs", "small")
    info = read_model(tmp_path / "models" / "small.json")
    assert info.input.shape == (64, 64, 3) and info.network["ngf"] == 4
    recipe = read_model(teacher).recipe
    assert info.recipe.values() == recipe.values()
    found = json.loads((run.path / "compared" / "metrics.json").read_text())
    assert found["teacher"] == "teacher" and {"SSIM", "L1", "flicker"} <= set(found["mean"]) and found["student ms"] > 0
    options = run.read_options()[1]
    assert options.netG == "unet_64" and options.lambda_distill == 1 and options.teacher == str(teacher)
    assert main(command) == 0 and "finished" not in capsys.readouterr().err  # it only compares again

    own = shrink._own(read_model(teacher), (64, 64), None)
    assert own["ngf"] == 5 and own["netG"] == "unet_64"  # of a teacher with 8 filters
    for arguments, code, text in ((["--size", "100"], 2, "cannot take images of 100x100, expected 64x64 or a multiple of 64"),
                                  (["--size", "big"], 2, "--size big: not a size"), (["--ngf", "8"], 2, "was started with 4")):
        assert main([*command, *arguments]) == code
        error = capsys.readouterr().err.strip()
        assert text in error and "\n" not in error
    assert main(["shrink", "no-such-model", "x", "--on", str(photos)]) == 1
    assert main(["shrink", str(teacher), "x", "--on", str(tmp_path / "nothing")]) == 1
