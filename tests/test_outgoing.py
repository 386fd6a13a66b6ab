"""Images that leave the program: their size and shape, in snapshots, recordings and on the command line."""

import time

import av
import cv2
import numpy as np
import pytest

from webcam_pix2pix.cli import main
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import SHAPES, Output, enlarged, outgoing, output_of, sharpened
from webcam_pix2pix.sinks import Recorder, read_snapshot, write_snapshot
from webcam_pix2pix.sinks.output_image import BESIDE, composed, composed_size


def painting(height: int = 256, width: int = 256) -> np.ndarray:
    image = np.full((height, width, 3), 40, np.uint8)
    return cv2.circle(image, (width // 2, height // 2), height // 4, (220, 150, 60), -1)


def test_nothing_changes_unless_asked_for():
    image = painting()
    assert outgoing(image, Output()) is image


@pytest.mark.parametrize("scale, side", [("x2", 512), ("x4", 1024)])
def test_scales(scale, side):
    image = painting()
    large = outgoing(image, Output(scale=scale))
    assert large.shape == (side, side, 3) and large.dtype == np.uint8
    back = cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(int) - image).mean() < 1.5


def test_sharpening_makes_edges_steeper_than_bicubic():
    image = painting()
    steep = [np.abs(np.diff(x[:, x.shape[1] // 2, 0].astype(int))).max() for x in (
        cv2.resize(image, (512, 512), interpolation=cv2.INTER_CUBIC), enlarged(image, 2, 0.5))]
    assert steep[1] > steep[0]
    flat = np.full((32, 32, 3), 99, np.uint8)
    assert (enlarged(flat, 2, 1.0) == 99).all()  # no new dirt on a plain wall


def test_sharpening_comes_nearer_to_the_original():
    random = np.random.default_rng(0)
    original = cv2.resize(random.integers(60, 200, (192, 192, 3), np.uint8), (512, 512), interpolation=cv2.INTER_CUBIC)
    original = cv2.putText(original, "painted", (20, 280), cv2.FONT_HERSHEY_SIMPLEX, 3.5, (250, 240, 200), 6, cv2.LINE_AA)
    small = cv2.resize(original, (256, 256), interpolation=cv2.INTER_AREA)
    errors = [np.square(enlarged(small, 2, amount).astype(float) - original).mean() for amount in (0.0, 0.5, 2.0)]
    assert errors[1] < errors[0] and errors[1] < errors[2]
    assert sharpened(small, 0) is small


@pytest.mark.parametrize("height, width", [(256, 256), (256, 448), (128, 512), (255, 257), (512, 256)])
@pytest.mark.parametrize("shape", ["16:9 cropped", "16:9 filled"])
def test_wide_shapes(height, width, shape):
    wide = outgoing(painting(height, width), Output(shape=shape))
    h, w = wide.shape[:2]
    assert abs(w / h - 16 / 9) < 0.05 and h % 2 == w % 2 == 0
    if shape == "16:9 filled" and width < height * 16 / 9 - 2:
        assert h >= height - 1  # all of the image is there
        left = (w - width) // 2
        assert np.array_equal(wide[:h, left:left + width], painting(height, width)[:h])
    else:
        assert h <= height and w <= width


def test_snapshots_and_recordings_take_it_from_the_settings(tmp_path):
    image = painting()
    frame = Frame(0, time.perf_counter(), image, predicted=image)
    write_snapshot(tmp_path / "a.png", frame, {"Output.scale": "x2", "Output.shape": "16:9 filled"})
    assert cv2.imread(str(tmp_path / "a.png")).shape == (512, 912, 3)
    assert read_snapshot(tmp_path / "a.png")["settings"]["Output.scale"] == "x2"
    write_snapshot(tmp_path / "b.png", frame, {})
    assert cv2.imread(str(tmp_path / "b.png")).shape == (256, 256, 3)
    with pytest.raises(ValueError, match=r"Output.scale: 'x3' is not one of x1, x2, x4"):
        output_of({"Output.scale": "x3"})
    recorder = Recorder(tmp_path / "a.mp4", 10, block=True, output=Output(scale="x2", shape="16:9 cropped"))
    for _ in range(3):
        recorder.put(frame)
    recorder.close()
    assert recorder.error is None
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert (film.streams.video[0].height, film.streams.video[0].width) == (288, 512)


def test_on_the_command_line(tmp_path, small_model):
    assert main(["live", "--headless", "--source", "test", "--model", str(small_model), "--device", "cpu", "--frames", "2",
                 "--set", "Output.scale=x4", "--set", "Model.precision=fp32", "--set", "Model.size=64",
                 "--snapshot", str(tmp_path / "s.png"), "--record", str(tmp_path / "r.mp4")]) == 0
    side = cv2.imread(str(tmp_path / "s.png")).shape[0]
    with av.open(str(tmp_path / "r.mp4")) as film:
        assert film.streams.video[0].height == side == 256


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_wide_painting_headless(tmp_path, small_model, fit):
    assert main(["live", "--headless", "--source", "test", "--model", str(small_model), "--device", "cpu", "--frames", "2",
                 "--set", "Model.shape=16:9", "--set", f"Capture.Processing.fit={fit}", "--set", "Model.precision=fp32",
                 "--snapshot", str(tmp_path / "s.png"), "--record", str(tmp_path / "r.mp4")]) == 0
    assert cv2.imread(str(tmp_path / "s.png")).shape == (64, 114, 3)
    with av.open(str(tmp_path / "r.mp4")) as film:
        assert (film.streams.video[0].height, film.streams.video[0].width) == (64, 114)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(256, 256), (97, 131), (64, 200), (201, 64), (255, 448)])
def test_the_size_is_known_without_the_work(size, shape):
    frame = Frame(0, 0.0, np.zeros((120, 161, 3), np.uint8), np.zeros((*size, 3), np.uint8), np.zeros((*size, 3), np.uint8))
    for values in ({"scale": "x1"}, {"scale": "x2"}, {"size": 90}, {"size": 301}, {"size": size[0]}):
        output = Output(shape=shape, **values)
        for view in BESIDE:
            assert composed_size(frame, view, output) == composed(frame, view, output).shape[:2], (values, view)
