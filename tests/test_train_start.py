"""What train and make-model find out before the first step, not after the last epoch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from footage import photo, save

from msa.files import check_writable
from webcam_pix2pix import networks
from webcam_pix2pix.cli import main
from webcam_pix2pix.specs import StyleNet
from webcam_pix2pix.training.publish import start_weights
from webcam_pix2pix.training.setup.options import Options


def train(dataset: Path, tmp_path: Path, models: Path) -> int:
    return main(["train", str(dataset), "--name", "x", "--runs", str(tmp_path / "runs"), "--models", str(models), "--device", "cpu",
                 "--netG", "unet_64", "--ngf", "2", "--ndf", "2", "--load_size", "64", "--crop_size", "64", "--num_threads", "0",
                 "--n_epochs", "1", "--n_epochs_decay", "0", "--batch_size", "2"])


def photographs(folder: Path, count: int = 4) -> Path:
    for i in range(count):
        save(folder / "train" / f"{i}.png", photo(i, (64, 64)))
    return folder


def test_a_folder_that_can_be_made_is_not_made_yet(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file/models: cannot be written"):
        check_writable(tmp_path / "file" / "models")


def test_a_models_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_bytes(b"")
    models = tmp_path / "file" / "models"
    assert train(photographs(tmp_path / "data"), tmp_path, models) == 1
    error = capsys.readouterr().err
    assert f"{models}: cannot be written" in error and "choose another folder with --models DIR" in error and error.count("\n") == 1
    assert not (tmp_path / "runs").exists()
    assert main(["make-model", "x", str(tmp_path / "data"), "--models", str(models), "--data", str(tmp_path / "d"), "--runs",
                 str(tmp_path / "runs")]) == 1
    assert "cannot be written" in capsys.readouterr().err and not (tmp_path / "d").exists()


def test_a_model_that_cannot_be_written_at_the_end_is_not_lost(tmp_path, monkeypatch, capsys):
    from webcam_pix2pix.training import publish

    def full(*_):
        raise OSError(28, "No space left on device", "models")

    monkeypatch.setattr(publish, "publish", full)
    assert train(photographs(tmp_path / "data"), tmp_path, tmp_path / "models") == 1
    error = capsys.readouterr().err
    assert "the training is done, its weights are" in error and "latest_net_G.pth; the same command with --models DIR" in error


def test_single_photographs_are_reported_from_pairs(tmp_path, capsys):
    assert train(photographs(tmp_path / "photos"), tmp_path, tmp_path / "models") == 0
    out = capsys.readouterr().out
    warning = "do not look like pairs; single photographs of 64x64 would be cut into halves of 32x64"
    assert warning in out and out.index(warning) < out.index("run: ")
    assert main(["test", str(tmp_path / "models" / "x.json"), str(tmp_path / "photos"), "--phase", "train", "--output",
                 str(tmp_path / "results")]) == 0
    assert warning in capsys.readouterr().err
    for i in range(4):
        save(tmp_path / "pairs" / "train" / f"{i}.png", np.hstack([255 - photo(i, (64, 48)), photo(i, (64, 48))]))
    assert train(tmp_path / "pairs", tmp_path / "second", tmp_path / "models") == 0
    assert f"{tmp_path / 'pairs'}: taken for finished pairs side by side, 64x48 each half" in capsys.readouterr().out


def test_a_model_of_other_values_is_no_start(tmp_path):
    weights = networks.build(StyleNet(blocks=1, ngf=2)).state_dict()
    torch.save(weights, tmp_path / "style.pth")
    with pytest.raises(ValueError, match=r"style\.pth: the model works in 0\.\.255, expected -1\.\.1; --teacher can learn from it"):
        start_weights(Options(init_from=str(tmp_path / "style.pth")))
