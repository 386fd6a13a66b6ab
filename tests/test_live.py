"""The live application without a window: real files in, real files out."""

import json
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

from webcam_pix2pix.cli import main
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.pipeline import Pipeline, resolved
from webcam_pix2pix.preprocessing import Memory, fit, preprocess
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import read_snapshot

N = 12


def drawn(index: int) -> np.ndarray:
    """160x120 RGB: a bright disc that walks to the right over a soft ramp."""
    ramp = np.linspace(40, 200, 160, dtype=np.uint8)
    image = np.ascontiguousarray(np.dstack([np.tile(ramp, (120, 1))] * 3))
    cv2.circle(image, (25 + 9 * index, 60), 22, (230, 120, 40), -1, cv2.LINE_AA)
    return image


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = 160, 120, "bgr0"
        for i in range(N):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(drawn(i), "rgb24")))
        container.mux(stream.encode(None))
    return path


def decoded(path):
    with av.open(str(path)) as container:
        return container.streams.video[0].average_rate, [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]


def test_every_frame_of_a_file_is_predicted_in_order_and_once(clip, tmp_path, capsys):
    out, snapshot, stats = (tmp_path / name for name in ("out.mp4", "last.png", "stats.json"))
    values = ["--set", "Capture.Processing.flip_h=false", "--set", "Prediction.post_time_lerp=0", "--precision", "fp32"]
    files = ["--record", str(out), "--snapshot", str(snapshot), "--stats", str(stats)]
    assert main(["live", "--headless", "--source", str(clip), *files, *values]) == 0
    assert str(out) in capsys.readouterr().out
    report = json.loads(stats.read_text())
    assert (report["frames_in"], report["frames_out"], report["frames_skipped"]) == (N, N, 0)
    assert report["fps"] > 0
    assert set(report["milliseconds"]) == {"capture", "process", "predict"}

    rate, frames = decoded(out)
    assert rate == 24
    assert len(frames) == N
    settings = Settings()
    predictor = build_predictor(settings.with_values({"Model.precision": "fp32"}))
    recipe = predictor.info.recipe
    chain = settings.with_recipe(recipe).with_values({"Capture.Processing.flip_h": False})
    memory = Memory()
    for index, frame in enumerate(frames):
        image = fit(drawn(index), predictor.input_size, chain.processing)
        predicted = predictor(preprocess(image, chain.processing, resolved(chain.edges, recipe), memory))
        assert np.abs(frame.astype(int) - predicted).mean() < 6  # what video compression costs
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 2
    assert np.abs(cv2.imread(str(snapshot))[..., ::-1].astype(int) - predicted).max() <= 1
    kept = read_snapshot(snapshot)
    assert kept["settings"]["Prediction.post_time_lerp"] == 0
    assert kept["model"] == predictor.info.name
    predictor.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["last.png", "out.mp4", "stats.json"]


def test_frames_limits_an_endless_source(tmp_path):
    assert main(["live", "--headless", "--source", "test", "--frames", "3", "--record", str(tmp_path / "a.mp4"),
                 "--set", "Prediction.enabled=false"]) == 0
    assert len(decoded(tmp_path / "a.mp4")[1]) == 3


