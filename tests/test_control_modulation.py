"""Modulation: values equal their formula at given times; nothing of them reaches the desk, undo or presets."""

import math

import numpy as np
import pytest

from msa.capturer import Captured
from webcam_pix2pix.control import Desk
from webcam_pix2pix.control.modulation import Modulation, Modulator, Tempo
from webcam_pix2pix.control.modulation.modulator import parse
from webcam_pix2pix.control.modulation.shapes import SHAPES
from webcam_pix2pix.control.modulation.tempo import Taps, clock_taps
from webcam_pix2pix.control.parameters import PARAMETERS
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

TONE, T1 = "EdgeDetection.tone", "Capture.Processing.canny_t1"


def test_values_equal_the_formula_whatever_times_are_asked_for():
    modulation = Modulation().with_modulator(Modulator(TONE, "sine", 2.0, depth=0.25)).with_modulator(
        Modulator(T1, "ramp", 4.0, unit="beats", depth=0.1, phase=0.25))
    base = Settings().with_values({TONE: 0.5, T1: 100})
    low, high = PARAMETERS[T1].limits
    for time in (0.0, 0.1, 7.3, 1e6 + 0.25, 0.1):  # dropped frames leave times out
        moved = modulation.apply(base, time)
        assert moved.edges.tone == pytest.approx(0.5 + 0.25 * math.sin(2 * math.pi * time / 2.0))
        cycles = time * 2 / 4 + 0.25  # 120 beats per minute
        expected = 100 + 0.1 * (high - low) * (2 * (cycles % 1) - 1)
        assert moved.processing.canny_t1 == round(min(max(expected, low), high))
    assert modulation.apply(base, 3.0).edges.method == "custom_canny"  # edges that move are no longer those of the training
    recipe = Recipe(edges=EdgeDetection(method="soft"))
    assert modulation.apply(base.with_values({"EdgeDetection.method": "training_matched"}), 3.0, recipe).edges.method == "soft"


def test_shapes_stay_within_and_random_ones_depend_on_time_and_seed_alone():
    times = np.linspace(-3, 40, 3001)
    for name, shape in SHAPES.items():
        values = [shape(t, 5) for t in times]
        low = 0 if name in ("envelope", "one shot") else -1
        assert low <= min(values) and max(values) <= 1 and max(values) - min(values) > 0.9, name
        assert values == [shape(t, 5) for t in times]
    assert [SHAPES["random"](t, 1) for t in range(20)] != [SHAPES["random"](t, 2) for t in range(20)]
    smooth = [SHAPES["smooth random"](t, 3) for t in np.linspace(0, 20, 4001)]
    assert max(abs(np.diff(smooth))) < 0.02 and abs(np.mean(smooth)) < 0.4
    assert SHAPES["smooth random"](4.0, 3) == SHAPES["random"](4.0, 3)
    assert SHAPES["one shot"](1.5, 0) == 0 == SHAPES["one shot"](-0.5, 0)
    assert (SHAPES["triangle"](0.25, 0), SHAPES["triangle"](0.75, 0), SHAPES["square"](0.6, 0)) == (1, -1, -1)


def test_nothing_of_it_reaches_the_desk_or_undo_and_the_engine_sees_it():
    pushed = []
    desk = Desk(Settings(), pushed.append)
    desk.modulation = desk.modulation.with_modulator(Modulator(TONE, "square", 1.0, depth=0.5))
    assert desk.settings == Settings() and not pushed and desk.history.count() == 0 and desk.version == 0
    from webcam_pix2pix.pipeline import Pipeline

    class Source:
        def close(self):
            pass

    pipeline = Pipeline(Source())
    image = np.full((64, 64, 3), 128, np.uint8)
    step, seen = pipeline.step, []
    pipeline.step = lambda captured, settings: seen.append(settings.edges.tone) or step(captured, settings)
    pipeline.hooks.add(desk.modulated)
    for index, time in enumerate((0.1, 0.6)):
        captured = Captured(index, time, image)
        pipeline._turn(captured, pipeline.hooks(captured, pipeline.settings))
    assert seen == [0.5, 0.0] and pipeline.settings == Settings()
    pipeline.close()


