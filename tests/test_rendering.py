"""Whole films through a model: every image in its place, tiles without seams, the sound kept, nothing half written."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from footage import number_of, steady, write_film

from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.footage.index import Index
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.rendering import unfinished
from webcam_pix2pix.rendering.methods import Shape, Temporal, Tiled, Whole, cutter
from webcam_pix2pix.rendering.schedule import rate_of
from webcam_pix2pix.rendering.tiles import Tiles
from webcam_pix2pix.sinks import VideoWriter

ROOT = Path(__file__).parent.parent
UNPROCESSED = ["--set", "Prediction.enabled=false", "--set", "EdgeDetection.method=none", "--set", "EdgeDetection.tone=0",
         "--set", "Prediction.post_time_lerp=0"]  # the film itself comes out: its numbers can be read


@pytest.fixture
def model(small_model):
    return small_model


def with_tone(film: Path, out: Path, codec: str, seconds: float, lost: tuple[float, float] = (9e9, 9e9)) -> Path:
    """`film` with a tone under it that starts after half of the time; lost: seconds from and to which there is no sound at all."""
    rate = 44100
    wave = np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * 440 / rate))
    wave[: len(wave) // 2] = 0
    with av.open(str(film)) as source, av.open(str(out), "w") as target:
        images = target.add_stream_from_template(source.streams.video[0])
        sound = target.add_stream(codec, rate=rate)
        sound.codec_context.layout = "mono"
        for packet in source.demux(video=0):
            if packet.size:
                packet.dts = packet.dts if packet.dts is not None else -1000
                packet.stream = images
                target.mux(packet)
        resampler = av.AudioResampler(sound.codec_context.format, "mono", rate)
        frame = av.AudioFrame.from_ndarray((wave[None] * 20000).astype(np.int16), "s16", "mono")
        frame.sample_rate = rate
        for part in [*resampler.resample(frame), None]:
            target.mux([p for p in sound.encode(part) if p.pts is None or not lost[0] <= float(p.pts * p.time_base) < lost[1]])
    return out


def heard(path: Path) -> tuple[str, float, float]:
    """Codec, seconds, and the second at which it is loud for the first time."""
    with av.open(str(path)) as container:
        codec = container.streams.audio[0].codec_context.name
        frames = [(f.time, f.to_ndarray().astype(np.float64)) for f in container.decode(audio=0)]
    rate = 44100
    peak = max(np.abs(x).max() for _, x in frames)
    loud = next(t + np.argmax(np.abs(x.mean(0)) > peak / 2) / rate for t, x in frames if (np.abs(x.mean(0)) > peak / 2).any())
    return codec, frames[-1][0] + frames[-1][1].shape[-1] / rate, loud


def shown(path: Path) -> tuple[Fraction, list[np.ndarray]]:
    with av.open(str(path)) as container:
        return container.streams.video[0].average_rate, [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    return with_tone(write_film(folder / "silent.mkv", steady(50, 25)), folder / "film.mkv", "aac", 2.0)


# ---- cutting

@pytest.mark.parametrize(("size", "tile", "overlap"), [((64, 64), (64, 64), 16), ((100, 171), (64, 64), 16), ((65, 64), (64, 64), 0),
                                                       ((200, 333), (64, 32), 30)])
def test_tiles_put_together_are_the_image(size, tile, overlap):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    tiles = Tiles(size, tile, overlap)
    pieces = tiles.cut(image)
    assert len(pieces) == len(tiles) and {p.shape for p in pieces} == {(*tile, 3)}
    assert np.abs(tiles.join(pieces).astype(int) - image).max() <= 1
    gaps = [b - a for a, b in zip(tiles.corners, tiles.corners[1:], strict=False) for a, b in [(a[1], b[1])] if a < b]
    assert all(gap <= tile[1] - overlap for gap in gaps)


def test_neighbours_fade_into_each_other():
    tiles = Tiles((64, 112), (64, 64), 16)
    joined = tiles.join([np.full((64, 64, 3), shade, np.uint8) for shade in (0, 160)])[0, :, 0]
    assert (joined[:48] == 0).all() and (joined[64:] == 160).all()
    assert np.abs(np.diff(joined.astype(int))).max() <= 12


@pytest.mark.parametrize("film_size", [(480, 640), (720, 1280), (1280, 720), (100, 1000)])
def test_every_shape_of_film_meets_the_network(film_size):
    for shape in (Shape("upscale"), Shape("tiled", grid=2, overlap=16), Shape("temporal", grid=2, overlap=16, time_offset=1)):
        cut = cutter(shape, film_size, (64, 64), 64)
        image = np.random.default_rng(0).integers(0, 256, (*cut.canvas, 3), np.uint8)
        pieces = cut.cut(image)
        assert {p.shape[:2] for p in pieces} == {cut.tile} and not [side for side in cut.tile if side % 64]
        assert np.abs(cut.join(pieces).astype(int) - image).max() <= 1
        assert cut.canvas[1] / cut.canvas[0] == pytest.approx(film_size[1] / film_size[0], rel=0.02)
    assert isinstance(cutter(Shape("upscale"), film_size, (64, 64), 64), Whole)
    assert len(Tiled((480, 480), (64, 64), 3, 16)) == 9


def test_each_tile_is_later_than_the_one_before():
    cut = Temporal((96, 96), (64, 64), grid=2, overlap=16, time_offset=3)
    assert len(cut) == 4
    for number in range(20):
        pieces = cut.cut(np.full((*cut.canvas, 3), (number, 100, 7), np.uint8))
        assert [int(p[0, 0, 0]) for p in pieces] == [max(0, number - 3 * i) for i in range(4)]
        assert (pieces[3][..., 1:] == (100, 7)).all()


# ---- the command

@pytest.mark.parametrize("method", ["upscale", "tiled"])
def test_every_image_keeps_its_place_and_the_film_its_sound(film, model, tmp_path, capsys, method):
    out = tmp_path / "out.mp4"
    assert main(["video", str(film), str(out), "--model", str(model), "--method", method, "--overlap", "16", *UNPROCESSED]) == 0
    assert "50 frames of 160x96, 25 a second, sound: kept" in capsys.readouterr().out
    rate, images = shown(out)
    assert rate == 25 and [number_of(p) for p in images] == list(range(50)) and images[0].shape == (96, 160, 3)
    codec, seconds, loud = heard(out)
    assert codec == "aac" and seconds == pytest.approx(2.0, abs=0.1) and loud == pytest.approx(1.0, abs=0.06)
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_a_part_of_a_film_with_the_sound_of_that_part(film, model, tmp_path):
    out = tmp_path / "out.mkv"
    assert main(["video", str(film), str(out), "--model", str(model), "--start", "0.4", "--end", "1.4", "--size", "192", *UNPROCESSED]) == 0
    _, images = shown(out)
    assert [number_of(p) for p in images] == list(range(10, 35)) and images[0].shape == (192, 320, 3)
    _, seconds, loud = heard(out)
    assert seconds == pytest.approx(1.0, abs=0.1) and loud == pytest.approx(0.6, abs=0.06)


def test_sound_that_the_file_cannot_hold_is_coded_anew(film, model, tmp_path):
    lossless = with_tone(write_film(tmp_path / "a.mkv", steady(25, 25)), tmp_path / "b.mkv", "tta", 1.0)
    assert main(["video", str(lossless), str(tmp_path / "out.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    codec, seconds, loud = heard(tmp_path / "out.mp4")
    assert codec == "aac" and seconds == pytest.approx(1.0, abs=0.1) and loud == pytest.approx(0.5, abs=0.08)
    assert main(["video", str(film), str(tmp_path / "quiet.mp4"), "--model", str(model), "--no-sound", "--frames", "5", *UNPROCESSED]) == 0
    with av.open(str(tmp_path / "quiet.mp4")) as container:
        assert not container.streams.audio


def test_sound_for_a_mov_and_files_of_the_user_beside_it(model, tmp_path):
    film = with_tone(write_film(tmp_path / "a.mkv", steady(25, 25)), tmp_path / "clip.silent.mkv", "pcm_s16le", 1.0)
    for name in ("clip.silent.mp4", "clip.part.mkv"):
        (tmp_path / name).write_text("mine")
    (tmp_path / "a.mkv").unlink()
    assert main(["video", str(film), str(tmp_path / "clip.mov"), "--model", str(model), *UNPROCESSED]) == 0
    assert heard(tmp_path / "clip.mov")[0] == "aac"
    assert main(["video", str(film), str(tmp_path / "clip.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    assert heard(tmp_path / "clip.mp4")[0] == "aac"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mov", "clip.mp4", "clip.part.mkv", "clip.silent.mkv", "clip.silent.mp4"]
    assert (tmp_path / "clip.silent.mp4").read_text() == (tmp_path / "clip.part.mkv").read_text() == "mine"


def test_sound_that_cannot_be_kept_costs_no_image(film, model, tmp_path, monkeypatch, capsys):
    def broken(*args):
        raise OSError("film.mkv: its sound cannot be kept (broken)")

    monkeypatch.setattr("webcam_pix2pix.sinks.sound._sound", broken)
    out = tmp_path / "out.mkv"
    assert main(["video", str(film), str(out), "--model", str(model), "--frames", "9", *UNPROCESSED]) == 0
    assert "its sound cannot be kept (film.mkv: its sound cannot be kept (broken))" in capsys.readouterr().out
    assert len(shown(out)[1]) == 9 and list(tmp_path.iterdir()) == [out] and out.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # Matroska

    def refused(partial, path):
        raise PermissionError(13, "Permission denied")

    command = ["video", str(film), str(out), "--model", str(model), "--frames", "7", *UNPROCESSED]
    monkeypatch.setattr("webcam_pix2pix.sinks.sound.replace_file", refused)
    assert main(command) == 1
    (rest,) = [p for p in tmp_path.iterdir() if p != out]
    error = capsys.readouterr().err
    assert f"7 images are kept in {rest}; run the same command again to continue" in error and len(shown(out)[1]) == 9
    monkeypatch.undo()
    assert main(command) == 0 and "7 frames of 160x96 (7 of them from the run before)" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [out] and [number_of(p) for p in shown(out)[1]] == list(range(7))


@pytest.mark.parametrize(("fps", "pause"), [(60, 1.5), (50, 1.2), (30, 0.7), (24000 / 1001, 2.0)])
@pytest.mark.parametrize("unit", [1 / 90000, 0.001])
def test_most_images_say_what_the_rate_is(fps, pause, unit):
    times = np.arange(1500) / fps
    times[700:] += pause
    times = np.round(times / unit) * unit
    index = Index(np.round(times / unit).astype(int), np.array([0]), unit, 0.0, (64, 48))
    assert rate_of(index, 1 / np.diff(times).mean()) == pytest.approx(fps, rel=0.0011)


def test_the_longest_name_can_be_written(film, model, tmp_path):
    out = tmp_path / ("ж" * 119 + ".mp4")
    assert main(["video", str(film), str(out), "--model", str(model), "--frames", "3", *UNPROCESSED]) == 0
    assert len(shown(out)[1]) == 3 and list(tmp_path.iterdir()) == [out]


def test_sound_that_was_lost_leaves_a_silence(model, tmp_path):
    film = with_tone(write_film(tmp_path / "a.mkv", steady(50, 25)), tmp_path / "b.mkv", "tta", 2.0, lost=(0.2, 0.8))
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    assert heard(tmp_path / "out.mp4")[2] == pytest.approx(1.0, abs=0.15)  # as far as its packets allow


def test_a_last_image_that_stays_is_held(model, tmp_path):
    film = with_tone(write_film(tmp_path / "a.mkv", steady(10, 25)), tmp_path / "b.mkv", "aac", 3.0)
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    _, images = shown(tmp_path / "out.mp4")
    assert len(images) == pytest.approx(75, abs=3) and [number_of(p) for p in images] == [*range(9), *[9] * (len(images) - 9)]
    assert heard(tmp_path / "out.mp4")[2] == pytest.approx(1.5, abs=0.06)


def test_a_name_with_a_colon_is_no_address(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with_tone(write_film(tmp_path / "a.mkv", steady(5, 25)), tmp_path / "12:30.mkv", "aac", 0.2)
    assert main(["video", "12:30.mkv", "12:31.mp4", "--model", str(model), *UNPROCESSED]) == 0
    assert len(shown(tmp_path / "12:31.mp4")[1]) == 5


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_pause_does_not_change_the_rate(model, tmp_path, suffix):
    times = [*steady(30, 30), *(3000 + t for t in steady(30, 30))]
    film = write_film(tmp_path / f"pause{suffix}", times)
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    rate, images = shown(tmp_path / "out.mp4")
    assert rate == 30 and {number_of(p) for p in images} == set(range(60)) and len(images) == pytest.approx(120, abs=1)


def test_a_film_of_changing_rate_keeps_its_time(model, tmp_path):
    times = [0, 40, 80, 120, 400, 440, 480, 1000, 1040, 1080]  # milliseconds
    film = write_film(tmp_path / "odd.mkv", times)
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(model), *UNPROCESSED]) == 0
    rate, images = shown(tmp_path / "out.mp4")
    for index, image in enumerate(images):
        due = 1000 * (index + 0.4) / float(rate)
        assert times[number_of(image)] == max(t for t in times if t <= due)  # each until the next one comes
    assert rate == 25 and len(images) == 28


def test_the_painting_is_that_of_the_chain_by_hand(model, tmp_path):
    film = write_film(tmp_path / "a.mkv", steady(3, 25), size=(192, 192))
    values = [*UNPROCESSED[2:], "--precision", "fp32"]
    assert main(["video", str(film), str(tmp_path / "out.mkv"), "--model", str(model), "--compare", *values]) == 0
    _, originals = shown(film)
    _, images = shown(tmp_path / "out.mkv")
    predictor = PyTorchPredictor(model, device="cpu", precision="fp32")
    side = predictor.input_size[0]
    for original, image in zip(originals, images, strict=True):
        seen, conditioned, predicted = np.split(image.astype(int), 3, axis=1)
        by_hand = predictor(cv2.resize(original, (side, side), interpolation=cv2.INTER_AREA))
        by_hand = cv2.resize(by_hand, (192, 192), interpolation=cv2.INTER_CUBIC)
        assert np.abs(seen - original).mean() < 6 and np.abs(predicted - by_hand).mean() < 8
        assert np.abs(conditioned - original).mean() < 25 < np.abs(predicted - original).mean()


@pytest.mark.parametrize(("arguments", "code", "text"), [
    (["no.mkv", "out.mp4"], 1, "no.mkv: no such film"), (["{film}", "out.txt"], 2, "cannot record to .txt"),
    (["{film}", "{film}"], 2, "would overwrite the film itself"), (["{film}", "no/out.mp4"], 1, "no folder"),
    (["{film}", "out.mp4", "--grid", "9"], 2, "--grid: 9, expected 2 to 8"), (["{film}", "out.mp4", "--size", "8"], 2, "--size: '8'"),
    (["{film}", "out.mp4", "--start", "5"], 1, "no frame between"), (["{film}", "out.mp4", "--set", "No.such=1"], 2, "No.such"),
    (["{film}", "out.mp4", "--method", "tiled", "--overlap", "60"], 2, "--overlap: 60"),
    (["{film}", "out.mp4", "--method", "temporal", "--overlap", "8", "--grid", "8", "--time-offset", "900"], 2, "--time-offset: 900"),
    (["{broken}", "out.mp4"], 1, "broken.mkv"), (["{sound}", "out.mp4"], 1, "no video in it"),
    (["{film}", "out.mp4", "--model", "no-such-model"], 1, "no such model")])
def test_mistakes_are_one_line_and_leave_no_file(film, model, tmp_path, capsys, monkeypatch, arguments, code, text):
    files = tmp_path / "in"
    files.mkdir()
    (files / "broken.mkv").write_bytes(b"no film")
    with av.open(str(files / "sound.mka"), "w", format="matroska") as target:
        stream = target.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        target.mux([*stream.encode(frame), *stream.encode(None)])
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    places = {"film": film, "broken": files / "broken.mkv", "sound": files / "sound.mka"}
    arguments = [a.format(**places) for a in arguments]
    assert main(["video", *([] if "--model" in arguments else ["--model", str(model)]), *arguments]) == code
    error = capsys.readouterr().err.strip()
    assert text in error and "\n" not in error
    assert not list(work.iterdir())


def test_the_size_of_a_comparison_is_reported(film, model, tmp_path, capsys):
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(model), "--compare", "--frames", "2", *UNPROCESSED]) == 0
    assert "2 frames of 480x96" in capsys.readouterr().out and shown(tmp_path / "out.mp4")[1][0].shape == (96, 480, 3)


# ---- stopped, killed, gone on with

def started(arguments, out, pieces: int, stop: signal.Signals):
    """Start the command, stop it once so many pieces are finished; (exit code, what it said)."""
    command = [sys.executable, str(ROOT / "webcam-pix2pix.py"), "video", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    end = time.monotonic() + 60
    while len(list(unfinished(out).glob("*[0-9].mp4"))) < pieces and time.monotonic() < end and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(stop)
    _, error = process.communicate(timeout=60)
    return process.returncode, error


def test_an_interrupted_film_is_whole_and_gone_on_with(model, tmp_path, capsys):
    film = write_film(tmp_path / "long.mkv", steady(600, 25), size=(320, 192))
    out = tmp_path / "out.mp4"
    arguments = [str(film), str(out), "--model", str(model), *UNPROCESSED]
    code, error = started(arguments, out, 2, signal.SIGINT)
    assert code == 130 and f"the frames painted so far are in {out}" in error and "run the same command again" in error
    assert "Traceback" not in error
    _, images = shown(out)
    assert 100 <= len(images) < 600 and [number_of(p) for p in images] == list(range(len(images)))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["long.mkv", "out.mp4", "out.mp4.unfinished"]
    assert main(["video", *arguments]) == 0
    assert "600 frames of 320x192 (" in capsys.readouterr().out
    assert [number_of(p) for p in shown(out)[1]] == list(range(600))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["long.mkv", "out.mp4"]


@pytest.mark.parametrize("options", [["--set", "Prediction.post_time_lerp=0.6"], ["--set", "Capture.Processing.frame_diff=true"],
                                  ["--method", "temporal", "--grid", "2", "--overlap", "16", "--time-offset", "7"]])
def test_a_killed_film_ends_like_one_that_was_not(model, tmp_path, capsys, options):
    film = with_tone(write_film(tmp_path / "a.mkv", steady(240, 25)), tmp_path / "film.mkv", "aac", 9.6)
    out, whole = tmp_path / "out.mp4", tmp_path / "whole.mp4"
    arguments = ["--model", str(model), *UNPROCESSED[2:6], "--set", "Prediction.enabled=false", *options]
    code, _ = started([str(film), str(out), *arguments], out, 2, signal.SIGKILL)
    assert code == -signal.SIGKILL and not out.exists() and unfinished(out).is_dir()
    assert main(["video", str(film), str(out), *arguments]) == 0
    on_progress = capsys.readouterr().out
    assert "240 frames" in on_progress and "of them from the run before)" in on_progress and "sound: kept" in on_progress
    assert main(["video", str(film), str(whole), *arguments]) == 0
    (rate, images), (_, expected) = shown(out), shown(whole)
    assert rate == 25 and len(images) == 240
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(images, expected, strict=True)) < 0.5  # not to the bit
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mkv", "film.mkv", "out.mp4", "whole.mp4"]


def test_another_job_of_the_same_name_begins_anew_and_says_so(film, model, tmp_path, capsys):
    out = tmp_path / "out.mp4"
    unfinished(out).mkdir()
    (unfinished(out) / "job.json").write_text('{"film": "other.mp4"}')
    (unfinished(out) / "000000.mp4").write_bytes(b"other")
    assert main(["video", str(film), str(out), "--model", str(model), *UNPROCESSED]) == 0
    assert "an unfinished film of another job was there; begun anew" in capsys.readouterr().err
    assert [number_of(p) for p in shown(out)[1]] == list(range(50)) and list(tmp_path.iterdir()) == [out]


def test_a_disk_that_fails_costs_no_finished_piece(film, model, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("webcam_pix2pix.rendering.pieces.PIECE", 10)
    out = tmp_path / "out.mp4"
    command = ["video", str(film), str(out), "--model", str(model), *UNPROCESSED]

    def full(self, image, write=VideoWriter.write):
        if self.path.name == "000002.mp4":
            raise OSError(28, "No space left on device")
        write(self, image)

    monkeypatch.setattr(VideoWriter, "write", full)
    assert main(command) == 1
    assert "20 images are kept in" in capsys.readouterr().err and not out.exists()
    monkeypatch.undo()
    assert main(command) == 0 and "50 frames of 160x96 (20 of them from the run before)" in capsys.readouterr().out
    assert [number_of(p) for p in shown(out)[1]] == list(range(50)) and list(tmp_path.iterdir()) == [out]
