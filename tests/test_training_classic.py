"""`classic` is exactly pytorch-CycleGAN-and-pix2pix: losses and weights after three steps, fp32 on the CPU.

Compared with its algorithm written out plainly below, and with steps recorded from its own code: `pytest --classic-steps DIR`, a folder
(or a folder of folders) that holds a JSON with the options, weights before and after, batches and losses, in .pth, .pt or .npz files.
"""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from webcam_pix2pix import networks
from webcam_pix2pix.training.setup.options import learning_rate
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.training.setup.specs import discriminator_spec, generator_spec
from webcam_pix2pix.training.trainer import Trainer

LOSSES = ("G_GAN", "G_L1", "D_real", "D_fake")
NAMES = ("netG", "netD", "ngf", "ndf", "n_layers_D", "norm", "gan_mode", "lambda_L1", "lr", "beta1", "input_nc", "output_nc", "no_dropout")
FIRST = re.compile(r"(start|init|before|begin|first|step_?0+(?!\d))", re.I)
LAST = re.compile(r"(end|final|after|result|last|updated)", re.I)
A = r"(?:^|[/_])(?:real_?)?(?:A|inputs?)(?:[/_]?(\d+))?$"
B = r"(?:^|[/_])(?:real_?)?(?:B|targets?)(?:[/_]?(\d+))?$"


