"""Exports: exact round trips, programs that compute the same elsewhere, and formats a network does not fit into."""

import foreign_files as foreign
import numpy as np
import pytest
import torch
from test_checkpoints import image, random_state, run

from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.cli import main
from webcam_pix2pix.export import as_transposed, export
from webcam_pix2pix.model import read_model
from webcam_pix2pix.networks import ResNet, UNet, set_norm_mode
from webcam_pix2pix.networks.layers import ResizeConv


@pytest.mark.parametrize("spec", [UNet(5, 2), UNet(6, 2, 1, 2, "instance"), ResNet(2, 3, norm="batch", dropout=True)],
                         ids=["unet", "unet_instance", "resnet"])
def test_pth_to_ours_to_pth_is_exact(spec, tmp_path):
    state = random_state(spec)
    torch.save(state, tmp_path / "a.pth")
    ours = export(read_model(tmp_path / "a.pth"), tmp_path / "b.safetensors", "safetensors", size=(32 * 2, 32 * 2))
    back = export(read_model(tmp_path / "b.safetensors"), tmp_path / "c.pth", "pth", size=(64, 64))
    assert ours.difference == back.difference == 0 and "--norm " + spec.norm in back.note
    loaded = torch.load(tmp_path / "c.pth", weights_only=True)
    assert list(loaded) == list(state) and safetensors.same(loaded, state)


def test_mindspore_to_pth_is_the_same_image(tmp_path):
    state = random_state(UNet(5, 3, order="up_first", dropout=False, last_bias=False))
    foreign.write_mindspore(tmp_path / "g.ckpt", state)
    done = export(read_model(tmp_path / "g.ckpt"), tmp_path / "g.pth", "pth")
    assert done.difference < 1e-5
    found, x = checkpoints.load(tmp_path / "g.pth"), image(32, 64)
    assert found.spec == UNet(5, 3) and np.abs(run(found, x, "eval") - run(checkpoints.load(tmp_path / "g.ckpt"), x, "eval")).max() < 1e-5


def test_resize_convolutions_to_pth(tmp_path):
    torch.manual_seed(0)
    conv, x = ResizeConv(3, 2, bias=False).requires_grad_(False), torch.randn(1, 3, 6, 9)
    same = torch.nn.functional.conv_transpose2d(x, as_transposed(conv.weight), stride=2, padding=1)
    assert torch.allclose(same, conv(x), atol=1e-6)
    torch.save(random_state(UNet(5, 2, upsample="resize_conv")), tmp_path / "a.pth")
    assert export(read_model(tmp_path / "a.pth"), tmp_path / "b.pth", "pth").difference < 1e-4
    assert checkpoints.load(tmp_path / "b.pth").spec == UNet(5, 2)


@pytest.mark.parametrize("layout", ["A", "B"])
def test_tensorflow_to_pict_and_back(layout, tmp_path):
    arrays = foreign.affinelayer_arrays(layout, 5, 2)
    source = read_model(foreign.write_bundle(tmp_path / "model-1", arrays))
    once = export(source, tmp_path / "once.pict", "pict")
    assert 0 < once.difference < 0.5
    original, coarse = checkpoints.load(source).state, checkpoints.load(tmp_path / "once.pict").state
    assert max(float((coarse[k] - original[k]).abs().max()) for k in original) < 0.05
    twice = export(read_model(tmp_path / "once.pict"), tmp_path / "twice.pict", "pict")
    assert twice.difference == 0 and safetensors.same(checkpoints.load(tmp_path / "twice.pict").state, coarse)


@pytest.mark.parametrize("kind", ["torchscript", "onnx"])
def test_programs_compute_the_same_elsewhere(kind, tmp_path):
    if kind == "onnx":
        onnxruntime = pytest.importorskip("onnxruntime")
        pytest.importorskip("onnxscript")
    source = read_model(foreign.write_bundle(tmp_path / "model-1", foreign.affinelayer_arrays("B", 4, 2)))
    path = tmp_path / ("m.onnx" if kind == "onnx" else "m.pt")
    done = export(source, path, kind, size=(16, 32))
    assert done.difference < 1e-4 and "norm mode batch, 32x16" in done.note
    x = image(16, 32)
    planes = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    if kind == "onnx":
        result = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"]).run(None, {"input": planes})[0]
    else:
        with torch.inference_mode():
            result = torch.jit.load(str(path))(torch.from_numpy(planes)).numpy()
    assert np.abs(result.transpose(0, 2, 3, 1) - run(checkpoints.load(source), x, "batch")).max() < 1e-4


