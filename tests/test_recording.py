"""Recordings that play after a crash, say how they were made, and end before the disk is full."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from msa.capturer import Captured
from msa.words import duration
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.pipeline import Chain
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import About, Recorder, read_about, room
from webcam_pix2pix.sinks.room import Room

FPS = 30
ENDLESS = f'''
import sys, time
import numpy as np
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.sinks import About, Recorder

recorder = Recorder(sys.argv[1], {FPS}, about=About({{"Prediction.post_time_lerp": 0.25}}, "oil"))
start, index = time.perf_counter(), 0
while True:
    time.sleep(max(0, start + index / {FPS} - time.perf_counter()))
    image = sealed(np.full((64, 64, 3), index % 250, np.uint8))
    recorder.put(Frame(index, start + index / {FPS}, image, image, image))
    index += 1
    print(index, flush=True)
'''


def frame(index: int = 0, shade: int = 90) -> Frame:
    red, green, blue = (sealed(np.full((64, 64, 3), colour, np.uint8)) for colour in ((shade, 0, 0), (0, shade, 0), (0, 0, shade)))
    return Frame(index, index / FPS, red, green, blue)


def record(path, frames, **options) -> Recorder:
    recorder = Recorder(path, FPS, block=True, **options)
    for each in frames:
        recorder.put(each)
    recorder.close()
    return recorder


def decoded(path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [image.to_ndarray(format="rgb24") for image in film.decode(video=0)]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_killed_at_any_moment_all_but_the_last_second_plays(tmp_path, name):
    path = tmp_path / name
    run = subprocess.Popen([sys.executable, "-c", ENDLESS, str(path)], cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True)
    end = random.randint(2 * FPS, 3 * FPS)
    given = next(int(line) for line in run.stdout if int(line) >= end)
    run.send_signal(signal.SIGKILL)
    given = max([given, *map(int, run.communicate()[0].split())])
    images = decoded(path)
    assert len(images) >= given - FPS
    assert [round(float(image.mean())) for image in images[:30]] == pytest.approx(list(range(30)), abs=3)
    assert read_about(path)["settings"] == {"Prediction.post_time_lerp": 0.25}


def test_at_the_end_it_is_a_normal_file(tmp_path):
    record(tmp_path / "film.mp4", [frame(i) for i in range(45)], about=About({"Main.sleep_s": 0.5}, "oil"))
    data = (tmp_path / "film.mp4").read_bytes()
    assert b"moof" not in data and data.index(b"moov") < data.index(b"mdat")  # no fragments, and it starts at once
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        assert stream.average_rate == FPS and stream.frames == 45
        stamps = [packet.pts for packet in film.demux(stream) if packet.pts is not None]
    assert set(np.diff(sorted(stamps))) == {stream.time_base.denominator // FPS}


@pytest.mark.parametrize("choice, images", [("painting", "b"), ("input beside painting", "gb"), ("all three", "rgb")])
def test_what_is_recorded(tmp_path, choice, images):
    record(tmp_path / "film.mp4", [frame()], output=Settings().with_values({"Output.record": choice}).output)
    image = decoded(tmp_path / "film.mp4")[0]
    assert image.shape == (64, 64 * len(images), 3)
    assert [int(image[32, 64 * k + 32].argmax()) for k in range(len(images))] == ["rgb".index(name) for name in images]


# ---- what it says of itself

def test_the_same_image_comes_out_of_the_settings_in_a_recording(tmp_path, small_model):
    asked = Settings().with_values({"Model.model_name": str(small_model), "Model.precision": "fp32", "Model.norm_mode": "eval"})
    predictor = build_predictor(asked)
    values = {"Capture.Processing.pre_blur": 3, "EdgeDetection.tone": 0.37, "Capture.Processing.invert": True,
            "Prediction.post_time_lerp": 0.0, "Capture.Processing.pre_gamma": 1.3}
    settings = asked.with_values(values)
    captured = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)

    def prediction(with_settings: Settings) -> np.ndarray:
        chain = Chain()
        chain.predictor = predictor
        return chain.step(Captured(0, 0.0, captured), with_settings).predicted

    recipe = Recipe(edges=settings.edges)
    about = About(settings.flat(), predictor.info.name, recipe)
    record(tmp_path / "film.mp4", [frame(i) for i in range(3)], about=about)
    kept = read_about(tmp_path / "film.mp4")
    again = Settings().with_values(kept["settings"])
    assert again == settings and kept["model"] == predictor.info.name and kept["version"]
    assert Recipe.from_json(kept["recipe"]) == recipe
    assert np.array_equal(prediction(again), prediction(settings)) and not np.array_equal(prediction(asked), prediction(settings))
    predictor.close()


def test_a_film_of_others_is_one_clear_line(tmp_path):
    record(tmp_path / "film.mp4", [frame()])
    (tmp_path / "text.mp4").write_text("no film")
    for name, message in (("film.mp4", "a film without settings in it"), ("text.mp4", "not a film"), ("none.mkv", "no such recording")):
        with pytest.raises((ValueError, OSError), match=message) as caught:
            read_about(tmp_path / name)
        assert "\n" not in str(caught.value)


# ---- the disk

def test_it_ends_before_the_disk_is_full_and_is_whole(tmp_path, monkeypatch):
    free = [1 << 30]
    monkeypatch.setattr(room, "CHECK_S", 0.0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, 0, free[0]))
    recorder = Recorder(tmp_path / "film.mp4", FPS, block=True)
    for i in range(40):
        recorder.put(frame(i))
    while recorder.written < 40:
        pass
    free[0] = room.RESERVE - 1
    for i in range(200):
        recorder.put(frame(40 + i))
    recorder.close()
    assert recorder.error is None and "the disk is nearly full" in recorder.ended and "\n" not in recorder.ended
    assert 40 <= len(decoded(tmp_path / "film.mp4")) == recorder.written < 60  # it may look at the disk just after the fortieth


def test_without_room_it_does_not_begin(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, 0, 50 << 20))
    with pytest.raises(OSError, match=r"film\.mp4: only 50 MB are free on this disk; a recording needs more than 200$"):
        Recorder(tmp_path / "film.mp4", FPS)
    assert list(tmp_path.iterdir()) == []


def test_without_room_for_two_the_fragments_are_the_film(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, 0, room.RESERVE if "room" in sys._getframe(
        1).f_code.co_filename else 0))
    record(tmp_path / "film.mp4", [frame(i) for i in range(5)])
    assert len(decoded(tmp_path / "film.mp4")) == 5 and b"moof" in (tmp_path / "film.mp4").read_bytes()


def test_how_long_the_disk_lasts(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "CHECK_S", 0.0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, 0, room.RESERVE + (60 << 20)))
    disk = Room(tmp_path / "film.mp4")
    disk.check(1 << 20)
    assert disk.left_s is None and not disk.short  # too early to say
    disk._started -= 10
    disk.check(10 << 20)
    assert disk.left_s == pytest.approx(60, rel=0.05) and disk.short and not disk.full
    assert duration(disk.left_s) == "60 s"
