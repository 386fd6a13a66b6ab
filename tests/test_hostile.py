"""Damaged and hostile files: one clear line, nothing run, nothing written, little memory. Fuzzed readers never crash."""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import foreign_files as foreign
import h5py
import numpy as np
import pytest
import torch
from foreign_files import SHARED, field, varint
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from msa import protobuf
from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints.formats import bundle

FUZZ = settings(max_examples=80, deadline=None, derandomize=True, database=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])


def refused(path: Path) -> str:
    """The one line with which a file is refused, weights and all."""
    with pytest.raises((ValueError, OSError)) as error:
        checkpoints.load(path).build()
    text = str(error.value)
    assert text and "\n" not in text and len(text) < 600 and path.name.rpartition(".")[0] in text
    return text


# ------------------------------------------------------------------------------------------------------- the collection, if it is there

def collection() -> list[dict]:
    manifest = SHARED / "hostile" / "manifest.json"
    return [e for e in json.loads(manifest.read_text())["entries"] if not e["file"].startswith("images")] if manifest.is_file() else []


@pytest.mark.skipif(not collection(), reason="no collection of hostile files here")
def test_collection_in_a_process_of_its_own(tmp_path):
    """All in one process, so that the peak of its memory counts for each."""
    script = """
import json, resource, sys
from webcam_pix2pix import checkpoints
import torch, h5py
from webcam_pix2pix.networks import build, UNet
build(UNet(5, 1))
idle, results = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, {}
for path in sys.argv[1:]:
    try:
        checkpoints.load(path).build()
        results[path] = ""
    except (ValueError, OSError) as error:
        results[path] = str(error)
print(json.dumps([(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024, results]))
"""
    paths = {str(SHARED / "hostile" / e["file"]): e for e in collection()}
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
                          env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    megabytes, results = json.loads(done.stdout)
    assert megabytes < 200 and not list(tmp_path.iterdir())
    for path, entry in paths.items():
        text = results[path]
        if entry["expect"] == "load":
            assert text == "", f"{path}: {text}"
        elif entry["expect"] == "refuse":
            assert text and "\n" not in text and Path(path).name in text, path


# ---------------------------------------------------------------------------------------------------------------------- torch files

class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("call", [(os.system, "touch MARK"), (eval, "open('MARK', 'w')"), (exec, "open('MARK', 'w')"), (bytearray, 1 << 40),
                                  (Path, "MARK"), (torch.nn.Linear, 1 << 20, 1 << 20), (torch.zeros, 1 << 40)])
def test_pickles_run_nothing(call, legacy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"model.model.0.weight": Evil(*call)}, "evil.pth", _use_new_zipfile_serialization=not legacy)
    assert "expected weights only" in refused(tmp_path / "evil.pth")
    assert not Path("MARK").exists()


def zipped(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"archive/{name}", content)
    return path


def pickled_tensor(elements: int, size: tuple, stride: tuple, offset: int = 0) -> bytes:
    """data.pkl of a state dict with one tensor on a storage that claims `elements` floats."""
    class Storage:
        pass

    class Tensor:
        def __reduce__(self):
            return torch._utils._rebuild_tensor_v2, (Storage(), offset, size, stride, False, None)

    file = io.BytesIO()
    pickler = pickle.Pickler(file, 2)
    pickler.persistent_id = lambda o: ("storage", torch.FloatStorage, "0", "cpu", elements) if isinstance(o, Storage) else None
    pickler.dump({"model.model.0.weight": Tensor()})
    return file.getvalue()


@pytest.mark.parametrize(("elements", "size", "stride", "offset"), [
    (1, (1 << 20, 1 << 24), (0, 0), 0), (1 << 40, (1 << 40,), (1,), 0), (4, (4, 4), (1, 0), 0), (4, (4,), (1,), 1),
    (4, (2,), (1 << 40,), 0), (4, (-1,), (1,), 0), (-4, (4,), (1,), 0), (4, (4,) * 30, (1,) * 30, 0)])
def test_tensors_claim_no_more_than_there_is(elements, size, stride, offset, tmp_path):
    data = pickled_tensor(elements, size, stride, offset)
    refused(zipped(tmp_path / "x.pth", {"data.pkl": data, "data/0": b"\0" * 16, "version": b"3\n"}))


def test_zips_are_what_torch_writes(tmp_path):
    good = pickled_tensor(4, (1, 1, 2, 2), (4, 4, 2, 1))
    members = {"data.pkl": good, "data/0": b"\0" * 16, "version": b"3\n"}
    assert "missing" in refused(zipped(tmp_path / "x.pth", members)), "a good file, if with one weight only"
    assert "compressed" in refused(zipped(tmp_path / "x.pth", members, zipfile.ZIP_DEFLATED))
    assert "too short" in refused(zipped(tmp_path / "x.pth", members | {"data/0": b"\0" * 8}))
    assert "TorchScript" in refused(zipped(tmp_path / "x.pth", members | {"constants.pkl": b""}))
    assert "torch.save" in refused(zipped(tmp_path / "x.pth", {"version": b"3\n"}))
    torch.jit.save(torch.jit.trace(torch.nn.ReLU(), torch.zeros(1)), str(tmp_path / "x.pth"))
    refused(tmp_path / "x.pth")


