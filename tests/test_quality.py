"""The quality ladder: steps down under load, up again with room, and does not swing."""

import itertools

import numpy as np
import pytest

from webcam_pix2pix.quality import EverySecond, Ladder, rungs
from webcam_pix2pix.settings import Model, Quality

QUALITY = Quality(ladder=True, target_fps=25.0)


def watched(ladder: Ladder, cost_ms: float, seconds: float) -> list[int]:
    """Positions over a time in which an image of the best rung takes `cost_ms`."""
    positions, passed = [], 0.0
    while passed < 1000 * seconds:
        busy = cost_ms * ladder.rung.cost
        period = max(busy, 40.0)
        ladder.observe(busy, busy + 20, period)
        positions.append(ladder.position)
        passed += period
    return positions


def test_the_rungs_are_precision_then_size_then_every_second_image():
    found = rungs(QUALITY, Model(precision="fp32"), side=512, multiple=128)
    assert [(r.precision, r.size, r.every) for r in found] == [
        ("fp32", 0, 1), ("auto", 0, 1), ("auto", 384, 1), ("auto", 256, 1), ("auto", 128, 1), ("auto", 128, 2)]
    assert all(a.cost > b.cost for a, b in itertools.pairwise(found))


def test_a_network_that_cannot_shrink_only_skips():
    assert [(r.size, r.every) for r in rungs(QUALITY, Model(), 256, 256)] == [(0, 1), (0, 2)]


def test_smallest_size_and_skip_are_respected():
    found = rungs(Quality(smallest_size=300, skip=False), Model(), 512, 4)
    assert min(r.size for r in found if r.size) >= 300
    assert all(r.every == 1 for r in found)


def test_a_machine_that_is_fast_enough_stays_on_the_best_rung():
    ladder = Ladder(QUALITY, Model(), 512, 128)
    assert set(watched(ladder, 30, 60)) == {0}
    assert ladder.text == ""


def test_it_steps_down_until_the_target_is_met_and_up_again():
    ladder = Ladder(QUALITY, Model(), 512, 128)
    watched(ladder, 80, 20)
    assert 80 * ladder.rung.cost <= 40 and ladder.position > 0
    assert "quality" in ladder.text
    watched(ladder, 10, 60)
    assert ladder.position == 0


def test_one_slow_image_changes_nothing():
    ladder = Ladder(QUALITY, Model(), 512, 128)
    watched(ladder, 20, 5)
    assert ladder.observe(500, 500) is None


def test_a_step_up_that_was_too_early_is_tried_ever_more_seldom():
    ladder = Ladder(QUALITY, Model(precision="fp32"), 256, 256)
    ups = 0
    last = 0
    passed = 0.0
    while passed < 300_000:  # the better rung takes longer than it seems from below
        busy = 50.0 if ladder.position == 0 else 10.0
        period = max(40.0, busy)
        ladder.observe(busy, 0.0, period)
        ups += ladder.position < last
        last = ladder.position
        passed += period
    assert 2 <= ups <= 8


def test_latency_counts_when_it_has_a_target():
    ladder = Ladder(Quality(ladder=True, target_fps=25, target_latency_ms=60), Model(), 256, 256)
    for _ in range(100):
        ladder.observe(20, 200, 40)
    assert ladder.position == 1


def test_every_second_image_is_predicted_and_blended():
    predicted = []

    def predict(image):
        predicted.append(image)
        return image.copy()

    halved = EverySecond(predict)
    shown = [int(halved(np.full((4, 4, 3), value, np.uint8))[0, 0, 0]) for value in (0, 50, 100, 150, 200, 250)]
    assert len(predicted) == 3
    assert shown == pytest.approx([0, 0, 50, 100, 150, 200], abs=1)
