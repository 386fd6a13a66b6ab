"""The predictor: the same image in every form, the fastest right one chosen, refusals said, choices remembered."""

import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from msa.utils import in_order
from webcam_pix2pix import networks
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.model import ModelInfo, Port
from webcam_pix2pix.predictor import PyTorchPredictor, choose_device, device_message, predictor_for
from webcam_pix2pix.predictor.cpu.calibration import best_step, channel_steps
from webcam_pix2pix.predictor.cpu.int8 import Int8Runner
from webcam_pix2pix.predictor.cpu.onednn import OneDnnRunner
from webcam_pix2pix.predictor.cpu.rounding import in_bytes, largest_weight, rounded
from webcam_pix2pix.predictor.cpu.uint8 import Bordered, leaky
from webcam_pix2pix.predictor.device.devices import available_cores, thread_count
from webcam_pix2pix.predictor.device.executors import DeviceExecutor, Executor
from webcam_pix2pix.predictor.device.instructions import LEVELS, instructions, vector_width
from webcam_pix2pix.predictor.graph.eager import EagerRunner
from webcam_pix2pix.predictor.graph.nodes import Conv
from webcam_pix2pix.predictor.graph.rewriting import simplified
from webcam_pix2pix.predictor.graph.shapes import pruned, shapes_of
from webcam_pix2pix.predictor.graph.tracing import traced
from webcam_pix2pix.predictor.selection.fidelity import fidelity, ssim
from webcam_pix2pix.predictor.selection.selection import ExecutionConfig, ExecutorFactory, candidates
from webcam_pix2pix.predictor.selection.timing import quiet
from webcam_pix2pix.settings import Model

SIDE = 64
SPECS = {
    "unet": networks.UNet(depth=6, ngf=8),
    "resize_conv": networks.UNet(depth=6, ngf=8, upsample="resize_conv"),
    "instance": networks.UNet(depth=6, ngf=8, norm="instance"),
    "up_first": networks.UNet(depth=5, ngf=8, order="up_first", activation="after"),
    "separable": networks.UNet(depth=6, ngf=8, separable=True, running_stats=False, bottleneck_norm=True),
    "last_resize": networks.UNet(depth=6, ngf=8, last_resize=True),
    "resnet": networks.ResNet(ngf=8, blocks=2, norm="batch", dropout=True),
}
needs_onednn = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this build of torch has no oneDNN")


def network(spec, seed=0):
    """A network whose every weight and statistic matters, as in a trained one."""
    random = torch.Generator().manual_seed(seed)
    net = networks.build(spec).requires_grad_(False)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            transposed = isinstance(module, torch.nn.ConvTranspose2d)
            inputs = module.weight.shape[0] * 4 if transposed else module.weight[0].numel()
            module.weight.normal_(0, (2 / inputs) ** 0.5, generator=random)
            if module.bias is not None:
                module.bias.normal_(0, 0.1, generator=random)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.normal_(1, 0.1, generator=random)
            module.bias.normal_(0, 0.1, generator=random)
            if module.running_mean is not None:
                module.running_mean.normal_(0, 0.1, generator=random)
                module.running_var.uniform_(0.5, 1.5, generator=random)
    return net


def sample(count=4, side=SIDE, channels=3):
    """Soft shapes with hard lines: HxWxC uint8."""
    random = np.random.default_rng(1)
    result = []
    for _ in range(count):
        soft = F.interpolate(torch.from_numpy(random.random((1, channels, 6, 6))), size=(side, side), mode="bicubic")[0]
        image = (soft.permute(1, 2, 0).numpy().clip(0, 1) * 255).astype(np.uint8)
        image[random.integers(side), :, :] = 255
        result.append(image)
    return result


def tensor(image):
    x = torch.tensor(image).permute(2, 0, 1)[None].float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def graph_of(net, side=SIDE):
    return pruned(simplified(traced(net)), (3, side, side))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WEBCAM_PIX2PIX_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def model(tmp_path):
    def write(spec=SPECS["unet"], name="small", **metadata):
        path = tmp_path / f"{name}.safetensors"
        safetensors.write(path, spec, network(spec).state_dict(), metadata)
        return path
    return write


# ---- exact rewritings

