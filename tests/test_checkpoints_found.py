"""Generators in the dicts, under the prefixes and with the norms that other people's programs save; what cannot be opened, in words."""

import argparse
import json
import struct
import zipfile
from pathlib import Path

import foreign_files as foreign
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints.formats import affinelayer, pict, safetensors
from webcam_pix2pix.identify.content import identify
from webcam_pix2pix.model import read_model
from webcam_pix2pix.networks import PatchDiscriminator, ResNet, UNet, build

SPEC = UNet(5, 2)


def state(spec=SPEC, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return {key: torch.randn_like(t) * 0.1 if t.is_floating_point() else t for key, t in build(spec).state_dict().items()}


def under(prefix: str, weights: dict) -> dict:
    return {prefix + key: value for key, value in weights.items()}


def refused(path: Path) -> str:
    with pytest.raises((ValueError, OSError)) as error:
        checkpoints.load(path).build()
    text = str(error.value)
    assert str(path) in text and "\n" not in text
    return text


def discriminator() -> dict:
    return build(PatchDiscriminator(6, 2)).state_dict()


FILES = {
    "tutorial": lambda g: {"epoch": 3, "model_state_dict": g, "optimizer_state_dict": {"state": {0: {"exp_avg": torch.ones(3)}}},
                           "loss": torch.tensor(0.5)},
    "both": lambda g: {"generator_state_dict": g, "discriminator_state_dict": discriminator(), "epoch": 9},
    "lightning": lambda g: {"state_dict": under("generator.", g) | under("discriminator.", discriminator()), "global_step": 1},
    "lightning, compiled": lambda g: {"state_dict": under("net_G._orig_mod.module.", g), "hyper_parameters": {"lr": 1e-4}},
    "letters": lambda g: {"g": state(seed=5), "d": discriminator(), "g_ema": g},
    "ema-pytorch": lambda g: under("online_model.", state(seed=5)) | under("ema_model.", g) | {"initted": torch.tensor(True)},
    "averaged": lambda g: under("module.", g) | {"n_averaged": torch.tensor(7)},
    "deep": lambda g: {"state": {"models": {"gen": g, "disc": discriminator()}}},
    "twice": lambda g: {"model": g, "state_dict": g},
    "inner name": lambda g: under("pix2pix.netG.", g),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_the_generator_is_found(make, tmp_path):
    weights = state()
    torch.save(make(weights), tmp_path / "x.pth")
    found = checkpoints.load(tmp_path / "x.pth")
    assert found.spec == SPEC and safetensors.same(found.state, {k: weights[k] for k in found.state})


def test_which_of_several_is_said_or_asked(tmp_path):
    torch.save({"netG": state(), "netG_ema": state(seed=1)}, tmp_path / "ema.pth")
    assert checkpoints.load(tmp_path / "ema.pth").notes == ("the generator was found in netG_ema",)
    torch.save({"netG_A": state(), "netG_B": state(seed=1)}, tmp_path / "cycle.pth")
    assert "holds several generators (netG_A, netG_B); save the state_dict of the one" in refused(tmp_path / "cycle.pth")
    torch.save(discriminator(), tmp_path / "d.pth")
    assert "a discriminator, expected a generator" in refused(tmp_path / "d.pth")
    torch.save({"encoder": under("layer1.0.conv.", {"weight": torch.ones(2, 2, 3, 3)})}, tmp_path / "other.pth")
    assert "weights such as 'layer1.0.conv.weight' in encoder are of no known generator" in refused(tmp_path / "other.pth")
    torch.save({"a": 1}, tmp_path / "none.pth")
    assert "holds no state dict of a network" in refused(tmp_path / "none.pth")


def test_a_dict_that_holds_itself_takes_no_time(tmp_path):
    loop: dict = {"weights": state()}
    loop |= {f"again{i}": loop for i in range(200)}
    torch.save(loop, tmp_path / "loop.pth")
    assert checkpoints.load(tmp_path / "loop.pth").spec == SPEC


def test_safetensors_of_others(tmp_path):
    from safetensors.torch import save_file
    save_file(under("generator.", state()), tmp_path / "a.safetensors")
    assert safetensors.same(checkpoints.load(tmp_path / "a.safetensors").state, state())


# ------------------------------------------------------------------------------------------------------------------------------- norms

def convolutions(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


NORMS = {"spectral, old": torch.nn.utils.spectral_norm, "spectral, new": parametrizations.spectral_norm,
         "weight, old": torch.nn.utils.weight_norm, "weight, new": parametrizations.weight_norm,
         "weight, outputs": lambda m: parametrizations.weight_norm(m, dim=1 if isinstance(m, nn.ConvTranspose2d) else 0)}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("spec", [UNet(5, 4), ResNet(2, 3)], ids=["unet", "resnet"])
@pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
def test_norms_of_weights_are_folded(norm, spec, tmp_path):
    torch.manual_seed(1)
    net = build(spec)
    for layer in convolutions(net):
        norm(layer)
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        for _ in range(3):
            net.train()(x.repeat(2, 1, 1, 1))  # the estimate of the singular value, and running statistics
        expected = net.eval()(x)
    torch.save(net.state_dict(), tmp_path / "x.pth")
    found = checkpoints.load(tmp_path / "x.pth")
    assert any("was folded into the weights" in note for note in found.notes)
    with torch.no_grad():
        assert torch.allclose(found.build()(x), expected, atol=2e-5)


# ---------------------------------------------------------------------------------------------------------------------------- pix2pixHD

class GlobalGenerator(nn.Module):
    """As pix2pixHD describes it: reflection padding, four halvings, residual blocks, four doublings, instance norm without weights."""

    def __init__(self, ngf: int, halvings: int, blocks: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, ngf, 7), nn.InstanceNorm2d(ngf), nn.ReLU()]
        for i in range(halvings):
            c = ngf * 2 ** i
            layers += [nn.Conv2d(c, 2 * c, 3, 2, 1), nn.InstanceNorm2d(2 * c), nn.ReLU()]
        layers += [Block(ngf * 2 ** halvings) for _ in range(blocks)]
        for i in range(halvings):
            c = ngf * 2 ** (halvings - i)
            layers += [nn.ConvTranspose2d(c, c // 2, 3, 2, 1, output_padding=1), nn.InstanceNorm2d(c // 2), nn.ReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Tanh())

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c), nn.ReLU(),
                                        nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c))

    def forward(self, x):
        return x + self.conv_block(x)


@pytest.mark.parametrize("halvings", [2, 3, 4])
def test_pix2pixhd_gives_the_numbers_of_its_program(halvings, tmp_path):
    torch.manual_seed(2)
    net = GlobalGenerator(2, halvings, 3).eval()
    torch.save(net.state_dict(), tmp_path / "latest_net_G.pth")
    found = checkpoints.load(tmp_path / "latest_net_G.pth")
    assert found.spec == ResNet(3, 2, halvings=halvings) and found.spec.multiple == 2 ** halvings
    x = torch.randn(1, 3, 48, 64)
    with torch.no_grad():
        assert torch.allclose(found.build()(x), net(x), atol=1e-5)
    torch.save(under("model1_1.", {"1.weight": torch.ones(1, 3, 7, 7)}) | net.state_dict(), tmp_path / "local.pth")
    refused(tmp_path / "local.pth")


# ---------------------------------------------------------------------------------------------------------- what cannot be opened, and why

def test_files_that_only_their_own_programs_open(tmp_path, recwarn):
    torch.save(GlobalGenerator(1, 2, 1), tmp_path / "whole.pth")
    text = refused(tmp_path / "whole.pth")
    assert "a whole pickled model" in text and "net.state_dict()" in text and "GlobalGenerator" in text
    torch.save({"args": argparse.Namespace(lr=1), "state_dict": state()}, tmp_path / "args.pth")
    assert "argparse.Namespace lies beside the weights" in refused(tmp_path / "args.pth")
    torch.jit.trace(nn.Conv2d(3, 3, 3), torch.ones(1, 3, 8, 8)).save(tmp_path / "traced.pt")
    assert "a TorchScript program" in refused(tmp_path / "traced.pt")
    with zipfile.ZipFile(tmp_path / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/constants.pkl", b"x" * 100)
    assert "a TorchScript program" in refused(tmp_path / "compressed.pt")
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            archive.writestr(name, b"{}")
    assert "a Keras 3 model (.keras)" in refused(tmp_path / "m.keras")
    node = foreign.field(1, foreign.field(1, b"generator/input") + foreign.field(2, b"Placeholder"))
    (tmp_path / "frozen.pb").write_bytes(node + bytes(50))
    assert "a frozen TensorFlow graph; use the checkpoint" in refused(tmp_path / "frozen.pb")
    (tmp_path / "m.onnx").write_bytes(b"\x08\x07\x12\x07pytorch" + bytes(50))
    assert "not an ONNX file, or a damaged one" in refused(tmp_path / "m.onnx")
    (tmp_path / "m.tflite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(50))
    assert "a TensorFlow Lite model" in refused(tmp_path / "m.tflite")
    head = json.dumps({"model.model.0.weight": {"dtype": "F8_E4M3", "shape": [1, 3, 4, 4], "data_offsets": [0, 48]}}).encode()
    (tmp_path / "fp8.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(48))
    assert "weights of 8 bits (F8_E4M3), expected float32" in refused(tmp_path / "fp8.safetensors")


def test_mindspore_is_not_taken_for_a_graph(tmp_path):
    foreign.write_mindspore(tmp_path / "g.ckpt", state(UNet(5, 2, order="up_first", dropout=False, last_bias=False)))
    assert identify(tmp_path / "g.ckpt").format == "mindspore" and "MindSpore" in checkpoints.load(tmp_path / "g.ckpt").format


def test_the_variables_of_a_saved_model(tmp_path):
    arrays = foreign.affinelayer_arrays()
    (tmp_path / "saved" / "variables").mkdir(parents=True)
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")
    foreign.write_bundle(tmp_path / "saved" / "variables" / "variables", arrays)
    assert "pix2pix-tensorflow" in checkpoints.load(tmp_path / "saved").format
    assert "SavedModel; open the folder" in refused(tmp_path / "saved" / "saved_model.pb")


# --------------------------------------------------------------------------------------- a weight that is missing, one that nobody uses

@pytest.mark.parametrize("layout", ["A", "B", "C"])
def test_foreign_names_in_tensorflow_files(layout, tmp_path):
    arrays = {key: value for key, value in foreign.affinelayer_arrays(layout).items() if key.startswith("generator/")}
    for number, name in enumerate(sorted(arrays)):
        if not affinelayer.VARIABLE.match(name):  # moving averages, slots of the optimizer
            continue
        wrong = {key if key != name else f"{key}_x": value for key, value in arrays.items()}
        pict.write(tmp_path / f"{number}.pict", wrong)
        assert Path(name).name in refused(tmp_path / f"{number}.pict")
        foreign.write_bundle(tmp_path / f"model-{number}", wrong)
        with pytest.raises(ValueError, match=f"model-{number}"):
            checkpoints.load(tmp_path / f"model-{number}")
        pict.write(tmp_path / f"gone-{number}.pict", {key: value for key, value in arrays.items() if key != name})
        refused(tmp_path / f"gone-{number}.pict")
    pict.write(tmp_path / "good.pict", arrays)
    assert checkpoints.load(tmp_path / "good.pict").build()
    pict.write(tmp_path / "more.pict", arrays | {"somebody/else": np.ones(3, np.float32)})
    assert "somebody/else is no weight of the generator" in refused(tmp_path / "more.pict")


@pytest.mark.parametrize("spec", [UNet(5, 2), UNet(5, 2, norm="instance"), ResNet(2, 2, norm="batch"), ResNet(2, 2)],
                         ids=["unet", "instance", "resnet", "resnet-instance"])
def test_no_weight_may_be_missing_or_foreign(spec, tmp_path):
    weights = state(spec)
    for number, key in enumerate(weights):
        if key.endswith("num_batches_tracked"):
            continue
        torch.save({k: v for k, v in weights.items() if k != key}, tmp_path / f"{number}.pth")
        refused(tmp_path / f"{number}.pth")
        torch.save({k if k != key else f"{k}_x": v for k, v in weights.items()}, tmp_path / f"{number}.pth")
        refused(tmp_path / f"{number}.pth")


def test_a_descriptor_names_both_ports_or_none(tmp_path):
    torch.save(state(), tmp_path / "w.pth")
    port = {"shape": [32, 32, 3], "range": [-1, 1], "opname": "x"}
    for ports, missing in (({"input": port}, "output"), ({"output": port}, "input"), ({}, ""), ({"input": port, "output": port}, "")):
        (tmp_path / "m.json").write_text(json.dumps({"name": "m", "ckpt_path": "w.pth"} | ports))
        if missing:
            with pytest.raises(ValueError, match=f"m.json: {missing} is missing"):
                read_model(tmp_path / "m.json")
        else:
            assert read_model(tmp_path / "m.json").name == "m"
