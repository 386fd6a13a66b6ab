"""FrameStats with a clock of our own."""

import pytest

from msa.framestats import FrameStats


def test_fps_settles_on_the_rate_of_the_ticks():
    stats = FrameStats()
    assert stats.fps == 0
    stats.tick(10.0)
    assert stats.fps == 0  # one tick is no rate
    for k in range(1, 200):
        stats.tick(10.0 + k / 25)
    assert stats.rate(10.0 + 199 / 25) == pytest.approx(25)
    assert stats.ticks == 200


def test_intervals_are_smoothed_by_nine_tenths():
    stats = FrameStats()
    for now in (0.0, 0.1, 0.15):
        stats.tick(now)
    assert stats.rate(0.15) == pytest.approx(1 / (0.9 * 0.1 + 0.1 * 0.05))


def test_images_that_come_in_pairs_are_not_more_than_they_are():
    stats, now = FrameStats(), 0.0
    for k in range(400):  # 30 a second, by turns 1 ms and the rest of two intervals after the one before
        now += 0.001 if k % 2 else 2 / 30 - 0.001
        stats.tick(now)
    assert stats.rate(now) == pytest.approx(30, rel=0.06)  # the mean of 1/dt would be above 500


def test_the_rate_is_0_when_nothing_comes_and_comes_back():
    stats = FrameStats()
    for k in range(50):
        stats.tick(k / 25)
    assert stats.rate(2.5) == pytest.approx(25) and stats.rate(3.5) == 0
    stats.tick(60.0)
    assert stats.rate(60.0) == pytest.approx(25)  # the rest between does not count


def test_a_slow_loop_is_not_a_silent_one():
    stats = FrameStats()
    for k in range(10):
        stats.tick(2.0 * k)
    assert stats.rate(22.0) == pytest.approx(0.5)


def test_two_ticks_at_the_same_time_do_no_harm():
    stats = FrameStats()
    for now in (1.0, 1.0, 1.5):
        stats.tick(now)
    assert stats.rate(1.5) == pytest.approx(2)


def test_milliseconds_are_kept_per_stage_in_order_and_smoothed():
    stats = FrameStats()
    stats.add("process", 4.0)
    stats.add("predict", 20.0)
    stats.add("process", 14.0)
    assert list(stats.ms) == ["process", "predict"]
    assert stats.ms == pytest.approx({"process": 5.0, "predict": 20.0})
