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
    assert stats.fps == pytest.approx(25)
    assert stats.ticks == 200


def test_fps_is_smoothed_by_nine_tenths():
    stats = FrameStats()
    for now in (0.0, 0.1, 0.15):  # 10, then 20 frames a second
        stats.tick(now)
    assert stats.fps == pytest.approx(0.9 * 10 + 0.1 * 20)


def test_two_ticks_at_the_same_time_do_no_harm():
    stats = FrameStats()
    for now in (1.0, 1.0, 1.5):
        stats.tick(now)
    assert stats.fps == pytest.approx(2)


def test_milliseconds_are_kept_per_stage_in_order_and_smoothed():
    stats = FrameStats()
    stats.add("process", 4.0)
    stats.add("predict", 20.0)
    stats.add("process", 14.0)
    assert list(stats.ms) == ["process", "predict"]
    assert stats.ms == pytest.approx({"process": 5.0, "predict": 20.0})
