"""Presets played on the desk: morphs grow evenly, land exactly, are one step of undo, turn round, and leave to others what they touch."""

import random
import time

import pytest

from webcam_pix2pix.control import Desk
from webcam_pix2pix.control.presets import CURVES, Bank, Glide, Player
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

TONE, BLUR, INVERT, METHOD = "EdgeDetection.tone", "Capture.Processing.pre_blur", "Capture.Processing.invert", "EdgeDetection.method"
VALUES = {TONE: 0.8, BLUR: 20, INVERT: True, METHOD: "soft"}


@pytest.fixture
def stage(tmp_path):
    pushed, said = [], []
    desk = Desk(Settings().with_values({METHOD: "custom_canny"}), pushed.append)
    player = Player(desk, Bank(tmp_path), note=said.append, problem=said.append)
    player.register()
    player._wake = lambda: None  # the test is the clock
    yield desk, player, pushed, said
    player.close()


@pytest.mark.parametrize("curve", CURVES)
def test_a_morph_is_monotone_exact_and_one_step_of_undo(stage, curve):
    desk, player, pushed, _ = stage
    desk.apply({"Presets.morph_curve": curve, "Presets.morph_s": 4.0}, "curve")
    before = desk.settings
    player.recall(player.bank.store("goal", VALUES))
    while player.running:
        player.advance(1 / 60)
    values = [settings.flat() for settings in pushed[1:]]
    assert 200 < len(values) <= 241
    for name in (TONE, BLUR):
        seen = [value[name] for value in values]
        assert seen == sorted(seen) and len(set(seen)) > 18
    switched = [(value[INVERT], value[METHOD]) for value in values]
    assert switched == sorted(switched) and set(switched) == {(False, "custom_canny"), (True, "soft")}
    assert desk.settings == before.with_values(VALUES) and desk.history.texts()[0] == "preset “goal”"
    desk.undo()
    assert desk.settings == before
    desk.redo()
    assert desk.settings == before.with_values(VALUES)


def test_a_morph_turns_round_on_its_way_and_leaves_no_step_of_undo(stage):
    desk, player, _, _ = stage
    before = desk.settings
    player.recall(player.bank.store("goal", VALUES), 4.0)
    player.advance(1.0)
    player.recall(player.bank.named("goal"))  # the same key again
    assert player.running == -1
    middle = desk.settings.edges.tone
    player.advance(0.5)
    assert 0 < desk.settings.edges.tone < middle
    desk.trigger("morph_back")
    player.advance(0.5)
    assert desk.settings.edges.tone == pytest.approx(middle)
    player.reverse()
    player.advance(9)
    assert desk.settings == before and desk.history.texts() == (None, None)
    player.reverse()
    player.advance(9)
    assert desk.settings == before.with_values(VALUES)
    player.reverse()  # one that has arrived goes back too
    player.advance(9)
    assert desk.settings == before


def test_what_others_touch_during_a_morph_is_theirs_and_undo_ends_it(stage):
    desk, player, _, _ = stage
    before = desk.settings
    player.recall(player.bank.store("goal", VALUES), 4.0)
    player.advance(1.0)
    desk.set(TONE, 0.1, "midi")
    player.advance(9.0)
    assert desk.settings == before.with_values(VALUES | {TONE: 0.1})
    desk.apply({TONE: 0.0, BLUR: 0, INVERT: False, METHOD: "custom_canny"}, "back")
    player.recall(player.bank.named("goal"), 4.0)
    player.advance(1.0)
    desk.undo()
    player.advance(1.0)
    assert not player.running and desk.settings.edges.tone == 0.0


def test_the_place_on_the_way_can_be_held_by_hand_and_by_osc(stage):
    desk, player, _, _ = stage
    desk.apply({"Presets.morph_curve": "even"}, "curve")
    player.recall(player.bank.store("goal", VALUES), 4.0)
    for place in (0.5, 0.25, 1.0, 0.0):
        desk.trigger("morph", place, "osc")
        assert desk.settings.edges.tone == pytest.approx(0.8 * place)
    assert not player.running
    with pytest.raises(ValueError, match="0 to 1"):
        desk.trigger("morph", 3.0)


def test_a_look_as_trained_glides_from_what_it_means():
    recipe = Recipe(edges=EdgeDetection(method="soft", soft_gain=10.0))
    before = Settings().with_values({METHOD: "training_matched"})
    after = Settings().with_values({METHOD: "soft", "EdgeDetection.soft_gain": 20.0})
    glide = Glide(before, after, recipe)
    assert glide.at(0.5)["EdgeDetection.soft_gain"] == 15.0 and glide.at(0.01)[METHOD] == "soft"
    assert glide.at(0)[METHOD] == "training_matched" and before.with_values(glide.at(1.0)) == after


def test_a_model_and_a_source_come_with_their_preset(stage):
    desk, player, _, _ = stage
    fades = []
    player._fade = fades.append
    preset = player.bank.store("all", VALUES | {"Model.model_name": "oil_night", "Capture.Init.device_id": "test:2"})
    assert preset.parts == ("settings", "model", "source")
    player.recall(preset, 4.0)
    assert desk.settings.model.model_name == "oil_night" and fades == [2.0]  # it loads while the preset glides
    player.advance(1.0)
    assert desk.settings.capture_init.device_id == "auto"
    player.advance(1.5)
    assert desk.settings.capture_init.device_id == "test:2"
    desk.adopt(Recipe(), keep=False)  # the model has come
    player.advance(9.0)
    assert desk.settings.edges.tone == 0.8 and desk.settings.edges.method == "soft"


