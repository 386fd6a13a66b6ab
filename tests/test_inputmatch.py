"""The measures of a model's input, against those of its training, and the settings that bring it nearer."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from msa.capturer.sources.testscene import draw
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.inputmatch import WORDS, features, matching, readings, statistics
from webcam_pix2pix.preprocessing import fit, preprocess
from webcam_pix2pix.recipe import Recipe

FRAMES = [fit(draw(k), (128, 128), RECIPES["color"].processing) for k in (0, 60, 200, 330, 450, 500)]


def made(recipe: Recipe, images) -> list[np.ndarray]:
    return [preprocess(image, recipe.processing, recipe.edges) for image in images]


def trained(recipe: Recipe) -> dict:
    return statistics(features(view) for view in made(recipe, FRAMES))


def test_features_of_images_that_are_easy_to_reckon():
    red = np.full((64, 64, 3), (100, 20, 20), np.uint8)
    red[:16] = 255
    found = features(red)
    assert found["lines"] == 0.25 and found["colour"] == 60
    assert found["brightness"] == pytest.approx(0.25 * 255 + 0.75 * cv2.cvtColor(red, cv2.COLOR_RGB2GRAY)[-1, 0])
    assert features(np.full((9, 9, 3), 80, np.uint8)) == {"lines": 0.0, "brightness": 80.0, "contrast": 0.0, "colour": 0.0}


def test_what_was_trained_on_fits_and_what_was_not_is_named():
    recipe = RECIPES["color"]
    stats = trained(recipe)
    wide = {name: (0.9 * low, middle, 1.1 * high) for name, (low, middle, high) in stats.items()}
    assert not any(reading.off for reading in readings(features(made(recipe, FRAMES[1:2])[0]), wide))
    dark = {reading.name: reading for reading in readings(features(made(recipe, [FRAMES[0] // 4])[0]), stats)}
    assert dark["brightness"].off < -0.5 and "too dark" in str(dark["brightness"]) and "too few lines" in str(dark["lines"])
    assert [reading.name for reading in readings(features(FRAMES[0]), {"colour": (0.0, 1.0, 2.0)})] == ["colour"]


@pytest.mark.parametrize("name", ["color", "color-soft", "canny"])
def test_exposure_and_thresholds_bring_a_dark_flat_camera_back(name):
    recipe = RECIPES[name]
    stats = trained(recipe)
    dark = [np.clip(image * 0.35 + 8, 0, 255).astype(np.uint8) for image in FRAMES[:3]]
    values = matching(dark, recipe, stats)
    changed = recipe.with_values(values)
    before, after = (np.median([[abs(reading.off) for reading in readings(features(view), stats)]
                                for view in made(one, dark)], axis=0) for one in (recipe, changed))
    assert after[0] < 0.5 * before[0] and after[0] < 0.5 and after[1] <= max(0.5 * before[1], 0.1)
    assert matching(FRAMES, recipe, stats) == {}, "what fits is left alone"


def test_prepare_notes_the_statistics_of_what_is_trained_on_and_they_travel_with_the_recipe(tmp_path):
    (tmp_path / "photos").mkdir()
    for index, image in enumerate(FRAMES):
        cv2.imwrite(str(tmp_path / "photos" / f"{index}.png"), image[..., ::-1])
    out = tmp_path / "out"
    arguments = ["prepare", str(tmp_path / "photos"), str(out), "--size", "128", "--recipe", "color-soft", "--workers", "1"]
    assert main(arguments) == 0
    manifest = read_manifest(out)
    recipe = recipe_of(manifest)
    names = [row["source"].rpartition("/")[2] for row in manifest["pairs"] if row["file"].startswith("train/")]
    expected = statistics(features(view) for view in made(RECIPES["color-soft"], [FRAMES[int(name[0])] for name in names]))
    assert recipe == RECIPES["color-soft"] and recipe.statistics.keys() == WORDS.keys()
    for name, values in expected.items():
        assert recipe.statistics[name] == pytest.approx(values, abs=0.051)
    assert Recipe.from_json(recipe.to_json()).statistics == recipe.statistics
    assert main([*arguments, "--resume"]) == 0


@pytest.mark.parametrize(("data", "words"), [
    (3, "statistics: 3 is not an object"), ({"lines": [1, 2]}, "lines: [1, 2] is not"), ({"lines": [3, 2, 1]}, "[low, middle, high]"),
    ({"lines": ["a", 1, 2]}, "[low, middle, high]")])
def test_broken_statistics_get_one_line(data, words):
    with pytest.raises(ValueError, match="statistics") as error:
        Recipe.from_json({"statistics": data}, "recipe.json")
    assert words in str(error.value)


def test_a_recipe_with_statistics_is_the_same_recipe():
    assert replace(Recipe(), statistics={"lines": (0.0, 0.1, 0.2)}) == Recipe()
