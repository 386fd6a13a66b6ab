"""The engine with a real capturer on the test scene and plain functions for networks."""

import os
import sys
import threading
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from msa.capturer import Captured, Capturer
from msa.capturer.init import Init
from webcam_pix2pix.pipeline import Pipeline, resolved, smoothed
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import DOCUMENTED, Recipe
from webcam_pix2pix.settings import Settings

QUIET = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.fps": 120, "Capture.Init.width": 160,
                                "Capture.Init.height": 120, "Prediction.post_time_lerp": 0.0})


@dataclass(frozen=True)
class Info:
    name: str
    recipe: Recipe | None = None


class Negative:
    """255 - x as a model; `value` marks its images where a test must tell two of them apart."""

    label = "CPU fp32"
    note = ""
    multiple = 32

    def __init__(self, name="negative", size=(64, 64), value=None, delay_s=0.0, recipe=None):
        self.info, self.input_size, self.value, self.delay_s = Info(name, recipe), size, value, delay_s
        self.calls, self.closed = 0, False

    def __call__(self, image):
        assert not self.closed
        self.calls += 1
        time.sleep(self.delay_s)
        return 255 - image if self.value is None else np.full_like(image, self.value)

    def close(self):
        self.closed = True


class Frames:
    """A sink that keeps what it is given."""

    def __init__(self):
        self.frames, self.closed = [], False

    def put(self, frame):
        self.frames.append(frame)

    def close(self):
        self.closed = True


def wait_until(condition, timeout=10.0):
    end = time.perf_counter() + timeout
    while not condition():
        assert time.perf_counter() < end, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def pipeline():
    made = []

    def make(build=None, settings=QUIET, preview=None):
        made.append(Pipeline(Capturer(settings.capture_init), settings, build, preview))
        return made[-1]

    yield make
    for each in made:
        each.close()


def image(value=100, size=(120, 160)):
    return np.full((*size, 3), value, np.uint8)


# ---- step: plain, no thread


def test_a_step_gives_three_images_of_one_moment(pipeline):
    engine = pipeline()
    engine.use(Negative())
    captured = Captured(7, time.perf_counter(), image())
    frame = engine.step(captured, QUIET)
    assert (frame.index, frame.time) == (7, captured.time)
    assert frame.captured.shape == frame.processed.shape == frame.predicted.shape == (64, 64, 3)
    assert (frame.predicted == 255 - frame.processed).all()
    assert [stage for stage, _ in frame.timings] == ["capture", "process", "predict"]
    assert not any(shown_image.flags.writeable for shown_image in (frame.captured, frame.processed, frame.predicted))


def test_bypass_shows_the_processed_image_and_spares_the_network(pipeline):
    engine = pipeline()
    network = Negative()
    engine.use(network)
    frame = engine.step(Captured(0, 0.0, image()), QUIET.with_values({"Prediction.enabled": False}))
    assert (frame.predicted == frame.processed).all()
    assert network.calls == 0


def test_verbose_prints_the_figures_once_a_second(pipeline, capsys):
    engine = pipeline()
    engine.use(Negative())
    for verbose in (False, True):
        for index in range(5):
            engine.step(Captured(index, time.perf_counter(), image()), QUIET.with_values({"Main.verbose": verbose}))
    (line,) = capsys.readouterr().err.splitlines()
    assert "fps" in line
    assert "predict" in line


def test_without_a_model_the_first_two_panels_live(pipeline):
    frame = pipeline().step(Captured(0, 0.0, image()), QUIET)
    assert frame.captured.shape == frame.processed.shape == (256, 256, 3)
    assert frame.predicted is None


def test_the_recipe_of_the_model_makes_its_edges(pipeline):
    recipe = Recipe(edges=replace(DOCUMENTED, method="none", tone=0.5, tone_blur=0.0, tone_equalize=False))
    engine = pipeline()
    engine.use(Negative(recipe=recipe))
    assert (engine.step(Captured(0, 0.0, image(100)), QUIET).processed == 50).all()
    own = QUIET.with_values({"EdgeDetection.method": "none", "EdgeDetection.tone": 0.0})
    assert (engine.step(Captured(0, 0.0, image(100)), own).processed == 100).all()


def test_both_lerps_approach_and_a_new_model_starts_afresh(pipeline):
    settings = QUIET.with_values({"EdgeDetection.method": "none", "Prediction.post_time_lerp": 0.5})
    engine = pipeline()
    engine.use(Negative(value=0))
    engine.step(Captured(0, 0.0, image()), settings)
    engine.predictor.value = 200
    assert (engine.step(Captured(1, 0.0, image()), settings).predicted == 100).all()
    assert (engine.step(Captured(2, 0.0, image()), settings).predicted == 150).all()
    engine.use(Negative(value=40))  # no image mixes two models
    assert (engine.step(Captured(3, 0.0, image()), settings).predicted == 40).all()


