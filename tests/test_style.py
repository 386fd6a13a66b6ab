"""Models in the style of one image: the losses, resume to the bit, and make-model --style."""

import cv2
import numpy as np
import pytest
import torch
from test_training import SMALL, Quiet, assert_same, make_dataset, one_thread, trained  # noqa: F401

from webcam_pix2pix.cli import main
from webcam_pix2pix.evaluation import backbone
from webcam_pix2pix.model import find_models
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.objectives import style
from webcam_pix2pix.training.objectives.style import Style, gram, read_style
from webcam_pix2pix.training.runs.runfolder import read_stats


@pytest.fixture(scope="module")
def painting(tmp_path_factory):
    path = tmp_path_factory.mktemp("painting") / "stripes.png"
    image = np.zeros((90, 140, 3), np.uint8)
    image[:, ::4] = (40, 90, 240)
    image[::6] = (200, 220, 40)
    cv2.imwrite(str(path), image)
    return path


def test_the_losses_know_the_style_and_the_content(weights, painting):
    net = backbone.load_backbone(str(weights))
    wanted = read_style(str(painting), (64, 64))
    assert wanted.shape == (1, 3, 64, 100) and wanted.min() >= -1 and wanted.max() <= 1
    objective = Style(wanted, net, 1.0, 1.0, 1.0)
    photo = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    same, styled = objective.losses(photo, photo), objective.losses(wanted[..., :64], photo[:1])
    assert same["G_content"] == 0 < styled["G_content"] and styled["G_style"] < 0.2 * same["G_style"]
    assert objective.losses(torch.zeros(1, 3, 64, 64), photo[:1])["G_tv"] == 0 < same["G_tv"]
    assert list(objective.parameters()) == [] and objective.state_dict() == {}
    x = torch.rand(1, 4, 5, 6)
    moved = torch.roll(x, 2, 3)
    assert torch.allclose(gram(x), gram(moved), atol=1e-6) and gram(x).shape == (1, 4, 4)


def test_a_run_continues_to_the_bit_and_takes_on_the_style(weights, painting, tmp_path):
    dataset = make_dataset(tmp_path / "data", 6, 2)
    values = {"style": str(painting), "perceptual_weights": str(weights), "lambda_gan": 0.0, "lambda_L1": 0.0, "norm": "instance",
              "no_dropout": True, "upsample": "resize", "lambda_stable": 1.0, "lr": 0.002, "n_epochs": 3}
    whole, finished = trained(dataset, tmp_path, "whole", **values)
    assert finished
    calls = iter(range(100))
    stopped, finished = trained(dataset, tmp_path, "stopped", lambda: next(calls) == 4, **values)
    assert not finished and train(dataset, stopped, stopped.read_options()[1], Quiet())
    assert_same(whole, stopped)
    lines = [line for line in read_stats(whole.stats_file) if "G_style" in line]
    assert {"G_content", "G_tv", "G_stable"} <= set(lines[0]) and "D_real" not in lines[0] and "G_GAN" not in lines[0]
    assert lines[-1]["G_style"] < lines[0]["G_style"]


def test_make_model_in_the_style_of_an_image(weights, painting, tmp_path, capsys, monkeypatch):
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(8):
        cv2.imwrite(str(photos / f"{i}.png"), np.full((80, 80, 3), 20 * i, np.uint8))
    small = {key: value for key, value in SMALL.items() if key != "netG"} | {"n_epochs": 1, "n_epochs_decay": 0}
    command = ["make-model", "stripes", "--style", str(painting), "--on", str(photos), "--data", str(tmp_path / "data"), "--runs",
               str(tmp_path / "runs"), "--models", str(tmp_path / "models"), "--workers", "1"]
    command += [text for key, value in small.items() for text in (f"--{key}", str(value))]

    monkeypatch.setattr(style, "lite0_weights", lambda: None)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    assert main(command) == 1
    error = capsys.readouterr().err.strip()
    assert "no network" not in error and "trained on photographs" in error and "--download_weights" in error and "\n" not in error
    assert not (tmp_path / "data").exists()  # told before the work

    assert main([*command, "--perceptual_weights", str(weights)]) == 0
    model, = find_models([tmp_path / "models"])
    assert model.name == "stripes" and model.recipe.edges.method == "none" and not model.recipe.processing.canny
    printed = capsys.readouterr().out
    assert "G_style" in printed and "learn these by heart" not in printed
    for more, code, text in ((["--preset", "live"], 2, "not together with --style"), (["--style", str(tmp_path / "no.png")], 1, "no.png")):
        assert main([*command, "--perceptual_weights", str(weights), *more]) == code
        error = capsys.readouterr().err.strip()
        assert text in error and "\n" not in error
    assert main(["make-model", "x"]) == 2 and "VIDEO|FOLDER: missing" in capsys.readouterr().err