def test_without_a_display_the_test_scene_is_rendered(tmp_path, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("webcam_pix2pix.cli.commands.live.why_no_window", lambda: "No display")
    monkeypatch.chdir(tmp_path)
    assert main(["--frames", "2", "--set", "Prediction.enabled=false"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("No display: rendering")
    (video,) = (tmp_path / "output").iterdir()
    assert str(video.relative_to(tmp_path)) in said.out
    assert len(decoded(video)[1]) == 2


@pytest.mark.parametrize(("arguments", "words"), [
    (["--source", "gone.mp4"], ["gone.mp4", "no such file"]), (["--source", "empty"], ["empty", "no image"]),
    (["--source", "text.mp4"], ["text.mp4"]), (["--source", "no such camera"], ["no such camera"]),
    (["--source", "http://127.0.0.1:9/stream"], ["http://127.0.0.1:9/stream"]),
    (["--model", "gone.pth"], ["gone.pth"]), (["--model", "text.pth"], ["text.pth"]),
    (["--record", "nowhere/out.mp4"], ["nowhere", "does not exist"]), (["--record", "out.xyz"], ["out.xyz"]),
    (["--snapshot", "out.jpg"], ["out.jpg", ".png"]), (["--stats", "empty"], ["empty", "folder"])])
def test_bad_input_is_one_line_and_nothing_is_left(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("not a video")
    (tmp_path / "text.pth").write_text("not weights")
    before = sorted(tmp_path.rglob("*"))
    assert main(["live", "--headless", "--source", "test", "--frames", "2", *arguments]) in (1, 2)
    error = capsys.readouterr().err
    assert all(word in error for word in words)
    assert error.strip().count("\n") == 0
    assert "Traceback" not in error
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_recorded_is_kept_when_interrupted(number, tmp_path):
    out = tmp_path / "a.mp4"
    command = [sys.executable, "-m", "webcam_pix2pix", "live", "--headless", "--source", "test", "--record", str(out),
               "--set", "Main.sleep_s=0.02", "--set", "Prediction.enabled=false"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    end = time.monotonic() + 60
    while not (out.exists() and out.stat().st_size):
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert "Traceback" not in error
    assert len(decoded(out)[1]) > 3
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_device_that_is_not_there_is_named(capsys):
    import torch

    missing = next(d for d, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())) if not there)
    assert main(["live", "--headless", "--source", "test", "--frames", "1", "--device", missing]) == 2
    assert missing in capsys.readouterr().err


def test_a_pipeline_can_be_stepped_by_hand():
    settings = Settings().with_values({"Capture.Init.device_id": "test"})
    from msa.capturer import Capturer

    engine = Pipeline(Capturer(settings.capture_init, live=False), settings)
    frame = engine.step(engine.capturer.take(1.0), settings)
    assert frame.processed.shape == (256, 256, 3)
    engine.close()


def test_the_footage_is_never_written_over(clip, tmp_path, capsys):
    source = tmp_path / "mine.mkv"
    source.write_bytes(clip.read_bytes())
    link = tmp_path / "link.mkv"
    link.symlink_to(source)
    for name in ("mine.mkv", "link.mkv", "../" + tmp_path.name + "/mine.mkv"):
        assert main(["live", "--headless", "--source", str(source), "--frames", "2", "--record", str(tmp_path / name)]) == 2
        assert "is the source itself" in capsys.readouterr().err
    assert source.read_bytes() == clip.read_bytes()


def test_stats_can_go_to_a_pipe():
    command = [sys.executable, str(Path(__file__).parent.parent / "webcam-pix2pix.py"), "live", "--headless", "--source", "test",
               "--frames", "2", "--set", "Prediction.enabled=false", "--stats", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout[:done.stdout.index("\n}\n") + 3])["frames_out"] == 2
    assert Path("/dev/stdout").exists() and not Path("/dev/stdout").resolve().is_file()


def test_what_only_headless_can_do_is_refused_with_a_window(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("webcam_pix2pix.cli.commands.live.why_no_window", lambda: "")
    for arguments, text in ((["--record", "a.gif"], "a.gif: cannot write .gif"), (["--frames", "3"], "--frames 3: only with"),
                            (["--screenshot", str(tmp_path / "no" / "a.png")], "expected the name of a .png"),
                            (["--screenshot", str(tmp_path / "a.xyz")], "expected the name of a .png"),
                            (["--headless", "--screenshot", "a.png"], "--snapshot saves the painting")):
        assert main(["live", "--source", "test", *arguments]) == 2
        error = capsys.readouterr().err.strip()
        assert text in error and "\n" not in error
