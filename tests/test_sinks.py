"""Recorder and snapshots, with real files read back."""

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import Recorder, VideoWriter, read_snapshot, write_snapshot

SIZE = (48, 64)  # (height, width)


def frame(index=0, time=0.0, colour=(200, 60, 20), size=SIZE, predicted=True) -> Frame:
    image = sealed(np.full((*size, 3), colour, np.uint8))
    black = sealed(np.zeros((*size, 3), np.uint8))
    return Frame(index, time, black, black, image) if predicted else Frame(index, time, image)


def decoded(path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]


def times(path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(f.pts * f.time_base) for f in container.decode(video=0)]


def record(path, frames, **options) -> Recorder:
    recorder = Recorder(path, **options)
    for f in frames:
        recorder.put(f)
    recorder.close()
    return recorder


def test_a_recording_whose_folder_goes_says_so_while_it_runs(tmp_path):
    (tmp_path / "deep").mkdir()
    recorder = Recorder(tmp_path / "deep" / "out.mp4", block=True)
    for i in range(200):  # the encoder looks far ahead before it writes
        recorder.put(frame(i))
    while recorder.written < 200:
        time.sleep(0.01)
    shutil.rmtree(tmp_path / "deep")
    for i in range(100):
        recorder.put(frame(i))
    recorder.close()
    assert recorder.error is not None and "its folder or the file was removed" in recorder.error


# ---- Recorder, nothing lost

@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov", "OUT.MP4"])
def test_every_frame_becomes_one_image_at_a_constant_rate(tmp_path, name):
    recorder = record(tmp_path / name, [frame(k, colour=(20 * k, 60, 20)) for k in range(10)], fps=25, block=True)
    assert recorder.error is None and recorder.refused == 0 and recorder.written == 10
    images = decoded(tmp_path / name)
    assert [p.shape for p in images] == [(48, 64, 3)] * 10
    for k, image in enumerate(images):
        assert np.abs(image.reshape(-1, 3).mean(0) - (20 * k, 60, 20)).max() < 6  # the colours, too
    assert np.diff(times(tmp_path / name)) == pytest.approx([1 / 25] * 9, abs=1e-3)
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name in ("h264", "mpeg4") and stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate) == pytest.approx(25, rel=0.01)


def test_the_file_takes_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"the recording of yesterday")
    recorder = Recorder(path, 30, block=True)
    recorder.put(frame())
    assert path.read_bytes() == b"the recording of yesterday"
    recorder.close()
    recorder.close()
    assert len(decoded(path)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize("size, stored", [((48, 64), (48, 64)), ((47, 63), (48, 64)), ((1, 1), (2, 2)), ((33, 64), (34, 64))])
def test_odd_sizes_are_made_even(tmp_path, size, stored):
    record(tmp_path / "out.mp4", [frame(size=size)] * 2, fps=30, block=True)
    image = decoded(tmp_path / "out.mp4")[0]
    assert image.shape[:2] == stored
    assert np.abs(image.reshape(-1, 3).astype(int) - (200, 60, 20)).max() < 24  # no black edge


def test_another_size_on_the_candidate_is_fitted_into_the_first(tmp_path):
    frames = [frame(0), frame(1, size=(96, 128)), frame(2, size=(96, 96), colour=(0, 200, 0)), frame(3)]
    assert record(tmp_path / "out.mkv", frames, fps=30, block=True).error is None
    images = decoded(tmp_path / "out.mkv")
    assert [p.shape for p in images] == [(48, 64, 3)] * 4
    assert images[2][24, 32, 1] > 150 and images[2][24, 2].max() < 40  # a square between two bars


def test_where_nothing_is_predicted_the_processed_or_captured_image_is_recorded(tmp_path):
    record(tmp_path / "out.mkv", [frame(predicted=False)], fps=30, block=True)
    assert np.abs(decoded(tmp_path / "out.mkv")[0].reshape(-1, 3).mean(0) - (200, 60, 20)).max() < 6


def test_block_waits_for_the_encoder(tmp_path):
    recorder = record(tmp_path / "out.mp4", [frame(k) for k in range(300)], fps=30, block=True)  # far more than the queue holds
    assert recorder.written == 300 and len(decoded(tmp_path / "out.mp4")) == 300


# ---- Recorder, live

def test_a_live_recording_keeps_real_time(tmp_path):
    moments = [10.0, 10.1, 10.2, 10.21, 10.22, 10.6]  # slower than 20 a second, then faster, then a pause
    frames = [frame(k, t, colour=(30 * k, 30, 30)) for k, t in enumerate(moments)]
    recorder = record(tmp_path / "out.mp4", frames, fps=20)
    reds = [round(float(p[..., 0].mean()) / 30) for p in decoded(tmp_path / "out.mp4")]
    assert len(reds) == recorder.written == 13  # 0.6 s and the last image
    assert (reds[0], reds[2], reds[4], reds[12]) == (0, 1, 2, 5)
    assert reds[5:12] == [4] * 7  # the pause shows the last image before it


def test_a_long_pause_is_cut(tmp_path):
    record(tmp_path / "out.mp4", [frame(0, 0.0), frame(1, 3600.0), frame(2, 3600.5)], fps=2)
    assert len(decoded(tmp_path / "out.mp4")) == 1 + 20 + 2  # 10 s of the hour


def test_frames_that_find_the_queue_full_are_refused_and_counted(tmp_path, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(VideoWriter, "write", lambda self, image, write=VideoWriter.write: gate.wait(20) and write(self, image))
    recorder = Recorder(tmp_path / "out.mp4", 30)
    for k in range(100):
        recorder.put(frame(k, k / 30))
    assert recorder.refused in (35, 36)  # 64 wait, and one may be in the writer
    gate.set()
    recorder.close()
    assert len(decoded(tmp_path / "out.mp4")) >= 64 and recorder.error is None


def test_without_frames_there_is_no_file_and_one_clear_error(tmp_path):
    recorder = record(tmp_path / "out.mp4", [], fps=30)
    assert recorder.error == f"{tmp_path / 'out.mp4'}: nothing was recorded: there was no frame"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, message", [
    ("out.gif", "cannot record to .gif, expected .mp4, .mkv, .mov"), ("out", "a name without suffix"),
    ("no/folder/out.mp4", "there is no folder"), ("folder.mp4", "is a folder")])