@pytest.mark.parametrize("mode", ["eval", "batch", "paper"])
@pytest.mark.parametrize("kind", SPECS)
def test_the_simplified_graph_gives_the_image_of_the_network(kind, mode):
    net = networks.set_norm_mode(network(SPECS[kind]), mode, seed=3)
    x = tensor(sample(1)[0])
    with torch.inference_mode():
        exact = net(x)
        assert (EagerRunner(graph_of(net))(x) - exact).abs().max() < 2e-5


@needs_onednn
@pytest.mark.parametrize("mode", ["eval", "batch", "paper"])
@pytest.mark.parametrize("kind", SPECS)
def test_onednn_weights_give_the_image_of_the_network(kind, mode):
    net = networks.set_norm_mode(network(SPECS[kind]), mode, seed=3)
    x = tensor(sample(1)[0])
    with torch.inference_mode():
        packed_weight = OneDnnRunner(graph_of(net), (3, SIDE, SIDE), torch.float32)
        for _ in range(2):  # the second call finds used buffers
            assert (packed_weight(x) - net(x)).abs().max() < 2e-5


def test_batch_norm_is_folded_into_the_right_axis():
    # the innermost up-convolution has as many channels in as out: there a wrong axis fits, and is silently wrong
    net = networks.set_norm_mode(network(networks.UNet(depth=6, ngf=8)), "eval")
    convs = [n for n in graph_of(net).nodes if isinstance(n, Conv)]
    assert len(convs) == 12 and len(graph_of(net).nodes) == 12 + 1 + 5 + 5  # convolutions, input, relus, concatenations
    assert any(n.transposed and n.weight.shape[0] == n.weight.shape[1] for n in convs)


def test_taps_that_meet_only_padding_are_left_out():
    graph = graph_of(networks.set_norm_mode(network(SPECS["unet"]), "eval"))
    innermost = [n for n in graph.nodes if isinstance(n, Conv) and not n.transposed][-1]
    assert innermost.weight.shape[2:] == (2, 2) and innermost.padding == (0, 0)
    assert shapes_of(graph, (3, SIDE, SIDE))[innermost][1:] == (1, 1)


def test_resize_convolutions_become_transposed_ones():
    graph = graph_of(networks.set_norm_mode(network(SPECS["resize_conv"]), "eval"))
    assert sum(n.transposed for n in graph.nodes if isinstance(n, Conv)) == 6


@needs_onednn
def test_other_sizes_than_square():
    net = networks.set_norm_mode(network(networks.UNet(depth=4, ngf=8)), "eval")
    x = torch.rand(1, 3, 32, 80).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        packed_weight = OneDnnRunner(pruned(simplified(traced(net)), (3, 32, 80)), (3, 32, 80), torch.float32)
        assert (packed_weight(x) - net(x)).abs().max() < 2e-5


def test_what_is_moved_to_a_device_is_folded_on_the_cpu():
    net = networks.set_norm_mode(network(SPECS["unet"]), "eval")
    info = ModelInfo("x", Path("x"), Path("x"), Port((SIDE, SIDE, 3)), Port((SIDE, SIDE, 3)), norm_mode="eval")
    factory = ExecutorFactory(net, info, (SIDE, SIDE), torch.device("meta"))  # a device that cannot compute
    moved = factory.moved()
    assert moved is net and {p.device.type for p in moved.parameters()} == {"meta"}
    assert {n.weight.device.type for n in factory.graph.nodes if isinstance(n, Conv)} == {"cpu"}


# ---- int8

def quantised(kind, mode="eval"):
    net = networks.set_norm_mode(network(SPECS[kind]), mode, seed=3)
    graph = graph_of(net)
    try:
        return net, graph, Int8Runner(graph, (3, SIDE, SIDE), (-1.0, 1.0), [tensor(p) for p in sample()])
    except (RuntimeError, AttributeError) as error:
        pytest.skip(f"no int8 in this build of torch: {error}")


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["unet", "resize_conv", "up_first", "resnet", "separable"])
def test_int8_predicts_nearly_the_same(kind):
    net, _, run = quantised(kind)
    for image in sample(2):
        y = run(torch.from_numpy(image).permute(2, 0, 1)[None])
        assert (y - net(tensor(image))).abs().mean() < 0.06  # of 2; random weights are harder than trained ones


@torch.inference_mode()
def test_int8_is_rebuilt_from_its_scales():
    _, graph, first = quantised("unet")
    again = Int8Runner(graph, (3, SIDE, SIDE), (-1.0, 1.0), scales=first.stored)
    x = torch.from_numpy(sample(1)[0]).permute(2, 0, 1)[None]
    assert torch.equal(first(x).clone(), again(x))