# ------------------------------------------------------------------------------------------------------------------ the other formats

def test_keras_files_hold_plain_weights_only(tmp_path):
    path, secret = tmp_path / "g.h5", tmp_path / "secret.h5"
    layers = foreign.cciauto_layers()
    foreign.write_keras(secret, layers)

    def changed(change) -> str:
        foreign.write_keras(path, layers)
        with h5py.File(path, "r+") as file:
            change(file["model_weights"])
        return refused(path)

    def external(root):
        root["sequential_0/conv_0/bias:0"] = h5py.ExternalLink("secret.h5", "model_weights/sequential_0/conv_0/kernel:0")

    def soft(root):
        root["sequential_0/conv_0/bias:0"] = h5py.SoftLink("/model_weights")

    def bomb(root):
        del root["sequential_0/conv_0/kernel:0"]
        root.create_dataset("sequential_0/conv_0/kernel:0", (4, 4, 1 << 12, 1 << 12), "f4", chunks=(4, 4, 64, 64), compression="gzip")

    def hollow(root):
        del root["sequential_0/conv_0/kernel:0"]
        root.create_dataset("sequential_0/conv_0/kernel:0", (4, 4, 1 << 14, 1 << 14), "f4")

    def elsewhere(root):
        del root["sequential_0/conv_0/kernel:0"]
        root.create_dataset("sequential_0/conv_0/kernel:0", (4, 4, 1, 4), "f4", external=[(str(secret), 0, 256)])

    def looped(root):
        root["sequential_0/conv_0/loop"] = root["sequential_0"]

    changed(looped)
    assert all("points elsewhere" in changed(c) for c in (external, soft))
    assert all("compressed or outside" in changed(c) for c in (bomb, hollow, elsewhere))


def test_a_keras_file_that_reading_comes_to_no_end_with_is_refused():
    path = Path(__file__).parent / "chaos/corpus/checkpoint/attribute-without-end.h5"
    with pytest.raises(ValueError, match="not a readable Keras file"):
        checkpoints.load(path)


def test_bundle_numbers_are_checked(tmp_path):
    prefix = foreign.write_bundle(tmp_path / "model-1", foreign.affinelayer_arrays())
    name, good = next((n, e) for n, e in bundle.Bundle(prefix).entries.items() if n.endswith("filter"))
    pattern = __import__("re").compile(".*filter")
    for wrong in ({"size": 1 << 50}, {"offset": 1 << 60}, {"shape": (1 << 40, 1 << 40)}, {"dtype": 7}, {"sliced": True}, {"shard": 3},
                  {"size": good.size - 4}):
        opened = bundle.Bundle(prefix)
        opened.entries = {name: bundle.Entry(**{**vars(good), **wrong})}
        with pytest.raises((ValueError, OSError), match="model-1"):
            opened.weights(pattern)


def test_mindspore_numbers_are_checked(tmp_path):
    def entry(dims, kind=b"Float32", content=b"\0" * 64):
        tag = field(1, b"x.model.model.0.weight")
        return field(1, tag + field(2, b"".join(field(1, d) for d in dims) + field(2, kind) + field(3, content)))

    for data in (entry([1 << 32, 1 << 32]), entry([1, 1, 4, 5]), entry([2, 8]) + entry([8, 2]), entry([1, 1, 4, 4])[:-3],
                 b"\x0a" + varint(1 << 62), entry([1, 1, 4, 4], b"Int32"), entry([]), b"\x0a" + b"\xff" * 40):
        (tmp_path / "g.ckpt").write_bytes(data)
        refused(tmp_path / "g.ckpt")


