"""Learned edges: tiny edge detectors as ONNX files, in the layouts, ranges and maps that real ones have."""

import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from msa.capturer import Captured, Capturer
from msa.capturer.init import Init
from webcam_pix2pix.cli import main
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.pipeline.chain import Chain
from webcam_pix2pix.preprocessing import DetectorError, EdgeDetection, Memory, Processing, preprocess
from webcam_pix2pix.preprocessing.detector import Detector, detector, drawn, strength
from webcam_pix2pix.preprocessing.runtimes import runtimes
from webcam_pix2pix.settings import Settings

UNPROCESSED = Processing(flip_h=False)


def write(path: Path, shape=(1, 3, "h", "w"), unit=1.0, limits=(0.0, 1.0), kind=TensorProto.FLOAT, logits=False, dark=False, side=False,
          flat=False) -> Path:
    """A detector: the gradient of the mean of its channels. unit: what a whole range is in its input; limits: what it cuts off."""
    channels = 1 if 1 in shape[1:] else 3
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 4 / channels
    weights = np.stack([np.stack([sobel] * channels), np.stack([sobel.T] * channels)])
    numbers = {"w": weights, "low": np.float32(limits[0]), "high": np.float32(limits[1]), "gain": np.float32(60 / unit),
               "bias": np.float32(-3), "one": np.float32(1), "axes": np.array([1], np.int64), "zero": np.float32(0)}
    nodes, at = [], "x"

    def add(kind: str, inputs: list[str], **values) -> str:
        nodes.append(helper.make_node(kind, inputs, [f"t{len(nodes)}"], **values))
        return f"t{len(nodes) - 1}"

    if kind != TensorProto.FLOAT:
        at = add("Cast", [at], to=TensorProto.FLOAT)
    if shape[-1] in (1, 3):
        at = add("Transpose", [at], perm=[0, 3, 1, 2])
    at = add("Conv", [add("Clip", [at, "low", "high"]), "w"], pads=[1, 1, 1, 1])
    at = add("Sqrt", [add("ReduceSum", [add("Mul", [at, at]), "axes"])])
    at = add("Add", [add("Mul", [at, "zero" if flat else "gain"]), "bias"])
    if not logits:
        at = add("Sigmoid", [at])
    if dark:
        at = add("Sub", ["one", at])
    nodes[-1].output[0] = "y"
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 1, None, None))]
    if side:  # another map before the last one, as detectors with side outputs have
        nodes.append(helper.make_node("Mul", ["y", "zero"], ["first"]))
        outputs.insert(0, helper.make_tensor_value_info("first", TensorProto.FLOAT, (1, 1, None, None)))
    graph = helper.make_graph(nodes, "edges", [helper.make_tensor_value_info("x", kind, shape)], outputs,
                              [numpy_helper.from_array(np.asarray(value), name) for name, value in numbers.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def five_channels(path: Path) -> None:
    ports = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 5, 8, 8))] for name in "xy"]
    onnx.save(helper.make_model(helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", *ports)), str(path))


LAYOUTS = {
    "0 to 1": {},
    "logits in -1 to 1": {"unit": 2.0, "limits": (-1.0, 1.0), "logits": True},
    "BGR less its mean, logits, side outputs": {"unit": 255.0, "limits": (-124.0, 152.0), "logits": True, "side": True},
    "fixed size": {"shape": (1, 3, 96, 128)},
    "channels last": {"shape": (1, 64, 64, 3)},
    "bytes": {"shape": (1, 3, "h", "w"), "unit": 255.0, "limits": (0.0, 255.0), "kind": TensorProto.UINT8},
    "grey": {"shape": (1, 1, "h", "w")},
    "dark lines": {"dark": True},
}


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_detector_of_any_layout_gives_white_lines_where_the_image_has_edges(tmp_path, form):
    found = Detector(write(tmp_path / "edges.onnx", **LAYOUTS[form]))
    image = drawn((150, 210))  # another image and another size than it was tried with
    lines = found(image)
    assert lines.shape == (150, 210) and lines.dtype == np.uint8
    edge = strength(image)
    assert lines[edge > np.quantile(edge, 0.97)].mean() > 100 > 40 > lines[edge < np.quantile(edge, 0.5)].mean(), found.description
    assert ("dark lines" in found.description) == (form == "dark lines")


def test_every_runtime_gives_the_same_lines(tmp_path):
    path = write(tmp_path / "edges.onnx", shape=(1, 3, 64, 64))
    x = np.random.default_rng(0).random((1, 3, 64, 64), np.float32)
    maps = {name: np.squeeze(opened()(x)[-1]) for name, opened in runtimes(path, "x")}
    assert {"OpenCV", "ONNX Runtime"} <= maps.keys()
    for found in maps.values():
        assert np.abs(found - maps["OpenCV"]).max() < 1e-4


def test_opencv_alone_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr("webcam_pix2pix.preprocessing.runtimes.importlib.util.find_spec", lambda name: None)
    assert Detector(write(tmp_path / "edges.onnx")).description.startswith("OpenCV")


@pytest.mark.parametrize(("make", "words"), [
    (lambda path: None, "no such file"), (lambda path: path.write_bytes(b"no model at all"), "cannot be read as an ONNX file"),
    (lambda path: path.write_bytes(b""), "cannot be read as an ONNX file"), (lambda path: path.mkdir(), "cannot be read as an ONNX file"),
    (lambda path: path.write_bytes(write(path).read_bytes()[:300]), "cannot be"),
    (lambda path: write(path, flat=True), "expected an edge detector"), (lambda path: five_channels(path), "expected 1x3xHxW")])
def test_a_file_that_cannot_be_used_gets_one_line(tmp_path, make, words):
    path = tmp_path / "edges.onnx"
    make(path)
    with pytest.raises(DetectorError) as error:
        detector(str(path))
    assert str(path) in str(error.value) and words in str(error.value) and "\n" not in str(error.value)


def test_it_is_opened_once_and_again_when_the_file_changes(tmp_path):
    path = tmp_path / "edges.onnx"
    with pytest.raises(DetectorError):
        detector(str(path))
    first = detector(str(write(path)))
    assert detector(str(path)) is first
    write(path, dark=True)
    assert detector(str(path)) is not first


def test_learned_lines_stand_over_the_tone_and_are_the_same_live_and_in_a_dataset(tmp_path):
    path = write(tmp_path / "edges.onnx")
    image = drawn((128, 128))
    edges = EdgeDetection(method="network", network=str(path), tone=0.5, tone_equalize=False, tone_color=True)
    lines, tone = detector(str(path))(image), cv2.convertScaleAbs(cv2.GaussianBlur(image, (0, 0), 5.0), alpha=0.5)
    assert (preprocess(image, UNPROCESSED, edges) == np.maximum(lines[..., None], tone)).all()
    assert (preprocess(image, UNPROCESSED, edges, Memory()) == preprocess(image, UNPROCESSED, edges)).all()


def test_prepare_takes_it_and_says_in_one_line_when_it_cannot(tmp_path, capsys):
    image = drawn((64, 64))
    (tmp_path / "photos").mkdir()
    for name in "abc":
        cv2.imwrite(str(tmp_path / "photos" / f"{name}.png"), image[..., ::-1])
    arguments = ["prepare", str(tmp_path / "photos"), str(tmp_path / "out"), "--size", "64", "--workers", "1", "--set",
                 "EdgeDetection.method=network", "--set"]
    assert main([*arguments, f"EdgeDetection.network={write(tmp_path / 'edges.onnx')}"]) == 0
    pair = cv2.imread(str(next((tmp_path / "out").glob("t*/*.png"))))
    assert (pair[:, :64, 0] == detector(str(tmp_path / "edges.onnx"))(image)).all()
    arguments[2] = str(tmp_path / "other")
    assert main([*arguments, f"EdgeDetection.network={tmp_path / 'none.onnx'}"]) == 1
    assert "none.onnx: no such file" in capsys.readouterr().err


@pytest.fixture
def pipeline():
    pipeline = Pipeline(Capturer(Init(device_id="test")))
    yield pipeline
    pipeline.close()


def turn(pipeline: Pipeline, settings: Settings) -> np.ndarray:
    pipeline._turn(Captured(0, 0.0, drawn((256, 256))), settings)
    return pipeline.output.take(1.0).processed


def test_the_show_does_not_wait_while_a_detector_is_opened(tmp_path, pipeline, monkeypatch):
    path, gate = write(tmp_path / "edges.onnx"), threading.Event()
    settings = Settings().with_values({"EdgeDetection.network": str(path), "EdgeDetection.tone": 0.5})
    assert settings.edges.method == "network"
    without = Chain().step(Captured(0, 0.0, drawn((256, 256))), replace(settings, edges=replace(settings.edges, method="none"))).processed
    opened = Detector.__init__
    monkeypatch.setattr(Detector, "__init__", lambda self, path: gate.wait(10) and opened(self, path))
    for _ in range(3):
        assert (turn(pipeline, settings) == without).all()
    gate.set()
    pipeline._opening.join(10)
    assert (turn(pipeline, settings) == Chain().step(Captured(0, 0.0, drawn((256, 256))), settings).processed).all()
    assert not (turn(pipeline, settings) == without).all() and not pipeline.status.problems


def test_the_show_continues_without_lines_when_the_file_is_gone(tmp_path, pipeline):
    settings = Settings().with_values({"EdgeDetection.network": str(tmp_path / "gone.onnx"), "EdgeDetection.tone": 0.5})
    turn(pipeline, settings)
    pipeline._opening.join(10)
    for _ in range(2):
        shown = turn(pipeline, settings)
    expected = Chain().step(Captured(0, 0.0, drawn((256, 256))), replace(settings, edges=replace(settings.edges, method="none")))
    assert (shown == expected.processed).all()
    assert [problem.text for problem in pipeline.status.problems] == [
        f"no lines: {tmp_path / 'gone.onnx'}: no such file, expected the ONNX file of an edge detector"]