@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_leaky_relu_of_bytes(slope):
    x = torch.arange(256, dtype=torch.uint8).repeat(2).view(1, 8, 8, 8).contiguous(memory_format=torch.channels_last)
    border = Bordered((8, 8, 8), (1, 2), zero=96)
    assert leaky(x, slope, 96, border.inside) is border.inside
    exact = F.leaky_relu(x.double() - 96, slope) + 96
    assert (border.inside - exact).abs().max() <= 0.5
    around = border.whole.clone()
    around[:, :, 1:-1, 2:-2] = 96
    assert border.whole.shape == (1, 8, 10, 12) and (around == 96).all()
    assert torch.equal(leaky(x, slope, 96, x), border.inside)  # in place


@torch.inference_mode()
def test_int8_is_the_same_with_and_without_borders(monkeypatch):
    _, graph, bordered = quantised("unet")
    assert len(bordered.bordered) == 5  # the image and what goes down, but for the innermost convolution: that one pads nothing
    monkeypatch.setattr(Int8Runner, "_bordered", lambda *args: {})
    runner = Int8Runner(graph, (3, SIDE, SIDE), (-1.0, 1.0), scales=bordered.stored)
    x = torch.from_numpy(sample(1)[0]).permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)
    assert (bordered(x) - runner(x)).abs().mean() < 0.01  # sums of other order may round to the next byte


def test_the_step_covers_what_was_seen():
    values = torch.linspace(-1, 3, 1000)
    step, zero = best_step(values, None)
    assert -zero * step <= -0.9 and (255 - zero) * step >= 2.9
    assert best_step(values.clamp_min(0), None)[1] == 0


def test_each_channel_has_its_step():
    steps = channel_steps(torch.tensor([[-1.0, 3.0], [-0.2, 0.1], [0.0, 0.001]]), zero=64)
    assert steps.tolist() == pytest.approx([3 / 191, 0.2 / 64, 3 / 191 / 8])  # all covered; the quiet one keeps room


@torch.inference_mode()
def test_no_sum_of_bytes_overflows():
    # brightest image, largest weights: on x86 without VNNI pairs of products are added in 16 bits
    try:
        most = largest_weight()
    except (RuntimeError, AttributeError) as error:
        pytest.skip(f"no int8 in this build of torch: {error}")
    assert most in (64, 127)
    net = networks.set_norm_mode(networks.build(networks.UNet(depth=5, ngf=8)).requires_grad_(False), "eval")
    for name, value in net.state_dict().items():
        if name.endswith("weight") and value.dim() == 4:
            value.fill_(1 / value[0].numel())
    white = torch.ones(1, 3, 32, 32)
    graph = pruned(simplified(traced(net)), (3, 32, 32))
    run = Int8Runner(graph, (3, 32, 32), (-1.0, 1.0), [white])
    assert (run(torch.full((1, 3, 32, 32), 255, dtype=torch.uint8)) - net(white)).abs().max() < 0.02


def test_rounding_keeps_the_sum_of_each_kernel():
    weight = torch.randn(20, 7, 4, 4, generator=torch.Generator().manual_seed(0)) * 30
    whole = rounded(weight)
    assert torch.equal(whole, whole.round()) and (whole - weight).abs().max() <= 1
    assert (whole - weight).sum((2, 3)).abs().max() <= 0.5 + 1e-4
    assert (weight.round() - weight).sum((2, 3)).abs().max() > 0.6  # ordinary rounding does not


@pytest.mark.parametrize("in_parts", [False, True])
def test_weights_in_bytes(in_parts):
    weight = torch.randn(6, 5, 2, 2, generator=torch.Generator().manual_seed(0))
    whole, units = in_bytes(weight, in_parts)
    assert whole.dtype == torch.int8 and whole.abs().max() <= largest_weight() and len(whole) == len(units) == (12 if in_parts else 6)
    real = (whole * units.view(-1, 1, 1, 1)).view(-1, *weight.shape).sum(0)
    assert ((real - weight).abs().amax((1, 2, 3)) <= units[:6] / (largest_weight() if in_parts else 1)).all()


# ---- the predictor

