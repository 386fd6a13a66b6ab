"""Threads that stand still are named, with and without a window, and again when they are back; those that wait by design are not."""

import logging
import re
import threading
import time
from contextlib import closing

import numpy as np
import pytest
from test_app import make, window  # noqa: F401
from test_pipeline import Frames, Negative, pipeline, wait_until  # noqa: F401

from msa import heartbeats
from msa.capturer import Capturer
from msa.capturer.init import Init
from msa.heartbeats import Heartbeat, Standstill, Watchdog, ages


@pytest.fixture
def lines(monkeypatch):
    """A watchdog that looks often; what it reports."""
    monkeypatch.setattr(heartbeats, "EVERY_S", 0.02)
    reported: list[tuple[str, str]] = []
    watchdog = Watchdog(lambda text, over: reported.append((text, over)))
    watchdog.start()
    yield reported
    watchdog.close()


@pytest.fixture
def worker():
    """Runs a function on a thread of its own, with a Heartbeat of that thread."""
    threads = []

    def run(work, name="the worker", patience_s=0.1):
        threads.append(threading.Thread(target=lambda: work(Heartbeat(name, patience_s, "nothing comes"))))
        threads[-1].start()

    yield run
    for thread in threads:
        thread.join(10)


def test_a_thread_that_stands_still_is_named_once_and_again_when_it_is_back(lines, worker, caplog):
    release, end = threading.Event(), threading.Event()

    def work(heart):
        with heart:
            release.wait(10)
        end.wait(10)

    with caplog.at_level(logging.WARNING):
        worker(work)
        wait_until(lambda: lines)
        time.sleep(0.3)
        assert len(lines) == 1 and re.fullmatch(r"the worker has stood still for \d+ s: nothing comes", lines[0][0])
        release.set()
        wait_until(lambda: len(lines) == 2)
    assert lines[1][0].startswith("the worker is back after ") and lines[1][1] == lines[0][0]
    assert [record.getMessage() for record in caplog.records] == [text for text, _ in lines]
    assert "the worker: rests" in ages().splitlines()
    end.set()
    wait_until(lambda: "the worker" not in ages())


def test_a_thread_that_ends_while_it_stands_still_is_told_too(lines, worker):
    worker(lambda heart: heart.beat() or time.sleep(0.4))
    wait_until(lambda: len(lines) == 2)
    assert lines[1][0].startswith("the worker has ended after ")


def test_who_rests_or_beats_does_not_stand_still(lines, worker):
    end = threading.Event()

    def beats(heart):
        while not end.wait(0.01):
            heart.beat()

    worker(lambda heart: heart.rest() or end.wait(10))
    worker(beats)
    time.sleep(0.5)
    end.set()
    assert not lines


def test_a_program_that_was_stopped_as_a_whole_did_not_stand_still(worker, monkeypatch):
    """A laptop that slept: the watchdog counts the time that it saw itself."""
    end, reported = threading.Event(), []
    worker(lambda heart: heart.beat() or end.wait(10), patience_s=2.0)
    wait_until(lambda: "the worker" in ages())
    watchdog = Watchdog(lambda text, over: reported.append(text))
    real = time.monotonic
    monkeypatch.setattr(heartbeats.time, "monotonic", lambda: real() + 3600)
    watchdog.check(heartbeats.EVERY_S)
    watchdog.check(heartbeats.EVERY_S)
    assert not reported and not watchdog.still
    for _ in range(4):
        watchdog.check(heartbeats.EVERY_S)
    assert watchdog.still == (Standstill("the worker", 2.5),) and len(reported) == 1
    end.set()


def test_a_beat_costs_next_to_nothing():
    heart, start = Heartbeat("this test", 1.0), time.thread_time()
    for _ in range(10_000):
        heart.beat()
    heart.rest()
    assert time.thread_time() - start < 0.1  # 10 microseconds each; a fiftieth of that is usual


# ---- in the program

@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(heartbeats, "EVERY_S", 0.02)


def texts(engine):
    return [problem.text for problem in engine.status.problems]


def test_a_blocked_sink_is_named_and_gone_when_it_is_back(pipeline, often, monkeypatch):  # noqa: F811
    monkeypatch.setattr("webcam_pix2pix.pipeline.outlets.STUCK_S", 0.2)
    release = threading.Event()

    class Stuck(Frames):
        def put(self, frame):
            release.wait(20)

    engine = pipeline(lambda settings, frames: Negative())
    engine.add_sink(Stuck())
    engine.start()
    wait_until(lambda: any(one.name == "output Stuck" for one in engine.status.still), 40.0)
    said = [text for text in texts(engine) if "Stuck" in text]
    assert len(said) == 1
    assert re.fullmatch(r"output Stuck has stood still for \d+ s: it gets no frames until it is back; the show goes on", said[0])
    assert engine.status.to_json()["still"]
    release.set()
    wait_until(lambda: any(problem.over == said[0] and "output Stuck is back" in problem.text for problem in engine.status.problems), 40.0)
    assert not any(one.name == "output Stuck" for one in engine.status.still)