def test_half_keeps_the_image(tmp_path):
    torch.save(random_state(UNet(5, 2)), tmp_path / "a.pth")
    done = export(read_model(tmp_path / "a.pth"), tmp_path / "h.safetensors", "safetensors", half=True)
    assert 0 < done.difference < 0.1 and safetensors.is_half(done.path)


@pytest.mark.parametrize("spec", [UNet(4, 2, bottleneck_norm=True, running_stats=False), UNet(4, 2, upsample="resize_conv", norm="none"),
                                  UNet(4, 2, norm="instance", dropout=False, bottleneck_norm=True)], ids=["batch", "none", "instance"])
def test_our_networks_to_pict_are_exact_where_the_format_holds_them(spec, tmp_path):
    """Weights of few different values are kept exactly: what is left is whether layout and order of channels are right."""
    state = {name: (value * 20).round() / 20 if value.is_floating_point() else value for name, value in random_state(spec).items()}
    safetensors.write(tmp_path / "a.safetensors", spec, state, {"norm_mode": "batch"})
    done = export(read_model(tmp_path / "a.safetensors"), tmp_path / "a.pict", "pict", size=(32, 32))
    assert done.difference < 1e-4 and ("only this program" in done.note) == (spec.norm == "none")
    ours, theirs = (run(checkpoints.load(tmp_path / name), image(32, 32), "batch") for name in ("a.safetensors", "a.pict"))
    assert np.abs(ours - theirs).max() < 1e-4


def test_a_model_trained_here_to_pict(tmp_path):
    """Without a norm in its innermost map, that map is fixed: the painting changes, by as much as is said."""
    torch.save(random_state(UNet(4, 2)), tmp_path / "a.pth")
    done = export(read_model(tmp_path / "a.pth"), tmp_path / "a.pict", "pict")
    assert 0 < done.difference < 1 and "fixed at its average" in done.note and "norm mode eval" in done.note and "expect 8" in done.note
    assert checkpoints.load(tmp_path / "a.pict").spec.bottleneck_norm


@pytest.mark.parametrize(("kind", "message"), [("pth", "has no form in pytorch-CycleGAN"),
                                               ("pict", "has no form in .pict: its skips carry activated values, the slope of its leaky "
                                                        "ReLU is 0.3, not 0.2, the epsilon of its norms is 0.001, not 1e-05")])
def test_network_without_a_layout_there(kind, message, tmp_path):
    foreign.write_keras(tmp_path / "g.h5", foreign.cciauto_layers())
    with pytest.raises(ValueError, match=message):
        export(read_model(tmp_path / "g.h5"), tmp_path / "out", kind)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["g.h5"], "nothing half done is left"


def test_failed_comparison_leaves_what_was_there(tmp_path, monkeypatch):
    torch.save(random_state(UNet(5, 2)), tmp_path / "a.pth")
    (tmp_path / "m.pt").write_text("precious")
    monkeypatch.setattr("webcam_pix2pix.export.TOLERANCE", -1.0)
    with pytest.raises(ValueError, match="differs from the model"):
        export(read_model(tmp_path / "a.pth"), tmp_path / "m.pt", "torchscript")
    assert (tmp_path / "m.pt").read_text() == "precious" and len(list(tmp_path.iterdir())) == 2


def test_export_command(tmp_path, capsys):
    torch.save(random_state(UNet(5, 2)), tmp_path / "a.pth")
    model = ["export", "--model", str(tmp_path / "a.pth"), "--output"]
    assert main([*model, str(tmp_path / "new/b.safetensors")]) == 0
    assert "largest difference from the model 0 " in capsys.readouterr().out
    for arguments, code, message in (([str(tmp_path / "b.xyz")], 2, "cannot tell the format"), ([str(tmp_path)], 2, "a folder"),
                                     ([str(tmp_path / "b.pth"), "--half"], 2, "--half"),
                                     ([str(tmp_path / "a.pth")], 2, "is the model itself"),
                                     ([str(tmp_path / "b.pt"), "--size", "33"], 2, "multiples of 32")):
        assert main([*model, *arguments]) == code
        printed = capsys.readouterr().err
        assert message in printed and len(printed.splitlines()) == 1
    state = checkpoints.load(tmp_path / "a.pth")
    assert torch.equal(set_norm_mode(state.build(), "eval")(torch.zeros(1, 3, 32, 32)),
                       checkpoints.load(tmp_path / "new/b.safetensors").build()(torch.zeros(1, 3, 32, 32)))
