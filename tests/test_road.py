"""From photographs to stage with weights of every other program, and the ways there that only a real process shows."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from foreign_files import (
    affinelayer_arrays,
    cciauto_layers,
    cryer_state,
    tf2_arrays,
    write_bundle,
    write_mindspore,
    write_pict,
)

from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import read_model
from webcam_pix2pix.training.runfolder import find_run

TINY = ["--ndf", "4", "--num_threads", "0", "--n_epochs", "1", "--n_epochs_decay", "0", "--n_samples", "1", "--crop_size", "64",
        "--load_size", "70", "--device", "cpu"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def plain(net: dict) -> dict:
    """Arrays without what the trainer keeps beside them."""
    return {name: array for name, array in net.items() if array.dtype == np.float32}


def foreign(kind: str, folder: Path) -> Path:
    """A small generator as another program would have saved it."""
    folder.mkdir()
    if kind == "junyanz":
        net = networks.init_weights(networks.build(networks.UNet(depth=4, ngf=3, dropout=False)))
        torch.save(net.state_dict(), folder / "latest_net_G.pth")
        return folder / "latest_net_G.pth"
    if kind == "affinelayer":
        return write_bundle(folder / "model-7", affinelayer_arrays("A"))
    if kind == "pict":
        shapes = {name: array.shape for name, array in affinelayer_arrays("B").items()
                  if name.startswith("generator/") and "Adam" not in name}
        write_pict(folder / "net.pict", shapes)
        return folder / "net.pict"
    if kind == "cryer":
        torch.save(cryer_state(), folder / "netG.pth")
        return folder / "netG.pth"
    if kind == "cci-auto":
        return write_bundle(folder / "ckpt-3", tf2_arrays(cciauto_layers(channels=(3, 3))))
    net = networks.init_weights(networks.build(networks.UNet(depth=4, ngf=3)))
    write_mindspore(folder / "netG.ckpt", net.state_dict())
    return folder / "netG.ckpt"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Photographs of coloured discs, made into pairs by the commands."""
    root = tmp_path_factory.mktemp("road")
    rng = np.random.default_rng(3)
    (root / "photos").mkdir()
    for i in range(5):
        photo = np.full((80, 96, 3), rng.integers(40, 215, 3), np.uint8)
        cv2.circle(photo, tuple(map(int, rng.integers(20, 60, 2))), 16, tuple(map(int, rng.integers(0, 255, 3))), -1)
        cv2.imwrite(str(root / "photos" / f"{i}.png"), photo)
    assert main(["prepare", str(root / "photos"), str(root / "pairs"), "--size", "64", "--split", "60,20,20", "--workers", "1"]) == 0
    return root / "pairs"


@pytest.mark.parametrize("kind", ["junyanz", "affinelayer", "pict", "cryer", "cci-auto", "mindspore"])
def test_from_photographs_to_stage_with_weights_of(kind, dataset, tmp_path, capsys):
    start = foreign(kind, tmp_path / "start")
    began = checkpoints.load(start)
    runs, models = tmp_path / "runs", tmp_path / "models"
    command = ["train", str(dataset), "--name", "own", "--init_from", str(start), "--runs", str(runs), "--models", str(models), *TINY]
    assert main(command) == 0
    run, model = find_run(runs, "own"), models / "own.json"
    trained, published = checkpoints.load(read_model(run.path)), checkpoints.load(read_model(model))
    assert trained.spec == published.spec and trained.spec.order == began.spec.order
    assert all(torch.equal(value, published.state[name]) for name, value in trained.state.items())
    assert any(not torch.equal(value, began.state[name]) for name, value in trained.state.items())
    assert main(command) == 0  # finished: says so, and the model is there
    assert "finished after 1 epoch" in capsys.readouterr().out
    assert main([*command, "--n_epochs", "2"]) == 0 and main(["models", "info", str(run.path)]) == 0
    assert main(["test", str(run.path), str(dataset), "--output", str(tmp_path / "results"), "--device", "cpu"]) == 0
    assert json.loads((tmp_path / "results" / "metrics.json").read_text())["direction"] == "AtoB"
    assert main(["live", "--headless", "--source", str(dataset.parent / "photos" / "0.png"), "--model", str(model), "--frames", "2",
                 "--snapshot", str(tmp_path / "painted.png"), "--device", "cpu", "--precision", "fp32"]) == 0
    assert cv2.imread(str(tmp_path / "painted.png")).std() > 0
    assert main(["export", "--model", str(model), "--output", str(tmp_path / "own.safetensors")]) == 0
    again = checkpoints.load(tmp_path / "own.safetensors")
    assert all(torch.equal(value, again.state[name]) for name, value in checkpoints.load(read_model(model)).state.items())