def test_a_path_that_cannot_be_is_reported_at_once(tmp_path, name, message):
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises((ValueError, OSError), match=message) as caught:
        Recorder(tmp_path / name, 30)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), 1e6])
def test_a_frame_rate_that_is_none_is_refused(tmp_path, fps):
    with pytest.raises(ValueError, match="is not a frame rate"):
        Recorder(tmp_path / "out.mp4", fps)


@pytest.mark.parametrize("block", [True, False])
def test_a_disk_that_fails_ends_this_sink_only(tmp_path, block):
    folder = tmp_path / "disk"
    folder.mkdir()
    recorder = Recorder(folder / "out.mp4", 30, block=block)
    shutil.rmtree(folder)
    for k in range(200):  # never blocks for ever, never raises
        recorder.put(frame(k, k / 30))
    recorder.close()
    assert "out.mp4" in recorder.error and "\n" not in recorder.error


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path):
    script = """
import resource, signal, sys
import numpy as np
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.sinks import Recorder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
recorder = Recorder(sys.argv[1], 30, block=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
rng = np.random.default_rng(0)
for k in range(60):
    image = rng.integers(0, 255, (96, 96, 3), dtype=np.uint8)
    recorder.put(Frame(k, 0.0, image))
recorder.close()
print(recorder.error)
"""
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "out.mkv")], cwd=Path(__file__).parent.parent,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'out.mkv'}: ") and "File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []


# ---- Snapshots

def test_a_snapshot_knows_how_it_was_made(tmp_path):
    settings = Settings().with_values({"EdgeDetection.tone": 0.4, "Capture.Processing.flip_h": False})
    write_snapshot(tmp_path / "look.png", frame(), settings.flat(), "oil painting – dünn")
    with Image.open(tmp_path / "look.png") as image:
        assert image.size == (64, 48) and image.getpixel((5, 5)) == (200, 60, 20)
    about = read_snapshot(tmp_path / "look.png")
    assert about["model"] == "oil painting – dünn" and about["version"]
    assert Settings().with_values(about["settings"]) == settings
    assert [p.name for p in tmp_path.iterdir()] == ["look.png"]


def test_the_settings_are_in_an_itxt_chunk(tmp_path):
    write_snapshot(tmp_path / "look.png", frame(), {"Main.sleep_s": 0.5})
    data = (tmp_path / "look.png").read_bytes()
    assert b"iTXtwebcam-pix2pix\0" in data


def test_a_snapshot_without_a_painting_shows_what_there_is(tmp_path):
    write_snapshot(tmp_path / "look.png", frame(predicted=False), {})
    with Image.open(tmp_path / "look.png") as image:
        assert image.getpixel((0, 0)) == (200, 60, 20)


def test_a_snapshot_that_cannot_be_written_is_one_clear_line(tmp_path):
    with pytest.raises(ValueError, match=r"a snapshot is a \.png file"):
        write_snapshot(tmp_path / "look.jpg", frame(), {})
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write_snapshot(tmp_path / "none" / "look.png", frame(), {})


def test_what_is_no_snapshot_is_one_clear_line(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")
    (tmp_path / "text.png").write_text("no image")
    write_snapshot(tmp_path / "whole.png", frame(), {})
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    with pytest.raises(FileNotFoundError, match=r"missing\.png: no such snapshot"):
        read_snapshot(tmp_path / "missing.png")
    for name, message in (("plain.png", "without settings"), ("text.png", "not a snapshot"), ("cut.png", "snapshot")):
        with pytest.raises(ValueError, match=message) as caught:
            read_snapshot(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_settings_in_a_snapshot_that_make_no_sense_are_refused(tmp_path):
    from PIL import PngImagePlugin

    for k, text in enumerate(("[1, 2]", "{broken", '{"settings": 3}')):
        about = PngImagePlugin.PngInfo()
        about.add_itxt("webcam-pix2pix", text)
        Image.new("RGB", (4, 4)).save(tmp_path / f"{k}.png", pnginfo=about)
        with pytest.raises(ValueError, match="cannot be read"):
            read_snapshot(tmp_path / f"{k}.png")
