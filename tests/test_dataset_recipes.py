from dataclasses import replace

import cv2
import numpy as np
import pytest

from webcam_pix2pix.dataset.pairs.jitter import draw, jittered
from webcam_pix2pix.dataset.pairs.recipes import RECIPES, default_ranges, parse_ranges, with_settings
from webcam_pix2pix.preprocessing import Processing, preprocess
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import BUILT_IN_PRESETS


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    small = np.random.default_rng(4).integers(0, 256, (16, 16, 3), np.uint8)
    return cv2.resize(small, (128, 128), interpolation=cv2.INTER_CUBIC)


def made(name: str, photo: np.ndarray) -> np.ndarray:
    return preprocess(photo, RECIPES[name].processing, RECIPES[name].edges)


def test_documented_edges_are_opencv_called_by_hand(photo):
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(grey, (3, 3), 0.8)
    edges = cv2.bitwise_or(cv2.Canny(blurred, 40, 120, apertureSize=3), cv2.Canny(blurred, 80, 160, apertureSize=5))
    edges = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2)))
    assert np.array_equal(made("edges", photo), cv2.cvtColor(edges, cv2.COLOR_GRAY2RGB))


def test_colorize_is_the_lightness_of_lab(photo):
    lightness = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)[:, :, 0]
    result = made("colorize", photo)
    assert all(np.array_equal(result[:, :, c], lightness) for c in range(3))


def test_inpaint_blanks_the_centre_as_process_py_does(photo):
    result = made("inpaint", photo)
    side = int(128 * 0.3)
    offset = int(128 / 2 - side / 2)
    hole = np.zeros((128, 128), bool)
    hole[offset:offset + side, offset:offset + side] = True
    assert (result[hole] == 255).all() and np.array_equal(result[~hole], photo[~hole])


def test_grey_blur_and_gamma(photo):
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    assert np.array_equal(made("grayscale", photo)[:, :, 0], grey)
    assert np.array_equal(made("blur", photo)[:, :, 0], cv2.GaussianBlur(grey, (25, 25), 0))
    lifted = preprocess(photo, Processing(flip_h=False, pre_gamma=2.0), RECIPES["grayscale"].edges)
    assert np.abs(lifted - 255 * (photo / 255) ** 0.5).max() <= 0.5


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_survives_its_stored_layout_and_draws_within_its_ranges(name, photo):
    recipe = replace(RECIPES[name], ranges=default_ranges(RECIPES[name]))
    assert Recipe.from_json(recipe.to_json()) == recipe
    rng = np.random.default_rng(0)
    for _ in range(20):
        values = draw(recipe, rng)
        assert set(values) == set(recipe.ranges)
        assert all(recipe.ranges[key][0] <= value <= recipe.ranges[key][1] for key, value in values.items())
        one = jittered(recipe, rng)
        assert one.ranges == {} and recipe.departures(one.processing, one.edges) == ()
    assert preprocess(photo, one.processing, one.edges).shape == photo.shape


def test_soft_lines_are_jittered_in_the_ranges_they_are_trained_with():
    ranges = default_ranges(RECIPES["color-soft"])
    assert ranges["EdgeDetection.soft_low"] == (2.0, 6.0) and ranges["EdgeDetection.soft_gain"] == (5.0, 12.0)
    assert ranges["EdgeDetection.blur_sigma"] == (0.8, 1.6) and ranges["EdgeDetection.tone_blur"] == (3.0, 7.0)
    assert not [name for name in ranges if "canny" in name]


def test_ranges_are_parsed_and_checked():
    recipe = parse_ranges(["EdgeDetection.blur_sigma=0.7:1.6", "EdgeDetection.canny_t1_fine=20:60"], RECIPES["edges"])
    assert recipe.ranges == {"EdgeDetection.blur_sigma": (0.7, 1.6), "EdgeDetection.canny_t1_fine": (20, 60)}
    for text, message in {"EdgeDetection.blur_sigma": "expected Group.name=low:high", "EdgeDetection.blur_sigma=2:1": "low first",
                          "EdgeDetection.blur_sigma=1:99": "out of range", "EdgeDetection.blur=1:2": "no such setting",
                          "EdgeDetection.method=none:adaptive": "range of numbers"}.items():
        with pytest.raises(ValueError, match=message):
            parse_ranges([text], RECIPES["edges"])


def test_presets_become_recipes():
    values = BUILT_IN_PRESETS["original 2017 look"]
    recipe = with_settings(RECIPES["edges"], values, "preset")
    assert recipe.processing.canny and recipe.edges.method == "none" and recipe.processing.canny_t2 == 10
    matched = with_settings(RECIPES["edges"], {"EdgeDetection.method": "training_matched", "EdgeDetection.tone": 0.5}, "preset")
    assert matched == RECIPES["edges"]