def test_a_crossfade_leads_from_one_model_to_the_next(pipeline):
    settings = QUIET.with_values({"EdgeDetection.method": "none", "Prediction.crossfade_s": 0.5})
    engine = pipeline()
    engine.use(Negative(value=0))
    engine.step(Captured(0, 0.0, image()), settings)
    engine.use(Negative(value=200, size=(32, 32)))
    values = []
    for number in range(60):  # the clock is that of the frames
        frame = engine.step(Captured(1, number / 60, image()), settings)
        assert frame.predicted.shape == (32, 32, 3)
        values.append(int(frame.predicted[0, 0, 0]))
    assert values == sorted(values)
    assert 0 < values[len(values) // 8] < 200
    assert values[-1] == 200


def test_smoothing_keeps_no_state_while_it_is_off():
    assert smoothed(image(), np.zeros((120, 160, 3), np.float32), 0.0)[1] is None


def test_edges_of_an_unknown_recipe_are_the_documented_ones():
    assert resolved(EdgeDetection(), None) == DOCUMENTED
    assert resolved(EdgeDetection(method="adaptive"), None).method == "adaptive"


# ---- the engine thread


def test_the_engine_runs_and_leaves_no_thread(pipeline):
    before = set(threading.enumerate())
    engine = pipeline(lambda settings, frames: Negative())
    engine.start()
    wait_until(lambda: engine.status.model is not None and engine.status.frames > 5)
    status = engine.status
    assert status.source == "test scene"
    assert status.device == "CPU fp32"
    assert dict(status.stages).keys() == {"capture", "process", "predict"}
    predictor = engine.predictor
    engine.close()
    assert predictor.closed
    assert set(threading.enumerate()) <= before


def test_a_slow_network_gets_the_newest_image_and_the_rest_is_counted(pipeline):
    engine = pipeline(lambda settings, frames: Negative(delay_s=0.1))
    engine.start()
    wait_until(lambda: engine.status.frames > 8 and engine.status.model)
    frame = engine.output.take(5.0)
    assert engine.status.skipped > 10
    assert time.perf_counter() - frame.time < 2.0  # nothing queues: twenty seconds' worth of images would


def test_models_are_built_beside_the_running_one(pipeline):
    gate = threading.Event()
    built = []

    def build(settings, frames):
        model = settings.model.model_name
        if model == "slow":
            gate.wait(10)
        if model == "broken":
            raise ValueError("broken.pth: not a checkpoint")
        built.append(Negative(name=model or "default", value=10 * (len(built) + 1)))
        return built[-1]

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: engine.status.model is not None)
    engine.settings = QUIET.with_values({"Model.model_name": "slow"})
    wait_until(lambda: engine.status.loading == "slow")
    frames = engine.status.frames
    wait_until(lambda: engine.status.frames > frames + 5)
    assert (engine.status.model.name, engine.status.loading) == ("default", "slow")
    gate.set()
    wait_until(lambda: engine.status.model.name == "slow")
    assert built[0].closed
    engine.settings = QUIET.with_values({"Model.model_name": "broken"})
    wait_until(lambda: engine.status.problems)
    assert "broken.pth: not a checkpoint" in engine.status.problems[-1].text
    wait_until(lambda: not engine.status.loading)
    assert engine.status.model.name == "slow"
    engine.settings = QUIET.with_values({"Model.model_name": "slow"})  # back to what runs: nothing to build
    frames = engine.status.frames
    wait_until(lambda: engine.status.frames > frames + 5)
    assert len(built) == 2
    engine.reload_model()
    wait_until(lambda: len(built) == 3 and built[1].closed)


def test_models_that_are_passed_by_are_neither_built_nor_reported(pipeline):
    gate, built, together = threading.Event(), [], []

    def build(settings, frames):
        together.append(1)
        assert len(together) == 1  # one at a time
        built.append(settings.model.model_name)
        gate.wait(10)
        together.pop()
        if settings.model.model_name == "a":
            raise ValueError("a.pth: broken")
        return Negative(name=settings.model.model_name)

    engine = pipeline(build, QUIET.with_values({"Model.model_name": "a"}))
    engine.start()
    wait_until(lambda: built == ["a"])
    for name in ("b", "c", "d"):
        engine.settings = QUIET.with_values({"Model.model_name": name})
        wait_until(lambda name=name: engine.status.asked is not None and engine.status.asked.model_name == name)
    gate.set()
    wait_until(lambda: engine.status.model is not None)
    assert built == ["a", "d"] and engine.status.model.name == "d" and not engine.status.problems