def test_safetensors_headers_are_checked(tmp_path):
    def written(header, data=b"\0" * 64) -> Path:
        text = json.dumps(header).encode() if not isinstance(header, bytes) else header
        (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
        return tmp_path / "m.safetensors"

    weight = {"dtype": "F32", "shape": [1, 1, 4, 4], "data_offsets": [0, 64]}
    for wrong in ({"shape": [1 << 40, 1, 4, 4]}, {"data_offsets": [0, 1 << 40]}, {"data_offsets": [64, 0]}, {"dtype": "F8"}, {"shape": 3},
                  {"shape": [-4, -4]}, {"shape": [True]}):
        refused(written({"model.model.0.weight": weight | wrong}))
    for metadata in ({"network": {"type": "unet", "ngf": 10 ** 9}}, {"network": 3}, {}, {"network": {"type": "patch"}}, [], "x"):
        refused(written({"w": weight, "__metadata__": {"webcam_pix2pix": json.dumps(metadata)}}))
    refused(written(b"{" * 4000))
    refused(written({"w": weight, "__metadata__": {"webcam_pix2pix": "[" * 4000}}))


# ------------------------------------------------------------------------------------------------------------------------------ fuzz

@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """One small good file of each format, by name of the file to damage."""
    return foreign.write_one_of_each(tmp_path_factory.mktemp("good"))


EDIT = st.tuples(st.sampled_from(["flip", "set", "cut", "insert", "end"]), st.integers(0, 1 << 20), st.integers(0, 255))
edits = st.lists(EDIT, min_size=1, max_size=4)


def damaged(data: bytes, changes) -> bytes:
    result = bytearray(data)
    for kind, where, value in changes:
        where %= max(1, len(result))
        if not result:
            break
        if kind == "flip":
            result[where] ^= 1 << value % 8
        elif kind == "set":
            result[where] = value
        elif kind == "cut":
            del result[where:where + value]
        elif kind == "insert":
            result[where:where] = bytes([value]) * (value % 9 + 1)
        else:
            del result[where:]
    return bytes(result)


def survives(path: Path) -> None:
    """A file loads, or is refused in one line; anything else is a bug."""
    try:
        checkpoints.load(path).build()
    except (ValueError, OSError) as error:
        assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize("name", ["zip.pth", "legacy.pth", "cryer.pth", "ours.safetensors", "ms.ckpt", "keras.h5", "p.pict", "tf-1.index",
                                  "tf-1.data-00000-of-00001"])
@given(changes=edits)
@FUZZ
def test_damage_anywhere(name, changes, good, tmp_path):
    for other in ("tf-1.index", "tf-1.data-00000-of-00001") if name.startswith("tf") else (name,):
        (tmp_path / other).write_bytes(damaged(good[other], changes) if other == name else good[other])
    survives(tmp_path / ("tf-1" if name.startswith("tf") else name))


@pytest.mark.parametrize("name", ["zip.pth", "cryer.pth"])
@given(changes=edits)
@FUZZ
def test_damage_inside_the_pickle(name, changes, good, tmp_path):
    with zipfile.ZipFile(io.BytesIO(good[name])) as archive:
        members = {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}
    survives(zipped(tmp_path / name, members | {"data.pkl": damaged(members["data.pkl"], changes)}))


@given(changes=edits)
@FUZZ
def test_damage_in_a_bundles_entries(changes, good, tmp_path, monkeypatch):
    """With checksums that fit, so that the damage gets to what lies behind them."""
    monkeypatch.setattr(bundle, "masked", lambda crc: crc)
    monkeypatch.setattr(bundle, "crc32c", lambda data: Always())
    (tmp_path / "tf-1.index").write_bytes(damaged(good["tf-1.index"], changes))
    (tmp_path / "tf-1.data-00000-of-00001").write_bytes(good["tf-1.data-00000-of-00001"])
    survives(tmp_path / "tf-1")


class Always:
    """Equal to every checksum."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __ne__(self, other):
        return False


@given(data=st.binary(max_size=600))
@FUZZ
def test_noise(data, tmp_path):
    assume(data)
    for start in (b"", b"PK\x03\x04", bytes.fromhex("80028a0a6cfc9c46f920"), b"\x0a", b"\x89HDF\r\n\x1a\n", b"\x00\x00\x00\x40[{",
                  b"\x40" + b"\0" * 7 + b"{"):
        (tmp_path / "x").write_bytes(start + data)
        survives(tmp_path / "x")


KEYS = st.sampled_from(["name", "ckpt_path", "input", "shape", "range", "recipe", "network", "type", "depth", "norm_mode"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(data=st.recursive(VALUES, lambda x: st.lists(x, max_size=4) | st.dictionaries(KEYS, x, max_size=5), max_leaves=12))
@FUZZ
def test_descriptors_of_all_kinds(data, tmp_path):
    (tmp_path / "x.json").write_text(json.dumps(data))
    survives(tmp_path / "x.json")


def test_bundle_fields_never_run_past_the_end():
    for message in (b"\x0a\xff\xff\xff\xff\x0f", b"\x0d\x00", b"\x0b", b"\x80" * 20, b"\x08"):
        with pytest.raises(ValueError, match=r"field|number|kind"):
            list(protobuf.fields(message))
    assert list(protobuf.fields(field(3, 300) + field(2, b"ab"))) == [(3, 300), (2, b"ab")]
    assert np.frombuffer(varint(300), np.uint8).tolist() == [0xAC, 2]