def test_envelopes_and_sound():
    one = Modulation((Modulator(TONE, "one shot", 1.0, depth=1.0), Modulator(T1, "bass", depth=0.5)), struck=10.0)
    base = Settings().with_values({TONE: 0.0, T1: 0})
    assert one.values(base, 9.9)[TONE] == 0 and one.values(base, 10.1)[TONE] == pytest.approx(1) and one.values(base, 11.1)[TONE] == 0
    assert one.values(base, 0, {"bass": 1.0})[T1] == round(0.5 * PARAMETERS[T1].limits[1])


def test_the_tempo_does_not_jump_when_it_changes_and_taps_and_clocks_find_it():
    tempo = Tempo(120).changed(90, 10.0)
    assert tempo.beats(10.0) == 20 and tempo.beats(12.0) == 23
    assert tempo.struck(10.1).beats(10.1) == 20
    for bad in (5, 1000, float("nan")):
        with pytest.raises(ValueError, match="tempo"):
            tempo.changed(bad, 0)
    taps = Taps()
    assert taps.tap(1.0) is None
    assert [taps.tap(1.0 + 0.5 * i) for i in range(1, 5)][-1] == pytest.approx(120)
    assert taps.tap(30.0) is None  # begins anew
    clock, generator = clock_taps(), np.random.default_rng(0)
    for i in range(200):
        bpm = clock.tap(i * 60 / 128 / 24 + generator.normal(0, 0.001))
    assert bpm == pytest.approx(128, rel=0.01)


def test_it_is_stored_and_typed_and_what_cannot_be_is_named():
    modulation = Modulation((parse("EdgeDetection.tone=smooth random 8beats 0.3 0.5"), parse("Capture.Processing.canny_t1=sine")))
    assert modulation.modulators[0] == Modulator(TONE, "smooth random", 8.0, "beats", 0.3, 0.5)
    assert Modulation.from_json(modulation.to_json()).modulators == modulation.modulators
    for text in ("EdgeDetection.tone", "EdgeDetection.tone=wobble 1s", "Model.size=sine 1s", "EdgeDetection.tone=sine x", "x=sine 1s",
                 "EdgeDetection.tone=sine 1s 5", "EdgeDetection.tone=sine nans 0.1", "EdgeDetection.tone=sine 0s"):
        with pytest.raises(ValueError, match=text.split("=")[0]):
            parse(text)
    for data in ([], {"modulators": [3]}, {"modulators": [{"name": TONE, "x": 1}]}, {"modulators": [{"name": TONE, "depth": "much"}]},
                 {"modulators": [], "bpm": 1}, {"modulators": [{"name": TONE, "seed": "a"}]}):
        with pytest.raises(ValueError, match="modulation"):
            Modulation.from_json(data)


def test_every_parameter_reaches_both_ends_of_its_range():
    for parameter in PARAMETERS.values():
        if parameter.can_be_normalised:
            ends = parameter.value_at(0), parameter.value_at(1)
            assert Settings().with_values({parameter.name: ends[0]}).with_values({parameter.name: ends[1]})
            assert [parameter.share_of(end) for end in ends] == [0, 1] and parameter.value_at(7) == ends[1]


def test_a_snapshot_keeps_base_and_modulation_apart(tmp_path):
    import json

    from PIL import Image

    from webcam_pix2pix.frame import Frame, sealed
    from webcam_pix2pix.sinks import read_snapshot, write_snapshot
    image = sealed(np.zeros((8, 8, 3), np.uint8))
    modulation = Modulation((Modulator(TONE, depth=0.5),))
    base = Settings().with_values({TONE: 0.3})
    write_snapshot(tmp_path / "a.png", Frame(0, 0.0, image, image, image), base.flat(), "red", modulation.to_json())
    assert read_snapshot(tmp_path / "a.png")["settings"][TONE] == 0.3
    with Image.open(tmp_path / "a.png") as stored:
        about = json.loads(stored.text["webcam-pix2pix"])
    assert Modulation.from_json(about["modulation"]).modulators == modulation.modulators
