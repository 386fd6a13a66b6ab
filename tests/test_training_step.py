"""Recorded steps: replayed on memory that stays, they train as others do; and how Adam is given its memory."""

import platform
import subprocess
import sys

import pytest
import torch
from test_training import one_thread  # noqa: F401

from webcam_pix2pix.training import trainer as trainer_module
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.training.setup.specs import generator_spec
from webcam_pix2pix.training.steps import captured
from webcam_pix2pix.training.steps.captured import EAGER, CapturedStep, recorder_for
from webcam_pix2pix.training.steps.optimisers import Adam, adam, dense, restore, stored
from webcam_pix2pix.training.trainer import Trainer, resolve_precision

CPU = torch.device("cpu")
SMALL = {"netG": "unet_64", "ngf": 4, "ndf": 4, "load_size": 70, "crop_size": 64, "precision": "fp32"}


class Repeating:
    """Records work by doing it again, on the same memory; its losses are always in the same place."""

    def __init__(self, *more):
        self.recorded, self.names = 0, ["D_real", "D_fake", "G_GAN", "G_L1", *more]

    def eager(self, work):
        return work()

    def record(self, work):
        self.recorded += 1
        losses = {name: torch.empty(()) for name in self.names}

        def replay():
            for name, value in work().items():
                losses[name].copy_(value)

        return replay, losses


def batches(count, size=64, twice=False):
    generator = torch.Generator().manual_seed(3)
    found = []
    for _ in range(count):
        a, b = (torch.randint(0, 256, (n, 3, size, size), dtype=torch.uint8, generator=generator) for n in (4 if twice else 2, 2))
        found.append((a, b, torch.rand(2, 2, generator=generator) - 0.5 if twice else None))
    return found


def trained(options, recorder, steps):
    torch.manual_seed(1)
    trainer = Trainer(options, generator_spec(options), CPU, recorder=recorder)
    losses = []
    for i, batch in enumerate(steps):
        trainer.set_learning_rates(1e-3 / (i + 1), 1e-3)
        losses.append(trainer.step(*batch))
    return trainer, losses


@pytest.mark.parametrize("values", [{}, {"ema": 0.9, "lambda_feat": 1.0, "lambda_stable": 2.0, "lambda_projected": 1.0,
                                         "upsample": "resize", "spectral_norm": True, "diffaugment": "color,translation,cutout"}])
def test_replayed_steps_train_as_others_do(values, weights):
    options = Options().with_values(SMALL | values | {"perceptual_weights": str(weights)})
    steps = batches(7, twice="lambda_stable" in values)
    recorder = Repeating(*(["C_real", "C_fake", "G_feat", "G_stable", "G_projected"] if values else []))
    unrecorded, expected = trained(options, None, steps)
    replayed, found = trained(options, recorder, steps)
    assert recorder.recorded == 1 and replayed.captured.replays and unrecorded.captured is None
    for one, other in zip(expected, found, strict=True):  # each step has losses of its own, not the last ones
        assert {k: v.item() for k, v in other.items()} == pytest.approx({k: v.item() for k, v in one.items()}, rel=1e-5)
    for net in ("G", "D", "shown"):
        if getattr(unrecorded, net) is not None:
            for name, value in getattr(unrecorded, net).state_dict().items():
                assert torch.allclose(getattr(replayed, net).state_dict()[name], value, atol=1e-6), name


def test_other_sizes_and_failures_end_the_replay_and_are_told_once():
    options = Options().with_values(SMALL)
    notes = []
    trainer = Trainer(options, generator_spec(options), CPU, recorder=Repeating(), note=notes.append)
    for batch in batches(EAGER + 1):
        trainer.step(*batch)
    assert trainer.captured.replays and not notes
    for batch in [*batches(2, 128), *batches(1)]:
        assert trainer.step(*batch)["G_L1"].isfinite()
    assert not trainer.captured.replays and len(notes) == 1 and "sizes of batches change" in notes[0]

    class Refusing(Repeating):
        def record(self, work):
            raise RuntimeError("operation not permitted when stream is capturing\nmore")

    notes.clear()
    trainer = Trainer(options, generator_spec(options), CPU, recorder=Refusing(), note=notes.append)
    losses = [trainer.step(*batch) for batch in batches(EAGER + 3)]
    assert len(losses) == EAGER + 3 and len(notes) == 1 and "not permitted when stream is capturing" in notes[0]


