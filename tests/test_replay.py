"""Replay: what was played comes back frame by frame, from a file that was cut off too, and nothing in a bad file is believed."""

import random
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from footage import number_of, steady, write_film
from test_pipeline import QUIET, Negative

from msa.capturer import Captured, Capturer, mirrored
from msa.capturer.init import Init
from msa.capturer.replay import RecordFile, Replay, is_replay
from msa.capturer.replay.recordfile import EVENT, FRAME, HEADER, IMAGE, MAGIC
from webcam_pix2pix.control.replay import Performance, ReplayPlayer, ReplayRecorder
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

STORM = [{"Capture.Processing.invert": i % 2 == 0, "EdgeDetection.tone": i % 10 / 10, "Bend.level_1": i % 21 / 10} for i in range(40)]


def record(path, source="test", count=40, models=("first",)):
    """Plays the source with a storm of settings, and one model after the other; gives the frames."""
    settings = QUIET.with_values({"Capture.Init.device_id": str(source), "Capture.Processing.canny": True})
    engine = Pipeline(Capturer(settings.capture_init, live=False), settings)
    recorder, frames = ReplayRecorder(path, engine, 120.0, wait=True), []
    engine.hooks.add(recorder)
    for number in range(count):
        engine.settings = engine.settings.with_values(STORM[number % 40])
        if number % (count // len(models)) == 0:
            name = models[number // (count // len(models))]
            engine.settings = engine.settings.with_values({"Model.model_name": name})
            engine.use(Negative(name, value=0))
        captured = engine.capturer.take(1.0)
        captured = replace(captured, time=100.0 + number / 120)
        frames.append(engine.step(captured, engine.hooks(captured, engine.settings)))
    engine.close()
    recorder.close()
    assert recorder.error is None and recorder.frames == count
    return frames


def played(path, build=None, **overrides):
    performance = Performance(path, overrides)
    try:
        return list(performance.frames(build or (lambda settings: Negative(value=0))))
    finally:
        performance.close()


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "storm.replay"
    return path, record(path)


def test_rendered_twice_every_byte_is_the_same(storm):
    path, live = storm
    first, second = played(path), played(path)
    assert [seconds for seconds, _ in first] == pytest.approx([i / 120 for i in range(40)])
    for (_, a), (_, b), then in zip(first, second, live, strict=True):
        assert np.array_equal(a.processed, b.processed) and np.array_equal(a.predicted, b.predicted)
        assert np.abs(a.captured.astype(int) - then.captured).mean() < 4  # of JPEG
    assert len({frame.processed.tobytes() for _, frame in first}) > 30  # the storm came back


def test_with_another_model_only_the_model_differs(storm):
    path, _ = storm
    for (_, a), (_, b) in zip(played(path), played(path, lambda settings: Negative(value=99)), strict=True):
        assert np.array_equal(a.processed, b.processed) and a.predicted.max() == 0 and b.predicted.min() == 99


def test_what_is_asked_for_counts_instead_of_what_was_recorded(storm):
    path, _ = storm
    performance = Performance(path, {"EdgeDetection.tone": 0.0, "Model.size": 128})
    cues = list(performance.cues())
    performance.close()
    assert {cue.settings.edges.tone for cue in cues} == {0.0} and {cue.settings.model.size for cue in cues} == {128}
    assert {cue.settings.bend.level_1 for cue in cues} == {i / 10 for i in range(21)}


def test_models_change_where_they_changed(tmp_path):
    record(tmp_path / "two.replay", models=("one", "two"))
    built = []

    def build(settings):
        built.append(settings.model.model_name)
        return Negative(value=len(built))

    shown = [frame.predicted.max() for _, frame in played(tmp_path / "two.replay", build)]
    assert built == ["one", "two"] and shown == [1] * 20 + [2] * 20
    played(tmp_path / "two.replay", build, **{"Model.model_name": "three"})
    assert built[2:] == ["three"]


def test_of_a_film_only_the_times_are_kept(tmp_path):
    film = write_film(tmp_path / "film.mp4", steady(40, 25))
    live = record(tmp_path / "film.replay", film)
    assert (tmp_path / "film.replay").stat().st_size < 20_000
    for (_, frame), then in zip(played(tmp_path / "film.replay"), live, strict=True):
        assert np.array_equal(frame.processed, then.processed)  # to the byte
    replay = Replay(tmp_path / "film.replay")
    assert [number_of(replay.image(i)) for i in (7, 31, 2, 39)] == [7, 31, 2, 39]
    replay.close()
    film.write_bytes(film.read_bytes() + b"x")
    with pytest.raises(ValueError, match="another film"):
        played(tmp_path / "film.replay")
    film.unlink()
    with pytest.raises(FileNotFoundError, match=r"film\.mp4"):
        played(tmp_path / "film.replay")


def test_a_file_that_was_cut_off_plays_up_to_there(storm, tmp_path):
    data = storm[0].read_bytes()
    lengths = []
    for share in (0.3, 0.6, 0.99):
        (tmp_path / "cut.replay").write_bytes(data[:int(share * len(data))])
        replay = Replay(tmp_path / "cut.replay")
        assert not replay.whole
        lengths.append(len(replay.moments))
        assert replay.image(len(replay.moments) - 1).shape == (120, 160, 3)
        replay.close()
    assert 8 < lengths[0] < 16 and 20 < lengths[1] < 28 and lengths[2] >= 39
    replay = Replay(storm[0])
    assert replay.whole and replay.fps == 120
    replay.close()


PLAYING = """
import sys, time
from dataclasses import replace
sys.path.insert(0, "tests")
from test_replay import STORM, QUIET
from msa.capturer import Capturer
from webcam_pix2pix.control.replay import ReplayRecorder
from webcam_pix2pix.pipeline import Pipeline

settings = QUIET.with_values({"Capture.Init.device_id": "test"})
engine = Pipeline(Capturer(settings.capture_init, live=False), settings)
recorder, number = ReplayRecorder(sys.argv[1], engine, 30.0, wait=True), 0
engine.hooks.add(recorder)
while True:
    engine.settings = engine.settings.with_values(STORM[number % 40])
    captured = engine.capturer.take(1.0)
    engine.step(captured, engine.hooks(replace(captured, time=number / 30), engine.settings))
    number += 1
    print(number, flush=True)
"""


def test_killed_at_any_moment_it_plays_up_to_the_last_second(tmp_path):
    path, end = tmp_path / "killed.replay", random.randint(40, 120)
    run = subprocess.Popen([sys.executable, "-c", PLAYING, str(path)], cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True)
    given = next(int(line) for line in run.stdout if int(line) >= end)
    run.kill()
    given = max([given, *map(int, run.communicate()[0].split())])
    shown = played(path)
    assert len(shown) >= given - 30 and shown[-1][0] == pytest.approx((len(shown) - 1) / 30)
    replay = Replay(path)
    assert not replay.whole
    replay.close()


def test_a_replay_is_a_source_with_a_place(storm):
    path, _ = storm
    assert is_replay(path) and not mirrored(str(path))
    with Capturer(Init(device_id=str(path)), live=False) as capturer:
        places = []
        while (captured := capturer.take(1.0)) is not None:
            places.append(captured.place)
        assert capturer.finished and places == pytest.approx([i / 120 for i in range(40)])
    capturer = Capturer(Init(device_id=str(path), use_thread=False), live=True)
    capturer.take(1.0)
    capturer.transport.paused = True
    capturer.transport.seek(20 / 120 + 0.001)
    assert capturer.take(1.0).place == pytest.approx(20 / 120)
    capturer.close()


def test_settings_follow_the_place_of_the_replay(storm):
    path, _ = storm
    corrected, problems = [], []
    player = ReplayPlayer(lambda: str(path), corrected.append, problems.append, kept=("EdgeDetection.tone",))
    settings, blank = Settings(), np.zeros((8, 8, 3), np.uint8)
    while not player._changes[0]:
        player(Captured(0, 0.0, blank), settings)
    for number in (0, 1, 2, 39, 5):  # and back
        changed = player(Captured(0, 0.0, blank, number / 120), settings)
        assert changed.bend.level_1 == STORM[number]["Bend.level_1"] and changed.edges.tone == settings.edges.tone
        assert changed.capture_init == settings.capture_init
        settings = changed
    assert player(Captured(0, 0.0, blank, 5 / 120), settings) is settings and len(corrected) == 5 and not problems


def test_a_recording_that_exists_is_not_replaced(storm, tmp_path):
    with pytest.raises(FileExistsError, match="exists already"):
        RecordFile(storm[0])
    with pytest.raises(OSError, match="nowhere"):
        RecordFile(tmp_path / "nowhere" / "a.replay")


# ---- hostile files

def written(path, *records):
    with path.open("wb") as file:
        file.write(MAGIC)
        for kind, data in records:
            file.write(struct.pack("<IBI", len(data), kind, zlib.crc32(data, kind)) + data)
    return path


FIRST = (FRAME, b'{"t":1,"image":"next"}'), (IMAGE, b"no image")


@pytest.mark.parametrize("records", [
    (), ((HEADER, b"{}"),), ((FRAME, b"[1]"),), ((FRAME, b"\xff"),), ((FRAME, b"{}"),), ((FRAME, b'{"t":NaN,"image":"next"}'), FIRST[1]),
    ((FRAME, b'{"t":1e300,"image":"same"}'),), ((FRAME, b'{"t":1,"image":[0,0]}'),), ((FRAME, b'{"t":1,"image":[[],0]}'),),
    ((FRAME, b'{"name":"x"}'), (FRAME, b'{"t":1,"image":[0,0]}')), (*FIRST, (EVENT, b'{"by":""}')), ((FRAME, b"[" * 100_000),),
    ((FRAME, b'{"t":1,"image":"next","set":{"Main.nothing":1,"EdgeDetection.tone":9}}'), FIRST[1]),
    ((FRAME, b'{"t":1,"image":"next","set":[1]}'), FIRST[1]), ((FRAME, b'{"t":1,"image":"next","air":{"model":[1]}}'), FIRST[1]),
    ((FRAME, b'{"t":1,"image":"next","air":{"model":{"device":"moon"}}}'), FIRST[1]), FIRST,
    ((FRAME, b'{"name":"x","film":"/dev/zero","bytes":0}'), (FRAME, b'{"t":1,"image":[0,0]}')),
])
def test_a_hostile_file_is_refused_in_one_line(tmp_path, records):
    path = written(tmp_path / "bad.replay", *records)
    with pytest.raises((ValueError, OSError), match=r"bad\.replay") as error:
        played(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_fuzzed_files_play_or_are_refused(storm, tmp_path):
    data, dice = storm[0].read_bytes()[:60_000], random.Random(1)
    for _ in range(150):
        fuzzed = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            fuzzed[dice.randrange(len(MAGIC), len(fuzzed))] = dice.randrange(256)
        (tmp_path / "fuzzed.replay").write_bytes(fuzzed)
        try:
            played(tmp_path / "fuzzed.replay")
        except (ValueError, OSError) as error:
            assert "\n" not in str(error)
