"""The commands as a person types them: real processes, exit codes, one line per mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from webcam_pix2pix.cli import COMMANDS, main
from webcam_pix2pix.cli.display import why_no_window

ROOT = Path(__file__).parent.parent


def run(*args, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run([sys.executable, str(ROOT / "webcam-pix2pix.py"), *args], capture_output=True, text=True, timeout=120,
                          env=clean | environment, cwd=ROOT)


def test_the_entry_point_tells_its_commands_without_torch_or_qt():
    result = run("--help", PYTHONPROFILEIMPORTTIME="1")
    assert result.returncode == 0
    assert all(name in result.stdout for name in COMMANDS)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines() if line.startswith("import time")}
    assert not loaded & {"torch", "PySide6", "cv2", "torchvision"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    assert "--verbose" in text


def test_bad_arguments_end_with_two(capsys):
    for argv in (["nonsense"], ["live", "--frames", "0"], ["live", "--headless", "--frames", "many"]):
        with pytest.raises(SystemExit) as stop:
            main(argv)
        assert stop.value.code == 2
        error = capsys.readouterr().err
        assert len(error.strip().splitlines()) == 1 and "webcam-pix2pix" in error


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_stops_no_work(closed, tmp_path):
    program, out = ROOT / "webcam-pix2pix.py", tmp_path / "a.mp4"
    quick = "live --headless --source test --frames 2 --set Prediction.enabled=false"
    command = f"'{sys.executable}' '{program}' {quick} --record '{out}' {closed}"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_terminal_without_the_letters_stops_no_work():
    done = run("live", "--headless", "--source", "test", "--frames", "2", "--set", "Prediction.enabled=false", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "frames/s" in done.stdout


@pytest.mark.parametrize(("assignment", "words"), [("Capture.Processing.canny_t1=999", "0 to 255"), ("Nothing.here=1", "no such setting"),
                                                   ("EdgeDetection.tone", "Group.name=value"),
                                                   ("EdgeDetection.method=x", "training_matched")])
def test_a_bad_setting_is_one_line_and_two(assignment, words, capsys):
    assert main(["live", "--headless", "--source", "test", "--set", assignment]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert error.startswith("webcam-pix2pix live: ")


def test_a_preset_that_is_not_json_is_one_line(tmp_path, capsys):
    (tmp_path / "look.json").write_text("{")
    assert main(["live", "--headless", "--preset", str(tmp_path / "look.json")]) == 2
    assert "look.json: not a preset, expected JSON" in capsys.readouterr().err


def test_why_no_window(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        assert why_no_window() == "No display"
        monkeypatch.setenv("DISPLAY", ":7654")
        assert why_no_window() == "Display :7654 does not answer"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert why_no_window() == ""