def test_a_state_that_is_loaded_is_recorded_anew():
    options = Options().with_values(SMALL)
    recorder = Repeating()
    trainer = Trainer(options, generator_spec(options), CPU, recorder=recorder)
    steps = batches(2 * EAGER + 2)
    for batch in steps[:EAGER + 1]:
        trainer.step(*batch)
    trainer.load_state(trainer.state())
    for batch in steps[EAGER + 1:]:
        trainer.step(*batch)
    assert recorder.recorded == 2


def test_what_cannot_be_recorded_is_told(monkeypatch):
    cuda, notes = torch.device("cuda"), []
    options = Options().with_values(SMALL)
    assert isinstance(recorder_for(options, cuda, notes.append), captured.CudaGraphs) and recorder_for(options, CPU, notes.append) is None
    assert recorder_for(options.with_values({"cuda_graphs": "off"}), cuda, notes.append) is None and not notes
    assert recorder_for(options.with_values({"gan_mode": "wgangp"}), cuda, notes.append) is None and "wgangp" in notes[-1]
    assert recorder_for(options.with_values({"preprocess": "none"}), cuda, notes.append) is None and "different sizes" in notes[-1]
    monkeypatch.setattr(captured.parallel, "world", lambda: 2)
    assert recorder_for(options, cuda, notes.append) is None and "several processes" in notes[-1]


def test_a_captured_step_keeps_its_inputs_in_place():
    seen = []

    def step(a, b, shifts):
        seen.append(a.data_ptr())
        return {"G": a.sum(), "D": b.sum()}

    recorder = Repeating()
    recorder.record = lambda work: (lambda: None, work())
    call = CapturedStep(step, recorder, CPU, print)
    for value in range(EAGER + 2):
        losses = call(torch.full((2, 2), float(value)), torch.ones(2), None)
    assert len(set(seen)) == 1 and set(losses) == {"G", "D"}


def test_adam_works_where_the_weights_lie():
    torch.manual_seed(0)
    kernel, gradient = torch.randn(8, 4, 3, 3), torch.randn(3, 8, 4, 3, 3)
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        weight = torch.nn.Parameter(kernel.clone(memory_format=torch.contiguous_format).contiguous(memory_format=layout))
        optimizer = adam([weight], 1e-2, 0.5, CPU, exact=False, recorded=False)
        for g in gradient:
            weight.grad = g.contiguous(memory_format=layout)
            optimizer.step()
        found.append(weight.detach())
    assert torch.allclose(*found, atol=1e-6) and not torch.equal(found[0], kernel)
    last = kernel.contiguous(memory_format=torch.channels_last)
    assert dense(last).is_contiguous() and dense(last).data_ptr() == last.data_ptr() and dense(kernel) is kernel


def test_an_optimiser_keeps_its_way_when_its_state_comes_from_elsewhere():
    weight = torch.nn.Parameter(torch.ones(3))
    fused, exact = (adam([weight], 1e-2, 0.5, CPU, exact=exact, recorded=False) for exact in (False, True))
    weight.grad = torch.ones(3)
    fused.step()
    restore(exact, stored(fused))
    assert not exact.param_groups[0]["fused"] and exact.state[weight]["step"] == 1
    tensor_rate = Adam([weight], lr=torch.tensor(0.25), fused=True)
    assert stored(tensor_rate)["param_groups"][0]["lr"] == 0.25 and isinstance(stored(tensor_rate)["param_groups"][0]["lr"], float)
    assert preset("classic").tf32 == "auto"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep memory")
def test_memory_that_a_step_frees_is_kept_for_the_next():
    code = """
import resource, torch
from webcam_pix2pix.training.steps.memory import keep_freed
def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(16_000_000).add_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(min(pages() for _ in range(3)))
keep_freed()
print(min(pages() for _ in range(12)))
"""
    before, after = map(int, subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert after < 50 < before


@pytest.mark.parametrize(("found", "precision"), [("AMX", "bf16"), ("AVX-512 bf16", "bf16"), ("AVX-512", "fp32"), ("arm64", "fp32")])
def test_auto_takes_bf16_where_the_cpu_multiplies_it(monkeypatch, found, precision):
    monkeypatch.setattr(trainer_module, "instructions", lambda: found)
    assert resolve_precision("auto", CPU) == precision and resolve_precision("fp32", CPU) == "fp32"
