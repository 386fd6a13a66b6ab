"""Cameras: what a text means, what is remembered, the command. No camera is needed."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from msa.capturer import CameraName, Capturer, Init, cameras, open_source
from msa.capturer.opening import is_camera
from msa.capturer.sources.cameras import find_camera
from msa.capturer.sources.fallback import FallbackScene
from webcam_pix2pix import cli

ROOT = Path(__file__).parent.parent
FRONT = CameraName(0, "FaceTime HD", "path-front", "FaceTime HD")
LEFT = CameraName(1, "USB Camera", "path-left", "path-left")
RIGHT = CameraName(2, "USB Camera", "path-right", "path-right")
LOGI = CameraName(4, "Logitech Brio", "path-brio", "Logitech Brio")
KNOWN = [FRONT, LEFT, RIGHT, LOGI]


@pytest.mark.parametrize("text, camera", [
    ("0", FRONT), ("4", LOGI), ("facetime hd", FRONT), ("brio", LOGI), ("path-right", RIGHT), ("PATH-LEFT", LEFT), ("/dev/video4", LOGI),
    ("USB Camera", LEFT)])  # of two with the same name the first; their paths tell them apart
def test_a_camera_is_meant_by_index_path_name_or_part_of_it(text, camera):
    assert find_camera(text, KNOWN) is camera


def test_an_index_that_is_not_listed_is_tried_as_it_is():
    assert find_camera("7", KNOWN) == CameraName(7, "camera 7", "", "7")


@pytest.mark.parametrize("text, message", [
    ("Sony", 'source "Sony": no such camera; connected: "FaceTime HD", "path-left", "path-right", "Logitech Brio"'),
    ("e", 'source "e": several cameras have that in their name, give more of it; connected: ')])
def test_an_unknown_camera_is_reported_together_with_those_known(text, message):
    with pytest.raises(ValueError, match=message):
        find_camera(text, KNOWN)


def test_every_camera_that_is_listed_is_found_by_what_it_is_remembered_by():
    known = cameras()  # none on a test machine
    assert [find_camera(camera.source, known) for camera in known] == known


def test_without_a_camera_an_unknown_one_is_one_clear_line():
    with pytest.raises(ValueError, match='source "No Such Camera": no such camera; connected: '):
        open_source("No Such Camera", Init(), live=True)
    with pytest.raises(OSError, match='source "93": no such camera; connected: '):
        open_source("93", Init(), live=True)


@pytest.mark.parametrize("name", ["USB2.0 HD UVC WebCam", "Front/Rear 3.1"])
def test_a_name_that_looks_like_a_file_is_a_camera_where_there_is_one(monkeypatch, name):
    monkeypatch.setattr("msa.capturer.opening.cameras", lambda: [CameraName(93, name, "", name)])
    with pytest.raises(OSError, match=f'camera "{name}": cannot be opened'):  # there is none in truth
        open_source(name, Init(), live=True)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        open_source("film.mp4", Init(), live=True)


def test_a_camera_that_is_plugged_in_later_takes_the_place_of_the_test_scene(monkeypatch):
    class Plugged:
        name, size, fps, live, finite, note, camera, skipped = 'camera "Brio"', (64, 48), 30.0, True, False, "", "Brio", 0

        def __init__(self, camera, init):
            assert camera is LOGI

        def read(self):
            time.sleep(0.01)
            return np.full((48, 64, 3), 7, np.uint8)

        def close(self):
            pass

    known = []
    for module in ("opening", "sources.fallback"):
        monkeypatch.setattr(f"msa.capturer.{module}.cameras", lambda: list(known))
        monkeypatch.setattr(f"msa.capturer.{module}.Camera", Plugged)
    monkeypatch.setattr("msa.capturer.sources.fallback.CHECK_S", 0.05)
    monkeypatch.setattr("msa.capturer.connection.RETRY_S", 0.05)
    with Capturer(Init(device_id="auto"), live=True) as capturer:
        assert capturer.take(5.0).image.shape == (480, 640, 3) and "no camera found" in capturer.source.note
        known.append(LOGI)
        end = time.monotonic() + 10
        while capturer.source.camera != "Brio" and time.monotonic() < end:
            capturer.take(0.1)
        assert capturer.take(5.0).image.shape == (48, 64, 3)
    busy = FallbackScene(Init(), "")  # LOGI is there, but did not open
    known.clear()
    time.sleep(0.2)
    known.append(LOGI)
    wait = time.monotonic() + 10
    while not busy._found and time.monotonic() < wait:
        time.sleep(0.02)
    assert busy._found == 'camera "Brio"'
    busy.close()
    assert not [t for t in threading.enumerate() if t.name == "looking for cameras" and not t.join(1) and t.is_alive()]


@pytest.mark.parametrize("device_id", ["test", "screen:2", "http://127.0.0.1/x", "No Such Camera", "93"])
def test_other_sources_are_not_the_camera_in_use(device_id):
    assert not is_camera(device_id, "FaceTime HD")


def test_the_command_says_when_there_is_none(monkeypatch, capsys):
    monkeypatch.setattr("msa.capturer.cameras", list)
    assert cli.main(["cameras"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("No camera found.") and "--source" in output


def test_the_command_lists_what_to_pass_to_source(monkeypatch, capsys):
    monkeypatch.setattr("msa.capturer.cameras", lambda: KNOWN)
    assert cli.main(["cameras"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1)[1] == "FaceTime HD    --source 'FaceTime HD'"
    assert lines[2].endswith("--source path-right")
    assert cli.main(["cameras", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[3] == {"index": 4, "name": "Logitech Brio", "path": "path-brio", "source": "Logitech Brio"}


def test_the_command_runs_and_prints_json_only():
    done = subprocess.run([sys.executable, "webcam-pix2pix.py", "cameras", "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert isinstance(json.loads(done.stdout), list)
    assert done.stderr == ""