def test_a_capture_that_stalls_is_named_and_one_that_rests_is_not(often, monkeypatch):
    monkeypatch.setattr("msa.capturer.connection.STILL_S", 0.2)
    stall, reported = threading.Event(), []

    class Camera:
        name, size, fps, live, finite, note, skipped, camera = "stalls", (8, 8), 100.0, True, False, "", 0, ""

        def read(self):
            time.sleep(0.01)
            while stall.is_set():
                time.sleep(0.01)
            return np.zeros((8, 8, 3), np.uint8)

        def close(self):
            pass

    watchdog = Watchdog(lambda text, over: reported.append(text))
    with closing(watchdog), Capturer(Init(device_id="7"), opener=lambda *_: Camera()) as capturer:
        watchdog.start()
        wait_until(lambda: capturer.take(1.0) is not None)
        capturer.enabled = False
        time.sleep(0.6)
        assert not reported
        capturer.enabled = True
        stall.set()
        wait_until(lambda: reported)
        assert reported[0].startswith("capture 7 has stood still for ")
        stall.clear()
        wait_until(lambda: len(reported) == 2)
        assert reported[1].startswith("capture 7 is back after ")


def test_no_camera_a_paused_film_and_an_idle_output_do_not_stand_still(pipeline, often, monkeypatch, tmp_path):  # noqa: F811
    from footage import write_steady

    from webcam_pix2pix.sinks import Recorder
    monkeypatch.setattr("msa.capturer.connection.STILL_S", 1.5)
    monkeypatch.setattr("webcam_pix2pix.pipeline.outlets.STUCK_S", 0.3)
    recorder = Recorder(tmp_path / "out.mp4")
    engine = pipeline(lambda settings, frames: Negative())
    engine.add_sink(recorder)
    engine.start()
    film = write_steady(tmp_path / "film.mp4", range(20))
    engine.settings = engine.settings.with_values({"Capture.Init.device_id": str(film)})
    wait_until(lambda: engine.capturer.transport is not None)
    engine.capturer.transport.paused = True
    time.sleep(1.0)
    engine.settings = engine.settings.with_values({"Capture.enabled": False})
    time.sleep(1.0)
    assert not engine.status.still and not [text for text in texts(engine) if "stood still" in text]

    def none_there(*_):
        raise OSError("no camera")

    reported = []
    watchdog = Watchdog(lambda text, over: reported.append(text))
    watchdog.start()
    with Capturer(Init(), opener=none_there):
        time.sleep(2.5)
    watchdog.close()
    assert not reported
    engine.remove_sink(recorder)
    recorder.close()


def test_without_a_window_the_log_says_it(tmp_path, often, monkeypatch, caplog):
    from webcam_pix2pix.cli import headless
    monkeypatch.setattr(headless, "STILL_S", 0.3)
    real = headless.Recorder.put

    def slow(recorder, frame):
        if frame.index == 3:
            time.sleep(1.0)
        real(recorder, frame)

    monkeypatch.setattr(headless.Recorder, "put", slow)
    predictor = Negative()
    predictor.at_once = 1
    monkeypatch.setattr(headless, "build_predictor", lambda *settings, **options: predictor)
    values = {"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48}
    with caplog.at_level(logging.WARNING, "msa.heartbeats"):
        headless.run_headless(values, frames=6, record=tmp_path / "out.mp4")
    messages = [record.getMessage() for record in caplog.records]
    assert any(text.startswith("output has stood still for ") for text in messages)
    assert any(text.startswith("output is back after ") for text in messages)


def test_the_window_names_itself_when_it_is_back_and_others_at_once(window, qtbot, often, monkeypatch):  # noqa: F811
    """The tooltip of the frame rate lists the threads; nothing else is to be seen while all is well."""
    listed = window.status.fps.details()
    assert "window: " in listed and "engine: " in listed and "capture test: " in listed
    assert not window.pipeline.status.still and not window.status.source.over
    monkeypatch.setattr("webcam_pix2pix.pipeline.outlets.STUCK_S", 0.2)
    release = threading.Event()

    class Stuck(Frames):
        def put(self, frame):
            release.wait(20)

    stuck = Stuck()
    window.pipeline.add_sink(stuck)
    qtbot.waitUntil(lambda: "output Stuck has stood still" in window.status.source.value, timeout=10000)
    assert window.status.source.over
    assert [m.text for m in window.messages.all if m.kind == "problem" and "output Stuck" in m.text and not m.over]
    release.set()
    qtbot.waitUntil(lambda: not window.status.source.over, timeout=10000)
    assert not [m for m in window.messages.all if m.kind == "problem" and "output Stuck" in m.text and not m.over]
    assert any(m.kind == "note" and m.text.startswith("output Stuck is back after ") for m in window.messages.all)
    window.pipeline.remove_sink(stuck)

    window.monitor._heart.patience_s = 0.3
    time.sleep(1.0)  # the window is held
    qtbot.waitUntil(lambda: any(m.text.startswith("window is back after ") for m in window.messages.all), timeout=10000)
    assert any(m.text.startswith("window has stood still for ") and m.over for m in window.messages.all)


def test_a_clock_that_jumps_hides_no_problem(window, monkeypatch):  # noqa: F811
    """The clock of the day goes back an hour: what comes then is told all the same."""
    real = time.time
    window.pipeline.report("before")
    window.monitor.tick()
    window.messages.open_list()
    window.messages._list.close()
    assert window.messages.unread == 0
    monkeypatch.setattr("time.time", lambda: real() - 3600)
    window.pipeline.report("after")
    window.monitor.tick()
    assert [m.text for m in window.messages.all][-2:] == ["before", "after"] and window.messages.unread == 1
