"""The desk: storms from many threads, undo, subscribers, actions, and an engine to which others assign too."""

import threading

import pytest

from webcam_pix2pix.control import Action, Desk, register_common
from webcam_pix2pix.control.values import checked_value, differences
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import NAMES, Settings

TONE, T1, LERP, SOURCE = "EdgeDetection.tone", "Capture.Processing.canny_t1", "Prediction.post_time_lerp", "Capture.Init.device_id"


class Engine:
    """Holds settings as the pipeline does."""

    def __init__(self):
        self.settings, self.pushes = Settings(), 0

    def push(self, settings):
        self.settings, self.pushes = settings, self.pushes + 1


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def desk(engine):
    return Desk(engine.settings, engine.push, lambda: engine.settings)


def test_a_storm_from_many_threads_arrives_merged_and_the_last_values_count(desk, engine):
    def storm(name, by):
        for i in range(500):
            desk.set(name, i % 100 / 100, by)
        desk.set(name, 0.25, by)

    threads = [threading.Thread(target=storm, args=pair) for pair in ((TONE, "osc"), (LERP, "midi"), ("Prediction.pre_time_lerp", "osc"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settings = desk.settings
    assert settings.edges.tone == settings.prediction.post_time_lerp == settings.prediction.pre_time_lerp == 0.25
    assert engine.settings is settings and engine.pushes < 400
    assert desk.changed_by(LERP) == "midi" and desk.changed_by(TONE) == "osc"


def test_what_was_set_arrives_without_anybody_reading_it(desk, engine):
    desk.set(TONE, 0.1)
    desk.set(TONE, 0.2)
    for _ in range(200):
        if engine.settings.edges.tone == 0.2:
            break
        threading.Event().wait(0.01)
    assert engine.settings.edges.tone == 0.2


def test_one_controller_that_turns_many_knobs_is_one_step_of_undo(desk):
    for i in range(1, 50):
        desk.set(TONE, i / 100, "osc")
        desk.set(T1, i, "osc")
    desk.flush()
    assert desk.history.count() == 1
    desk.undo()
    assert desk.settings == Settings()
    desk.redo()
    assert desk.settings.processing.canny_t1 == 49 and desk.settings.edges.tone == 0.49


def test_a_value_that_cannot_be_is_refused_at_once_and_changes_nothing(desk, engine):
    for name, value, words in ((TONE, 7, "out of range"), (TONE, float("nan"), "not a number"),
                               (T1, "x", "a whole number"), ("Edge.tone", 1, "no such"),
                               ("EdgeDetection.method", "oil", "not one of")):
        with pytest.raises(ValueError, match=words):
            desk.set(name, value, "osc")
    assert desk.settings == Settings() and engine.pushes == 0 and desk.version == 0


def test_texts_are_not_merged_so_that_the_order_counts(desk):
    desk.recipe = Recipe(edges=EdgeDetection(method="custom_canny", tone=0.55))
    desk.set(TONE, 0.3)
    desk.set(TONE, 0.4)
    desk.set("EdgeDetection.method", "training_matched")
    assert desk.settings.edges.method == "training_matched" and desk.settings.edges.tone == 0.55


def test_subscribers_hear_what_changed_and_who_did_it_and_a_bad_one_harms_nobody(desk, caplog):
    heard = []

    def bad(change):
        raise RuntimeError("bad subscriber")

    desk.subscribe(bad)
    end = desk.subscribe(heard.append)
    desk.apply({TONE: 0.3, SOURCE: "film.mp4"}, "both", by="phone")
    assert heard[-1].values == {TONE: 0.3, SOURCE: "film.mp4", "EdgeDetection.method": "custom_canny"} and heard[-1].text == "both"
    assert heard[-1].by == "phone" and heard[-1].version == desk.version and desk.changed_by(SOURCE) == "phone"
    assert "bad subscriber" in caplog.text
    desk.correct({T1: 3})
    assert desk.history.count() == 1 and heard[-1].values == {T1: 3}
    end()
    desk.correct({T1: 4})
    assert heard[-1].values == {T1: 3}


def test_a_subscriber_may_change_the_desk_and_other_threads_are_not_shut_out_meanwhile(desk):
    def follow(change):
        if TONE in change.values:
            other = threading.Thread(target=desk.set, args=(LERP, 0.1))
            other.start()
            other.join(5)
            assert not other.is_alive()
            desk.correct({T1: 77})

    desk.subscribe(follow)
    desk.apply({TONE: 0.2}, "tone")
    assert desk.settings.processing.canny_t1 == 77 and desk.settings.prediction.post_time_lerp == 0.1


def test_what_others_assign_to_the_engine_is_kept(desk, engine):
    desk.set(TONE, 0.2)
    engine.settings = engine.settings.with_values({"Model.model_name": "blue"})
    desk.set(TONE, 0.3)
    assert desk.settings.model.model_name == "blue" and engine.settings.model.model_name == "blue" and engine.settings.edges.tone == 0.3
    desk.back("Model.model_name")
    assert engine.settings.model.model_name == ""


def test_actions_by_name(desk):
    calls = []
    register_common(desk)
    desk.register(Action("flash", "Flash", calls.append))
    desk.register(Action("morph", "Morph", calls.append, "value"))
    heard = []
    desk.subscribe(heard.append)
    desk.trigger("flash")
    desk.trigger("flash", 1.0, "midi")
    assert heard[-1].action == "flash" and heard[-1].by == "midi"
    desk.trigger("flash", 0)  # the button is let go
    desk.trigger("morph", 0.5)
    assert calls == [None, None, 0.5] and len(heard) == 3
    desk.trigger("freeze")
    assert desk.settings.capture.freeze
    desk.trigger("freeze", True)
    assert desk.settings.capture.freeze
    desk.trigger("freeze", 0)
    assert not desk.settings.capture.freeze
    desk.trigger("bypass", 1)
    assert not desk.settings.prediction.enabled
    for name, argument, words in (("flesh", None, "did you mean flash"), ("morph", 2, "0 to 1"), ("morph", None, "0 to 1"),
                                  ("flash", "now", "not a number")):
        with pytest.raises(ValueError, match=words):
            desk.trigger(name, argument)


def test_undo_without_steps_does_nothing(desk):
    register_common(desk)
    desk.trigger("undo")
    desk.trigger("redo")
    assert desk.settings == Settings() and desk.history.texts() == (None, None)


def test_differences_and_checks_know_every_setting():
    old = Settings()
    for name, value in old.flat().items():
        assert name in NAMES and checked_value(name, value) == value
    assert differences(old, old.with_values({T1: 9})) == {T1: (old.processing.canny_t1, 9)}


def test_what_is_bent_counts_as_changed_and_the_way_back_straightens_it():
    desk = Desk(Settings(), lambda settings: None)
    desk.recipe = Recipe()
    desk.to_recipe()
    assert not desk.departures()
    desk.set("Bend.level_1", 0.25)
    assert desk.departures() == ("Bend.level_1",)
    desk.to_recipe()
    assert desk.settings.bend.level_1 == 1.0 and not desk.departures()
    desk.undo()
    assert desk.settings.bend.level_1 == 0.25


def test_the_way_back_brings_the_usual_smoothing_and_leaves_the_switches_of_the_show(desk):
    usual = Settings().prediction.post_time_lerp
    desk.apply({LERP: 0.95, "Prediction.pre_time_lerp": 0.3, "Prediction.number_1": 0.9}, "smooth")
    desk.apply({"Prediction.enabled": False, "Prediction.crossfade_s": 2.0}, "show")
    desk.to_recipe()
    now = desk.settings.prediction
    assert (now.post_time_lerp, now.pre_time_lerp, now.number_1) == (usual, 0.0, 0.5)
    assert not now.enabled and now.crossfade_s == 2.0
    desk.undo()
    assert desk.settings.prediction.post_time_lerp == 0.95


def test_undo_calls_settings_as_the_window_does_whoever_changed_them(desk):
    for name, text in ((LERP, "Smooth painting"), ("Bend.noise", "Bend: noise"), ("Capture.Processing.pre_blur", "Blur")):
        desk.set(name, 0.25 if name != "Capture.Processing.pre_blur" else 3, "osc")
        desk.flush()
        assert desk.history.texts()[0] == text
        desk.history.clear()
