"""predict: arrays to the last digit, images of any size, folders, and what it says to mistakes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import foreign_files as foreign
import numpy as np
import pytest
import torch
from foreign_files import SHARED

from msa.images import read_image
from webcam_pix2pix import checkpoints, sizes
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.cli import main
from webcam_pix2pix.cli.commands.predict import parse_size
from webcam_pix2pix.networks import UNet, build, set_norm_mode


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small U-Net for 32 pixels whose image shows where its input was bright."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    net = build(UNet(5, 8))
    for name, tensor in net.state_dict().items():
        if name.endswith("weight") and tensor.ndim == 4:
            tensor.normal_(0, 0.15)
    safetensors.write(path, net.spec, net.state_dict(), {"norm_mode": "eval"})
    return path


def scene(height, width):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) % 256], 2).astype(np.uint8)


def test_array_is_exactly_what_the_network_gives(model, tmp_path):
    x = np.random.default_rng(0).uniform(-1, 1, (2, 32, 64, 3)).astype(np.float32)
    np.save(tmp_path / "in.npy", x)
    for mode in ("eval", "batch"):
        assert main(["predict", "--model", str(model), "--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / "out.npy"), "--raw",
                     "--norm-mode", mode, "--device", "cpu"]) == 0
        net = set_norm_mode(checkpoints.load(model).build(), mode)
        with torch.inference_mode():
            expected = net(torch.from_numpy(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
        result = np.load(tmp_path / "out.npy")
        assert result.dtype == np.float32 and np.abs(result - expected).max() < 5e-5


def test_paper_mode_is_random_unless_seeded(tmp_path):
    spec = UNet(6, 4)
    torch.manual_seed(0)
    safetensors.write(tmp_path / "m.safetensors", spec, build(spec).state_dict())
    np.save(tmp_path / "in.npy", np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32))

    def predict(*seed):
        assert main(["predict", "--model", str(tmp_path / "m.safetensors"), "--input", str(tmp_path / "in.npy"), "--output",
                     str(tmp_path / "out.npy"), "--raw", "--norm-mode", "paper", "--device", "cpu", *seed]) == 0
        return np.load(tmp_path / "out.npy")

    assert np.array_equal(predict("--seed", "1"), predict("--seed", "1")) and not np.array_equal(predict("--seed", "1"),
                                                                                                 predict("--seed", "2"))


def test_other_ranges_are_mapped(model, tmp_path):
    x = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    np.save(tmp_path / "in.npy", x)
    weights = tmp_path / "m.safetensors"
    weights.write_bytes(model.read_bytes())
    port = {"shape": [32, 32, 3], "opname": "x"}
    (tmp_path / "m.json").write_text(json.dumps({"name": "m", "ckpt_path": "m.safetensors", "input": port | {"range": [0, 1]},
                                                 "output": port | {"range": [-1, 3]}}))
    assert main(["predict", "--model", str(tmp_path / "m.json"), "--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / "o.npy"),
                 "--device", "cpu"]) == 0
    with torch.inference_mode():
        y = checkpoints.load(weights).build()(torch.from_numpy((x + 1) / 2).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
    assert np.abs(np.load(tmp_path / "o.npy") - ((y + 1) / 2 - 1)).max() < 1e-5


@pytest.mark.parametrize("fit", ["pad", "resize"])
def test_folder_of_any_sizes_keeps_names_formats_and_sizes(model, tmp_path, fit):
    (tmp_path / "in").mkdir()
    for i, (height, width) in enumerate([(32, 32), (33, 95), (100, 20), (1, 1), (64, 40)]):
        suffix = ("png", "jpg", "bmp", "png", "tif")[i]
        cv2.imwrite(str(tmp_path / "in" / f"a{i}.{suffix}"), scene(height, width)[..., ::-1])
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--fit", fit,
                 "--device", "cpu"]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a0.png", "a1.jpg", "a2.bmp", "a3.png", "a4.tif"]
    for path in (tmp_path / "out").iterdir():
        assert read_image(path).shape == read_image(tmp_path / "in" / path.name).shape
    assert read_image(tmp_path / "out/a0.png").std() > 3, "an image, not a flat colour"


def test_padding_scales_nothing(model, tmp_path):
    """What lies inside is what a larger image would give: padding mirrors, runs, and cuts off."""
    image = scene(40, 64)
    batch = np.random.default_rng(0).uniform(-1, 1, (40, 64, 3)).astype(np.float32)
    padded, undo = sizes.fitted(batch, 32, "pad")
    assert padded.shape == (64, 64, 3) and np.array_equal(undo(padded), batch) and np.array_equal(padded[11], padded[13])
    cv2.imwrite(str(tmp_path / "a.png"), image[..., ::-1])
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "a.png"), "--output", str(tmp_path / "b.png"),
                 "--device", "cpu"]) == 0
    x = torch.from_numpy(sizes.fitted(image, 32)[0].astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    with torch.inference_mode():
        y = checkpoints.load(model).build()(x)[0].permute(1, 2, 0).numpy()
    assert np.abs(read_image(tmp_path / "b.png").astype(int) - np.rint((undo(y) + 1) * 127.5)).max() <= 1


def test_legal_sizes():
    assert sizes.legal((480, 640), 256) == (512, 768) and sizes.legal((480, 640), 256, "resize") == (512, 512)
    assert sizes.legal((10, 10), 256, "resize") == (256, 256) and sizes.legal((256, 512), 256) == (256, 512)
    assert parse_size("640x480") == (480, 640) and parse_size("512") == 512 and parse_size(None) is None
    for text in ("", "x", "0", "5x", "axb", "1x2x3", "99999999"):
        with pytest.raises(ValueError, match="--size"):
            parse_size(text)


def test_size_scales_there_and_back(model, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), scene(100, 150))
    for size in ("32", "64x96"):
        assert main(["predict", "--model", str(model), "--input", str(tmp_path / "a.png"), "--output", str(tmp_path / "o"), "--size", size,
                     "--device", "cpu"]) == 0
        assert read_image(tmp_path / "o/a.png").shape == (100, 150, 3)


def test_recipe_is_applied_unless_raw(tmp_path):
    spec = UNet(5, 4)
    torch.manual_seed(1)
    safetensors.write(tmp_path / "m.safetensors", spec, build(spec).state_dict(), {"recipe": {"EdgeDetection.method": "custom_canny"}})
    for name, grey in (("flat1", 60), ("flat2", 200)):  # without edges in it, every image is black to the network
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((32, 32, 3), grey, np.uint8))
    results = {}
    for name in ("flat1", "flat2"):
        for raw in ([], ["--raw"]):
            assert main(["predict", "--model", str(tmp_path / "m.safetensors"), "--input", str(tmp_path / f"{name}.png"), "--output",
                         str(tmp_path / "o.png"), "--device", "cpu", *raw]) == 0
            results[name, bool(raw)] = read_image(tmp_path / "o.png").astype(int)
    assert np.array_equal(results["flat1", False], results["flat2", False])
    assert not np.array_equal(results["flat1", True], results["flat2", True])


def test_grey_in_and_out(tmp_path):
    layers = foreign.cciauto_layers(5, 2, 8, (1, 3))
    foreign.write_keras(tmp_path / "g.h5", layers)
    cv2.imwrite(str(tmp_path / "a.jpg"), scene(40, 50))
    assert main(["predict", "--model", str(tmp_path / "g.h5"), "--input", str(tmp_path / "a.jpg"), "--output", str(tmp_path / "o.png"),
                 "--device", "cpu"]) == 0
    assert read_image(tmp_path / "o.png").shape == (40, 50, 3)
    spec = UNet(5, 2, 1, 1)
    safetensors.write(tmp_path / "m.safetensors", spec, build(spec).state_dict())
    assert main(["predict", "--model", str(tmp_path / "m.safetensors"), "--input", str(tmp_path / "a.jpg"), "--output",
                 str(tmp_path / "grey.png"), "--device", "cpu"]) == 0
    assert cv2.imread(str(tmp_path / "grey.png"), cv2.IMREAD_UNCHANGED).shape == (40, 50)


@pytest.mark.parametrize(("source", "target", "more", "code", "message"), [
    ("nothing.png", "o.png", [], 1, "nothing.png: no such file or folder"), ("a.png", "a.png", [], 2, "would overwrite the input"),
    ("a.png", "o.gif", [], 2, "cannot write .gif"), ("a.png", "o.npy", [], 2, "arrays need an array"),
    ("empty", "o", [], 1, "no images in this"), ("text.png", "o.png", [], 1, "text.png: not an image"),
    ("bad.npy", "o.npy", [], 1, "bad.npy: not a"), ("huge.npy", "o.npy", [], 1, "huge.npy: not a"),
    ("flat.npy", "o.npy", [], 1, "expected float32 NxHxWxC"), ("nan.npy", "o.npy", [], 1, "NaN"),
    ("pickled.npy", "o.npy", [], 1, "pickled.npy: not a"), ("two.npy", "o.npy", [], 1, "2 channels, the model takes 3"),
    ("a.png", "o.png", ["--model", "nothing"], 1, "nothing: no such model"), ("a.png", "o.png", ["--size", "big"], 2, "--size big")])
def test_mistakes_are_one_line(source, target, more, code, message, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("a.png", scene(8, 8))
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr")
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 9999, 9999, 3), }"
    (tmp_path / "huge.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00" + header.ljust(117) + b"\n" + b"0" * 64)
    np.save("flat.npy", np.zeros((4, 4), np.float32))
    np.save("nan.npy", np.full((1, 32, 32, 3), np.nan, np.float32))
    np.save("two.npy", np.zeros((1, 32, 32, 2), np.float32))
    np.save("pickled.npy", np.array([{}]), allow_pickle=True)
    assert main(["predict", "--model", str(model), "--input", source, "--output", target, "--device", "cpu", *more]) == code
    printed = capsys.readouterr()
    assert message in printed.err and len(printed.err.splitlines()) == 1 and not list(tmp_path.glob("o*"))


def test_a_bad_image_does_not_stop_the_folder(model, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "c.png"):
        cv2.imwrite(str(tmp_path / "in" / name), scene(32, 32))
    (tmp_path / "in/b.png").write_bytes(b"")
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"),
                 "--device", "cpu"]) == 3
    printed = capsys.readouterr()
    assert "2 of 3 done" in printed.out and "b.png: empty file" in printed.err and len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real files here")
def test_images_of_the_original_test_script():
    """test.py --eval of pytorch-CycleGAN-and-pix2pix on real pairs: our image is its image, rounding aside."""
    folder = SHARED / "junyanz_unet256_batch"
    net = checkpoints.load(folder / "checkpoints/pub_unet256_n4").build()
    for name in ("009", "010"):
        pair = read_image(folder / f"datasets/paintings/test/{name}.jpg")
        x = torch.from_numpy(pair[:, :pair.shape[1] // 2].astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
        with torch.inference_mode():
            y = net(x)[0].permute(1, 2, 0).numpy()
        expected = read_image(folder / f"results/pub_unet256_n4/test_latest/images/{name}_fake_B.png").astype(int)
        assert np.abs(np.floor((y + 1) * 127.5) - expected).max() <= 3 and np.abs(np.floor((y + 1) * 127.5) - expected).mean() < 0.5


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real files here")
def test_as_a_command_on_a_real_file(tmp_path):
    folder = SHARED / "junyanz_unet128_batch"
    arrays = np.load(folder / "expected.npz")
    np.save(tmp_path / "in.npy", arrays["input"])
    command = [sys.executable, "-m", "webcam_pix2pix", "predict", "--model", str(folder / "checkpoints/pub_unet128/latest_net_G.pth"),
               "--input", str(tmp_path / "in.npy"), "--output", str(tmp_path / "out.npy"), "--norm-mode", "batch", "--raw"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, timeout=120, check=False,
                          cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
    assert np.abs(np.load(tmp_path / "out.npy") - arrays["output_batchstats"]).max() < 1e-4


def test_files_of_kinds_that_are_only_read_are_predicted_to_png(model, tmp_path):
    data = cv2.imencode(".jpg", scene(32, 32)[..., ::-1])[1].tobytes()
    (tmp_path / "in").mkdir()
    for name in ("a.jfif", "b.JPE", "c", "d.jpg", "e.jfif", "e.png"):
        (tmp_path / "in" / name).write_bytes(data)
    (tmp_path / "in" / "notes.txt").write_text("words")
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"),
                 "--device", "cpu"]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "c.png", "d.jpg", "e.jfif.png", "e.png"]
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "in" / "a.jfif"), "--output", str(tmp_path / "one"),
                 "--device", "cpu"]) == 0
    assert [p.name for p in (tmp_path / "one").iterdir()] == ["a.png"] and read_image(tmp_path / "one" / "a.png").shape == (32, 32, 3)


def test_what_a_folder_holds_besides_is_reported(model, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "a.png"), scene(32, 32))
    (tmp_path / "b.txt").write_text("words")
    assert main(["predict", "--model", str(model), "--input", str(tmp_path), "--output", str(tmp_path / "out"), "--device", "cpu"]) == 0
    assert f"{tmp_path}: 1 file left out, no images: 1 .txt" in capsys.readouterr().out


def test_ground_of_transparent_images(model, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((32, 32, 4), np.uint8))
    paintings = []
    for ground in ("white", "black"):
        assert main(["predict", "--model", str(model), "--input", str(tmp_path / "a.png"), "--output", str(tmp_path / f"{ground}.png"),
                     "--ground", ground, "--device", "cpu"]) == 0
        paintings.append(read_image(tmp_path / f"{ground}.png").astype(int))
    assert np.abs(paintings[0] - paintings[1]).mean() > 2
    assert main(["predict", "--model", str(model), "--input", str(tmp_path / "a.png"), "--output", "o.png", "--ground", "paper"]) == 2
    assert "--ground: 'paper' is no colour" in capsys.readouterr().err