def test_the_quality_ladder_steps_down_and_shows_where_it_is(pipeline):
    def build(settings, frames):
        side = settings.model.size or 128
        return Negative(size=(side, side), delay_s=0.05 * (side / 128) ** 2)

    values = {"Quality.ladder": True, "Quality.target_fps": 60.0, "Quality.smallest_size": 64, "Quality.skip": False}
    engine = pipeline(build, QUIET.with_values(values))
    engine.start()
    wait_until(lambda: engine.status.input_size == (64, 64), 30.0)
    assert "64 px" in engine.status.quality
    assert engine.settings.model.size == 0  # the settings stay what the user asked for
    engine.settings = engine.settings.with_values({"Quality.ladder": False})
    wait_until(lambda: engine.status.input_size == (128, 128))
    assert engine.status.quality == ""


def test_a_preview_predicts_until_the_first_model_is_ready(pipeline):
    ready, previews = threading.Event(), []

    def build(settings, frames):
        assert ready.wait(10) or settings.model.model_name
        return Negative()

    def preview(settings, frames):
        previews.append(Negative())
        previews[-1].label = "preview"
        return previews[-1]

    engine = pipeline(build, preview=preview)
    engine.start()
    wait_until(lambda: engine.status.device == "preview" and previews[0].calls > 1)
    assert engine.status.loading  # it is not over yet
    ready.set()
    wait_until(lambda: engine.status.device == Negative().label)
    assert not engine.status.loading and previews[0].closed
    engine.settings = engine.settings.with_values({"Model.model_name": "other"})
    wait_until(lambda: engine.status.asked.model_name == "other" and not engine.status.loading)
    assert len(previews) == 1  # later models are built while the one before paints


def test_a_preview_never_stands_for_the_model(pipeline):
    asked = []

    def build(settings, frames):
        asked.append(settings.model.model_name)
        time.sleep(0.3)
        return Negative()

    engine = pipeline(build, preview=lambda settings, frames: Negative())
    engine.start()
    wait_until(lambda: engine.predictor is not None)
    for name in ("other", ""):  # away and back while only the preview is there
        engine.settings = engine.settings.with_values({"Model.model_name": name})
        wait_until(lambda name=name: engine.status.asked.model_name == name)
    wait_until(lambda: not engine.status.loading)
    assert asked[-1] == ""


def test_a_changed_setting_of_the_network_rebuilds_it(pipeline):
    asked = []

    def build(settings, frames):
        asked.append((settings.model.model_name, settings.model.precision))
        return Negative()

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: len(asked) == 1)
    engine.settings = engine.settings.with_values({"Model.model_name": "other"})
    wait_until(lambda: len(asked) == 2)
    engine.settings = engine.settings.with_values({"Model.precision": "bf16"})
    wait_until(lambda: len(asked) == 3)
    assert asked == [("", "auto"), ("other", "auto"), ("other", "bf16")]


def test_a_bad_frame_is_a_line_and_the_show_continues(pipeline):
    class Shaky(Negative):
        def __call__(self, shown_image):
            if self.calls == 3:
                self.calls += 1
                raise RuntimeError("out of luck")
            return super().__call__(shown_image)

    engine = pipeline(lambda settings, frames: Shaky())
    engine.start()
    wait_until(lambda: engine.predictor is not None and engine.predictor.calls > 10)
    assert ["out of luck" in p.text for p in engine.status.problems] == [True]


def test_a_sink_that_fails_is_taken_out_and_the_others_continue(pipeline):
    class Full(Frames):
        def put(self, frame):
            raise OSError("disk full")

    engine = pipeline(lambda settings, frames: Negative())
    good, bad = Frames(), Full()
    engine.add_sink(bad)
    engine.add_sink(good)
    engine.start()
    wait_until(lambda: len(good.frames) > 5)
    assert bad.closed
    assert "disk full" in engine.status.problems[0].text
    assert [f.index for f in good.frames] == sorted({f.index for f in good.frames})
    engine.remove_sink(good)
    assert not good.closed  # whoever made it closes it