def test_the_crossfader_is_exact_at_its_ends_and_one_step_of_undo(stage):
    desk, player, _, said = stage
    desk.trigger("crossfader", 0.5)
    assert "Choose two presets" in said[-1]
    player.bank.set_end(0, player.bank.store("a", {TONE: 0.2, BLUR: 0}))
    player.bank.set_end(1, player.bank.store("b", {TONE: 0.6, INVERT: True}))
    start = desk.settings
    for place in (0.1, 0.5, 0.75, 1.0):
        desk.trigger("crossfader", place, "osc")
    assert desk.settings == start.with_values({TONE: 0.6, INVERT: True, METHOD: "custom_canny"})
    desk.trigger("crossfader", 0.25)
    assert desk.settings.edges.tone == pytest.approx(0.3) and not desk.settings.processing.invert
    desk.trigger("crossfader", 0.0)
    assert desk.settings.edges.tone == 0.2
    desk.undo()
    assert desk.settings == start


def test_the_crossfader_stands_where_what_is_on_air_is(stage):
    desk, player, _, _ = stage
    a, b, other = (player.bank.store(name, {TONE: tone}) for name, tone in (("a", 0.2), ("b", 0.6), ("c", 0.9)))
    player.bank.set_end(0, a)
    player.bank.set_end(1, b)
    assert player.fader is None and not player.on_air
    desk.trigger("preset_2")
    assert player.fader == 1.0 and player.on_air == b.identity
    player.recall(a, 4.0)
    player.advance(1.0)
    assert player.fader == pytest.approx(0.75)
    player.reverse()
    player.advance(9.0)
    assert player.fader == 1.0 and player.on_air == b.identity  # turned back: b is still on air
    player.recall(other, 4.0)
    player.advance(1.0)
    assert player.fader is None
    player.advance(9.0)
    assert player.fader is None and player.on_air == other.identity
    desk.trigger("crossfader", 0.25)
    assert player.fader == 0.25 and not player.on_air
    desk.trigger("crossfader", 1.0)
    assert player.fader == 1.0 and player.on_air == b.identity


def test_what_is_on_air_is_true_after_turns_undo_changes_and_another_name(stage):
    desk, player, _, _ = stage
    a, b, c = (player.bank.store(name, {TONE: tone}) for name, tone in (("a", 0.2), ("b", 0.6), ("c", 0.9)))
    player.recall(c, 0.0)
    for turned in (a, b, a):  # there and back, several times
        player.recall(turned, 4.0)
        player.advance(1.0)
        player.recall(turned)
        player.advance(9.0)
        assert player.on_air == c.identity and desk.settings.edges.tone == 0.9 and not player.departed
    desk.apply({TONE: 0.5}, "tone")
    assert player.on_air == c.identity and player.departed
    player.recall(b, 0.0)
    new = player.bank.rename(b, "other")
    player.renamed(b.identity, new.identity)
    assert player.on_air == new.identity and not player.departed
    desk.undo()
    assert not player.on_air and not player.departed
    desk.undo()  # the tone
    assert player.on_air == c.identity and not player.departed
    player.bank.set_end(0, a)
    player.bank.set_end(1, c)
    desk.trigger("crossfader", 0.25)
    assert player.fader == 0.25 and not player.departed
    desk.apply({TONE: 0.1}, "tone")
    assert player.departed
    desk.undo()
    desk.undo()  # the crossfader
    assert player.on_air == c.identity and player.fader == 1.0
    player.recall(b, 4.0)
    player.advance(1.0)
    player.reverse()
    player.advance(9.0)  # back at c, which the morph began at
    desk.apply({TONE: 0.1}, "tone")
    desk.undo()
    assert player.on_air == c.identity and player.fader == 1.0


def test_keys_next_and_previous_are_actions(stage):
    desk, player, _, said = stage
    first, second = player.bank.store("a", {TONE: 0.2}), player.bank.store("b", {TONE: 0.6})
    desk.trigger("preset_2")
    assert desk.settings.edges.tone == 0.6 and player.current == second.identity
    desk.trigger("preset_previous")
    assert player.current == first.identity
    desk.trigger("preset_next", 0)  # a button that is let go
    assert player.current == first.identity
    desk.trigger("preset_7")
    assert "No preset is on key 7" in said[-1]


def test_two_hundred_presets_at_random_leave_exactly_the_last(tmp_path):
    chance = random.Random(1)
    desk = Desk(Settings(), lambda settings: None)
    player = Player(desk, Bank(tmp_path))
    presets = [player.bank.store(f"{i}", {TONE: chance.random(), BLUR: chance.randrange(50), INVERT: chance.random() < 0.5})
             for i in range(12)]
    for _ in range(200):
        preset = chance.choice(presets)
        player.recall(preset, chance.choice((0.0, 0.0, 0.03)))
        time.sleep(0.002)
    player.recall(presets[0], 0.0)
    if player.running:  # it was on its way: the same key has turned it round
        player.recall(presets[1], 0.0)
        player.recall(presets[0], 0.0)
    player.close()
    assert desk.settings.edges.tone == presets[0].values[TONE]
