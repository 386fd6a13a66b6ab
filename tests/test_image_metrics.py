"""Numbers for images: each tells what it says it tells; the benchmark that compares models on a film."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from webcam_pix2pix.evaluation.image_metrics import colourfulness, contrast, edges_kept, embedded, flicker, kernel_distance

ROOT = Path(__file__).parent.parent


def film(noise: float, frames: int = 6) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [np.clip(120 + rng.normal(0, noise, (48, 48, 3)), 0, 255).astype(np.uint8) for _ in range(frames)]


def test_flicker_is_the_change_of_the_output_over_that_of_the_input():
    calm = film(4)
    assert flicker(calm, calm) == 1.0
    assert flicker(calm, film(8)) == pytest.approx(2.0, rel=0.1)
    assert np.isnan(flicker([calm[0]] * 3, calm[:3]))


def test_edges_are_kept_where_they_are_to_a_pixel():
    image = np.full((64, 64, 3), 60, np.uint8)
    cv2.rectangle(image, (16, 16), (47, 47), (200, 200, 200), -1)
    assert edges_kept(image, image) == 1.0
    assert edges_kept(image, np.roll(image, 1, 1)) > 0.9
    assert edges_kept(image, np.roll(image, 8, 1)) < 0.7
    assert edges_kept(image, np.full_like(image, 60)) == 0.0
    assert np.isnan(edges_kept(np.full_like(image, 60), image))


def test_colourfulness_and_contrast():
    grey = np.repeat(np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))[..., None], 3, 2)
    assert colourfulness(grey) == pytest.approx(0, abs=1e-4) and contrast(grey) == pytest.approx(grey.std(), rel=1e-3)
    assert contrast(np.full((8, 8, 3), 90, np.uint8)) == 0
    two = np.zeros((2, 2, 3), np.uint8)
    two[0], two[1] = (255, 0, 0), (0, 0, 255)  # rg: 255, 0; yb: 127.5, -255
    rg, yb = np.array([255, 0.0]), np.array([127.5, -255.0])
    assert colourfulness(two) == pytest.approx(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()), rel=1e-5)


def test_the_distance_of_sets_is_zero_in_the_mean_for_the_same_kind_and_grows_with_the_difference():
    rng = np.random.default_rng(0)
    same = [kernel_distance(rng.normal(0, 1, (40, 8)), rng.normal(0, 1, (40, 8))) for _ in range(20)]
    assert abs(np.mean(same)) < 0.1 and min(same) < 0 < max(same)
    near, far = (kernel_distance(rng.normal(0, 1, (40, 8)), rng.normal(shift, 1, (40, 8))) for shift in (0.5, 1.5))
    assert 0.2 < near < far
    assert np.isnan(kernel_distance(np.ones((1, 8)), np.ones((5, 8))))


class Means(torch.nn.Module):
    def pooled(self, x):
        return x.mean((2, 3))


def test_images_become_vectors_in_their_order():
    images = [np.full((8, 8, 3), value, np.uint8) for value in (0, 255)]
    for image in images:
        image.flags.writeable = False  # as frames are
    assert embedded(images, Means()) == pytest.approx(np.array([[-1.0] * 3, [1.0] * 3]))


def test_models_side_by_side_on_a_film(tmp_path, small_model):
    from torchvision.models import squeezenet1_1
    torch.manual_seed(1)
    weights = tmp_path / "squeezenet1_1-x.pth"
    torch.save(squeezenet1_1(weights=None).state_dict(), weights)
    paintings = tmp_path / "paintings"
    paintings.mkdir()
    for i in range(4):
        cv2.imwrite(str(paintings / f"{i}.png"), np.random.default_rng(i).integers(0, 255, (70, 50, 3)).astype(np.uint8))
    writer = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, (96, 64))
    for i in range(5):
        writer.write(np.roll(cv2.circle(np.full((64, 96, 3), 90, np.uint8), (30, 30), 15, (20, 200, 90), -1), 3 * i, 1))
    writer.release()
    second = tmp_path / "second.pth"
    second.write_bytes(small_model.read_bytes())
    sheet = tmp_path / "sheet.jpg"
    command = [sys.executable, str(ROOT / "benchmarks" / "bench_picture.py"), str(tmp_path / "film.avi"), "--model", str(small_model),
               "--model", str(second), "--paintings", str(paintings), "--backbone", str(weights), "--frames", "4", "--every", "2",
               "--sheet", str(sheet)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    models = json.loads(done.stdout.splitlines()[-1])["models"]
    assert list(models) == ["the paintings themselves", small_model.stem, "second"]
    assert models["second"] == pytest.approx(models[small_model.stem])
    assert {"flicker", "smoothed", "edges kept", "colourful", "contrast", "KID"} == set(models["second"])
    assert 0 < models["second"]["smoothed"] < models["second"]["flicker"]
    assert cv2.imread(str(sheet)).shape == (256, 3 * 256, 3)
