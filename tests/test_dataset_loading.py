"""How pairs are loaded: one warp for all geometry, colours as a matrix, originals kept in memory, the same items whatever is kept."""

import multiprocessing
import os
import pickle
import shutil
import sys
from itertools import product

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from msa.memory import free_memory, total_memory
from webcam_pix2pix.dataset.footage.colours import GREY, colour_matrix
from webcam_pix2pix.dataset.footage.shots import Shots, camera, second_shot
from webcam_pix2pix.dataset.loading.augment import Geometry, apply_geometry, draw_geometry, jitter_colour
from webcam_pix2pix.dataset.loading.originals import Originals, Wanted
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.loading.slots import Left, Slots
from webcam_pix2pix.dataset.loading.store import Store
from webcam_pix2pix.training import feeding
from webcam_pix2pix.training.data import START, Batch, Batches, collate, training_pairs
from webcam_pix2pix.training.setup.options import Options

SMOOTH = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8), (0, 0), 4)


@pytest.fixture
def pairs(tmp_path):
    """Five pairs of 80x120 halves."""
    (tmp_path / "train").mkdir()
    for i in range(5):
        half = cv2.GaussianBlur(np.random.default_rng(i).integers(0, 256, (80, 120, 3), np.uint8), (0, 0), 2)
        Image.fromarray(np.hstack([half, 255 - half])).save(tmp_path / "train" / f"{i}.png")
    return tmp_path


def difference(a, b) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.mark.parametrize("size", [(80, 120), (96, 150), (40, 60), (60, 60)])
def test_one_warp_does_what_the_steps_do(size):
    """Resize, crop and flip through the warp (a turn of nearly nothing) are those of the exact path."""
    for flip, crop in product((False, True), (None, (5, 9, 30, 40))):
        exact = apply_geometry(SMOOTH, Geometry(size, crop, flip))
        turned = apply_geometry(SMOOTH, Geometry(size, crop, flip, degrees=1e-6))
        assert exact.shape == turned.shape and difference(exact, turned) < 1.2, (flip, crop)


def test_turns_are_about_the_centre_and_mirrored_at_the_border():
    quarter = apply_geometry(SMOOTH[:, :80], Geometry((80, 80), None, False, degrees=90))
    assert difference(quarter, np.rot90(SMOOTH[:, :80], -1)) < 0.1
    grown = apply_geometry(SMOOTH, Geometry((80, 120), (20, 30, 40, 60), False, zoom=2.0))
    assert difference(grown, cv2.resize(SMOOTH[30:50, 45:75], (60, 40), interpolation=cv2.INTER_CUBIC)[:, :]) < 2
    white = apply_geometry(np.full((40, 40, 3), 200, np.uint8), Geometry((40, 40), None, False, degrees=33, zoom=0.7))
    assert (white == 200).all()  # no black corners


def test_parts_are_cut_before_they_are_turned():
    part = slice(10, 50), slice(20, 80)
    cut = apply_geometry(SMOOTH[part].copy(), Geometry((60, 90), (10, 10, 40, 60), True))
    for degrees in (0.0, 1e-6):
        found = apply_geometry(SMOOTH, Geometry((60, 90), (10, 10, 40, 60), True, degrees=degrees), part)
        assert difference(found, cut) < 1.2


def test_colours_turn_without_changing_brightness():
    for degrees in (-18.0, 7.0, 120.0):
        matrix = colour_matrix(1.3, degrees)
        assert matrix @ np.full(3, 100.0) == pytest.approx(100.0) and GREY @ matrix == pytest.approx(GREY, abs=1e-9)
    assert colour_matrix(0.0) @ np.array([200, 20, 90]) == pytest.approx(GREY @ [200, 20, 90])
    assert colour_matrix(1.0, 360) == pytest.approx(np.eye(3), abs=1e-9)
    image = np.random.default_rng(0).integers(60, 180, (64, 64, 3), np.uint8)
    assert np.array_equal(jitter_colour(image, 0.0, np.random.default_rng(0)), image)
    means = [jitter_colour(image, 1.0, np.random.default_rng(i)).mean() for i in range(40)]
    assert 70 < min(means) < 110 < 130 < max(means) < 170


