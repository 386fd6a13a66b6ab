"""LiveSettings: one value, one emission for each change, undo, recipe."""

import pytest

from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import BUILT_IN_PRESETS, Settings
from webcam_pix2pix.ui.settings.live_settings import LiveSettings

RECIPE = Recipe(edges=EdgeDetection(method="custom_canny", tone=0.55, canny_t1_coarse=480), ranges={"EdgeDetection.tone_blur": (3.0, 7.0)})


@pytest.fixture
def live(qapp):
    pushed = []
    live = LiveSettings(Settings(), pushed.append)
    live.pushed = pushed
    live.emissions = 0

    def count():
        live.emissions += 1

    live.changed.connect(count)
    return live


def test_a_preset_is_one_change(live):
    live.apply(BUILT_IN_PRESETS["original 2017 look"], "2017")
    assert live.emissions == 1 and len(live.pushed) == 1
    assert live.pushed[0].processing.canny and live.pushed[0].processing.canny_t2 == 10
    live.undo.undo()
    assert live.value == Settings()


def test_a_bad_preset_changes_nothing(live):
    with pytest.raises(ValueError, match=r"EdgeDetection\.tone"):
        live.apply({"Capture.freeze": True, "EdgeDetection.tone": 7}, "bad")
    assert live.value == Settings() and not live.pushed


def test_a_drag_is_one_step_of_undo(live):
    for tone in (0.1, 0.2, 0.3):
        live.set("EdgeDetection.tone", tone)
    live.set("Prediction.post_time_lerp", 0.7)
    assert live.undo.count() == 2
    live.undo.undo()
    live.undo.undo()
    assert live.value == Settings()
    live.undo.redo()
    assert live.value.edges.tone == 0.3


def test_edited_edges_are_no_longer_those_of_the_training(live):
    live.adopt(RECIPE, keep=False)
    assert live.value.edges.method == "training_matched" and live.value.edges.tone == 0.55 and live.departures() == ()
    live.set("EdgeDetection.tone", 0.2)
    assert live.value.edges.method == "custom_canny" and live.departures() == ("EdgeDetection.tone",)
    live.set("EdgeDetection.tone_blur", 6.0)  # within what it was trained with
    assert live.departures() == ("EdgeDetection.tone",)
    live.to_recipe()
    assert live.departures() == () and live.value.edges.tone == 0.55


def test_what_does_nothing_does_not_leave_the_recipe(live):
    live.adopt(RECIPE, keep=False)
    live.set("Capture.Processing.canny_t1", 99)
    assert live.departures() == ()
    live.set("Capture.Processing.canny", True)
    assert live.departures() == ("Capture.Processing.canny", "Capture.Processing.canny_t1")


def test_choosing_training_matched_shows_the_values_that_are_used(live):
    live.adopt(RECIPE, keep=False)
    live.set("EdgeDetection.canny_t1_coarse", 100)
    live.set("EdgeDetection.method", "training_matched")
    assert live.value.edges.canny_t1_coarse == 480


def test_a_recipe_can_be_known_and_not_applied(live):
    live.set("EdgeDetection.tone", 0.9)
    live.adopt(RECIPE, keep=True)
    assert live.value.edges.tone == 0.9 and "EdgeDetection.tone" in live.departures()
    assert live.reference()["EdgeDetection.tone"] == 0.55


def test_undo_is_for_the_preset_alone(live):
    live.set("EdgeDetection.tone", 0.9)
    live.apply({"Capture.Init.device_id": "film.mp4", "Model.model_name": "blue", "Capture.freeze": True,
                "Prediction.enabled": False}, "show")
    assert live.undo.count() == 1
    live.undo.undo()
    value = live.value
    assert value.edges.tone == 0.0 and value.capture_init.device_id == "film.mp4" and value.model.model_name == "blue"
    assert value.capture.freeze and not value.prediction.enabled
    live.undo.redo()
    assert live.value.edges.tone == 0.9 and live.value.capture_init.device_id == "film.mp4"


def test_a_preset_that_came_with_a_source_is_undone_without_it(live):
    live.apply({"Capture.Init.device_id": "film.mp4", "Capture.Processing.invert": True}, "both")
    assert live.value.capture_init.device_id == "film.mp4"
    live.undo.undo()
    assert live.value.capture_init.device_id == "film.mp4" and not live.value.processing.invert


def test_sources_and_models_have_a_candidate_back(live):
    source, model = "Capture.Init.device_id", "Model.model_name"
    assert not live.can_go_back(source)
    for name in ("test", "film.mp4"):
        live.set(source, name)
    live.set(model, "blue")
    live.set("EdgeDetection.tone", 0.4)
    live.back(source)
    assert live.value.capture_init.device_id == "test" and live.value.model.model_name == "blue" and live.value.edges.tone == 0.4
    live.back(source)
    assert live.value.capture_init.device_id == "auto" and not live.can_go_back(source)
    live.back(source)
    live.back(model)
    assert live.value.capture_init.device_id == "auto" and live.value.model.model_name == ""
    live.follow(live.value.with_values({model: "red"}))  # by a dock
    live.back(model)
    assert live.value.model.model_name == ""


def test_a_preset_restored_with_its_model_is_not_replaced_by_the_recipe(live):
    live.apply({"Model.model_name": "blue", "EdgeDetection.tone": 0.9}, "restored")
    live.keep_values()
    live.adopt(RECIPE, keep=False)
    assert live.value.edges.tone == 0.9
    live.adopt(RECIPE, keep=False)  # the next model as ever
    assert live.value.edges.tone == 0.55


OTHER = Recipe(edges=EdgeDetection(method="soft", tone=0.2, tone_blur=4.0))


def test_what_was_set_by_hand_comes_back_on_the_next_model_by_one_undo(live):
    live.adopt(RECIPE, keep=False)
    live.set("EdgeDetection.tone", 0.9)
    live.set("Capture.Processing.pre_blur", 3)
    by_hand = live.value
    replaced = live.adopt(OTHER, keep=False)
    assert {"EdgeDetection.tone", "Capture.Processing.pre_blur"} <= set(replaced)
    assert live.departures() == () and live.value.edges.tone == 0.2
    live.undo.undo()
    assert (live.value.edges, live.value.processing) == (by_hand.edges, by_hand.processing)
    assert "EdgeDetection.tone" in live.departures()  # and the badge says so
    live.undo.redo()
    assert live.departures() == () and live.value.edges.tone == 0.2


def test_undo_never_brings_the_numbers_of_the_model_before(live):
    live.adopt(RECIPE, keep=False)
    live.set("Capture.Processing.pre_blur", 3)
    assert live.adopt(OTHER, keep=False) == ("Capture.Processing.pre_blur",)
    live.undo.undo()
    assert live.value.processing.pre_blur == 3 and live.value.edges.method == "training_matched"
    assert live.value.edges.tone == 0.2 and live.departures() == ("Capture.Processing.pre_blur",)
    live.undo.undo()
    assert live.value.edges.tone == 0.2 and live.departures() == ()


def test_a_new_model_on_untouched_settings_is_no_step_of_undo(live):
    live.adopt(RECIPE, keep=False)
    assert live.adopt(OTHER, keep=False) == () and not live.undo.canUndo()


def test_a_preset_made_with_another_model_shows_what_is_used(live):
    live.adopt(OTHER, keep=False)
    live.apply(RECIPE.values() | {"EdgeDetection.method": "training_matched"}, "preset")
    assert live.value.edges.tone == 0.2 and live.departures() == ()
