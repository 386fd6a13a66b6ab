import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webcam_pix2pix.dataset.footage.selection import Selection, parse_time, select

THIRTY = np.arange(300) / 30  # ten seconds at 30 fps


def test_twelve_from_thirty():
    taken = THIRTY[select(THIRTY, Selection(fps=12))]
    ticks = np.arange(len(taken)) / 12
    assert len(taken) == 120 and np.abs(taken - ticks).max() <= 1 / 60 + 1e-9


def test_rates_above_the_film_take_each_frame_once():
    assert select(THIRTY, Selection(fps=60)).tolist() == list(range(300))


def test_every_and_all():
    assert select(THIRTY, Selection(every=7)).tolist() == list(range(0, 300, 7))
    assert select(THIRTY, Selection()).tolist() == list(range(300))


def test_count_spans_the_film():
    taken = select(THIRTY, Selection(count=100))
    assert len(set(taken)) == 100 and taken[0] == 0 and taken[-1] == 299
    assert np.ptp(np.diff(THIRTY[taken])) <= 1 / 30 + 1e-9
    assert select(THIRTY, Selection(count=1)).tolist() == [150]
    assert select(THIRTY, Selection(count=1000)).tolist() == list(range(300))


def test_count_is_even_in_time_where_the_rate_varies():
    times = np.concatenate([np.arange(300) / 30, 10 + np.arange(20) / 2])  # ten seconds at 30 fps, ten at 2 fps
    taken = times[select(times, Selection(count=10))]
    assert abs((taken < 10).sum() - 5) <= 1


def test_start_and_end():
    taken = THIRTY[select(THIRTY, Selection(start=2, end=4))]
    assert taken[0] == 2.0 and taken[-1] < 4.0 and len(taken) == 60
    assert len(select(THIRTY, Selection(start=20))) == 0
    assert THIRTY[select(THIRTY, Selection(fps=1, start=2.5))][0] == 2.5


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=200), st.integers(1, 220))
def test_count_gives_exactly_so_many_different_ascending_frames(gaps, count):
    times = np.cumsum(gaps) / 1000
    taken = select(times, Selection(count=count))
    assert len(taken) == min(count, len(times)) and (np.diff(taken) > 0).all()


@pytest.mark.parametrize("options, message", [
    ({"fps": 1, "count": 2}, "fps and count: these exclude each other"), ({"fps": 0}, "fps: 0"), ({"fps": float("nan")}, "fps: nan"),
    ({"every": -1}, "every: -1"), ({"start": 4, "end": 4}, "start: 4 s is not before end 4 s"),
])
def test_mistakes(options, message):
    with pytest.raises(ValueError, match=message):
        Selection(**options)


def test_times_as_people_write_them():
    assert [parse_time(t) for t in ("90", "1:30", "0:01:30.5")] == [90, 90, 90.5]
    for text in ("", "x", "-1", "1:x", "nan", "inf"):
        with pytest.raises(ValueError, match="not a time"):
            parse_time(text)
