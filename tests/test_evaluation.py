"""Metrics, the result page of `test`, and old loss logs."""

import csv
import json
import math
import shutil

import cv2
import numpy as np
import pytest
import torch

from webcam_pix2pix.cli import main
from webcam_pix2pix.evaluation.charts import line_chart
from webcam_pix2pix.evaluation.image_metrics import embedded, kernel_distance
from webcam_pix2pix.evaluation.losslog import read_loss_log
from webcam_pix2pix.evaluation.lpips import load_lpips
from webcam_pix2pix.evaluation.metrics import measure
from webcam_pix2pix.evaluation.set_metrics import LEAST, feature_network, set_distances

OLD = """================ Training Loss (Mon Jan  1 00:00:00 2018) ================
(epoch: 1, iters: 100, time: 0.1, data: 0.2) G_GAN: 1.0 G_L1: 9.9 D_real: 0.5 D_fake: 0.5
(epoch: 1, iters: 200, time: 0.1, data: 0.2) G_GAN: 1.5 G_L1: 8.5e-01 D_real: 0.4 D_fake: 0.25
"""
NEW = """[Rank 0] (epoch: 2, iters: 100, time: 0.100, data: 0.200) , G_GAN: 2.000, G_L1: 7.000, D_real: 0.300, D_fake: nan

"""


def test_metrics_of_known_images():
    rng = np.random.default_rng(0)
    image = rng.integers(20, 200, (32, 40, 3)).astype(np.uint8)
    assert measure(image, image) == {"L1": 0.0, "PSNR": 100.0, "SSIM": pytest.approx(1.0)}
    found = measure(image + 10, image)
    assert found["L1"] == pytest.approx(10 / 127.5, rel=1e-5)  # on the scale of -1..1
    assert found["PSNR"] == pytest.approx(20 * math.log10(255 / 10), rel=1e-5) and 0.9 < found["SSIM"] < 1
    assert measure(image[::-1], image)["SSIM"] < 0.2
    with pytest.raises(ValueError, match=r"shape \(16, 40, 3\)"):
        measure(image[:16], image)


def test_loss_logs_of_both_ages(tmp_path, capsys):
    log = tmp_path / "loss_log.txt"
    log.write_text(OLD + NEW)
    lines = read_loss_log(log)
    assert [line["samples"] for line in lines] == [100, 200, 300] and lines[1]["G_L1"] == 0.85 and lines[2]["G_GAN"] == 2.0
    assert math.isnan(lines[2]["D_fake"])
    assert main(["test", "--loss-log", str(log)]) == 0
    assert (tmp_path / "loss_log.html").read_text().count("<polyline") == 4
    assert (tmp_path / "loss_log.csv").read_text().startswith("epoch,iters,samples,G_GAN,G_L1,D_real,D_fake\n1,100,100,1.0,9.9,")
    log.write_text("nothing")
    assert main(["test", "--loss-log", str(log)]) == 1
    assert "no losses in it" in capsys.readouterr().err


def test_chart_leaves_out_what_is_no_number_and_thins_the_rest():
    svg = line_chart("a < b", {"x": [(i, float("nan") if i == 3 else i / 7) for i in range(1000)], "none": []}, most=100)
    assert "a &lt; b" in svg and "nan" not in svg and svg.count(",") < 200 and "none" not in svg
    assert line_chart("empty", {"x": []}) == ""


@pytest.fixture
def model(small_model):
    return small_model


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(1)
    (root / "test" / "deep").mkdir(parents=True)
    for name in ("b", "a<1", "deep/c"):
        cv2.imwrite(str(root / "test" / f"{name}.png"), rng.integers(0, 255, (64, 128, 3)).astype(np.uint8))
    return root


def test_held_out_pairs(model, dataset, tmp_path, capsys):
    out = tmp_path / "results"
    assert main(["test", str(model), str(dataset), "--output", str(out), "--norm-mode", "batch", "--device", "cpu"]) == 0
    assert "L1 " in capsys.readouterr().out
    found = json.loads((out / "metrics.json").read_text())
    assert found["images"] == 3 and found["norm mode"] == "batch" and {"L1", "PSNR", "SSIM", "flicker"} <= set(found["mean"])
    assert all(row["flicker"] > 0 for row in found["rows"])
    rows = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))
    assert {row["name"] for row in rows} == {"a<1", "b", "deep_c"}
    assert float(rows[0]["L1"]) == pytest.approx(found["rows"][0]["L1"])
    page = (out / "index.html").read_text()
    assert "a&lt;1" in page and page.count("<img") == 9 and 'data-worst="high"' in page and "http" not in page
    pair = cv2.imread(str(dataset / "test" / "b.png"))
    assert np.array_equal(cv2.imread(str(out / "images" / "b_input.png")), pair[:, :64])
    assert np.array_equal(cv2.imread(str(out / "images" / "b_target.png")), pair[:, 64:])
    output = cv2.imread(str(out / "images" / "b_output.png"))
    row = next(row for row in found["rows"] if row["name"] == "b")
    assert np.abs(output.astype(float) - pair[:, 64:]).mean() / 127.5 == pytest.approx(row["L1"], rel=1e-4)


