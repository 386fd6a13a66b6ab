"""`bench`: its table, its JSON, its advice, what it remembers; and the benchmarks' common parts."""

import json
import sys
from itertools import groupby
from pathlib import Path

import pytest
import torch

from webcam_pix2pix import networks
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.cli import main
from webcam_pix2pix.cli.commands.bench import Line, recommended
from webcam_pix2pix.predictor import PyTorchPredictor, benchmark
from webcam_pix2pix.predictor.device.machine import bandwidth, describe, peak

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WEBCAM_PIX2PIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.find_spec", lambda name: None)  # OpenVINO takes its time


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "small.safetensors"
    spec = networks.UNet(depth=6, ngf=4)
    safetensors.write(path, spec, networks.init_weights(networks.build(spec), "kaiming").state_dict())
    return path


def test_every_candidate_is_measured_and_the_fastest_is_remembered(model):
    rows = benchmark(model, device="cpu", seconds=0.2)
    assert {"naive", "fp32", "bf16", "int8"} == {row.config for row in rows}
    right = [row for row in rows if not row.refused and row.config != "naive"]
    assert right and all(row.ms > 0 and row.fidelity.good for row in right)
    fastest = min(right, key=lambda row: row.ms)
    assert PyTorchPredictor(model, device="cpu").label == f"CPU {fastest.config}"


def test_the_table_and_the_last_line(model, capsys):
    assert main(["bench", str(model), "--device", "cpu", "--only", "models", "--only", "chain", "--seconds", "0.1", "--json"]) == 0
    said = capsys.readouterr()
    assert "1280x720 to 256x256" in said.err and "small 64x64 fp32" in said.err and "Fastest accurate candidate: small" in said.err
    data = json.loads(said.out)
    assert data["machine"]["processor"]
    assert {line["part"] for line in data["lines"]} == {"models", "chain"}


def test_the_whole_loop(model, capsys):
    assert main(["bench", str(model), "--device", "cpu", "--only", "loop", "--seconds", "0.1"]) == 0
    out = capsys.readouterr().out
    assert "small, test scene, CPU" in out and "Live: about" in out


def test_advice():
    slow = recommended([Line("loop", "x", 100.0)])
    assert "about 10 frames per second" in slow[0] and "Quality.ladder" in slow[0]
    assert recommended([Line("loop", "x", 10.0)]) == ["Live: about 100 frames per second."]
    assert recommended([Line("models", "m 256x256 int8", 5.0, "refused: image too different from fp32")]) == []


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["--seconds", "0"], 2, "--seconds 0: expected more than 0"),
    (["nowhere.pth"], 1, "nowhere.pth"),
    (["--device", "tpu", "--only", "training"], 2, "device: 'tpu' is not one of"),
])
def test_mistakes_are_one_line(arguments, code, message, capsys):
    assert main(["bench", *arguments]) == code
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_size_that_cannot_be(model, capsys):
    assert main(["bench", str(model), "--size", "100", "--only", "models"]) == 2
    assert "multiples of 64" in capsys.readouterr().err


def test_the_machine():
    assert describe("cpu")["torch"].startswith("torch ")
    assert peak(torch.float32, 0.05) > 0
    assert bandwidth(0.05) > 0


def test_benchmarks_measure_in_turns(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import common
    monkeypatch.setattr(common, "BLOCK_S", 0.0)
    order = []
    times = common.time_in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 0.0)
    assert [name for name, _ in groupby(order)] == ["a", "b"] * (len(order) // 4) and set(times) == {"a", "b"}
    common.show("title", {"a": 2.0, "b": 1.0}, "a")
    assert "2.00x" in capsys.readouterr().out
    sys.modules.pop("common")
