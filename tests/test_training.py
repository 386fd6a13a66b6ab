"""The training loop and its run folder: to the bit the same after a stop or a kill, several processes as one, clear ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from webcam_pix2pix import checkpoints
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.manifest import PAIRS, write_manifest
from webcam_pix2pix.model import find_models
from webcam_pix2pix.networks.resizing import ResizeKernel, unparametrized_weights
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.training import averaging, estimate, losses
from webcam_pix2pix.training.augment import augment
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.publish import publish, weights_in
from webcam_pix2pix.training.runs import state
from webcam_pix2pix.training.runs.runfolder import find_run, new_run, read_stats
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.presets import PRESETS, preset
from webcam_pix2pix.training.setup.specs import generator_spec
from webcam_pix2pix.training.trainer import Trainer

ENTRY = Path(__file__).parent.parent / "webcam-pix2pix.py"
SMALL = {"netG": "unet_64", "ngf": 4, "ndf": 4, "load_size": 70, "crop_size": 64, "num_threads": 0, "print_freq": 2, "n_samples": 2,
         "batch_size": 2, "n_epochs": 3, "n_epochs_decay": 1}
RANDOM = {"ema": 0.9, "diffaugment": "color,translation,cutout", "gan_mode": "wgangp", "lambda_feat": 1.0, "norm": "instance"}
RANK = f"""
import pathlib, runpy, sys
sys.path.insert(0, {str(ENTRY.parent)!r})
try:
    runpy.run_path({str(ENTRY)!r}, run_name="__main__")
finally:
    names = [path.read_text().strip() for path in pathlib.Path("/proc/self/task").glob("*/comm")]
    print("threads left:", [name for name in names if "gloo" in name], file=sys.stderr)
