"""How far a run is: told after its first step, then as it goes, and of its model until it is finished."""

import json
from dataclasses import replace

import pytest
from test_training import Quiet, dataset, one_thread, start  # noqa: F401

from webcam_pix2pix.cli.commands.train import Terminal
from webcam_pix2pix.model import read_model, write_descriptor
from webcam_pix2pix.training import progress as module
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.progress import Pace
from webcam_pix2pix.training.runs.runfolder import RunFolder, Steps


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_slow_run_says_how_far_it_is_after_its_first_step_and_its_model_too(dataset, tmp_path):  # noqa: F811
    run, options = start(dataset, tmp_path, "slow", print_freq=1000)  # 4 epochs of 3 steps
    stops = iter((False, True))
    monitor = Quiet()
    assert not train(dataset, run, options, monitor, lambda: next(stops))
    assert not monitor.lines and [(steps.done, steps.all) for steps in monitor.moves] == [(0, 12), (1, 12), (2, 12)]
    assert all(steps.left_s > 0 for steps in monitor.moves) and run.progress() == monitor.moves[-1]
    assert read_model(run.model).unfinished == "2 of 12 steps"
    monitor = Quiet()
    assert train(dataset, run, options, monitor)  # goes on: how far it is and the time left are known before the next step
    assert (monitor.moves[0].done, monitor.moves[1].done) == (2, 3) and run.progress() == Steps(12, 12, 0.0)
    assert read_model(run.model).unfinished == ""


def test_the_time_left_follows_the_steps_as_they_are(clock):
    pace = Pace(10.0, 1.0)
    assert pace.left_s(100) == 1100
    clock[0] += 60
    assert pace.step() and pace.left_s(100) == 1100  # the first one warms up
    for _ in range(100):
        clock[0] += 1.0
        with pace.aside():  # a validation, or a pause
            clock[0] += 500
        pace.step()
    assert pace.left_s(100) == pytest.approx(200, abs=5)
    clock[0] += 10.0
    pace.step()
    assert pace.left_s(100) < 300  # one slow step is not all that come


def test_it_is_told_now_and_then(clock):
    pace, times = Pace(0.1, 0.0), []
    for number in range(100):
        clock[0] += 0.1
        times += [number] if pace.step() else []
    assert times[0] == 0 and 4 <= len(times) <= 6


def test_the_terminal_is_never_silent_for_long(clock, capsys):
    terminal = Terminal()
    for done in range(8):
        terminal.moved(Steps(done, 700, 3600.0 - 10 * done))
        clock[0] += 10
    assert capsys.readouterr().out.splitlines() == ["1 of 700 steps, 1 h 00 min left", "5 of 700 steps, 59 min left"]


@pytest.mark.parametrize("text", ["", "[]", '{"done": "many", "all": 3, "left_s": 1}', '{"done": 1}'])
def test_a_damaged_progress_is_none(tmp_path, text):
    run = RunFolder(tmp_path)
    run.progress_file.write_text(text)
    assert run.progress() is None


@pytest.mark.parametrize("text", [[1, 2], "", 700])
def test_a_descriptor_that_is_unfinished_in_another_sense_is_refused_in_one_line(dataset, tmp_path, text):  # noqa: F811
    run, options = start(dataset, tmp_path, "x")
    train(dataset, run, options, Quiet(), lambda: True)
    write_descriptor(replace(read_model(run.model), unfinished="3 of 9 steps"), run.model)
    assert read_model(run.model).unfinished == "3 of 9 steps"
    run.model.write_text(json.dumps(json.loads(run.model.read_text()) | {"unfinished": text}))
    with pytest.raises(ValueError, match=r"model.json: unfinished: .* is not a text of"):
        read_model(run.model)