def test_large_images_get_noise_of_their_own():
    grey = np.full((700, 700, 3), 128, np.uint8)
    noisy = camera(grey, 1.0, np.random.default_rng(3))
    assert noisy.shape == grey.shape and noisy.std() > 1


def test_noise_is_as_strong_and_as_soft_in_small_images_as_in_large_ones():
    def noise(side):
        grey = np.full((side, side, 3), 128, np.uint8)
        return [second_shot(grey, np.random.default_rng(i))[0][:40, :40].astype(float) for i in range(60)]

    def softness(images):
        return np.mean([np.corrcoef(x[:, 1:].ravel(), x[:, :-1].ravel())[0, 1] for x in images])

    small, large = noise(64), noise(700)
    assert np.mean([x.std() for x in small]) == pytest.approx(np.mean([x.std() for x in large]), rel=0.15)
    assert softness(small) == pytest.approx(softness(large), abs=0.06)
    assert not np.array_equal(small[0], small[1])


def put_and_get(store, results):
    store.put(1, np.full((4, 6, 3), 7, np.uint8))
    results.put(store.get(0).sum())


@pytest.mark.skipif(sys.platform != "linux", reason="processes are spawned there")
def test_forked_processes_share_what_is_kept():
    store, context = Store(3, 1000), multiprocessing.get_context("fork")
    store.put(0, np.ones((4, 6, 3), np.uint8))
    results = context.Queue()
    process = context.Process(target=put_and_get, args=(store, results))
    process.start()
    assert results.get(timeout=30) == 72
    process.join()
    assert (store.get(1) == 7).all() and store.get(2) is None


def test_a_full_store_takes_no_more_and_one_that_is_sent_starts_empty():
    store = Store(4, 150)
    for index in range(3):
        store.put(index, np.full((4, 6, 3), index, np.uint8))
    assert [store.get(index) is not None for index in range(4)] == [True, True, False, False] and store.used == 144
    sent = pickle.loads(pickle.dumps(store))
    assert sent.get(0) is None
    sent.put(0, np.full((4, 6, 3), 9, np.uint8))
    assert (sent.get(0) == 9).all() and (store.get(0) == 0).all()
    nothing = Store(4, 0)
    nothing.put(0, np.ones((4, 6, 3), np.uint8))
    assert nothing.get(0) is None


