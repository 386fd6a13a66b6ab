import json
import re

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms

from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.pairs.jitter import jittered
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe


def source_image(seed: int, size=(64, 64)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (8, 8, 3), np.uint8)
    return cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def root(tmp_path):
    """Six pairs: right half = inverted left half."""
    (tmp_path / "train").mkdir()
    for i in range(6):
        left = source_image(i)
        Image.fromarray(np.hstack([left, 255 - left])).save(tmp_path / "train" / f"{i + 5}.png")
    return tmp_path


def make(root, **options):
    return PairDataset(root, **{"load_size": 72, "crop_size": 64} | options)


def test_items_are_input_and_target_in_minus_one_to_one(root):
    dataset = make(root)
    item = dataset[0]
    assert item["A"].shape == item["B"].shape == (3, 64, 64)
    assert item["A"].dtype == torch.float32 and item["A"].min() >= -1 and item["A"].max() <= 1
    assert [re.sub(r".*/", "", dataset[i]["path"]) for i in range(6)] == [f"{i + 5}.png" for i in range(6)]  # 10.png after 9.png


def test_both_halves_get_the_same_geometry(root):
    for options in ({}, {"geometry_jitter": 1.0}, {"preprocess": "none"}, {"preprocess": "scale_width_and_crop"}):
        dataset = make(root, **options)
        for i in range(6):
            item = dataset[i]
            assert (item["A"] + item["B"]).abs().max() < 0.05, options  # B is A inverted, wherever the crop fell


def test_same_bytes_as_upstream_without_random_steps(root):
    """resize_and_crop at load_size == crop_size is what pytorch-CycleGAN-and-pix2pix feeds its network."""
    image = Image.open(root / "train" / "5.png").convert("RGB")
    theirs = transforms.Compose([transforms.Resize([96, 96], transforms.InterpolationMode.BICUBIC), transforms.ToTensor(),
                                 transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
    item = make(root, load_size=96, crop_size=96, flip=False)[0]
    for name, box in (("A", (0, 0, 64, 64)), ("B", (64, 0, 128, 64))):
        assert (item[name] - theirs(image.crop(box))).abs().max() < 1e-6


def test_direction_and_grey(root):
    there, back = make(root, flip=False), make(root, flip=False, direction="BtoA")
    assert torch.equal(there[1]["A"], back[1]["B"]) and torch.equal(there[1]["B"], back[1]["A"])
    item = make(root, input_nc=1)[0]
    assert item["A"].shape == (1, 64, 64) and item["B"].shape == (3, 64, 64)


def test_items_depend_on_seed_epoch_and_index_alone(root):
    dataset = make(root, geometry_jitter=0.5, color_jitter=0.5)
    first = dataset[3]["A"]
    assert torch.equal(first, dataset[3]["A"])
    dataset.set_epoch(1)
    assert not torch.equal(first, dataset[3]["A"])
    dataset.set_epoch(0)
    assert torch.equal(first, dataset[3]["A"])
    assert not torch.equal(first, make(root, geometry_jitter=0.5, color_jitter=0.5, seed=1)[3]["A"])


def test_workers_spawned_and_persistent_give_the_same_items(root):
    dataset = make(root)
    expected = []
    for epoch in range(2):
        dataset.set_epoch(epoch)
        expected.append(torch.stack([dataset[i]["A"] for i in range(6)]))
    loader = DataLoader(dataset, batch_size=3, num_workers=2, multiprocessing_context="spawn", persistent_workers=True)
    for epoch in range(2):
        dataset.set_epoch(epoch)
        assert torch.equal(torch.cat([batch["A"] for batch in loader]), expected[epoch])


def test_max_dataset_size_and_stored_size(root):
    dataset = make(root, max_dataset_size=2)
    assert len(dataset) == 2 and dataset.size() == (64, 64)
    assert len(list(iter(dataset))) == 2


def test_inputs_made_on_the_fly_with_jitter(root):
    """Where the manifest says that photographs are stored, the chain of the live application makes the input."""
    (root / "photos").mkdir()
    for i in range(2):
        Image.fromarray(source_image(i, (80, 80))).save(root / "photos" / f"{i}.png")
    recipe = Recipe(ranges={"EdgeDetection.canny_t1_fine": (5, 60), "EdgeDetection.canny_t2_fine": (15, 180)})
    manifest = {"format": "webcam-pix2pix dataset", "version": 1, "stores": "photos", "side": "input-left", "recipe": recipe.to_json()}
    (root / "manifest.json").write_text(json.dumps(manifest))
    still = make(root, phase="photos", load_size=64, flip=False, recipe_jitter=False)
    item = still[0]
    photo = ((item["B"].permute(1, 2, 0) + 1) * 127.5).round().to(torch.uint8).numpy()
    made = ((item["A"].permute(1, 2, 0) + 1) * 127.5).round().to(torch.uint8).numpy()
    assert np.array_equal(made, preprocess(photo, recipe.processing, recipe.edges))
    assert still.recipe == recipe
    moving = make(root, phase="photos", load_size=64, flip=False)
    first = moving[0]["A"]
    moving.set_epoch(1)
    assert not torch.equal(first, moving[0]["A"]) and torch.equal(moving[0]["B"], item["B"])


def test_thresholds_of_a_draw_move_together_and_stay_in_range():
    recipe = Recipe(ranges={"EdgeDetection.canny_t1_fine": (20, 60), "EdgeDetection.canny_t2_fine": (60, 180),
                            "EdgeDetection.blur_sigma": (0.7, 1.6)})
    rng = np.random.default_rng(0)
    for _ in range(50):
        edges = jittered(recipe, rng).edges
        assert 20 <= edges.canny_t1_fine <= 60 and abs(edges.canny_t2_fine - 3 * edges.canny_t1_fine) <= 2
        assert 0.7 <= edges.blur_sigma <= 1.6


@pytest.mark.parametrize("options, message", [
    ({"phase": "val"}, "no such folder, expected one with pairs; .* has empty, train"),
    ({"phase": "empty"}, "no image in it"),
    ({"direction": "both"}, "direction: 'both' is not one of AtoB, BtoA"),
    ({"preprocess": "squeeze"}, "preprocess: 'squeeze'"),
    ({"load_size": 32}, "load_size: 32 is smaller than crop_size 64"),
    ({"input_nc": 4}, "input_nc: 4 channels"),
])
def test_mistakes_are_one_line(root, options, message):
    (root / "empty").mkdir()
    with pytest.raises((ValueError, OSError), match=message) as error:
        make(root, **options)
    assert "\n" not in str(error.value)


def test_bad_files_are_named(root):
    (root / "train" / "5.png").write_bytes(b"")
    with pytest.raises(OSError, match=r"5\.png: empty file"):
        make(root)[0]
    with pytest.raises(ValueError, match=r"6\.png: crop_size: 65 does not fit into 64x64"):
        make(root, preprocess="crop", crop_size=65)[1]
    with pytest.raises(FileNotFoundError, match="no such dataset folder"):
        make(root / "nowhere")
    with pytest.raises(IndexError):
        make(root)[6]