def test_a_sink_that_waits_for_ever_stops_nothing(pipeline, monkeypatch):
    monkeypatch.setattr("webcam_pix2pix.pipeline.outlets.STUCK_S", 0.1)
    monkeypatch.setattr("webcam_pix2pix.pipeline.outlets.CLOSE_S", 0.2)
    release = threading.Event()

    class Stuck(Frames):
        def put(self, frame):
            release.wait(20)
            super().put(frame)

    engine = pipeline(lambda settings, frames: Negative())
    stuck, good = Stuck(), Frames()
    engine.add_sink(stuck)
    engine.add_sink(good)
    engine.start()
    wait_until(lambda: any("Stuck has stood still" in p.text for p in engine.status.problems))
    before = len(good.frames)
    wait_until(lambda: len(good.frames) > before + 10)
    assert len([p for p in engine.status.problems if "stood still" in p.text]) == 1
    release.set()
    wait_until(lambda: len(stuck.frames) > 20)  # it answers again: it gets frames again
    assert [f.index for f in stuck.frames] == sorted({f.index for f in stuck.frames})


def test_a_network_that_fails_again_and_again_is_replaced_by_a_safer_one(pipeline):
    built = []

    class Broken(Negative):
        def __call__(self, shown_image):
            self.calls += 1
            if self.calls > 3 and self.precision != "fp32":
                raise ValueError("the network gives values that are no numbers (NaN or infinite)")
            return np.full_like(shown_image, 77)

    def build(settings, frames):
        built.append(Broken())
        built[-1].precision = settings.model.precision
        return built[-1]

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: len(built) == 2 and engine.predictor is built[1] and built[1].calls > 10)
    assert [b.precision for b in built] == ["auto", "fp32"] and built[0].closed
    texts = [p.text for p in engine.status.problems]
    assert sum("fp32 runs instead" in text for text in texts) == 1 and len(texts) == 2
    assert engine.output.take(5.0).predicted.max() == 77


def test_when_nothing_helps_the_input_is_shown_and_another_model_may_try(pipeline):
    class Hopeless(Negative):
        def __call__(self, shown_image):
            if self.value is None:
                raise RuntimeError("out of memory")
            return super().__call__(shown_image)

    built = []

    def build(settings, frames):
        built.append(settings.model)
        return Hopeless(value=9 if settings.model.model_name == "other" else None)

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: any("choose another model" in p.text for p in engine.status.problems))
    assert [(m.precision, m.device) for m in built] == [("auto", "auto"), ("fp32", "auto"), ("fp32", "cpu")]
    wait_until(lambda: (frame := engine.output.take(1.0)) is not None and np.array_equal(frame.predicted, frame.processed))
    engine.settings = engine.settings.with_values({"Model.model_name": "other"})
    wait_until(lambda: (frame := engine.output.take(1.0)) is not None and frame.predicted.max() == 9)


def test_freeze_holds_the_image_but_not_the_chain(pipeline):
    engine = pipeline(lambda settings, frames: Negative())
    engine.start()
    wait_until(lambda: engine.status.frames > 3)
    engine.settings = QUIET.with_values({"Capture.freeze": True, "EdgeDetection.method": "none"})
    wait_until(lambda: engine.capturer.frozen)
    time.sleep(0.1)
    first, second = engine.output.take(2.0), engine.output.take(2.0)
    assert (first.captured == second.captured).all()
    engine.settings = engine.settings.with_values({"Capture.Processing.invert": True})
    wait_until(lambda: (engine.output.take(2.0).processed == 255 - second.processed).all())


def test_the_source_changes_while_the_engine_runs(pipeline):
    engine = pipeline(lambda settings, frames: Negative())
    engine.start()
    wait_until(lambda: engine.status.frames > 3)
    engine.settings = replace(QUIET, capture_init=Init(device_id="test", width=320, height=240, fps=60))
    wait_until(lambda: engine.status.source_size == (320, 240))
    frames = engine.status.frames
    wait_until(lambda: engine.status.frames > frames + 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a priority of its own")
def test_a_model_is_built_at_low_priority_only_beside_another(pipeline):
    priorities = []

    def build(settings, frames):
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Negative(settings.model.model_name)

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: engine.predictor is not None)
    engine.settings = QUIET.with_values({"Model.model_name": "another"})
    wait_until(lambda: engine.predictor.info.name == "another")
    first, second = priorities
    assert first == os.getpriority(os.PRIO_PROCESS, 0) < second


def test_the_next_model_is_proved_on_what_the_camera_sees(pipeline):
    seen = []

    def build(settings, frames):
        seen.append(tuple(frames))
        return Negative(settings.model.model_name)

    engine = pipeline(build)
    engine.start()
    wait_until(lambda: engine.status.frames > 5)
    engine.settings = QUIET.with_values({"Model.model_name": "another"})
    wait_until(lambda: len(seen) == 2)
    assert seen[1] and all(frame.shape == (120, 160, 3) for frame in seen[1])