def test_single_images_and_limit(model, dataset, tmp_path, capsys):
    out = tmp_path / "single"
    code = main(["test", str(model), str(dataset / "test"), "--single", "--raw", "--limit", "2", "--image-format", "jpg",
                 "--output", str(out), "--device", "cpu"])
    assert code == 0 and "no targets" in capsys.readouterr().out
    assert len(list((out / "images").glob("*_output.jpg"))) == 2 and not list((out / "images").glob("*_target.jpg"))


def test_a_broken_pair_is_named_and_left_out(model, dataset, tmp_path, capsys):
    root = tmp_path / "pairs"
    shutil.copytree(dataset, root)
    (root / "test" / "a0.png").write_bytes(b"no image")
    out = tmp_path / "results"
    assert main(["test", str(model), str(root), "--output", str(out), "--device", "cpu"]) == 3
    printed = capsys.readouterr()
    assert "1 left out" in printed.out and "a0.png" in printed.err and json.loads((out / "metrics.json").read_text())["images"] == 3
    for path in (root / "test").rglob("[!a]*.png"):
        path.unlink()
    (root / "test" / "a<1.png").unlink()
    assert main(["test", str(model), str(root), "--output", str(out), "--device", "cpu"]) == 1
    assert "nothing that could be tested" in capsys.readouterr().err


def test_files_of_the_same_name_keep_their_own_results(model, dataset, tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "out"
    (photos / "deep").mkdir(parents=True)
    for name, shade in (("a.png", 10), ("a.jpg", 200), ("deep/c.png", 30), ("deep_c.png", 90), ("b.png", 50)):
        cv2.imwrite(str(photos / name), np.full((64, 64, 3), shade, np.uint8))
    assert main(["test", str(model), str(photos), "--single", "--raw", "--output", str(out), "--device", "cpu"]) == 0
    inputs = {p.name.removesuffix("_input.png"): cv2.imread(str(p))[0, 0, 0] for p in (out / "images").glob("*_input.png")}
    assert inputs == {"a.png": 10, "a.jpg": 200, "deep_c.png": 30, "deep__c.png": 90, "b": 50}


def test_mistakes_are_one_line(model, dataset, tmp_path, capsys):
    for arguments, code, text in ((["test"], 2, "MODEL DATASET"), (["test", str(model), str(tmp_path / "no")], 1, "no such dataset"),
                                  (["test", str(model), str(dataset), "--phase", "val"], 1, "no such folder"),
                                  (["test", "no-such-model", str(dataset)], 1, "no such model")):
        assert main(arguments) == code
        error = capsys.readouterr().err.strip()
        assert text in error and "\n" not in error


def test_lpips_fid_and_kid_by_weights_that_are_given(model, tmp_path, capsys, weights):
    """Random weights: the figures mean nothing, but are zero for the same images, and agree with the definitions."""
    torch.manual_seed(3)
    distance = load_lpips(weights)
    a, b = (torch.rand(1, 3, 64, 64) * 2 - 1 for _ in range(2))
    assert distance(a, a).item() == 0 < distance(a, b).item()
    with pytest.raises(ValueError, match="LPIPS is not defined for resnet18"):
        load_lpips(tmp_path / "resnet18-1.pth")

    network, name = feature_network(weights)
    assert name == "features of squeezenet1_1"
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (64, 64, 3)).astype(np.uint8) for _ in range(LEAST)]
    same, other = (set_distances(images, [image // scale for image in images], network) for scale in (1, 3))
    assert abs(same["FID"]) < 1e-3 < other["FID"] and same["KID"] < other["KID"]
    vectors = [embedded([image // scale for image in images], network.backbone) for scale in (1, 3)]
    assert other["KID"] == pytest.approx(kernel_distance(*vectors), rel=0.05) and set_distances(images[1:], images[1:], network) == {}

    (tmp_path / "data" / "test").mkdir(parents=True)
    for i, image in enumerate(images):
        cv2.imwrite(str(tmp_path / "data" / "test" / f"{i}.png"), np.hstack([image, image]))
    assert main(["test", str(model), str(tmp_path / "data"), "--output", str(tmp_path / "out"), "--device", "cpu",
                 "--perceptual-weights", str(weights), "--fid-weights", str(weights)]) == 0
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert {"LPIPS", "FID", "KID"} <= set(found["mean"]) and found["FID and KID by"] == name and found["rows"][0]["LPIPS"] > 0
    capsys.readouterr()
    assert main(["test", str(model), str(tmp_path / "data"), "--fid-weights", str(tmp_path / "no.pth")]) == 1
    assert "no such file" in capsys.readouterr().err
