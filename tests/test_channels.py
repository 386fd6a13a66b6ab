"""Networks of other channels than red, green and blue: painted right, or refused in the same words everywhere."""

import cv2
import numpy as np
import pytest
import torch
from footage import photo, save, steady, write_film

from msa.images import read_image
from webcam_pix2pix import checkpoints
from webcam_pix2pix.channels import check_channels, coloured, from_network, lightness, to_network
from webcam_pix2pix.cli import main
from webcam_pix2pix.networks import UNet, build


def write(path, taken: int, given: int):
    torch.manual_seed(0)
    net = build(UNet(5, 2, taken, given))
    for name, tensor in net.state_dict().items():
        if name.endswith("weight") and tensor.ndim == 4:
            tensor.normal_(0, 0.1)
    torch.save(net.state_dict(), path)
    return str(path)


def test_lab_there_and_back():
    image = photo(1)
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    chroma = np.rint((lab[..., 1:] / 110 + 1) * 127.5).clip(0, 255).astype(np.uint8)
    assert np.abs(lightness(image)[..., 0] - lab[..., 0] * 2.55).max() <= 1.5
    assert np.abs(coloured(lightness(image)[..., 0], chroma).astype(int) - image).mean() < 2
    grey = np.repeat(image[..., :1], 3, 2)
    assert np.array_equal(lightness(grey), grey[..., :1]), "the recipe has made it lightness"


def test_four_channels_are_opaque_on_the_candidate_in_and_on_white_on_the_candidate_out():
    image = photo(1)
    assert (to_network(image, 4, 4)[..., 3] == 255).all() and np.array_equal(to_network(image, 4, 4)[..., :3], image)
    clear = np.dstack([image, np.zeros(image.shape[:2], np.uint8)])
    assert (from_network(clear, clear) == 255).all()
    clear[..., 3] = 255
    assert np.array_equal(from_network(clear, clear), image)


@pytest.mark.parametrize("taken, given, text", [(6, 3, "3 channels, the model takes 6"), (2, 3, "3 channels, the model takes 2"),
                                                (3, 2, "2 channels come out of this model"), (3, 5, "5 channels come out of this model")])
def test_other_channels_are_refused_in_the_same_words(taken, given, text, tmp_path, capsys):
    model = write(tmp_path / "m.pth", taken, given)
    with pytest.raises(ValueError, match=text):
        check_channels(taken, given)
    save(tmp_path / "a.png", photo(1))
    film = write_film(tmp_path / "f.mp4", steady(3, 10))
    for command in (["predict", "--input", str(tmp_path / "a.png"), "--output", str(tmp_path / "o.png")],
                    ["live", "--headless", "--source", "test", "--frames", "1"], ["video", str(film), str(tmp_path / "v.mp4")]):
        assert main([*command, "--model", model, "--device", "cpu"]) == 1
        error = capsys.readouterr().err
        assert text in error and error.count("\n") == 1
    assert not (tmp_path / "o.png").exists() and not (tmp_path / "v.mp4").exists()
    np.save(tmp_path / "a.npy", np.zeros((1, 32, 32, taken), np.float32))
    assert main(["predict", "--model", model, "--input", str(tmp_path / "a.npy"), "--output", str(tmp_path / "o.npy"), "--raw"]) == 0
    assert np.load(tmp_path / "o.npy").shape == (1, 32, 32, given), "arrays go through"


def test_colourisation_keeps_the_lightness_of_the_image(tmp_path):
    model = write(tmp_path / "m.pth", 1, 2)
    assert checkpoints.load(model).recipe.processing.lightness, "it sees lightness where nothing else is said"
    image = cv2.resize(photo(2), (64, 64))
    save(tmp_path / "a.png", image)
    assert main(["predict", "--model", model, "--input", str(tmp_path / "a.png"), "--output", str(tmp_path / "o.png"),
                 "--device", "cpu"]) == 0
    predicted = read_image(tmp_path / "o.png")
    assert predicted.shape == image.shape and (predicted[..., 0] != predicted[..., 2]).any()
    inside = (predicted.min(2) > 2) & (predicted.max(2) < 253)  # colours that sRGB has
    assert np.abs(lightness(predicted)[..., 0][inside].astype(int) - lightness(image)[..., 0][inside]).max() <= 3
    network = checkpoints.load(model).build()
    with torch.inference_mode():
        light = torch.from_numpy(lightness(image)[..., 0].astype(np.float32) / 127.5 - 1)[None, None]
        chroma = network(light)[0].permute(1, 2, 0).numpy()
    expected = coloured(lightness(image)[..., 0], np.rint((chroma + 1) * 127.5).clip(0, 255).astype(np.uint8))
    assert np.abs(predicted.astype(int) - expected).mean() < 1
    assert main(["live", "--headless", "--source", str(tmp_path / "a.png"), "--frames", "1", "--model", model, "--precision", "fp32",
                 "--set", "Capture.Processing.flip_h=false", "--snapshot", str(tmp_path / "s.png")]) == 0
    small = cv2.resize(expected, (32, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(read_image(tmp_path / "s.png").astype(int) - small).mean() < 30 and read_image(tmp_path / "s.png").std() > 10