@pytest.mark.parametrize("precision", ["auto", "fp32", "bf16", "int8"])
def test_bytes_in_bytes_out(model, precision):
    predictor = PyTorchPredictor(model(), device="cpu") if precision == "auto" else in_precision(model(), precision)
    image = sample(1)[0]
    image.flags.writeable = False
    first, second = predictor(image), predictor(image)
    assert first.shape == (SIDE, SIDE, 3) and first.dtype == np.uint8 and first.flags.c_contiguous
    assert np.array_equal(first, second) and not np.shares_memory(first, second)
    net = networks.set_norm_mode(network(SPECS["unet"]), "eval")
    exact = ((net(tensor(image))[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).numpy().astype(np.uint8)
    assert fidelity([first], [exact]).good
    if precision == "fp32":
        assert np.abs(first.astype(int) - exact).max() <= 1
    predictor.close()


def test_raw_is_exact_in_fp32_at_any_size_the_network_can_take(model):
    predictor = PyTorchPredictor(model(), device="cpu", precision="fp32")
    batch = np.random.default_rng(0).uniform(-1, 1, (2, 64, 128, 3)).astype(np.float32)
    net = networks.set_norm_mode(network(SPECS["unet"]), "eval")
    with torch.inference_mode():
        exact = torch.cat([net(torch.from_numpy(b).permute(2, 0, 1)[None]) for b in batch]).permute(0, 2, 3, 1).numpy()
    ulp = np.finfo(np.float32).eps * np.abs(exact).max()  # the order of sums is the CPU's and the thread count's affair
    assert np.abs(predictor.raw(batch) - exact).max() < 50 * ulp
    for wrong in (batch[0], batch[..., :2], batch[:, :50], batch[:0]):
        with pytest.raises(ValueError, match=r"expected|multiples"):
            predictor.raw(wrong)


def in_precision(path, precision):
    """A predictor that runs in exactly this precision; else the test is skipped, with the reason."""
    predictor = PyTorchPredictor(path, device="cpu", precision=precision, backend="torch")
    if predictor.choice.config.precision != precision:
        pytest.skip(predictor.refusal)
    return predictor


def test_raw_of_a_faster_layout_is_close(model):
    predictor = in_precision(model(), "bf16")
    batch = np.stack([p.astype(np.float32) / 127.5 - 1 for p in sample(2)])
    exact = PyTorchPredictor(model(), device="cpu", precision="fp32").raw(batch)
    assert predictor.raw(batch).shape == exact.shape
    assert np.abs(predictor.raw(batch) - exact).mean() < 0.02
    with pytest.raises(ValueError, match="64"):
        predictor.raw(np.zeros((1, 128, 128, 3), np.float32))


def test_a_precision_that_cannot_be_is_refused_and_said_so(model):
    predictor = PyTorchPredictor(model(), device="cpu", precision="int8", norm_mode="eval")
    assert predictor.choice.fidelity.good
    assert predictor.label.startswith("CPU ")
    assert ("int8" in predictor.label) == (not predictor.refusal)


def test_a_precision_that_was_asked_for_and_is_not_there_is_reported_in_one_line(model, monkeypatch, caplog):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    predictor = PyTorchPredictor(model(), device="cpu", precision="bf16")
    assert predictor.refusal.startswith("precision bf16: not used for small, fp32 runs instead (") and "\n" not in predictor.refusal
    assert predictor.refusal in caplog.text
    caplog.clear()
    assert PyTorchPredictor(model(), device="cpu").refusal == "" and not caplog.records  # auto takes what there is


@pytest.mark.parametrize("kind", SPECS)
def test_every_network_comes_on_air(model, kind):
    predictor = PyTorchPredictor(model(SPECS[kind]), device="cpu", norm_mode="eval", size=(SIDE, SIDE))
    assert predictor.choice.fidelity.good and "Error" not in predictor.note
    assert predictor(sample(1)[0]).shape == (SIDE, SIDE, 3)


def test_without_onednn_the_network_runs_as_it_is(model, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    predictor = PyTorchPredictor(model(), device="cpu")
    assert predictor.label == "CPU fp32" and "no oneDNN" in predictor.note
    assert predictor(sample(1)[0]).shape == (SIDE, SIDE, 3)


def test_a_preview_is_exact_and_waits_for_no_measurement(model, tmp_path):
    preview = predictor_for(model(), Model(device="cpu"), preview=True)
    image, other = sample(2)
    net = networks.set_norm_mode(network(SPECS["unet"]), "eval")
    with torch.inference_mode():
        exact = ((net(tensor(image))[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).numpy().astype(np.uint8)
    first = preview(image)
    assert np.abs(first.astype(int) - exact).max() <= 1 and preview.label == "CPU fp32" and not preview.refusal
    assert not (tmp_path / "cache").exists()  # nothing was compared, nothing is remembered
    with quiet:  # another one measures
        held = preview(other)
    assert np.array_equal(held, first) and held is not first
    assert not np.array_equal(preview(other), first)


def test_a_wrong_image_does_not_continue_air(model, monkeypatch):
    quantised("unet")  # or skip
    infer = Int8Runner.__call__
    monkeypatch.setattr(Int8Runner, "__call__", lambda self, x: -infer(self, x))
    predictor = PyTorchPredictor(model(), device="cpu", precision="int8", backend="torch")
    assert predictor.choice.config == ExecutionConfig("torch", "fp32")
    assert "refused: int8: SSIM" in predictor.note


def test_the_choice_is_remembered_per_weights_and_size(model, tmp_path, caplog):
    path = model()
    first = PyTorchPredictor(path, device="cpu")
    files = list((tmp_path / "cache" / "ways").glob("*.json"))
    assert len(files) == 1
    with caplog.at_level("INFO", "webcam_pix2pix.predictor.selection.selection"):
        again = PyTorchPredictor(path, device="cpu")
    assert not caplog.records  # nothing was tried again
    assert again.choice == first.choice and again.note == first.note
    image = sample(1)[0]
    assert np.array_equal(first(image), again(image))
    PyTorchPredictor(path, device="cpu", size=(64, 128))
    assert len(list((tmp_path / "cache" / "ways").glob("*.json"))) == 2
    files[0].write_text("{broken")
    assert PyTorchPredictor(path, device="cpu").choice.fidelity.good  # looked for afresh; which way wins is up to the clock


def test_a_model_that_is_built_leaves_the_one_on_air_alone():
    running, image = networks.set_norm_mode(network(SPECS["resnet"]), "paper"), torch.zeros(1, 3, 64, 64)
    errors, stop = [], threading.Event()

    def infer():
        try:
            while not stop.is_set():
                running(image)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=infer)
    thread.start()
    other = network(SPECS["unet"])
    try:
        for _ in range(30):
            traced(other)
    finally:
        stop.set()
        thread.join()
    assert not errors


def test_paper_mode_flickers_and_batch_mode_does_not(model):
    image = sample(1)[0]
    paper = PyTorchPredictor(model(), device="cpu", norm_mode="paper")
    assert not np.array_equal(paper(image), paper(image))
    batch = PyTorchPredictor(model(), device="cpu", norm_mode="batch")
    assert np.array_equal(batch(image), batch(image))
    assert batch.info.norm_mode == "batch"


def test_one_channel(model):
    predictor = PyTorchPredictor(model(networks.UNet(depth=6, ngf=8, in_channels=1, out_channels=1)), device="cpu")
    predicted = predictor(sample(1)[0])
    assert predicted.shape == (SIDE, SIDE, 3)
    assert np.array_equal(predicted[..., 0], predicted[..., 2])


def test_real_frames_take_part_in_the_comparison(model):
    frames = [np.random.default_rng(i).integers(0, 255, (120, 160, 3), np.uint8) for i in range(3)]
    assert PyTorchPredictor(model(), device="cpu", frames=frames).choice.fidelity.good


def test_it_says_what_is_wrong(model):
    path = model()
    with pytest.raises(ValueError, match="size: 100x100 does not fit small"):
        PyTorchPredictor(path, device="cpu", size=(100, 100))
    with pytest.raises(ValueError, match="the model runs at 64x64"):
        PyTorchPredictor(path, device="cpu", precision="fp32")(np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(OSError, match="missing"):
        PyTorchPredictor(path.with_name("missing.safetensors"), device="cpu")


def test_settings_become_a_predictor(model):
    predictor = predictor_for(model(), Model(device="cpu", precision="fp32", size=128, norm_mode="batch", threads=1))
    assert predictor.input_size == (128, 128)
    assert predictor.info.norm_mode == "batch"
    assert predictor.label == "CPU fp32"
    assert predictor.multiple == 64


@pytest.mark.parametrize("kind", ["unet", "resnet"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_wide_painting_is_the_middle_of_a_wider_one(model, kind, precision):
    wide = predictor_for(model(SPECS[kind]), Model(device="cpu", precision=precision, norm_mode="eval", size=SIDE, shape="16:9"))
    assert wide.input_size == (SIDE, 114)  # 16:9 in whole pixels
    multiple = wide.multiple
    width = -(-114 // multiple) * multiple
    full = PyTorchPredictor(model(SPECS[kind]), device="cpu", precision=precision, norm_mode="eval", size=(SIDE, width))
    image = np.ascontiguousarray(sample(1, side=114)[0][:SIDE])
    left = (width - 114) // 2
    mirrored = np.pad(image, ((0, 0), (left, width - 114 - left), (0, 0)), mode="reflect")
    predicted = wide(image)
    assert predicted.shape == image.shape and predicted.flags.c_contiguous and predicted.flags.writeable
    assert np.abs(predicted.astype(int) - full(mirrored)[:, left:left + 114]).max() <= 1
    with pytest.raises(ValueError, match=f"image of {width}x{SIDE}: the model runs at 114x{SIDE}" if width != 114 else "image of"):
        wide(mirrored[:, :-1] if width == 114 else mirrored)
    assert wide.raw(np.zeros((1, SIDE, width, 3), np.float32)).shape == (1, SIDE, width, 3)


def test_the_shape_is_that_of_the_settings_unless_a_size_is_given(model):
    fp32 = Model(device="cpu", precision="fp32", shape="16:9")
    path = model(size=[SIDE, SIDE])
    assert predictor_for(path, fp32).input_size == (SIDE, 114)
    assert predictor_for(path, fp32, preview=True).input_size == (SIDE, 114)
    assert predictor_for(path, fp32, size=(SIDE, 2 * SIDE)).input_size == (SIDE, 2 * SIDE)  # of a film or tile


def test_what_an_accelerator_does_is_the_same_arithmetic():
    # the form for other accelerators, on the device that is always there
    net = networks.set_norm_mode(network(SPECS["unet"]), "eval")
    ranges = (-1.0, 1.0), (-1.0, 1.0)
    image = sample(1)[0]
    with torch.inference_mode():
        exact = Executor(net, image.shape, ranges).infer(image)
        assert np.array_equal(DeviceExecutor(net, image.shape, ranges).infer(image), exact)
        half = DeviceExecutor(EagerRunner(graph_of(net), torch.bfloat16), image.shape, ranges, torch.bfloat16)
        assert fidelity([half.infer(image)], [exact]).good
        half.close()


# ---- devices

def test_devices():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cuda", "mps", "cpu")
    assert "CPU" in device_message(torch.device("cpu"))
    with pytest.raises(ValueError, match="device: 'tpu' is not one of auto, cuda, mps, cpu"):
        choose_device("tpu")
    missing = [kind for kind, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())) if not there]
    for kind in missing:
        with pytest.raises(ValueError, match=f"device: {kind} is not available on this machine"):
            choose_device(kind)


def test_instructions_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    level = instructions()
    assert level and vector_width() in (4, 8, 16)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    if level in LEVELS:
        assert instructions() == "SSE4.1" and vector_width() == 4
    else:
        assert instructions() == level


def test_threads_leave_room(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    assert thread_count() == (cores if cores <= 3 else cores - 1)
    assert thread_count(1) == 1
    assert thread_count(999) == cores
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert thread_count() == 1


def test_what_is_tried():
    cpu, cuda, mps = (torch.device(kind) for kind in ("cpu", "cuda", "mps"))
    assert candidates(cpu) == [ExecutionConfig("torch", "int8"), ExecutionConfig("torch", "bf16"), ExecutionConfig("torch", "fp32")]
    assert candidates(cuda) == [ExecutionConfig("torch", "fp16"), ExecutionConfig("torch", "bf16"), ExecutionConfig("torch", "fp32")]
    assert candidates(mps) == [ExecutionConfig("torch", "fp16"), ExecutionConfig("torch", "fp32")]
    assert set(candidates(cpu, "int8")) - {ExecutionConfig("openvino", "int8")} == {ExecutionConfig("torch", "int8"),
                                                                                    ExecutionConfig("torch", "fp32")}
    assert candidates(cpu, "bf16", compiled=True) == [ExecutionConfig("compile", "bf16"), ExecutionConfig("compile", "fp32"),
                                                      ExecutionConfig("torch", "fp32")]
    with pytest.raises(ValueError, match="openvino"):
        candidates(cuda, backend="openvino")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["fp16", "bf16", "fp32"])
@pytest.mark.parametrize("mode", ["eval", "batch"])
def test_cuda_predicts_the_same(model, precision, mode):
    predictor = PyTorchPredictor(model(), device="cuda", precision=precision, norm_mode=mode)
    image = sample(1)[0]
    exact = PyTorchPredictor(model(), device="cpu", precision="fp32", norm_mode=mode)(image)
    assert fidelity([predictor(image)], [exact]).good
    assert predictor.label == f"CUDA {precision}"


@pytest.mark.skipif(find_spec("openvino") is None, reason="needs the openvino extra")
def test_openvino_predicts_the_same(model):
    predictor = PyTorchPredictor(model(), device="cpu", backend="openvino", precision="fp32")
    image = sample(1)[0]
    exact = PyTorchPredictor(model(), device="cpu", precision="fp32")(image)
    assert predictor.label == "CPU fp32 openvino"
    assert np.abs(predictor(image).astype(int) - exact).max() <= 1


def test_fidelity():
    a = sample(1)[0]
    assert ssim(a, a) == pytest.approx(1.0)
    assert fidelity([a], [a]).good
    noisy = np.clip(a.astype(int) + np.random.default_rng(0).normal(0, 40, a.shape), 0, 255).astype(np.uint8)
    assert not fidelity([a, noisy], [a, a]).good
    assert "SSIM" in str(fidelity([a], [a]))


def test_the_number_of_threads_is_left_as_it_was(model, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    before = torch.get_num_threads()
    try:
        for precision in ("fp32", "bf16", "int8"):
            predictor = PyTorchPredictor(model(), device="cpu", precision=precision, threads=2)
            predictor(sample(1)[0])
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("given", "expected"), [
    ({}, "PASSIVE 5000"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE None"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "PASSIVE None"),
    ({"GOMP_SPINCOUNT": "7"}, "PASSIVE 7")])
def test_how_threads_wait_is_up_to_the_user(given, expected):
    code = "import os, webcam_pix2pix; print(os.environ['OMP_WAIT_POLICY'], os.environ.get('GOMP_SPINCOUNT'))"
    environment = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")} | given
    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout.strip() == expected


@pytest.mark.skipif(available_cores() < 2, reason="needs two cores")
def test_a_small_network_leaves_cores_to_others_where_they_bring_little(model, monkeypatch):
    path, image, before = model(), sample(1)[0], torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    try:
        monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.NEARLY", 1e9)
        monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.SHORT_MS", 1e9)  # however busy this machine is
        monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.TOGETHER", 1e9)
        monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.LONG_MS", 1e9)
        spared = PyTorchPredictor(path, device="cpu")
        assert spared.choice.threads == 1 and "1 of " in spared.note
        again = PyTorchPredictor(path, device="cpu")  # as it was remembered
        assert again.choice == spared.choice and np.array_equal(again(image), spared(image))
        assert again.at_once == 1 < PyTorchPredictor(path, device="cpu", parallel=True).at_once
        assert PyTorchPredictor(path, device="cpu", threads=2).choice.threads == 2  # as asked
        monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.NEARLY", 0.0)
        assert PyTorchPredictor(path, device="cpu", fresh=True).choice.threads == torch.get_num_threads() >= 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(available_cores() < 2, reason="needs two cores")
@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_several_images_at_once_are_the_same_as_one_after_the_other(model, monkeypatch, precision):
    images, before = sample(12), torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.NEARLY", 1e9)
    monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.SHORT_MS", 1e9)  # however busy this machine is
    monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.TOGETHER", 1e9)
    monkeypatch.setattr("webcam_pix2pix.predictor.selection.selection.LONG_MS", 1e9)
    try:
        predictor = PyTorchPredictor(model(), device="cpu", precision=precision, backend="torch", parallel=True)
        assert predictor.at_once > 1 and f"{predictor.at_once} images at once" in predictor.note
        expected = [predictor(image) for image in images]
        for _ in range(5):
            for predicted, alone in zip(in_order(predictor, images, 2 * predictor.at_once), expected, strict=True):
                assert np.array_equal(predicted, alone)
    finally:
        torch.set_num_threads(before)


def test_what_is_no_number_is_an_error_and_not_a_black_image():
    broken = Executor(lambda x: x * float("nan"), (SIDE, SIDE, 3), ((-1, 1), (-1, 1)))
    with pytest.raises(ValueError, match="no numbers"):
        broken.infer(np.zeros((SIDE, SIDE, 3), np.uint8))
