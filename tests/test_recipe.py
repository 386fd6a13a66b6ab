from dataclasses import replace

import pytest

from webcam_pix2pix.preprocessing import EdgeDetection, Processing
from webcam_pix2pix.recipe import Recipe

TONE = Recipe.from_json({"EdgeDetection.tone": 0.55, "ranges": {"EdgeDetection.tone_blur": [3, 7]}})


def test_a_recipe_comes_back_as_it_was_stored():
    assert Recipe.from_json(TONE.to_json()) == TONE
    assert TONE.to_json()["EdgeDetection.tone"] == 0.55
    assert TONE.to_json()["ranges"] == {"EdgeDetection.tone_blur": [3.0, 7.0]}


def test_what_was_stored_before_soft_lines_and_colours_is_stored_alike():
    stored = TONE.to_json()
    assert not {"EdgeDetection.soft_low", "EdgeDetection.soft_gain", "EdgeDetection.tone_color"} & stored.keys()
    colour = TONE.with_values({"EdgeDetection.tone_color": True, "EdgeDetection.soft_low": 2.5})
    assert colour.to_json().items() >= {"EdgeDetection.tone_color": True, "EdgeDetection.soft_low": 2.5}.items()
    assert Recipe.from_json(colour.to_json()) == colour
    assert TONE.with_values({"EdgeDetection.method": "soft"}).to_json()["EdgeDetection.soft_gain"] == 9.0


def test_the_pose_is_no_part_of_it():
    assert "Capture.Processing.flip_h" not in TONE.to_json()
    assert not TONE.departures(replace(TONE.processing, flip_h=True, flip_v=True), TONE.edges)


def test_departures_name_what_left_the_recipe():
    live = replace(TONE.edges, tone=0.2, tone_blur=6.5)  # the blur stays within what training saw
    assert TONE.departures(replace(TONE.processing, invert=True), live) == ("Capture.Processing.invert", "EdgeDetection.tone")
    assert TONE.departures(TONE.processing, replace(TONE.edges, tone_blur=9.0)) == ("EdgeDetection.tone_blur",)


def test_training_matched_edges_never_depart():
    assert not TONE.departures(Processing(), EdgeDetection(method="training_matched", tone=0.0))


@pytest.mark.parametrize(("data", "words"), [
    ([], ["m.json", "not an object"]), ({"EdgeDetection.tonee": 1}, ["m.json", "tonee"]),
    ({"tone": 1}, ["m.json: tone", "no such setting"]),
    ({"EdgeDetection.tone": 7}, ["m.json: EdgeDetection.tone", "7", "0 to 1"]),
    ({"EdgeDetection.method": "training_matched"}, ["EdgeDetection.method", "concrete"]),
    ({"ranges": 3}, ["ranges", "3"]), ({"ranges": {"EdgeDetection.tone": 3}}, ["EdgeDetection.tone", "[low, high]"]),
    ({"ranges": {"EdgeDetection.tone": [0.9, 0.1]}}, ["EdgeDetection.tone", "low first"]),
    ({"ranges": {"EdgeDetection.method": ["none", "none"]}}, ["EdgeDetection.method", "range of numbers"])])
def test_a_broken_recipe_gets_one_line(data, words):
    with pytest.raises(ValueError) as error:
        Recipe.from_json(data, "m.json")
    assert all(word in str(error.value) for word in words)
