"""Bend: the gains do what they say in every runner, neutral is untouched, the noise is a function of time, the engine says what cannot."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from test_predictor import SIDE, SPECS, graph_of, needs_onednn, network, quantised, sample, tensor

from webcam_pix2pix import networks
from webcam_pix2pix.bend import LEVELS, Bend, Bending, bending, walk
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.networks.resnet import ResNetBlock
from webcam_pix2pix.networks.unet import Level
from webcam_pix2pix.pipeline import predict_bent, why_not_bent
from webcam_pix2pix.predictor import PyTorchPredictor
from webcam_pix2pix.predictor.bend.bender import Bender
from webcam_pix2pix.predictor.cpu.onednn import OneDnnRunner
from webcam_pix2pix.predictor.graph.eager import EagerRunner
from webcam_pix2pix.quality import EverySecond
from webcam_pix2pix.settings import Settings

SIZE = 3, SIDE, SIDE
GAINS = Bending((0.25, 1.75, 0.0, 2.0, 0.5, 1.5, 1.0, 1.0, 1.0))
ONE = (1.0,) * LEVELS


def by_hand(net, bent):
    """The network with the gains multiplied in where its own code has the levels."""
    if isinstance(net.spec, networks.ResNet):
        blocks = [module for module in net.modules() if isinstance(module, ResNetBlock)]
        for number, block in enumerate(blocks, 1):
            block.forward = partial(lambda block, gain, x: x + gain * block.conv_block(x), block, bent.level(number))
        blocks[-1].register_forward_hook(lambda module, inputs, y: bent.bottleneck * y)
        return net
    levels = [module for module in net.modules() if isinstance(module, Level)]
    def forward(level, gain, x):
        up = level.model(x)
        return torch.cat([gain * x, up] if level.skip_first else [up, gain * x], 1)

    for number, level in enumerate(levels[1:], 1):
        level.forward = partial(forward, level, bent.level(number))
    growing = next(layer for name, layer in zip(net.spec.layers(net.spec.depth - 1), levels[-1].model, strict=True) if name == "up")
    growing.register_forward_pre_hook(lambda module, inputs: (bent.bottleneck * inputs[0],))
    return net


def prepared(kind, mode="eval"):
    return networks.set_norm_mode(network(SPECS[kind]), mode, seed=3)


# ---- the values

def test_as_trained_there_is_nothing_to_bend():
    assert bending(Bend(noise_speed=3.0, noise_seed=7), 12.5) is None
    assert bending(Bend(level_9=0.5), 0.0) == Bending((1.0,) * 8 + (0.5,))
    assert GAINS.level(1) == 0.25 and GAINS.level(15) == 1.0


def test_the_noise_is_a_function_of_time():
    bend = Bend(noise=0.5, noise_speed=2.0, noise_seed=3)
    assert bending(bend, 10.0) == bending(bend, 10.0) != bending(bend, 10.1)
    steps = [walk((1, 64, 2, 2), 3, i / 50) for i in range(400)]
    assert np.array_equal(steps[77], walk((1, 64, 2, 2), 3, 77 / 50))
    assert not np.array_equal(steps[77], walk((1, 64, 2, 2), 4, 77 / 50))
    assert max(np.abs(a - b).max() for a, b in pairwise(steps)) < 0.35  # it walks, it does not jump
    assert 0.85 < np.std(steps) < 1.15 and abs(np.corrcoef(steps[0].ravel(), steps[200].ravel())[0, 1]) < 0.3
    assert np.isfinite(walk((1, 8, 1, 1), 0, -3.25)).all()


# ---- the network

@torch.inference_mode()
@pytest.mark.parametrize("mode", ["eval", "batch"])
@pytest.mark.parametrize("kind", SPECS)
def test_a_bent_runner_gives_what_the_bent_network_gives(kind, mode):
    runner = EagerRunner(graph_of(prepared(kind, mode)))
    bender, x = Bender(runner, SPECS[kind], SIZE), tensor(sample(1)[0])
    unbent = runner(x).clone()
    for bent in (GAINS, replace(GAINS, levels=ONE, bottleneck=1.5), replace(GAINS, bottleneck=0.0)):
        with bender.applied(bent):
            y = runner(x)
        assert (y - by_hand(prepared(kind, mode), bent)(x)).abs().max() < 5e-5
        assert torch.equal(runner(x), unbent)


@torch.inference_mode()
@needs_onednn
@pytest.mark.parametrize("kind", ["unet", "up_first", "resnet", "separable"])
def test_so_does_a_runner_that_writes_in_place(kind):
    exact, runner = (made(graph_of(prepared(kind))) for made in (EagerRunner, lambda graph: OneDnnRunner(graph, SIZE, torch.float32)))
    benders, x = [Bender(r, SPECS[kind], SIZE) for r in (exact, runner)], tensor(sample(1)[0])
    unbent = runner(x).clone()
    for bent in (replace(GAINS, bottleneck=1.3), replace(GAINS, levels=ONE, noise=2.0, position=1.4)):
        with benders[0].applied(bent), benders[1].applied(bent):
            assert (runner(x) - exact(x)).abs().max() < 5e-5
        assert torch.equal(runner(x), unbent)


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["unet", "up_first", "resnet", "separable"])
def test_bytes_that_are_bent_beyond_their_range_mean_more(kind):
    _, _, runner = quantised(kind)
    exact, image = EagerRunner(graph_of(prepared(kind))), sample(1)[0]
    benders, x = [Bender(r, SPECS[kind], SIZE) for r in (exact, runner)], torch.from_numpy(image).permute(2, 0, 1)[None]
    unbent = runner(x).clone()
    error = (unbent - exact(tensor(image))).abs().mean()
    for bent in (GAINS, replace(GAINS, levels=(2.0,) * LEVELS), replace(GAINS, levels=ONE, bottleneck=2.0, noise=3.0)):
        with benders[0].applied(bent), benders[1].applied(bent):
            assert (runner(x) - exact(tensor(image))).abs().mean() < 2 * error + 0.02
        assert torch.equal(runner(x), unbent)


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["unet", "resnet"])
def test_each_level_changes_the_image_in_a_manner_of_its_own(kind):
    spec = SPECS[kind]
    runner = EagerRunner(graph_of(prepared(kind)))
    bender, x = Bender(runner, spec, SIZE), tensor(sample(1)[0])
    images = [runner(x)]
    count = spec.blocks if kind == "resnet" else spec.depth - 1
    for bent in [Bending(tuple(0.0 if i == level else 1.0 for i in range(LEVELS))) for level in range(count)] + [Bending(ONE, 2.0)]:
        with bender.applied(bent):
            images.append(runner(x).clone())
    assert min((a - b).abs().max() for i, a in enumerate(images) for b in images[:i]) > 1e-3


# ---- the program

@pytest.fixture
def predictor(tmp_path):
    path = tmp_path / "small.safetensors"
    safetensors.write(path, SPECS["unet"], network(SPECS["unet"]).state_dict(), {})
    made = PyTorchPredictor(path, device="cpu", threads=1)
    yield made
    made.close()


def test_a_predictor_bends_and_is_itself_again(predictor):
    image = sample(1)[0]
    unbent = predictor(image)
    settings = Settings().with_values({"Bend.level_2": "0", "Bend.noise": "0.2"})
    bent = predict_bent(predictor, image, settings.bend, 4.0)
    assert why_not_bent(predictor) == "" and not np.array_equal(unbent, bent)
    assert np.array_equal(bent, predict_bent(predictor, image, settings.bend, 4.0))
    assert np.array_equal(unbent, predict_bent(predictor, image, Bend(), 5.0))
    assert np.array_equal(bent, predict_bent(predictor, image, settings.bend, 4.0, EverySecond(predictor)))


def test_what_cannot_be_bent_runs_as_trained_and_says_so():
    class Alien:
        info = replace(Settings().model, model_name="x")

        def __call__(self, image):
            return image + 1

    image = sample(1)[0]
    assert np.array_equal(predict_bent(Alien(), image, Bend(level_1=0.0), 0.0), image + 1)
    assert "cannot be bent" in why_not_bent(Alien()) and "\n" not in why_not_bent(Alien())
    with pytest.raises(ValueError, match="no inside"):
        Bender(torch.nn.Identity(), SPECS["unet"], SIZE)
