"""Operators of ONNX as torch steps, each compared with ONNX Runtime; graphs that could do harm are refused before memory is taken."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from msa.onnxfile import read
from webcam_pix2pix.networks.onnx import OnnxNetwork, Unsupported
from webcam_pix2pix.predictor.graph.eager import EagerRunner
from webcam_pix2pix.predictor.graph.tracing import traced
from webcam_pix2pix.specs import OnnxSpec

RNG = np.random.default_rng(0)
CHANNELS, SIZE = 4, (6, 8)


def floats(*shape: int) -> np.ndarray:
    return RNG.normal(0, 0.5, shape).astype(np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def node(kind: str, *inputs, opset: int = 18, **attributes):
    """A graph of one operator: its inputs after the image, its attributes."""
    return kind, inputs, attributes, opset


SINGLE = [
    node(kind)
    for kind in (
        "Relu",
        "Tanh",
        "Sigmoid",
        "Abs",
        "Neg",
        "Exp",
        "Floor",
        "Ceil",
        "Round",
        "Sign",
        "Reciprocal",
        "Sin",
        "Cos",
        "Erf",
        "Softplus",
        "Softsign",
        "HardSwish",
        "Mish",
        "Elu",
        "Selu",
        "HardSigmoid",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "Identity",
        "Atan",
    )
]
GRAPHS = [
    *SINGLE,
    node("LeakyRelu", alpha=0.3),
    node("Gelu", opset=20),
    node("Softmax", axis=1),
    node("Softmax", axis=1, opset=11),
    node("LogSoftmax", axis=-1),
    node("PRelu", floats(CHANNELS, 1, 1)),
    node("PRelu", np.float32([0.3])),
    node("Clip", np.float32(-0.2), np.float32(0.4)),
    node("Clip", np.float32(-0.2)),
    node("Clip", min=-0.1, max=0.3, opset=10),
    node("Add", floats(CHANNELS, 1, 1)),
    node("Sub", np.float32(0.5)),
    node("Mul", floats(1, CHANNELS, 1, 1)),
    node("Div", np.float32(3)),
    node("Pow", np.float32(2)),
    node("Max", np.float32(0.1)),
    node("Min", floats(1, 1, 6, 8)),
    node("Mod", np.float32(0.3), fmod=1),
    node("Sum", floats(1, 1, 6, 8), floats(4, 1, 1)),
    node("Mean", floats(1, 1, 6, 8)),
    node("ReduceMean", ints(2, 3)),
    node("ReduceMean", axes=[1], keepdims=1, opset=13),
    node("ReduceSum", ints(1)),
    node("ReduceMax", ints(-1)),
    node("ReduceMin", ints(2)),
    node("ReduceL2", ints(1)),
    node("ReduceL1", ints(1)),
    node("ReduceSumSquare", ints(1)),
    node("ReduceProd", ints(1)),
    node("CumSum", ints(3)),
    node("MatMul", floats(8, 5)),
    node("LpNormalization", axis=1, p=2),
    node("LayerNormalization", floats(8), floats(8), axis=-1),
    node("Flatten", axis=1),
    node("GroupNormalization", floats(4), floats(4), num_groups=2, opset=21),
    node("InstanceNormalization", floats(4), floats(4), epsilon=1e-3),
    node("BatchNormalization", floats(4), floats(4), floats(4), np.abs(floats(4)) + 0.5, epsilon=1e-3),
    node("Conv", floats(5, 4, 3, 3), floats(5), pads=[1, 1, 1, 1]),
    node("Conv", floats(5, 4, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"),
    node("Conv", floats(5, 4, 2, 2), auto_pad="SAME_LOWER"),
    node("Conv", floats(4, 1, 3, 3), group=4, dilations=[2, 2], pads=[2, 1, 2, 3]),
    node("ConvTranspose", floats(4, 3, 4, 4), floats(3), strides=[2, 2], pads=[1, 1, 1, 1]),
    node("ConvTranspose", floats(4, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    node("ConvTranspose", floats(4, 3, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"),
    node("ConvTranspose", floats(4, 3, 3, 3), strides=[2, 2], pads=[0, 1, 2, 1]),
    node("ConvTranspose", floats(4, 1, 4, 4), strides=[2, 2], group=4),
    node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
    node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
    node("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    node("AveragePool", kernel_shape=[2, 2], strides=[2, 2], count_include_pad=1),
    node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"),
    node("Pad", ints(0, 0, 1, 2, 0, 0, 2, 1), mode="reflect"),
    node("Pad", ints(0, 0, 1, 2, 0, 0, 2, 1), np.float32(0.7)),
    node("Pad", ints(0, 1, 1, 2, 0, 0, -1, 1)),
    node("Pad", ints(0, 0, 1, 2, 0, 0, 2, 1), mode="edge"),
    node("Pad", ints(1, 2, 2, 1), np.float32(0), ints(2, 3), mode="reflect"),
    node("Pad", pads=[0, 0, 1, 1, 0, 0, 1, 1], mode="reflect", opset=10),
    node("Resize", None, np.float32([1, 1, 2, 2]), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
    node("Resize", None, np.float32([1, 1, 2, 2]), mode="linear"),
    node("Resize", None, np.float32([1, 1, 3, 2]), mode="nearest"),
    node("Resize", None, np.float32([1, 1, 1.7, 2.3]), mode="linear"),
    node("Resize", None, np.float32([1, 1, 0.5, 0.5]), mode="linear"),
    node("Resize", None, None, ints(1, 4, 9, 5), mode="linear", coordinate_transformation_mode="align_corners"),
    node("Resize", None, None, ints(1, 4, 9, 5), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
    node("Resize", None, np.float32([1, 1, 2, 2]), mode="cubic"),
    node("Resize", None, None, ints(1, 4, 12, 9), mode="linear", coordinate_transformation_mode="asymmetric"),
    node("Upsample", np.float32([1, 1, 2, 2]), mode="nearest", opset=9),
    node("Upsample", np.float32([1, 1, 2, 2]), mode="linear", opset=9),
    node("DepthToSpace", blocksize=2, mode="CRD"),
    node("DepthToSpace", blocksize=2),
    node("SpaceToDepth", blocksize=2),
    node("Transpose", perm=[0, 2, 3, 1]),
    node("Reshape", ints(0, -1, 4)),
    node("Reshape", ints(1, 2, 2, 6, 8)),
    node("Squeeze", ints(0)),
    node("Unsqueeze", ints(0, -1)),
    node("Unsqueeze", axes=[1], opset=11),
    node("Slice", ints(1, 0), ints(9, -1), ints(2, 3), ints(2, 1)),
    node("Slice", ints(-1), ints(-100), ints(1), ints(-1)),
    node("Slice", starts=[1], ends=[3], axes=[2], opset=9),
    node("Gather", ints(2, 0, -1), axis=1),
    node("Gather", ints(1), axis=2),
    node("Expand", ints(3, 4, 6, 8)),
    node("Tile", ints(1, 1, 2, 1)),
    node("Concat", floats(1, 2, 6, 8), axis=1),
    node("Concat", floats(1, 4, 6, 1), axis=-1),
    node("Cast", to=TensorProto.FLOAT),
    node("Where", None),
    node("GatherElements", ints(*([0] * 192)).reshape(1, 4, 6, 8), axis=1),
    node("Dropout"),
    node("QuantizeLinear", np.float32(0.02), np.uint8(128)),
    node("ArgMax", axis=1),
    node("Split", None),
]


def written(path: Path, nodes: list, weights: dict[str, np.ndarray], opset: int = 18, shape=(1, CHANNELS, *SIZE)) -> Path:
    outputs = [helper.make_empty_tensor_value_info("y")]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        outputs,
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def of_one(path: Path, case) -> Path:
    kind, inputs, attributes, opset = case
    weights = {f"w{i}": value for i, value in enumerate(inputs) if value is not None}
    names = ["x", *("" if value is None else f"w{i}" for i, value in enumerate(inputs))]
    nodes = [helper.make_node(kind, names, ["y"], **attributes)]
    if kind == "Where":
        nodes = [
            helper.make_node("Greater", ["x", "zero"], ["c"]),
            helper.make_node("Neg", ["x"], ["n"]),
            helper.make_node("Where", ["c", "x", "n"], ["y"]),
        ]
        weights["zero"] = np.float32(0)
    if kind == "Split":
        weights["parts"] = ints(1, 3)
        nodes = [helper.make_node("Split", ["x", "parts"], ["a", "b"], axis=1), helper.make_node("Concat", ["b", "a"], ["y"], axis=1)]
    return written(path, nodes, weights, opset)


def network(path: Path) -> OnnxNetwork:
    return OnnxNetwork(read(path), OnnxSpec(in_channels=CHANNELS, output_layout="", input_name="x", output_name="y")).eval()


@pytest.mark.parametrize("case", GRAPHS, ids=lambda case: f"{case[0]} {case[2]}")
def test_an_operator_gives_what_onnx_runtime_gives(tmp_path, case):
    path = of_one(tmp_path / "one.onnx", case)
    x = torch.from_numpy(floats(1, CHANNELS, *SIZE))
    (expected,) = onnxruntime.InferenceSession(str(path)).run(None, {"x": x.numpy()})
    with torch.inference_mode():
        net = network(path)
        found = net(x)
        assert tuple(found.shape) == expected.shape
        assert np.abs(found.float().numpy() - expected.astype(np.float32)).max() < 1e-5
        again = EagerRunner(traced(net.at(SIZE)))(x)  # and as a graph of the predictor
        assert np.abs(again.float().numpy() - expected.astype(np.float32)).max() < 1e-5


def test_shapes_are_computed_before_the_image_comes(tmp_path):
    """Shape, Gather, Concat, Mul, Cast: what exporters write for a size that is open."""
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "two"], ["h"]),
        helper.make_node("Mul", ["h", "twice"], ["hh"]),
        helper.make_node("Slice", ["s", "three", "four"], ["w"]),
        helper.make_node("Unsqueeze", ["hh", "zero"], ["h1"]),
        helper.make_node("Slice", ["s", "zero", "two1"], ["nc"]),
        helper.make_node("Concat", ["nc", "h1", "w"], ["size"], axis=0),
        helper.make_node("Resize", ["x", "", "", "size"], ["y"], mode="linear"),
    ]
    weights = {"two": np.int64(2), "twice": np.int64(2), "three": ints(3), "four": ints(4), "zero": ints(0), "two1": ints(2)}
    net = network(written(tmp_path / "m.onnx", nodes, weights, shape=(1, CHANNELS, "h", "w")))
    for size in (SIZE, (10, 4)):
        assert len(net.at(size).steps) == 1
        assert net(torch.zeros(1, CHANNELS, *size)).shape == (1, CHANNELS, 2 * size[0], size[1])


def test_steps_that_undo_each_other_cost_nothing(tmp_path):
    nodes = [
        helper.make_node("Transpose", ["x"], ["a"], perm=[0, 2, 3, 1]),
        helper.make_node("Identity", ["a"], ["b"]),
        helper.make_node("Transpose", ["b"], ["c"], perm=[0, 3, 1, 2]),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    assert len(network(written(tmp_path / "m.onnx", nodes, {})).at(SIZE).steps) == 1


BOMBS = {
    "ConstantOfShape": (
        [helper.make_node("ConstantOfShape", ["big"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
        {"big": ints(1 << 20, 1 << 20)},
    ),
    "Expand": ([helper.make_node("Expand", ["x", "big"], ["y"])], {"big": ints(1 << 20, 4, 6, 8)}),
    "Tile": (
        [helper.make_node("Tile", ["w", "big"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
        {"w": floats(64, 64), "big": ints(1 << 15, 1 << 15)},
    ),
    "Range": (
        [helper.make_node("Range", ["z", "big", "one"], ["c"]), helper.make_node("Reshape", ["x", "c"], ["y"])],
        {"z": np.int64(0), "big": np.int64(1 << 40), "one": np.int64(1)},
    ),
    "Resize": ([helper.make_node("Resize", ["x", "", "s"], ["y"], mode="nearest")], {"s": np.float32([1, 1, 1e5, 1e5])}),
    "Pad": ([helper.make_node("Pad", ["x", "p"], ["y"])], {"p": ints(0, 0, 0, 0, 0, 0, 1 << 20, 1 << 20)}),
    "Upsample twenty times": (
        [
            helper.make_node("Resize", ["x" if i == 0 else f"t{i}", "", "s"], [f"t{i + 1}" if i < 19 else "y"], mode="nearest")
            for i in range(20)
        ],
        {"s": np.float32([1, 1, 2, 2])},
    ),
    "folded": (
        [helper.make_node("Mul", ["w" if i == 0 else f"t{i}", "w"], [f"t{i + 1}"]) for i in range(300)]
        + [helper.make_node("Add", ["x", "t300"], ["y"])],
        {"w": floats(1024, 1024)},
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_nothing_grows_without_limit(tmp_path, name):
    nodes, weights = BOMBS[name]
    with pytest.raises(ValueError, match=r"values|memory|large|overflow|range|size") as error:
        network(written(tmp_path / "m.onnx", nodes, weights)).at(SIZE)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("nodes", "weights", "words"),
    [
        (
            [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["b"], ["y"])],
            {},
            "in a circle",
        ),
        ([helper.make_node("Reshape", ["x", "s"], ["y"])], {"s": ints(7, 7)}, "Reshape"),
        ([helper.make_node("Conv", ["x", "w"], ["y"])], {"w": floats(3, 5, 3, 3)}, "Conv"),
        ([helper.make_node("Relu", [], ["y"])], {}, "Relu"),
        ([helper.make_node("Relu", ["x"], ["z"])], {}, "output"),
        ([helper.make_node("Constant", [], ["y"], value_float=1.0)], {}, "does not depend"),
    ],
)
def test_a_graph_that_cannot_be_is_one_line(tmp_path, nodes, weights, words):
    with pytest.raises(ValueError, match=words) as error:
        network(written(tmp_path / "m.onnx", nodes, weights)).at(SIZE)
    assert "\n" not in str(error.value)


def test_an_operator_that_is_not_known_is_named(tmp_path):
    with pytest.raises(Unsupported, match="NonMaxSuppression"):
        network(written(tmp_path / "m.onnx", [helper.make_node("NonMaxSuppression", ["x", "x"], ["y"])], {})).at(SIZE)