def test_originals_are_no_larger_than_needed(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(cv2.resize(SMOOTH, (1200, 800))).save(path)
    sizes = {}
    for name, turned, least in (("exact", False, 0.0), ("turned", True, 0.0), ("cut", True, 0.5)):
        originals = Originals([path], True, Wanted("resize_and_crop", (72, 72), (64, 64), turned, least, 0.0), 1 << 30)
        sizes[name] = originals[0][0].shape[:2]
        assert originals.all_bytes == 3 * sizes[name][0] * sizes[name][1] == originals.store.used
        assert np.array_equal(originals[0][0], Originals([path], True, originals.wanted)[0][0])
    assert sizes["exact"] == sizes["turned"] == (72, 72) and sizes["cut"] == (144, 216)  # half of 144 is just large enough


@pytest.mark.parametrize("options", [{}, {"geometry_jitter": 1.0, "color_jitter": 1.0},
                                     {"geometry_jitter": 0.5, "shots": Shots(1.0, 0.5, 200.0, twice=True)}])
def test_items_are_the_same_whatever_is_kept(pairs, options):
    unkept, kept = (PairDataset(pairs, load_size=70, crop_size=64, cache=cache, **options) for cache in (0, 1 << 30))
    some = PairDataset(pairs, load_size=70, crop_size=64, cache=100_000, **options)
    for epoch, index in product(range(3), range(5)):
        for dataset in (unkept, kept, some):
            dataset.set_epoch(epoch)
        items = [dataset[index] for dataset in (unkept, kept, some)]
        assert all(torch.equal(items[0][key], item[key]) for item in items[1:] for key in items[0] if key != "path")
    assert kept.originals.store.used > some.originals.store.used > unkept.originals.store.used == 0


def test_batches_are_the_same_whatever_the_workers(pairs):
    found = []
    for workers, cache in ((0, 0), (2, 1 << 30)):
        options = Options().with_values({"load_size": 70, "crop_size": 64, "batch_size": 2, "num_threads": workers, "color_jitter": 0.5,
                                         "geometry_jitter": 0.5, "lambda_stable": 1.0})
        batches = Batches(training_pairs(pairs, options, cache), options)
        try:
            found.append([tensor for epoch in (1, 2) for batch in batches.epoch(epoch) for tensor in (batch.a, batch.b, batch.shifts)])
        finally:
            batches.close()
    assert len(found[0]) == 18 and found[0][0].dtype == torch.uint8 and found[0][0].shape == (4, 3, 64, 64)
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_what_does_not_fit_into_a_slot_is_sent(pairs):
    options = Options().with_values({"load_size": 70, "crop_size": 64, "batch_size": 2})
    items = [training_pairs(pairs, options).images(index) for index in (0, 1)]
    needed = sum(item[key].size for item in items for key in "AB")
    slots, small = Slots(2, needed), Slots(2, needed - 1)
    left, sent = collate(items, slots, 1), collate(items, small, 1)
    assert isinstance(left, Left) and isinstance(sent, Batch)
    taken = slots.take(left)
    slots.arrays(1, left.shapes)[0][...] = 0  # the next batch
    for own, other in zip(taken, (sent.a, sent.b), strict=True):
        assert torch.equal(own.permute(0, 3, 1, 2), other) and own.max() > 0


@pytest.mark.skipif(START != "fork", reason="what processes make is sent where they are spawned")
def test_a_damaged_image_is_named_through_a_slot(pairs, tmp_path):
    root = tmp_path / "set"
    shutil.copytree(pairs, root)
    broken = sorted((root / "train").iterdir())[0]
    broken.write_bytes(b"no image")
    options = Options().with_values({"load_size": 70, "crop_size": 64, "batch_size": 2, "num_threads": 1, "serial_batches": True})
    batches = Batches(training_pairs(root, options), options)
    try:
        found = list(batches.epoch(1))
    finally:
        batches.close()
    assert len(found) == len(batches) and broken.name in "".join(found[0].damaged) and not found[1].damaged
    assert torch.equal(found[0].a[0], found[0].a[1])  # the next one stands in its place


def test_as_many_workers_as_the_steps_need(pairs, monkeypatch):
    options = Options().with_values({"load_size": 70, "crop_size": 64, "batch_size": 4})
    assert 0 < feeding.pair_ms(training_pairs(pairs, options)) < 1000
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert [feeding.workers(options, 4.0, ms) for ms in (2000, 40, 8, 1)] == [0, 1, 3, 7]
    assert [feeding.fed_ms(options, 4.0, ms) for ms in (2000, 8, 1)] == pytest.approx([2016, 8, 16 / 7])
    assert feeding.workers(options.with_values({"num_threads": 5}), 4.0, 2000) == 5
    for text in ("many", "-1", "65", "1.5"):
        with pytest.raises(ValueError, match=r"--num_threads .*: expected auto or a number"):
            options.with_values({"num_threads": text})


def test_what_is_kept_is_told_and_bounded(pairs):
    options = Options().with_values({"load_size": 70, "crop_size": 64})
    assert 0 < feeding.room("auto") < feeding.room("ram") <= free_memory() <= total_memory()
    assert "all of them" in feeding.cache_remark(training_pairs(pairs, options, 1 << 30), "auto")[0]
    assert "--cache ram takes more" in feeding.cache_remark(training_pairs(pairs, options, 50_000), "auto")[0]
    assert feeding.cache_remark(training_pairs(pairs, options, feeding.room("off")), "off") == []
    assert draw_geometry((80, 120), "none", (70, 70), (64, 64), False, 0.0, np.random.default_rng(0)).size == (80, 120)
