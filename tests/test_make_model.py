"""make-model: from a film to a model with its recipe, in one go; again and again without harm."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch

from msa.images import read_image
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.manifest import read_manifest
from webcam_pix2pix.dataset.pairs.measures import measure
from webcam_pix2pix.model import find_models
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.preprocessing import fit, preprocess
from webcam_pix2pix.training.runs.runfolder import find_run
from webcam_pix2pix.training.setup.plan import frames_per_film, plan

SMALL = ["--netG", "unet_64", "--crop_size", "64", "--load_size", "70", "--ngf", "4", "--ndf", "4", "--num_threads", "0", "--n_epochs", "1",
         "--n_epochs_decay", "0", "--n_samples", "2", "--workers", "1"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "ball.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for i in range(24):
            image = np.full((120, 160, 3), (40, 60 + 4 * i, 160), np.uint8)
            cv2.circle(image, (20 + 5 * i, 60), 24, (230, 220, 90), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    return path


def test_film_to_model(film, tmp_path, capsys):
    command = ["make-model", "ball", str(film), "--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs"),
               "--models", str(tmp_path / "models"), *SMALL]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "dataset:" in printed and "will learn these by heart" in printed and "model:" in printed
    model, = find_models([tmp_path / "models"])
    assert model.name == "ball" and model.recipe.edges.tone > 0 and model.recipe.ranges
    predictor = PyTorchPredictor(model, device="cpu")
    image = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8)
    recipe = predictor.info.recipe
    seen = preprocess(fit(image, predictor.input_size, recipe.processing), recipe.processing, recipe.edges)
    assert predictor(seen).shape == (64, 64, 3)
    predictor.close()

    assert main(command) == 0  # nothing is done twice
    assert "epoch" not in capsys.readouterr().out
    more = [text if command[i - 1] != "--n_epochs" else "2" for i, text in enumerate(command)]
    assert main(more) == 0
    assert find_run(tmp_path / "runs", "ball").finished_epochs() == 2
    assert main([*command, "--ngf", "8"]) == 2
    assert "was started with 4" in capsys.readouterr().err


def test_a_painter_gets_its_images_in_their_shapes_and_large_enough_to_cut_parts_out(tmp_path, capsys):
    rng = np.random.default_rng(3)
    (tmp_path / "paintings").mkdir()
    for number in range(12):
        height, width = (900, 700) if number % 2 else (200, 300)
        image = cv2.resize(rng.integers(0, 255, (9, 7, 3)).astype(np.uint8), (width, height))
        cv2.imwrite(str(tmp_path / "paintings" / f"{number}.jpg"), image)
    command = ["make-model", "oil", str(tmp_path / "paintings"), "--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs"),
               "--models", str(tmp_path / "models"), "--preset", "painter", *SMALL]
    assert main(command) == 0
    stored = {cv2.imread(str(path)).shape[:2] for path in (tmp_path / "data" / "oil" / "train").iterdir()}
    assert stored == {(735, 572), (200, 300)}  # half of the shorter side is what 256 pixels need; none is enlarged
    assert "squeezed" not in capsys.readouterr().out
    rows = {Path(row["source"]).name: row for row in read_manifest(tmp_path / "data" / "oil")["pairs"]}
    image = read_image(tmp_path / "paintings" / "1.jpg")
    recipe = find_models([tmp_path / "models"])[0].recipe
    target = fit(image, (286, 286), recipe.processing)  # measured as the network sees it
    assert rows["1.jpg"]["density"] == measure(target, preprocess(target, recipe.processing, recipe.edges))["density"]
    assert main(["prepare", "--check", str(tmp_path / "data" / "oil")]) in (0, 3) and "as most are" not in capsys.readouterr().out
    assert main(command) == 0  # nothing is done twice
    assert "epoch" not in capsys.readouterr().out


@pytest.mark.parametrize("inputs", ["missing", "empty"])
def test_mistakes_are_one_line(inputs, tmp_path, capsys):
    if inputs == "empty":
        (tmp_path / "empty").mkdir()
    command = ["make-model", "x", str(tmp_path / inputs), "--data", str(tmp_path / "d"), "--runs", str(tmp_path / "r"), *SMALL]
    assert main(command) == 1
    error = capsys.readouterr().err.strip()
    assert str(tmp_path / inputs) in error and "\n" not in error
    assert not (tmp_path / "r").exists()


def test_plan():
    assert frames_per_film(1) == 2000 and frames_per_film(4) == 500 and frames_per_film(1000) == 200
    few, many, large = plan(40, "live", 256), plan(5000, "live", 256), plan(500, "quality", 512)
    assert few.options["diffaugment"] and not many.advice and "diffaugment" not in many.options
    assert plan(8, "live", 256, 2).advice.startswith("10 images, 8 to learn from and 2 kept to check, are few")
    assert sum(few.options[k] for k in ("n_epochs", "n_epochs_decay")) == 200
    assert sum(many.options[k] for k in ("n_epochs", "n_epochs_decay")) == 30
    assert large.options["netG"] == "unet_512" and large.options["load_size"] == 572
