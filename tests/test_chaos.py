"""A little of what `python -m tests.chaos` does at length: the program is broken on purpose and holds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos import display, fuzz, kills, live, peers, readers

POSIX = pytest.mark.skipif(os.name == "nt", reason="fork and signals")


@pytest.mark.parametrize("scenario", [live.camera, live.sinks, live.network, live.storm, live.clock, peers.peers])
def test_the_show_goes_on(scenario):
    assert scenario(1, seconds=1.0)


def test_a_stream_comes_back():
    assert live.stream(1, restarts=1)


@POSIX
def test_a_display_that_is_unplugged_takes_nothing_with_it():
    if (done := display.display(1, rounds=1)).startswith("left out"):
        pytest.skip(done)


@POSIX
def test_presets_and_settings_survive_a_kill(tmp_path):
    assert kills.presets(1, tmp_path, kills=2)


@POSIX
def test_readers_take_damage():
    """In a process of its own: what tests before have loaded neither weighs nor waits in it."""
    command = [sys.executable, "-m", "tests.chaos", *(f"fuzz_{name}" for name in fuzz.READERS), "--cases", "40"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(fuzz.READERS)


def refuses_in_two_lines(path):
    raise ValueError("not\nso")


@POSIX
def test_a_reader_that_does_what_it_must_not_is_found(monkeypatch):
    odd = {"crash": lambda path: os._exit(9), "odd": lambda path: {}[path], "lines": refuses_in_two_lines}
    for name, read in odd.items():
        monkeypatch.setitem(fuzz.READERS, name, readers.Reader("", lambda folder: [b"good"], read))
        with pytest.raises(AssertionError, match=f"{name}, case (-1|0), seed 0: (the process died|KeyError|not one line)"):
            fuzz.fuzz(name, 3)
