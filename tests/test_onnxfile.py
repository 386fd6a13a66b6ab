"""The reader of ONNX files: the same as the onnx package reads, and one line for whatever is damaged or hostile."""

import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from msa.onnxfile import read
from msa.onnxfile.reader import parse

KINDS = (TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL,
         TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.UINT32, TensorProto.UINT64)


def model(weights=(), nodes=None, shape=(1, 3, None, 16), kind=TensorProto.FLOAT) -> onnx.ModelProto:
    nodes = nodes or [helper.make_node("Clip", ["x", "low"], ["y"], alpha=0.0, numbers=[1, -2], texts=["a", "b"], names="n", floats=[0.5])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, shape)],
                              [helper.make_tensor_value_info("y", kind, shape)], list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="a test")


def test_it_reads_what_the_onnx_package_reads(tmp_path):
    rng = np.random.default_rng(0)
    weights = []
    for kind in KINDS:
        values = rng.integers(0, 100, (2, 3, 5)).astype(helper.tensor_dtype_to_np_dtype(kind))
        weights += [numpy_helper.from_array(values, f"raw{kind}"), helper.make_tensor(f"listed{kind}", kind, (2, 3, 5), values.ravel())]
    weights.append(numpy_helper.from_array(np.int64(-7), "negative"))
    path = tmp_path / "all.onnx"
    onnx.save(model(weights), str(path))
    file = read(path)
    assert file.opset == 17 and file.producer == "a test" and [p.shape for p in file.inputs] == [(1, 3, 0, 16)]
    for proto in weights:
        expected, found = numpy_helper.to_array(proto), file.weights[proto.name].array()
        assert found.dtype == expected.dtype and (found == expected).all(), proto.name
    node = file.nodes[0]
    assert node.inputs == ("x", "low") and node.outputs == ("y",)
    assert node.attributes == {"alpha": 0.0, "numbers": [1, -2], "texts": ["a", "b"], "names": "n", "floats": [0.5]}


def test_values_in_another_file_are_read_from_its_folder_only(tmp_path):
    values = np.arange(2000, dtype=np.float32)
    onnx.save_model(model([numpy_helper.from_array(values, "w")]), str(tmp_path / "m.onnx"), save_as_external_data=True, location="m.data")
    weight = read(tmp_path / "m.onnx").weights["w"]
    assert (weight.array(tmp_path) == values).all()
    (tmp_path / "m.data").write_bytes(b"short")
    with pytest.raises(ValueError, match="which has 5"):
        weight.array(tmp_path)
    (tmp_path / "m.data").unlink()
    with pytest.raises(FileNotFoundError, match=r"m\.data: no such file"):
        weight.array(tmp_path)


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/passwd", "..\\secret.bin", "link/secret.bin", ""])
def test_values_never_come_from_outside_of_the_folder(tmp_path, location):
    (tmp_path / "secret.bin").write_bytes(bytes(4000))
    home = tmp_path / "home"
    home.mkdir()
    (home / "link").symlink_to(tmp_path)
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1000], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    weight = parse(model([tensor]).SerializeToString(), home / "m.onnx").weights["w"]
    with pytest.raises(ValueError, match=r"out of the folder|another file"):
        weight.check(home)


@pytest.mark.parametrize("shape", [[1 << 40], [1 << 20, 1 << 20], [-1], [3], [1] * 9])
def test_a_tensor_claims_no_more_than_there_is(tmp_path, shape):
    for given in ({"raw_data": bytes(8)}, {"float_data": [1.0, 2.0]}):
        weight = parse(model([TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape, **given)]).SerializeToString(),
                       tmp_path / "m.onnx").weights["w"]
        with pytest.raises(ValueError, match="w: "):
            weight.array()


def damaged(data: bytes, rng: random.Random) -> bytes:
    """`data` with bytes changed, left out, doubled or cut off."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(changed))
        what = rng.randrange(5)
        if what == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            changed[at] = rng.choice((0, 0x7F, 0x80, 0xFF))
        elif what == 2:
            del changed[at:at + rng.randrange(1, 9)]
        elif what == 3:
            changed[at:at] = changed[at:at + rng.randrange(1, 9)]
        else:
            del changed[at:]
        if not changed:
            break
    return bytes(changed)


def test_damage_anywhere_gives_one_line_or_a_graph(tmp_path):
    weights = [numpy_helper.from_array(np.ones((2, 3), np.float32), "w"), helper.make_tensor("v", TensorProto.INT64, (2,), [1, 300])]
    data, rng = model(weights).SerializeToString(), random.Random(0)
    read_well = 0
    for _ in range(1500):
        try:
            file = parse(damaged(data, rng), tmp_path / "m.onnx")
            for weight in file.weights.values():
                weight.array(tmp_path)
            read_well += 1
        except (ValueError, FileNotFoundError) as error:
            assert "\n" not in str(error)
    assert 100 < read_well < 1400
