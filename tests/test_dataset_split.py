from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webcam_pix2pix.dataset.pairs.split import assign, parse_fractions


def counts(groups, fractions, **options):
    found = Counter(assign(groups, fractions, **{"seed": 0} | options))
    return found["train"], found["val"], found["test"]


@pytest.mark.parametrize("text, fractions", [
    ("0.8", (0.8, 0.2, 0)), ("80", (0.8, 0.2, 0)), ("80/10/10", (0.8, 0.1, 0.1)), ("0.9,0.1", (0.9, 0.1, 0)), ("1", (1, 0, 0)),
    ("3:1", (0.75, 0.25, 0)), ("0.9,0,0.1", (0.9, 0, 0.1)),
])
def test_shares_as_people_write_them(text, fractions):
    assert parse_fractions(text) == pytest.approx(fractions)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "1,2,3,4", "nan", "150", "inf"])
def test_other_shares_are_refused(text):
    with pytest.raises(ValueError, match="not a split"):
        parse_fractions(text)


def test_single_images_give_exact_shares():
    assert counts(range(100), (0.8, 0.1, 0.1)) == (80, 10, 10)
    assert counts(range(100), (0.8, 0.1, 0.1), in_order=True) == (80, 10, 10)
    assert counts(range(3), (0.9, 0.05, 0.05)) == (1, 1, 1)
    assert counts(range(1), (0.9, 0.05, 0.05)) == (1, 0, 0)
    assert counts(range(50), (1, 0, 0)) == (50, 0, 0)


def test_in_order_keeps_the_order():
    phases = assign(list(range(10)), (0.6, 0.2, 0.2), seed=3, in_order=True)
    assert phases == ["train"] * 6 + ["val"] * 2 + ["test"] * 2


def test_another_seed_deals_otherwise():
    items = list(range(40))
    assert assign(items, (0.5, 0.5, 0), seed=0) == assign(items, (0.5, 0.5, 0), seed=0) != assign(items, (0.5, 0.5, 0), seed=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=120), st.integers(0, 99), st.booleans())
def test_groups_stay_together_and_no_phase_is_left_out(groups, seed, in_order):
    groups = sorted(groups)
    phases = assign(groups, (0.7, 0.2, 0.1), seed, in_order)
    homes = {group: {p for g, p in zip(groups, phases, strict=True) if g == group} for group in set(groups)}
    assert all(len(found) == 1 for found in homes.values())
    if len(homes) >= 3:
        assert set(phases) == {"train", "val", "test"}
    if len(homes) == 1:
        assert set(phases) == {"train"}