@pytest.fixture(autouse=True)
def one_thread():
    """Small networks gain nothing from threads, and lose much on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trainer(options, generator, discriminator) -> Trainer:
    spec = generator_spec(options)
    result = Trainer(options, spec, torch.device("cpu"), generator)
    result.D.load_state_dict(discriminator)
    return result


def reference(options, G, D, batches):
    """The step of its pix2pix model: backward_D, step, backward_G, step, with plain torch. Gives the losses of each step."""
    criterion = {"vanilla": torch.nn.BCEWithLogitsLoss(), "lsgan": torch.nn.MSELoss()}[options.gan_mode]
    adam = {net: torch.optim.Adam(net.parameters(), lr=options.lr, betas=(0.5, 0.999)) for net in (G, D)}
    losses = []
    for real_A, real_B in batches:
        fake_B = G(real_A)
        for p in D.parameters():
            p.requires_grad = True
        adam[D].zero_grad()
        pred_fake = D(torch.cat((real_A, fake_B), 1).detach())
        loss_D_fake = criterion(pred_fake, torch.zeros_like(pred_fake))
        pred_real = D(torch.cat((real_A, real_B), 1))
        loss_D_real = criterion(pred_real, torch.ones_like(pred_real))
        ((loss_D_fake + loss_D_real) * 0.5).backward()
        adam[D].step()
        for p in D.parameters():
            p.requires_grad = False
        adam[G].zero_grad()
        pred_fake = D(torch.cat((real_A, fake_B), 1))
        loss_G_GAN = criterion(pred_fake, torch.ones_like(pred_fake))
        loss_G_L1 = torch.nn.L1Loss()(fake_B, real_B) * 100.0
        (loss_G_GAN + loss_G_L1).backward()
        adam[G].step()
        losses.append({"G_GAN": loss_G_GAN.item(), "G_L1": loss_G_L1.item(), "D_real": loss_D_real.item(), "D_fake": loss_D_fake.item()})
    return losses


@pytest.mark.parametrize("given", [{"netG": "unet_64"}, {"netG": "unet_64", "norm": "instance", "gan_mode": "lsgan"},
                                   {"netG": "resnet_6blocks", "no_dropout": True, "netD": "pixel"}], ids=["unet", "instance", "resnet"])
def test_three_steps_of_the_reference(given):
    options = preset("classic").with_values({"ngf": 8, "ndf": 8, **given})
    torch.manual_seed(0)
    G, D = networks.build(generator_spec(options)), networks.build(discriminator_spec(options))
    networks.init_weights(G)
    networks.init_weights(D)
    ours = trainer(options, G.state_dict(), D.state_dict())
    batches = [tuple(torch.rand(2, 2, 3, 64, 64) * 2 - 1) for _ in range(3)]
    torch.manual_seed(1)  # of the dropout
    expected = reference(options, G, D, batches)
    torch.manual_seed(1)
    for batch, losses in zip(batches, expected, strict=True):
        found = ours.step(*batch)
        assert {name: found[name].item() for name in LOSSES} == pytest.approx(losses, abs=1e-5, rel=1e-5)
    compare(ours.G, G.state_dict(), options.lr)
    compare(ours.D, D.state_dict(), options.lr)


def test_only_biases_before_a_norm_are_free():
    options = preset("classic").with_values({"netG": "unet_64", "ngf": 8, "norm": "instance"})
    net = networks.build(generator_spec(options))
    free = biases_before_a_norm(net)
    assert len(free) == 9 and "model.model.3.bias" not in free and "model.model.0.bias" not in free  # the first and the last have no norm
    wrong = {name: value + (name == "model.model.3.bias") * 2e-5 for name, value in net.state_dict().items()}
    with pytest.raises(AssertionError, match=r"model\.3\.bias"):
        compare(net, wrong, options.lr)


def test_classic_takes_the_same_adam_steps_to_the_last_bit():
    options = preset("classic").with_values({"netG": "unet_64", "ngf": 8, "ndf": 8})
    ours = trainer(options, networks.build(generator_spec(options)).state_dict(), networks.build(discriminator_spec(options)).state_dict())
    weights = [p.detach().clone().requires_grad_() for p in ours.G.parameters()]
    adam = torch.optim.Adam(weights, lr=options.lr, betas=(options.beta1, 0.999))
    for _ in range(3):
        for mine, other in zip(ours.G.parameters(), weights, strict=True):
            mine.grad = torch.randn_like(mine)
            other.grad = mine.grad.clone()
        ours.optimizer_G.step()
        adam.step()
    assert all(torch.equal(mine, other) for mine, other in zip(ours.G.parameters(), weights, strict=True))


def compare(found: torch.nn.Module, expected, lr: float, steps: int = 3) -> None:
    """Weights and statistics within 1e-5. Only a bias that the next norm removes is free: its gradient is rounding, and Adam divides
    each gradient by its own size, so such a bias moves by up to 3.2 * lr in three steps, here one way and there the other."""
    removed, most = biases_before_a_norm(found), 2 * 3.2 / 3 * steps * lr
    for name, value in found.state_dict().items():
        difference = float((value.float() - expected[name].float()).abs().max())
        assert difference <= (most if name in removed else 1e-5), f"{name}: {difference:.2e}"


def biases_before_a_norm(net: torch.nn.Module) -> set[str]:
    """Names of the biases of convolutions that stand directly before a norm."""
    leaves = [(name, module) for name, module in net.named_modules() if not list(module.children())]  # in the order they run
    norms = torch.nn.modules.batchnorm._NormBase
    return {f"{name}.bias" for (name, module), (_, after) in itertools.pairwise(leaves)
            if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d) and module.bias is not None and isinstance(after, norms)}


def test_learning_rates():
    options = preset("classic")
    rates = {epoch: learning_rate(options, 2e-4, epoch) for epoch in (1, 100, 101, 200)}
    assert rates == pytest.approx({1: 2e-4, 100: 2e-4, 101: 1.98e-4, 200: 1.98e-6}, rel=1e-3)
    cosine = [learning_rate(options.with_values({"lr_policy": "cosine"}), 2e-4, epoch) for epoch in range(1, 201)]
    assert cosine == sorted(cosine, reverse=True) and cosine[99] == 2e-4 and cosine[-1] < 1e-7
    step = options.with_values({"lr_policy": "step"})
    assert [learning_rate(step, 2e-4, epoch) for epoch in (50, 51, 101)] == pytest.approx([2e-4, 2e-5, 2e-6])
    assert learning_rate(options.with_values({"lr_policy": "plateau"}), 2e-4, 150, reductions=2) == pytest.approx(8e-6)


# ---------------------------------------------------------------------------------------------------- steps recorded from their code

def recordings(folder: Path) -> list[Path]:
    return sorted({p.parent for p in folder.rglob("*.json")})


def pytest_generate_tests(metafunc):
    if "recording" in metafunc.fixturenames:
        folder = metafunc.config.getoption("--classic-steps")
        found = recordings(Path(folder)) if folder else []
        reason = "no --classic-steps DIR given" if not folder else f"{folder}: no recording in it"
        metafunc.parametrize("recording", found or [pytest.param(None, marks=pytest.mark.skip(reason=reason))], ids=lambda p: p and p.name)


def test_recorded_steps(recording):
    facts, arrays = read_recording(recording)
    options = recorded_options(facts)
    start_G, start_D = (weights_of(arrays, net, last=False) for net in "GD")
    end_G, end_D = (weights_of(arrays, net, last=True) for net in "GD")
    batches = recorded_batches(arrays, facts)
    ours = trainer(options, start_G, start_D)
    if "seed" in facts:
        torch.manual_seed(int(facts["seed"]))
    losses = [{name: value.item() for name, value in ours.step(*batch).items()} for batch in batches]
    expected = recorded_losses(arrays, facts, len(batches))
    for step, values in expected.items():
        for name, value in values.items():
            assert losses[step][name] == pytest.approx(value, abs=1e-5, rel=1e-5), f"{name} of step {step}"
    assert expected, f"{recording}: no losses found"
    compare(ours.G, end_G, options.lr, len(batches))
    compare(ours.D, end_D, options.lr, len(batches))


def read_recording(folder: Path):
    """(facts of all JSON files merged, {"file/key": tensor} of all array files)."""
    facts: dict = {}
    for path in sorted(folder.glob("*.json")):
        facts |= json.loads(path.read_text(encoding="utf-8"))
    arrays: dict[str, torch.Tensor] = {}

    def add(name, value):
        if isinstance(value, dict):
            for key, part in value.items():
                add(f"{name}/{key}", part)
        elif isinstance(value, list | tuple):
            for index, part in enumerate(value):
                add(f"{name}/{index}", part)
        elif isinstance(value, np.ndarray | torch.Tensor | float | int):
            arrays[name] = torch.as_tensor(value)

    for path in sorted(folder.rglob("*.*")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if path.suffix in (".pth", ".pt"):
            add(name, torch.load(path, map_location="cpu", weights_only=True))
        elif path.suffix == ".npz":
            with np.load(path) as file:
                add(name, dict(file))
        elif path.suffix == ".npy":
            add(name, np.load(path))
    return facts, arrays


def recorded_options(facts: dict):
    flat = {}

    def walk(value):
        for key, part in value.items():
            if isinstance(part, dict):
                walk(part)
            else:
                flat[key] = part

    walk(facts)
    given = {name: flat[name] for name in NAMES if name in flat}
    if "use_dropout" in flat or "dropout" in flat:
        given["no_dropout"] = not flat.get("use_dropout", flat.get("dropout"))
    return preset("classic").with_values(given)


def weights_of(arrays, net: str, last: bool) -> dict[str, torch.Tensor]:
    """Weights of G or D before the first or after the last step, by the names of their files and groups."""
    key = re.compile(r"^(.*?)[/.]?((?:model|net)\.[\w.]+)$")
    groups: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in arrays.items():
        if match := key.match(name):
            groups.setdefault(match[1], {})[match[2]] = value
    mine = [g for g in groups if re.search(rf"(?:^|[^A-Za-z]|net){net}(?:$|[^A-Za-z])", g) or
            re.search({"G": "generator", "D": "discriminator"}[net], g, re.I)]
    marked = [g for g in mine if (LAST if last else FIRST).search(g) and not (FIRST if last else LAST).search(g)]
    ordered = sorted(marked or mine, key=lambda g: [int(n) for n in re.findall(r"\d+", g)])
    assert ordered, f"no weights of {net} among {sorted(groups)}"
    return groups[ordered[-1 if last else 0]]


def recorded_batches(arrays, facts) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Inputs and targets of each step as NxCxHxW."""
    sides = {}
    for side, pattern in (("A", A), ("B", B)):
        found = {}
        for name, value in arrays.items():
            path = re.sub(r"[/_]?(\d+)[/_](?=(?:real_?)?[AB]$)", r"/", name)
            number = re.search(r"(\d+)[/_](?:real_?)?[AB]$", name)
            if (match := re.search(pattern, path)) and value.dim() >= 4:
                found[int(match[1] or (number[1] if number else 0))] = value
        stacked = [found[k] for k in sorted(found)]
        sides[side] = list(stacked[0]) if len(stacked) == 1 and stacked[0].dim() == 5 else stacked
    assert sides["A"] and len(sides["A"]) == len(sides["B"]), f"no batches among {sorted(arrays)[:20]}"
    return list(zip(*([x.float() if x.shape[1] <= 4 else x.float().permute(0, 3, 1, 2) for x in sides[s]] for s in "AB"), strict=True))


