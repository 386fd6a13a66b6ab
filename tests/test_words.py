"""Words for people."""

from msa.words import counted, did_you_mean, duration


def test_things_are_counted_right_in_number():
    assert [counted(1, "pair"), counted(2, "pair"), counted(0, "box", "boxes")] == ["1 pair", "2 pairs", "0 boxes"]


def test_times_are_no_longer_than_they_need_to_be():
    times = (0, 45, 600, 3570, 3 * 3600 + 300, 50 * 3600)
    assert [duration(s) for s in times] == ["0 s", "45 s", "10 min", "1 h 00 min", "3 h 05 min", "2 days 2 h"]


def test_the_nearest_name_is_offered():
    names = ("frames", "preset", "prepare")
    assert did_you_mean("presets", names) == "; did you mean preset?"
    assert did_you_mean("xyz", names) == "" and did_you_mean("xyz", names, iter(["frames"])) == "; did you mean frames?"
