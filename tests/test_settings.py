import json

import pytest

from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import BUILT_IN_PRESETS, NAMES, Settings, parse_assignments, read_preset, write_preset


def test_every_setting_has_a_dotted_name_and_comes_back():
    settings = Settings().with_values({"Capture.Init.width": "1280", "Prediction.post_time_lerp": 0.123456789})
    assert set(settings.flat()) == set(NAMES)
    assert Settings().with_values(settings.flat()) == settings
    assert settings.prediction.post_time_lerp == 0.123456789


def test_names_of_the_original_application_are_there():
    processing = ("frame_diff flip_h flip_v grayscale pre_blur pre_median pre_thresh adaptive_thresh adaptive_thresh_block "
                  "adaptive_thresh_c invert canny canny_t1 canny_t2 post_blur accum_w1 accum_w2 post_thresh").split()
    edges = ("method blur_kernel blur_sigma canny_t1_fine canny_t2_fine canny_t1_coarse canny_t2_coarse morph_kernel_size morph_iterations "
             "tone tone_blur tone_equalize").split()
    expected = {f"Capture.Processing.{n}" for n in processing} | {f"EdgeDetection.{n}" for n in edges}
    expected |= {f"Capture.Init.{n}" for n in ("use_thread", "device_id", "width", "height", "fps")}
    expected |= {"Capture.enabled", "Capture.freeze", "Prediction.enabled", "Prediction.pre_time_lerp", "Prediction.post_time_lerp"}
    assert expected <= set(NAMES)


def test_a_changed_edge_value_leaves_the_training_behind():
    assert Settings().with_values({"EdgeDetection.tone": 0.5}).edges.method == "custom_canny"
    both = {"EdgeDetection.tone": 0.5, "EdgeDetection.method": "training_matched"}
    assert Settings().with_values(both).edges.method == "training_matched"
    assert Settings().with_values({"EdgeDetection.soft_low": 2.0}).edges.method == "soft"
    soft = Recipe(edges=EdgeDetection(method="soft", tone=0.5))
    live = Settings().with_recipe(soft)
    assert live.with_values({"EdgeDetection.tone": 0.4}, soft).edges.method == "soft", "the tone belongs to every method"
    assert live.with_values({"EdgeDetection.canny_t1_fine": 20}, soft).edges.method == "custom_canny"
    assert Settings().with_values({"Prediction.enabled": False}).edges.method == "training_matched"


def test_a_recipe_sets_the_chain_but_not_the_pose():
    recipe = Recipe.from_json({"EdgeDetection.tone": 0.55, "Capture.Processing.pre_blur": 2})
    settings = Settings().with_recipe(recipe)
    assert settings.processing.pre_blur == 2
    assert settings.processing.flip_h
    assert settings.edges.tone == 0.55
    assert settings.edges.method == "training_matched"


def test_paintings_are_calm_by_default_but_the_look_of_2017_stays():
    name = "Prediction.post_time_lerp"
    assert Settings().flat()[name] == 0.6
    assert Settings().with_values(BUILT_IN_PRESETS["original 2017 look"]).flat()[name] == 0.5


@pytest.mark.parametrize("assignment", ["EdgeDetection.tone=2", "EdgeDetection.tone=x", "EdgeDetection.nothing=1", "Nothing.at=1",
                                        "Capture.Processing.canny_t1=999", "EdgeDetection.method=magic", "no equals sign"])
def test_bad_assignments_get_one_line_that_names_them(assignment):
    with pytest.raises(ValueError) as error:
        Settings().with_values(parse_assignments([assignment]))
    assert assignment.partition("=")[0] in str(error.value)
    assert "\n" not in str(error.value)


def test_a_near_miss_is_suggested():
    with pytest.raises(ValueError, match=r"did you mean Capture\.Processing\.canny_t1"):
        Settings().with_values({"Capture.canny_t1": 3})


def test_presets_are_written_whole_and_come_back(tmp_path):
    path = tmp_path / "look.json"
    write_preset(path, {"EdgeDetection.tone": 0.25})
    assert read_preset(path) == {"EdgeDetection.tone": 0.25}
    assert [p.name for p in tmp_path.iterdir()] == ["look.json"]


@pytest.mark.parametrize("text", ["not json", "[]", "{}", json.dumps({"settings": {"EdgeDetection.tone": 9}}), "\x00\xff"])
def test_a_broken_preset_gets_one_line_that_names_the_file(tmp_path, text):
    path = tmp_path / "look.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"look\.json"):
        read_preset(path)


def test_a_missing_preset_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.json"):
        read_preset(tmp_path / "gone.json")


@pytest.mark.parametrize("name", BUILT_IN_PRESETS)
def test_built_in_presets_are_valid(name):
    Settings().with_values(BUILT_IN_PRESETS[name])


def test_the_original_preset_uses_its_own_edges():
    settings = Settings().with_values(BUILT_IN_PRESETS["original 2017 look"])
    assert (settings.processing.canny, settings.processing.canny_t1, settings.processing.canny_t2) == (True, 1, 10)
    assert settings.edges.method == "none"
    assert settings.processing.pre_median == 1