def recorded_losses(arrays, facts, steps: int) -> dict[int, dict[str, float]]:
    """{step: {name: value}} from the JSON or the arrays."""
    found: dict[int, dict[str, float]] = {}

    def put(step, name, value):
        if 0 <= step < steps and name.removeprefix("loss_") in LOSSES:
            found.setdefault(step, {})[name.removeprefix("loss_")] = float(value)

    def walk(value, step):
        if isinstance(value, dict):
            for key, part in value.items():
                number = re.search(r"(\d+)$", key)
                if isinstance(part, int | float) and step is not None:
                    put(step, key, part)
                elif isinstance(part, list) and key.removeprefix("loss_") in LOSSES:
                    for i, x in enumerate(part):
                        put(i, key, x)
                else:
                    walk(part, int(number[1]) if number and step is None else step)
        elif isinstance(value, list) and all(isinstance(x, dict) for x in value):
            for i, part in enumerate(value):
                walk(part, i)

    walk(facts, None)
    for name, value in arrays.items():
        last = name.split("/")[-1]
        if last.removeprefix("loss_") in LOSSES and value.dim() == 1:
            for i, x in enumerate(value.tolist()):
                put(i, last, x)
        elif value.dim() == 0 and (number := re.search(r"(\d+)/", name)):
            put(int(number[1]), last, value)
    return found