"""
RECIPE = Recipe().with_values({"EdgeDetection.blur_sigma": 1.3})


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """Small networks gain nothing from threads, and lose much on a busy machine; how long a step takes is told after one."""
    monkeypatch.setattr(estimate, "STEPS", 1)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_dataset(root: Path, train: int, val: int, size: int = 64, recipe: Recipe | None = RECIPE) -> Path:
    rng = np.random.default_rng(5)
    for phase, count in (("train", train), ("val", val)):
        (root / phase).mkdir(parents=True)
        for i in range(count):
            photo = np.full((size, size, 3), rng.integers(40, 215, 3), np.uint8)
            cv2.circle(photo, tuple(map(int, rng.integers(16, 48, 2))), 14, tuple(map(int, rng.integers(0, 255, 3))), -1)
            edges = cv2.cvtColor(cv2.Canny(photo, 40, 120), cv2.COLOR_GRAY2RGB)
            cv2.imwrite(str(root / phase / f"{i}.png"), np.hstack([edges, photo]))
    if recipe is not None:
        write_manifest(root, {"format": PAIRS, "version": 1, "recipe": recipe.to_json()}, {})
    return root


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data") / "shapes", 6, 2)


class Quiet:
    """Follows a run and remembers what it was told."""

    def __init__(self):
        self.notes, self.lines, self.moves, self.estimate = [], [], [], None

    def starts(self, run, estimate, remaining_steps):
        self.estimate = estimate

    def note(self, text):
        self.notes.append(text)

    def moved(self, steps):
        self.moves.append(steps)

    def line(self, stats, remaining_s):
        self.lines.append(stats)


def start(dataset, runs, name, **values):
    options = Options().with_values(SMALL | values)
    run = new_run(runs, name)
    run.create(dataset, options, None)
    return run, options


def trained(dataset, runs, name, should_stop=lambda: False, **values):
    run, options = start(dataset, runs, name, **values)
    return run, train(dataset, run, options, Quiet(), should_stop)


def networks_of(run) -> dict[str, torch.Tensor]:
    stored = torch.load(run.latest, weights_only=True)["networks"]
    return {f"{net}.{key}": value for net in ("generator", "discriminator", "shown") for key, value in (stored[net] or {}).items()}


def assert_same(a, b):
    different = [key for key, value in networks_of(a).items() if not torch.equal(value, networks_of(b)[key])]
    assert not different


def arguments(dataset, tmp_path, name, **values):
    options = [text for key, value in (SMALL | values).items() for text in (f"--{key}", str(value))]
    return ["train", str(dataset), "--name", name, "--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "models"), *options]


def test_run_folder_and_model(dataset, tmp_path, capsys):
    assert main(arguments(dataset, tmp_path, "shapes", save_epoch_freq=1, keep_last=2)) == 0
    printed = capsys.readouterr().out
    assert "time: about" in printed and "memory: about" in printed and "epoch 1/4 1/3" in printed
    run = find_run(tmp_path / "runs", "shapes")
    assert run.path.name == "00000-shapes"
    assert json.loads((run.path / "manifest.json").read_text())["recipe"] == RECIPE.to_json()
    assert [p.name for p in run.kept_checkpoints()] == ["epoch_0003.pt", "epoch_0004.pt"] and run.best.is_file()
    assert sorted(p.name for p in run.samples.iterdir()) == [f"epoch_{i:04d}.png" for i in range(5)]
    assert list(run.path.glob("events.out.tfevents.*")) and not list(run.path.rglob("*.part"))
    page = run.page.read_text()
    assert "samples/epoch_0004.png" in page and "<svg" in page and "lambda_L1" in page and "http" not in page.replace("http-equiv", "")
    stats = read_stats(run.stats_file)
    assert {"G_GAN", "G_L1", "D_real", "D_fake", "images_per_s", "lr"} <= set(stats[0])
    assert len([line for line in stats if "val_L1" in line]) == 4

    model, = find_models([tmp_path / "models"])
    assert model.name == "shapes" and model.recipe == RECIPE and model.thumbnail.is_file() and model.input.shape == (64, 64, 3)
    loaded = checkpoints.load(model)
    assert checkpoints.load(run.generator).spec.ngf == 4  # the other program's layout
    for key, value in torch.load(run.generator, weights_only=True).items():
        assert torch.equal(value, loaded.state[key])
    assert all(torch.equal(value, weights_in(run.latest, loaded.spec)[key]) for key, value in loaded.state.items())

    assert main(arguments(dataset, tmp_path, "shapes", save_epoch_freq=1, keep_last=2)) == 0
    assert "finished after 4 epochs" in capsys.readouterr().out
    assert main(["train", "--resume", str(run.path), "--n_epochs", "4", "--models", str(tmp_path / "models")]) == 0
    assert "epoch 5/5" in capsys.readouterr().out
    assert main(arguments(dataset, tmp_path, "shapes", n_epochs=4, ngf=8)) == 2
    assert capsys.readouterr().err.strip().endswith("--ngf 8: " + str(run.path) + " was started with 4; use another --name or --new")


def test_model_of_another_run_is_left_alone(dataset, tmp_path):
    runs = [trained(dataset, tmp_path, name, n_epochs=1, n_epochs_decay=0, seed=seed)[0] for seed, name in enumerate(["a", "a"])]
    first, second, again = (publish(run, tmp_path / "models") for run in (runs[0], runs[1], runs[0]))
    assert (first.name, second.name, again) == ("a.json", "a-00001.json", first)


def test_killed_and_resumed_is_the_same_to_the_bit(dataset, tmp_path):
    values = {**RANDOM, "n_epochs": 12, "save_latest_freq": 10, "val_freq": 12}
    whole, _ = trained(dataset, tmp_path / "whole", "x", **values)
    command = [sys.executable, str(ENTRY), *arguments(dataset, tmp_path, "x", **values)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    until = time.monotonic() + 60
    while not (run := find_run(tmp_path / "runs", "x")) or not run.latest.is_file():
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    position = torch.load(run.latest, weights_only=True)["progress"]
    assert not run.finished_file.exists() and position["position"] > 0  # in the middle of an epoch
    (run.path / "left.part").write_text("half wri")
    assert train(dataset, run, run.read_options()[1], Quiet())
    assert_same(run, whole)
    assert not list(run.path.rglob("*.part"))
    seen = [line["samples"] for line in read_stats(run.stats_file)]
    assert seen == sorted(seen) and len(seen) == len(read_stats(whole.stats_file))


def test_stopped_continued_and_extended(dataset, tmp_path):
    whole, _ = trained(dataset, tmp_path, "whole", n_epochs=4, lr_policy="step")
    steps = iter(range(100))
    run, finished = trained(dataset, tmp_path, "parts", lambda: next(steps) == 4, lr_policy="step")  # after the fifth step
    assert not finished and not run.finished_file.exists()
    assert train(dataset, run, run.read_options()[1], Quiet()) and run.finished_epochs() == 4
    options = run.read_options()[1].with_values({"n_epochs": 4})
    assert train(dataset, run, options, Quiet()) and run.finished_epochs() == 5
    assert [line["epoch"] for line in read_stats(run.stats_file) if "val_L1" in line] == [1, 2, 3, 4, 5]
    assert_same(run, whole)


def test_stop_file_and_pause_file(dataset, tmp_path):
    run, options = start(dataset, tmp_path, "x")

    class Stopper(Quiet):
        def line(self, stats, remaining_s):
            super().line(stats, remaining_s)
            run.pause_file.touch()
            run.stop_file.touch()

    monitor = Stopper()
    assert not train(dataset, run, options, monitor)
    assert len(monitor.lines) == 1 and run.latest.is_file()


def test_two_processes_are_as_good_as_one(dataset, tmp_path):
    """The rate is low because Adam turns the rounding of sums in another order into steps of the size of the rate: at a usual rate one
    process with the images of each batch swapped leaves itself just as far behind."""
    values = {"lr": 1e-5, "n_epochs": 7, "n_epochs_decay": 0, "val_freq": 7, "sample_freq": 7, "print_freq": 2}  # 21 steps, with dropout
    whole, _ = trained(dataset, tmp_path / "whole", "x", **values)
    (tmp_path / "rank.py").write_text(RANK)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", str(tmp_path / "rank.py"),
               *arguments(dataset, tmp_path, "x", **values, batch_size=1)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("threads left: []") == 2  # one of gloo would end the process by SIGABRT now and then
    run = find_run(tmp_path / "runs", "x")
    assert done.stdout.count("epoch 7/7 3/3") == 1  # only the first process speaks
    expected = networks_of(whole)
    assert max((value.float() - expected[key].float()).abs().max() for key, value in networks_of(run).items()) < 1e-4
    ours, theirs = ([line for line in read_stats(r.stats_file) if "G_L1" in line] for r in (run, whole))
    assert len(ours) == len(theirs) == 21
    losses = [name for name in theirs[0] if name.startswith(("G_", "D_"))]
    assert all(a[name] == pytest.approx(b[name], rel=1e-4) for a, b in zip(ours, theirs, strict=True) for name in losses)


def test_overfits(tmp_path):
    dataset = make_dataset(tmp_path / "few", 4, 1)
    run, _ = trained(dataset, tmp_path, "x", n_epochs=60, no_flip=True, no_dropout=True, load_size=64, ngf=8, lr=0.002,
                     val_freq=60, sample_freq=60)
    values = [line["G_L1"] for line in read_stats(run.stats_file) if "G_L1" in line]
    assert np.mean(values[-4:]) < 0.5 * values[0]


def test_losses_that_are_no_numbers_stop_the_run(dataset, tmp_path):
    run, options = start(dataset, tmp_path, "x", n_epochs=40, save_latest_freq=2)
    assert not train(dataset, run, options, Quiet(), run.latest.is_file)
    stored = torch.load(run.latest, weights_only=True)
    stored["networks"]["generator"]["model.model.3.bias"].fill_(torch.nan)
    torch.save(stored, run.latest)
    before = run.latest.read_bytes()
    with pytest.raises(ValueError, match="no longer a number: the last good checkpoint is kept; try a lower --lr"):
        train(dataset, run, options, Quiet())
    assert run.latest.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as Unix does")
def test_a_write_that_fails_keeps_what_was_there(tmp_path):
    import resource
    state.save({"x": torch.ones(3)}, tmp_path / "latest.pt")
    before, limits = (tmp_path / "latest.pt").read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"latest.pt: cannot be written: .*what was saved before is kept"):
            state.save({"x": torch.ones(1_000_000)}, tmp_path / "latest.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert [p.name for p in tmp_path.iterdir()] == ["latest.pt"] and (tmp_path / "latest.pt").read_bytes() == before


@pytest.mark.parametrize("what", ["missing", "empty", "no train", "mixed", "size", "shape", "option", "preset", "name"])
def test_bad_input_is_one_line(what, dataset, tmp_path, capsys):
    values, folder, extra, code = {}, tmp_path / "data", [], 1
    if what == "empty":
        (folder / "train").mkdir(parents=True)
    elif what == "no train":
        folder.mkdir()
    elif what == "mixed":
        make_dataset(folder, 3, 1)
        cv2.imwrite(str(folder / "train" / "1.png"), np.zeros((128, 128, 3), np.uint8))
        values = {"preprocess": "none", "batch_size": 3}
    elif what == "shape":
        make_dataset(folder, 3, 1, size=72)
        values, code = {"preprocess": "none"}, 2
    elif what != "missing":
        folder = dataset
        values = {"size": {"crop_size": 60}, "option": {"lr": "fast"}}.get(what, {})
        extra = ["--preset", "best"] if what == "preset" else []
        code = 2
    command = arguments(folder, tmp_path, "a/b" if what == "name" else "x", **values) + extra
    try:
        assert main(command) == code
        error = capsys.readouterr().err.strip()
        assert "\n" not in error
    except SystemExit as end:
        assert end.code == 2
        error = capsys.readouterr().err
    expected = {"missing": "no such dataset folder", "empty": "no image in it", "no train": "no such folder",
                "mixed": "expected one size", "size": "needs a multiple of 64",
                "shape": "--preprocess none: gives images of 72x72, --netG unet_64 needs multiples of 64",
                "option": "--lr: 'fast' is not a number",
                "preset": "invalid choice", "name": "expected letters"}
    assert expected[what] in error and "Traceback" not in error
    if what != "mixed":  # which is found while training
        assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("workers", [0, 1])
def test_damaged_pairs_are_named_and_left_out(workers, tmp_path, capsys):
    folder = make_dataset(tmp_path / "data", 4, 2)
    (folder / "train" / "1.png").write_bytes(b"not an image")
    (folder / "val" / "0.png").write_bytes(b"")
    assert main(arguments(folder, tmp_path, "x", num_threads=workers, n_epochs=2)) == 0
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("left out: ")]
    assert sorted(printed) == [f"left out: {folder / 'train' / '1.png'}: not an image",
                            f"left out: {folder / 'val' / '0.png'}: empty file, expected an image"]
    (folder / "val" / "1.png").write_bytes(b"")
    assert main(arguments(folder, tmp_path, "x", num_threads=workers, n_epochs=3)) == 0
    assert "not validated" in capsys.readouterr().out
    for path in (folder / "train").iterdir():
        path.write_bytes(b"")
    assert main(arguments(folder, tmp_path, "y", num_threads=workers)) == 1
    assert "empty file" in capsys.readouterr().err


def test_a_model_of_the_same_name_from_another_project_is_left_alone(dataset, tmp_path):
    descriptors = []
    for project in ("a", "b", "c", "a"):
        runs = tmp_path / project / "runs"
        run = find_run(runs, "faces") or trained(dataset, runs, "faces", n_epochs=1, n_epochs_decay=0)[0]
        descriptors.append(publish(run, tmp_path / "models"))
    assert [p.stem for p in descriptors] == ["faces", "faces-00000", "faces-00000-2", "faces"]


def test_a_run_is_trained_by_one_process_at_a_time(dataset, tmp_path):
    run, options = start(dataset, tmp_path, "x")

    class Second(Quiet):
        def line(self, stats, remaining_s):
            super().line(stats, remaining_s)
            command = [sys.executable, str(ENTRY), "train", "--resume", str(run.path)]
            self.done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
            run.stop_file.touch()

    monitor = Second()
    assert not train(dataset, run, options, monitor)
    assert monitor.done.returncode == 1 and f"{run.path}: is being trained by another process" in monitor.done.stderr
    assert len(monitor.done.stderr.strip().splitlines()) == 1 and run.latest.is_file()


def test_a_run_begun_in_full_precision_continues_in_half():
    options = Options().with_values(SMALL)
    trainer = Trainer(options, generator_spec(options), torch.device("cpu"))
    stored = trainer.state()
    assert stored["scaler"] == {}
    trainer.scaler = torch.amp.GradScaler("cpu", enabled=True)
    trainer.load_state(stored)


def test_a_checkpoint_linked_to_itself_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "latest.pt").write_bytes(b"x")
    for _ in range(2):
        state.link(tmp_path / "latest.pt", tmp_path / "best.pt")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["best.pt", "latest.pt"]


def test_remarks_on_poor_data(tmp_path):
    dataset = make_dataset(tmp_path / "poor", 1, 0, recipe=None)
    run, options = start(dataset, tmp_path, "x", n_epochs=1, n_epochs_decay=0)
    monitor = Quiet()
    assert train(dataset, run, options, monitor)
    assert [any(text in note for note in monitor.notes) for text in ("only one pair", "no recipe", "nothing to validate on")] == [True] * 3
    assert monitor.estimate.steps == 1 and monitor.estimate.memory > 0


def test_fine_tune(dataset, tmp_path):
    base, _ = trained(dataset, tmp_path, "base", n_epochs=1, n_epochs_decay=0)
    run, _ = trained(dataset, tmp_path, "more", n_epochs=1, n_epochs_decay=0, lr=0.0, init_from=str(base.generator), norm="batch")
    tuned = torch.load(run.generator, weights_only=True)
    started = torch.load(base.generator, weights_only=True)
    assert all(torch.equal(tuned[key], started[key]) for key in started if "weight" in key)
    base.generator.unlink()  # is not needed to go on
    assert train(dataset, run, run.read_options()[1].with_values({"n_epochs": 2}), Quiet())


def test_presets_and_options():
    for name in PRESETS:
        options = preset(name)
        assert Options.from_json(json.loads(json.dumps(options.to_json())), "x") == options
    classic = preset("classic")
    assert (classic.ngf, classic.lambda_L1, classic.lr, classic.beta1, classic.n_epochs) == (64, 100, 2e-4, 0.5, 100)
    with pytest.raises(ValueError, match="--gan_mode: 'hinge' is not one of vanilla, lsgan, wgangp"):
        Options().with_values({"gan_mode": "hinge"})
    with pytest.raises(ValueError, match="--load_size 100: smaller than --crop_size 256"):
        Options().with_values({"load_size": 100})
    with pytest.raises(ValueError, match="'mosaic' is not one of color, translation, cutout"):
        Options().with_values({"diffaugment": "color,mosaic"})


@pytest.mark.parametrize("name", ["live", "quality"])
def test_presets_step_and_export(name):
    options = preset(name).with_values({"netG": "unet_64", "ngf": 4, "ndf": 4, "batch_size": 2, "ema": 0.5})
    torch.manual_seed(0)
    trainer = Trainer(options, generator_spec(options), torch.device("cpu"))
    for _ in range(2):
        found = trainer.step(*torch.rand(2, 2, 3, 64, 64))
    assert all(torch.isfinite(value) for value in found.values()) and "G_feat" in found
    x = torch.rand(1, 3, 64, 64)
    net = trainer.shown_generator("eval")
    net.load_state_dict(unparametrized_weights(trainer.G))
    trainer.G.eval()
    assert torch.allclose(net(x), trainer.G(x), atol=1e-5)


def test_resize_kernel_is_nearest_and_a_convolution():
    x, kernel = torch.rand(2, 5, 7, 6), torch.randn(5, 4, 3, 3)
    grown = F.conv_transpose2d(x, ResizeKernel()(kernel), stride=2, padding=1)
    resized = F.conv2d(F.interpolate(x, scale_factor=2.0), kernel.transpose(0, 1).flip(2, 3), padding=1)
    assert torch.allclose(grown, resized, atol=1e-5)
    assert torch.allclose(ResizeKernel().right_inverse(ResizeKernel()(kernel)), kernel, atol=1e-5)


def test_gradient_penalty_and_augmentation():
    slope = torch.tensor([3.0, 4.0])
    penalty = losses.gradient_penalty(lambda x: (x * slope.view(1, 2, 1, 1)).sum((2, 3)), torch.rand(4, 2, 1, 1), torch.rand(4, 2, 1, 1),
                                      torch.rand(4, 1, 1, 1))
    assert penalty.item() == pytest.approx((5 - 1) ** 2, rel=1e-5)
    pair = torch.rand(3, 6, 16, 16, requires_grad=True)
    for policy in ("", "color", "translation", "cutout", "color,translation,cutout"):
        changed = augment(pair, policy, torch.rand)
        assert changed.shape == pair.shape and torch.equal(changed, pair) == (policy == "")
    still = augment(pair, "translation", lambda *shape: torch.full(shape, 0.5))
    assert torch.equal(still, pair)
    moved = augment(pair, "translation", lambda *shape: torch.ones(shape))
    assert torch.equal(moved[:, :, :-2, :-2], pair[:, :, 2:, 2:]) and not moved[:, :, -2:].any()


def test_the_average_of_epochs_is_kept_only_where_it_is_better(dataset, tmp_path, capsys):
    values = {"average": 3, "n_epochs": 3, "n_epochs_decay": 1, "no_dropout": True, "lr": 0.002}
    whole, _ = trained(dataset, tmp_path, "whole", **values)
    assert sorted(p.name for p in whole.averages.iterdir()) == ["epoch_0002.pt", "epoch_0003.pt", "epoch_0004.pt"]
    calls = iter(range(100))
    stopped, finished = trained(dataset, tmp_path, "stopped", lambda: next(calls) == 7, **values)
    assert not finished and train(dataset, stopped, stopped.read_options()[1], Quiet())
    for path in (Path("averages/epoch_0003.pt"), Path("latest_net_G.pth")):
        one, other = (torch.load(run.path / path, weights_only=True) for run in (whole, stopped))
        one, other = (x.get("weights", x) for x in (one, other))
        assert all(torch.equal(value, other[key]) for key, value in one.items())

    spec, key = generator_spec(whole.read_options()[1]), "model.model.0.weight"
    target = weights_in(whole.latest, spec)
    for epoch, off in ((2, -1.0), (3, 5.0), (4, 1.2)):
        state.save({"weights": {**target, key: target[key] + off}}, whole.averages / f"epoch_{epoch:04d}.pt")

    def judge(net):
        return (net.state_dict()[key] - target[key]).abs().mean().item()

    last = state.load(whole.averages / "epoch_0004.pt")["weights"]
    found, text = averaging.average(whole, spec, last, 4, judge, "eval")
    assert torch.allclose(found[key], target[key] + 0.1, atol=1e-6)
    assert text == "average of epochs 2, 4: validation L1 0.1000 instead of 1.2000, so it is the model"
    assert averaging.average(whole, spec, target, 4, judge, "eval") == (
        None, "average of epochs: none of 3 is better than the last one (validation L1 0.0000)")
    command = ["train", "--resume", str(whole.path), "--models", str(tmp_path / "models"), "--average", "2"]
    assert main(command) == 0 and "average of epochs" in capsys.readouterr().out
    assert main(command[:-2]) == 0 and "finished after 4 epochs" in capsys.readouterr().out
