"""ONNX files as models: each layout and range is found out, and the images are those of ONNX Runtime."""

import json
import shutil
import warnings
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from msa.capturer.sources.testscene import draw
from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.checkpoints.install import install
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import read_model
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.settings import Prediction
from webcam_pix2pix.specs import ResNet, UNet

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PHOTO = cv2.resize(draw(40), (96, 64), interpolation=cv2.INTER_AREA)


class Grade(nn.Module):
    """Sharpens and warms an image that comes in and goes out in the range of `black` to `white`, less a mean where there is one."""

    def __init__(self, black: float, white: float, end: str = "clip", mean=None, std=None, grow: int = 1) -> None:
        super().__init__()
        self.black, self.white, self.end, self.grow = black, white, end, grow
        kernel = torch.tensor([[0.0, -0.2, 0.0], [-0.2, 1.8, -0.2], [0.0, -0.2, 0.0]])
        self.conv = nn.Conv2d(3, 3, 3, padding=1, groups=3, bias=False)
        self.conv.weight.data = kernel.expand(3, 1, 3, 3).clone()
        self.register_buffer("mean", None if mean is None else torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", None if std is None else torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x):
        if self.mean is not None:
            x = x * self.std + self.mean
        x = (x - self.black) / (self.white - self.black)
        x = torch.clamp(x, 0.0, 1.0)  # what is out of its range is lost, as in a trained network
        x = self.conv(torch.nn.functional.pad(x, (2, 2, 2, 2), mode="reflect"))[:, :, 2:-2, 2:-2]
        if self.grow > 1:
            x = torch.nn.functional.interpolate(x, scale_factor=self.grow, mode="bilinear", align_corners=False)
        if self.end == "tanh":
            return torch.tanh(3 * x - 1.5)
        if self.end == "sigmoid":
            return torch.sigmoid(6 * x - 3)
        low, high = self.black, self.white
        return torch.clamp(x, 0, 1) * (high - low) + low


class LastChannels(nn.Module):
    """NHWC around a network, as tf2onnx leaves it."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, x):
        return self.inside(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def exported(net: nn.Module, path: Path, shape=(1, 3, 64, 96), free: bool = True, dynamo: bool = False) -> Path:
    axes = {i: n for i, n in enumerate(("b", "c", "h", "w")) if shape[i] > 3} if free else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"dynamo": True, "verbose": False} if dynamo else {"dynamo": False, "dynamic_axes": {"x": axes} if axes else None}
        torch.onnx.export(net.eval(), (torch.rand(shape),), str(path), input_names=["x"], output_names=["y"], **options)
    return path


def runtime(path: Path, image: np.ndarray, low: float, high: float, mean=None, last: bool = False, out=None) -> np.ndarray:
    """What ONNX Runtime gives for an image, HxWxC in 0..1."""
    x = image.astype(np.float32) / 255 * (high - low) + low
    x = (x - np.float32(MEAN)) / np.float32(STD) if mean else x
    (y,) = onnxruntime.InferenceSession(str(path)).run(None, {"x": (x if last else x.transpose(2, 0, 1))[None].astype(np.float32)})
    y = y[0] if last else y[0].transpose(1, 2, 0)
    low, high = out or (low, high)
    return (y - low) / (high - low)


CASES = {  # network, layout, (in), (out), mean of ImageNet
    "0 to 255, NCHW": (lambda: Grade(0, 255), False, (0, 255), (0, 255), False),
    "0 to 1, NHWC": (lambda: LastChannels(Grade(0, 1)), True, (0, 1), (0, 1), False),
    "-1 to 1 and tanh": (lambda: Grade(-1, 1, "tanh"), False, (-1, 1), (-1, 1), False),
    "mean and std, sigmoid": (lambda: Grade(0, 1, "sigmoid", MEAN, STD), False, (0, 1), (0, 1), True),
    "twice as large, NHWC 0 to 255": (lambda: LastChannels(Grade(0, 255, grow=2)), True, (0, 255), (0, 255), False),
}


@pytest.mark.parametrize("name", CASES)
def test_layout_and_values_are_found_out(tmp_path, name):
    make, last, taken, given, mean = CASES[name]
    path = exported(make(), tmp_path / "m.onnx", (1, 64, 96, 3) if last else (1, 3, 64, 96))
    predictor = PyTorchPredictor(path, precision="fp32", size=PHOTO.shape[:2], compared=False)
    spec = checkpoints.load(path).spec
    assert spec.layout == ("NHWC" if last else "NCHW") and not spec.fixed and spec.multiple == 1
    assert predictor.info.input.range == taken and predictor.info.output.range == given and bool(spec.mean) == mean
    expected = runtime(path, PHOTO, *taken, mean=mean, last=last, out=given)
    found = predictor(PHOTO)
    assert found.shape == expected.shape
    assert np.abs(found / 255 - expected.clip(0, 1)).max() < 1 / 255
    low, high = given
    x = PHOTO.astype(np.float32)[None] / 255 * (taken[1] - taken[0]) + taken[0]
    assert np.abs((predictor.raw(x)[0] - low) / (high - low) - expected).max() < 1e-3


NETWORKS = {
    "U-Net": (lambda: networks.build(UNet(5, 4, norm="batch")), 32),
    "ResNet": (lambda: networks.build(ResNet(2, 8)), 4),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("dynamo", [False, True])
def test_our_own_networks_come_back_through_onnx(tmp_path, name, dynamo):
    """Both exporters of torch; the newer one puts the weights into a file beside. Fixed sizes are free where the graph allows it."""
    make, multiple = NETWORKS[name]
    torch.manual_seed(0)
    net = make()
    path = exported(net, tmp_path / "m.onnx", (1, 3, 64, 96), free=False, dynamo=dynamo)
    checkpoint = checkpoints.load(path)
    assert (checkpoint.spec.multiple, checkpoint.spec.fixed, checkpoint.size) == (multiple, False, (64, 96))
    assert checkpoint.input.range == checkpoint.output.range == (-1.0, 1.0)
    x = torch.rand(1, 3, 128, 64) * 2 - 1
    with torch.inference_mode():
        assert (checkpoint.build()(x) - networks.set_norm_mode(net, "eval")(x)).abs().max() < 1e-4


def test_every_precision_runs_it(tmp_path):
    path = exported(networks.build(ResNet(2, 8)), tmp_path / "m.onnx", (1, 3, 64, 64))
    for precision in ("fp32", "bf16", "int8"):
        predictor = PyTorchPredictor(path, precision=precision, size=(64, 64), fresh=True)
        assert predictor.choice.config.precision == precision or predictor.refusal
        assert predictor(PHOTO[:, :64]).shape == (64, 64, 3)


def toy(path: Path, nodes, inputs=None, weights=None, shape=(1, 3, "h", "w"), out=None, metadata=None) -> Path:
    inputs = inputs or [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(
        nodes,
        "g",
        inputs,
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (weights or {}).items()],
    )
    path.write_bytes(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("mine", 1)], ir_version=8
        ).SerializeToString()
    )
    return path


@pytest.mark.parametrize(
    ("kinds", "values", "taken", "given"),
    [
        ((("Div", 127.5), ("Sub", 1.0), ("Tanh", None)), None, (0, 255), (-1, 1)),
        ((("Mul", 2.0), ("Sub", 1.0), ("Sigmoid", None)), None, (0, 1), (0, 1)),
        ((("Sub", MEAN), ("Div", STD), ("Tanh", None), ("Add", 1.0), ("Mul", 127.5)), None, (0, 1), (0, 255)),
        ((("Add", 1.0), ("Div", 2.0), ("Sigmoid", None), ("Mul", 255.0)), None, (-1, 1), (0, 255)),
        ((("Sub", (123.7, 116.3, 103.5)), ("Tanh", None), ("Mul", 150.0), ("Add", 127.5)), None, (0, 255), (0, 255)),
    ],
)
def test_arithmetic_at_both_ends_tells_the_values(tmp_path, kinds, values, taken, given):
    nodes, weights, at = [], {}, "x"
    for i, (kind, value) in enumerate(kinds):
        if value is not None:
            weights[f"w{i}"] = np.float32(value).reshape(1, -1, 1, 1) if isinstance(value, tuple) else np.float32(value)
        nodes.append(helper.make_node(kind, [at, f"w{i}"] if value is not None else [at], ["y" if i == len(kinds) - 1 else f"t{i}"]))
        at = f"t{i}"
    checkpoint = checkpoints.load(toy(tmp_path / "m.onnx", nodes, weights=weights))
    assert checkpoint.input.range == taken and checkpoint.output.range == given


def strength(path: Path) -> Path:
    """An image mixed with its negative by a number that comes in beside it."""
    nodes = [
        helper.make_node("Sub", ["one", "x"], ["n"]),
        helper.make_node("Sub", ["n", "x"], ["d"]),
        helper.make_node("Mul", ["d", "strength"], ["m"]),
        helper.make_node("Add", ["x", "m"], ["z"]),
        helper.make_node("Clip", ["z", "zero", "one"], ["y"]),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, "h", "w")),
        helper.make_tensor_value_info("strength", TensorProto.FLOAT, (1,)),
    ]
    return toy(path, nodes, inputs, {"one": np.float32(1), "zero": np.float32(0)})


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_number_beside_the_image_changes_while_it_runs(tmp_path, precision):
    predictor = PyTorchPredictor(strength(tmp_path / "m.onnx"), precision=precision, size=PHOTO.shape[:2], fresh=True)
    assert predictor.numbers == (("strength", 0.0, 1.0, 0.5),) and predictor.info.input.range == (0.0, 1.0)
    for share, expected in ((1.0, 255 - PHOTO), (0.0, PHOTO), (0.5, np.full_like(PHOTO, 127.5))):
        predictor.follow(Prediction(number_1=share, number_2=0.3))
        assert np.abs(predictor(PHOTO).astype(int) - expected.astype(int)).max() <= 2


def test_a_descriptor_has_the_last_word(tmp_path):
    strength(tmp_path / "m.onnx")
    (tmp_path / "m.json").write_text(
        json.dumps(
            {
                "name": "m",
                "ckpt_path": "m.onnx",
                "format": "onnx",
                "input": {"shape": [64, 96, 3], "range": [0, 255]},
                "output": {"shape": [64, 96, 3], "range": [0, 255]},
                "network": {"order": "BGR", "mean": [0, 0, 0], "std": [255, 255, 255], "parameters": [["strength", -1, 1, 0]]},
            }
        )
    )
    predictor = PyTorchPredictor(tmp_path / "m.json", precision="fp32", compared=False)
    assert predictor.input_size == (64, 96) and predictor.numbers == (("strength", -1.0, 1.0, 0.0),)
    assert (predictor(PHOTO) <= 1).all()  # it gives 0..1, which the descriptor calls 0..255
    for change, words in (
        ({"format": "keras", "network": None}, "is ONNX, not Keras"),
        ({"network": {"layout": "WHAT"}}, "layout: 'WHAT' is not one of"),
        ({"network": {"std": [0, 0, 0]}}, "no value may be 0"),
        ({"format": "nonsense"}, "is not one of"),
    ):
        data = json.loads((tmp_path / "m.json").read_text()) | change
        (tmp_path / "bad.json").write_text(json.dumps(data))
        with pytest.raises(ValueError, match=words):
            checkpoints.load(read_model(tmp_path / "bad.json"))


def test_a_fixed_size_stays_fixed_and_commands_bring_images_to_it(tmp_path, capsys):
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["a"]),
        helper.make_node("Reshape", ["a", "back"], ["b"]),
        helper.make_node("Tanh", ["b"], ["y"]),
    ]
    toy(tmp_path / "m.onnx", nodes, weights={"flat": np.int64([1, -1]), "back": np.int64([1, 3, 64, 96])}, shape=(1, 3, 64, 96))
    assert main(["models", "info", str(tmp_path / "m.onnx")]) == 0
    text = capsys.readouterr().out
    assert "96x64 RGB, -1 to 1, NCHW" in text and "this one only" in text
    cv2.imwrite(str(tmp_path / "in.png"), cv2.resize(PHOTO, (150, 50))[..., ::-1])
    assert (
        main(["predict", "--model", str(tmp_path / "m.onnx"), "--input", str(tmp_path / "in.png"), "--output", str(tmp_path / "out.png")])
        == 0
    )
    assert cv2.imread(str(tmp_path / "out.png")).shape == (50, 150, 3)
    predictor = PyTorchPredictor(tmp_path / "m.onnx", size=(128, 128), wide=True, compared=False)
    assert predictor.input_size == (64, 96)


def test_it_is_exported_again_and_names_what_it_cannot_be(tmp_path, capsys):
    path = exported(Grade(0, 255), tmp_path / "m.onnx", (1, 3, 64, 64))
    assert main(["export", "--model", str(path), "--output", str(tmp_path / "again.onnx"), "--size", "64"]) == 0
    assert main(["export", "--model", str(path), "--output", str(tmp_path / "m.ts"), "--size", "64"]) == 0
    assert main(["export", "--model", str(path), "--output", str(tmp_path / "m.pth")]) == 1
    assert "an ONNX file has no weights of a known network" in capsys.readouterr().err


def test_a_dropped_file_is_a_model_or_a_grade(tmp_path):
    from webcam_pix2pix.ui.sources import drops

    assert [drops.kind(str(tmp_path / name)) for name in ("a.onnx", "b.cube")] == ["model", "grade"]


def test_classes_become_colours(tmp_path):
    nodes = [helper.make_node("Conv", ["x", "w"], ["s"]), helper.make_node("ArgMax", ["s"], ["y"], axis=1)]
    checkpoint = checkpoints.load(
        toy(tmp_path / "m.onnx", nodes, weights={"w": np.random.default_rng(0).normal(size=(5, 3, 1, 1)).astype(np.float32)})
    )
    assert checkpoint.spec.classes and checkpoint.output.shape[2] == 3
    image = PyTorchPredictor(tmp_path / "m.onnx", size=(64, 96), compared=False)(PHOTO)
    assert 2 <= len(np.unique(image.reshape(-1, 3), axis=0)) <= 5


def test_what_is_not_known_here_runs_in_onnx_runtime_or_says_what_to_install(tmp_path, monkeypatch):
    nodes = [helper.make_node("Relu", ["x"], ["a"]), helper.make_node("LRN", ["a"], ["b"], size=3), helper.make_node("Tanh", ["b"], ["y"])]
    path = toy(tmp_path / "m.onnx", nodes, shape=(1, 3, 64, 96))
    predictor = PyTorchPredictor(path)
    assert "ONNX Runtime" in predictor.label and "ONNX Runtime runs it" in predictor.note
    expected = runtime(path, PHOTO, *predictor.info.input.range, out=(-1, 1))
    assert np.abs(predictor(PHOTO) / 255 - expected.clip(0, 1)).max() < 1 / 255
    monkeypatch.setattr("webcam_pix2pix.preprocessing.runtimes.importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"LRN is not supported.*pip install") as error:
        checkpoints.load(shutil.copy(path, tmp_path / "other.onnx"))
    assert "\n" not in str(error.value)


REFUSED = {
    "custom": ([helper.make_node("Shiny", ["x"], ["y"], domain="mine")], {}, "no operator of ONNX"),
    "cycle": (
        [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["b"], ["y"])],
        {},
        "in a circle",
    ),
    "loop": ([helper.make_node("Loop", ["", "", "x"], ["y"], body=helper.make_graph([], "b", [], []))], {}, "a loop or a branch"),
    "no image out": ([helper.make_node("ReduceMean", ["x"], ["y"])], {}, "expected an image too"),
    "bomb": ([helper.make_node("Expand", ["x", "big"], ["y"])], {"big": np.int64([1 << 20, 1, 1, 1])}, "values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_files_are_refused_in_one_line(tmp_path, name, capsys):
    nodes, weights, words = REFUSED[name]
    assert main(["models", "info", str(toy(tmp_path / "m.onnx", nodes, weights=weights))]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "m.onnx" in line and words in line


def test_two_images_in_are_refused_and_named(tmp_path):
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 3, 64, 64)) for name in ("x", "style")]
    with pytest.raises(ValueError, match=r"takes 2 inputs .*style 1x3x64x64.*, expected one image"):
        checkpoints.load(toy(tmp_path / "m.onnx", [helper.make_node("Add", ["x", "style"], ["y"])], inputs))


def test_import_brings_the_weights_that_lie_beside(tmp_path, monkeypatch):
    source, own = tmp_path / "from", tmp_path / "own"
    source.mkdir()
    path = exported(networks.build(ResNet(1, 8)), source / "style.onnx", (1, 3, 64, 64), free=False, dynamo=True)
    assert (source / "style.onnx.data").is_file()
    info = read_model(path)
    made = install(info, checkpoints.load(info), "my style", own)
    shutil.rmtree(source)
    data = json.loads(made.path.read_text())
    assert data["format"] == "onnx" and data["input"]["range"] == [-1.0, 1.0] and data["network"]["layout"] == "NCHW"
    assert PyTorchPredictor(made.path, compared=False)(cv2.resize(PHOTO, (64, 64))).shape == (64, 64, 3)
