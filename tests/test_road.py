"""From photographs to stage with weights of every other program, and the ways there that only a real process shows."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from footage import steady, write_film
from foreign_files import (
    affinelayer_arrays,
    cciauto_layers,
    cryer_state,
    tf2_arrays,
    write_bundle,
    write_mindspore,
    write_pict,
)

from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import read_model
from webcam_pix2pix.training.runs import report
from webcam_pix2pix.training.runs.runfolder import find_run

ENTRY = Path(__file__).parent.parent / "webcam-pix2pix.py"
TINY = ["--ndf", "4", "--num_threads", "0", "--n_epochs", "1", "--n_epochs_decay", "0", "--n_samples", "1", "--crop_size", "64",
        "--load_size", "70", "--device", "cpu"]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def command(*words: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess:
    """The program in a process of its own."""
    done = subprocess.run([sys.executable, str(ENTRY), *map(str, words)], capture_output=True, text=True, cwd=cwd, timeout=240,
                          env=os.environ | {"OMP_NUM_THREADS": "1", "WEBCAM_PIX2PIX_MODELS": str(cwd / "models")})
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def foreign(kind: str, folder: Path) -> Path:
    """A small generator as another program would have saved it."""
    folder.mkdir()
    if kind == "junyanz":
        net = networks.init_weights(networks.build(networks.UNet(depth=4, ngf=3, dropout=False)))
        torch.save(net.state_dict(), folder / "latest_net_G.pth")
        return folder / "latest_net_G.pth"
    if kind == "affinelayer":
        return write_bundle(folder / "model-7", affinelayer_arrays("A"))
    if kind == "pict":
        shapes = {name: array.shape for name, array in affinelayer_arrays("B").items()
                  if name.startswith("generator/") and "Adam" not in name}
        write_pict(folder / "net.pict", shapes)
        return folder / "net.pict"
    if kind == "cryer":
        torch.save(cryer_state(), folder / "netG.pth")
        return folder / "netG.pth"
    if kind == "cci-auto":
        return write_bundle(folder / "ckpt-3", tf2_arrays(cciauto_layers(channels=(3, 3))))
    net = networks.init_weights(networks.build(networks.UNet(depth=4, ngf=3)))
    write_mindspore(folder / "netG.ckpt", net.state_dict())
    return folder / "netG.ckpt"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Frames of a film, made into pairs by the commands."""
    root = tmp_path_factory.mktemp("road")
    film = write_film(root / "film.mkv", steady(20, 10))
    assert main(["frames", str(film), str(root / "photos"), "--count", "5", "--workers", "1"]) == 0
    assert main(["prepare", str(root / "photos"), str(root / "pairs"), "--size", "64", "--split", "60,20,20", "--split-by", "random",
                 "--workers", "1"]) == 0
    return root / "pairs"


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A dataset as facades is published: the photograph on the left, what it is painted from on the right; 128x64 each."""
    root = tmp_path_factory.mktemp("published") / "facades"
    rng = np.random.default_rng(0)
    for phase, count in (("train", 4), ("test", 2)):
        (root / phase).mkdir(parents=True)
        for i in range(count):
            labels = np.zeros((64, 128, 3), np.uint8)
            cv2.circle(labels, (int(rng.integers(20, 100)), 32), 16, (255, 255, 255), -1)
            photo = np.where(labels > 0, (40, 180, 90), (200, 60, 30)).astype(np.uint8)
            cv2.imwrite(str(root / phase / f"{i}.png"), np.hstack([photo, labels]))
    return root


@pytest.mark.parametrize("kind", ["junyanz", "affinelayer", "pict", "cryer", "cci-auto", "mindspore"])
def test_from_photographs_to_stage_with_weights_of(kind, dataset, tmp_path, capsys):
    start = foreign(kind, tmp_path / "start")
    began = checkpoints.load(start)
    runs, models = tmp_path / "runs", tmp_path / "models"
    words = ["train", str(dataset), "--name", "own", "--init_from", str(start), "--runs", str(runs), "--models", str(models), *TINY]
    assert main(words) == 0
    run, model = find_run(runs, "own"), models / "own.json"
    trained, published = checkpoints.load(read_model(run.path)), checkpoints.load(read_model(model))
    assert trained.spec == published.spec and trained.spec.order == began.spec.order
    assert all(torch.equal(value, published.state[name]) for name, value in trained.state.items())
    assert any(not torch.equal(value, began.state[name]) for name, value in trained.state.items())
    assert main(words) == 0  # finished: says so, and the model is there
    assert "finished after 1 epoch" in capsys.readouterr().out
    assert main([*words, "--n_epochs", "2"]) == 0 and main(["models", "info", str(run.path)]) == 0
    assert main(["test", str(run.path), str(dataset), "--output", str(tmp_path / "results"), "--device", "cpu"]) == 0
    assert json.loads((tmp_path / "results" / "metrics.json").read_text())["direction"] == "AtoB"
    photo = next((dataset.parent / "photos").glob("*.png"))
    stage = ["live", "--headless", "--source", str(photo), "--model", str(model), "--frames", "2", "--device", "cpu", "--precision", "fp32"]
    assert main([*stage, "--snapshot", str(tmp_path / "painted.png")]) == 0
    assert cv2.imread(str(tmp_path / "painted.png")).std() > 0
    assert main(["export", "--model", str(model), "--output", str(tmp_path / "own.safetensors")]) == 0
    again = checkpoints.load(tmp_path / "own.safetensors")
    assert all(torch.equal(value, again.state[name]) for name, value in checkpoints.load(read_model(model)).state.items())


def test_a_run_reads_back_what_it_writes_before_the_first_step(dataset, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("webcam_pix2pix.training.publish.safetensors.same", lambda one, other: False)
    words = ["train", str(dataset), "--name", "x", "--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "models")]
    assert main([*words, "--netG", "unet_64", "--ngf", "4", *TINY]) == 1
    assert "does not read back" in capsys.readouterr().err
    run = find_run(tmp_path / "runs", "x")
    assert not run.stats_file.exists() or not run.stats_file.read_text()


def test_the_folder_of_models_is_tried_before_the_first_step(dataset, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    words = ["train", str(dataset), "--name", "x", "--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "taken" / "models"), *TINY]
    assert main(words) == 1
    assert "--models DIR" in capsys.readouterr().err and not (tmp_path / "runs").exists()


def test_the_classic_command_line_does_what_its_user_means(published, tmp_path, monkeypatch):
    classic = ["--dataroot", published, "--name", "N", "--model", "pix2pix", "--direction", "BtoA", "--gpu_ids", "-1"]
    options = ["--netG", "unet_64", "--ngf", "8", "--crop_size", "128x64", "--load_size", "128x64", "--no_flip", "--n_epochs", "6",
               "--n_epochs_decay", "0", "--lr", "0.002", "--num_threads", "0", "--display_id", "0", "--no_html"]
    done = command("train", *classic, *options, cwd=tmp_path)
    assert "--display_id: there is no visdom here" in done.stderr and not (tmp_path / "pix2pix").exists()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(tmp_path / "models"))
    assert main([*map(str, ["train", *classic, *options]), "--continue_train"]) == 0  # the same again: finished
    run = find_run(tmp_path / "runs", "N")
    model = read_model(run.path)
    assert model.direction == "BtoA" and model.input.shape == model.output.shape == (64, 128, 3)
    printed = json.loads(command("test", "--dataroot", published, "--name", "N", "--model", "pix2pix", "--json", cwd=tmp_path).stdout)
    assert printed["direction"] == "BtoA" and printed["mean"]["L1"] < 0.3
    page = Path(tmp_path / printed["page"])
    assert cv2.imread(str(page.parent / "images" / "0_input.png")).shape == (64, 128, 3)
    assert main(["test", str(run.path), str(published), "--direction", "AtoB", "--output", str(tmp_path / "wrong"), "--device", "cpu"]) == 0
    assert json.loads((tmp_path / "wrong" / "metrics.json").read_text())["mean"]["L1"] > 2 * printed["mean"]["L1"]
    stage = ["live", "--headless", "--source", "test", "--frames", "1", "--model", str(tmp_path / "models" / "N.json"), "--device", "cpu"]
    assert main([*stage, "--snapshot", str(tmp_path / "wide.png"), "--precision", "fp32"]) == 0
    assert cv2.imread(str(tmp_path / "wide.png")).shape == (64, 128, 3)
    assert main(["export", "--model", str(run.path), "--output", str(tmp_path / "wide.pt")]) == 0
    assert torch.jit.load(str(tmp_path / "wide.pt"))(torch.zeros(1, 3, 64, 128)).shape == (1, 3, 64, 128)


@pytest.mark.parametrize(("words", "message"), [
    (["train", "D", "--mod", "pix2pix"], "--mod: no such option; did you mean --model"),
    (["train", "D", "--model", "cycle_gan"], "only pix2pix"), (["train", "D", "--dataset_mode", "unaligned"], "only aligned"),
    (["train", "D", "--gpu_ids", "0,1"], "torchrun --nproc_per_node=2"), (["train", "D", "--niter", "5"], "is called --n_epochs here"),
    (["train", "D", "--which_direction", "BtoA"], "is called --direction here"),
    (["train", "D", "--crop_size", "0x64"], "--crop_size 0x64"),
    (["train", "D", "--no-no_dropout"], "no such option"), (["train", "D", "--continue_train"], "there is no run D in runs"),
    (["test", "M", "D", "extra"], "extra: not expected"), (["predict", "--inp", "x", "--output", "y", "--input", "z"], "--inp: no such")])
def test_options_are_understood_or_one_line_says_what_stands_for_them(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "D" / "train").mkdir(parents=True)
    try:
        code = main(words)
    except SystemExit as end:
        code = end.code
    error = capsys.readouterr().err
    assert code == 2 and message in error and error.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["D"]


@pytest.mark.parametrize("side", ["input-left", "input-right"])
def test_where_the_input_is_and_where_it_goes(side, published, tmp_path):
    command("prepare", published, "out", "--input-is", "right", "--side", side, "--size", "128x64", "--workers", "1", "--check",
            cwd=tmp_path)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["direction"] == ("AtoB" if side == "input-left" else "BtoA")
    from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
    pair = PairDataset(tmp_path / "out", "train", direction="", load_size=(64, 128), crop_size=(64, 128), flip=False)[0]
    assert set(torch.unique(pair["A"]).tolist()) <= {-1.0, 1.0} and len(torch.unique(pair["B"])) > 2  # painted from the labels
    page = (tmp_path / "out" / "check.html").read_text()
    first = page[page.index("First pairs"):]
    assert first.index("<figcaption>input<") < first.index("<figcaption>target<")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_the_page_of_a_run_that_was_killed_or_stopped_says_so(published, tmp_path):
    words = ["train", published, "--name", "x", "--netG", "unet_64", "--ngf", "4", *TINY, "--n_epochs", "100000", "--print_freq", "1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "WEBCAM_PIX2PIX_MODELS": str(tmp_path / "models")}
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen([sys.executable, str(ENTRY), *map(str, words)], cwd=tmp_path, env=environment, stdout=subprocess.PIPE,
                                   text=True)
        printed = ""
        while "epoch" not in printed:
            printed = process.stdout.readline()
            assert printed, "ended too early"
        process.send_signal(number)
        said = process.communicate(timeout=60)[0]
        page = find_run(tmp_path / "runs", "x").page.read_text()
        if number == signal.SIGKILL:
            assert ">in training at 2" in page and "so it was stopped or killed" in page
            due = int(re.search(r"DUE = (\d+);", page)[1]) / 1000
            assert time.time() < due < time.time() + 600 and report.STALE_SCRIPT in page
        else:
            assert process.returncode == 130 and ">stopped and saved at 2" in page and "DUE" not in page
            assert f"To go on: python {ENTRY} train" in said and "--n_epochs 100000" in said


def test_the_page_notices_by_itself_that_nobody_writes_it_any_more(qapp):
    engine = pytest.importorskip("PySide6.QtQml").QJSEngine()
    stage = "var shown = {textContent: 'in training', dataset: {late: 'not in training'}}; var document = {getElementById: () => shown};"
    for due, expected in ((4e12, "in training"), (1.0, "not in training")):
        result = engine.evaluate(f"(function () {{ {stage} const DUE = {due}; {report.STALE_SCRIPT}; return shown.textContent; }})()")
        assert result.toString() == expected


def test_a_snapshot_is_a_preset_on_the_command_line_too(small_model, tmp_path):
    options = ["--set", "Capture.Processing.canny=true", "--set", "Capture.Processing.canny_t1=33", "--set", "Prediction.enabled=false"]
    live = ["live", "--headless", "--source", "test", "--frames", "1", "--model", str(small_model), "--precision", "fp32", "--snapshot"]
    assert main([*live, str(tmp_path / "a.png"), *options]) == 0
    assert main([*live, str(tmp_path / "b.png"), "--preset", str(tmp_path / "a.png")]) == 0
    assert np.array_equal(cv2.imread(str(tmp_path / "a.png")), cv2.imread(str(tmp_path / "b.png")))
    from webcam_pix2pix.sinks import read_snapshot
    assert read_snapshot(tmp_path / "b.png")["settings"]["Capture.Processing.canny_t1"] == 33
    cv2.imwrite(str(tmp_path / "plain.png"), np.zeros((4, 4, 3), np.uint8))
    assert main([*live, str(tmp_path / "c.png"), "--preset", str(tmp_path / "plain.png")]) == 2


def test_one_candidate_of_going_on_and_one_code_for_a_part(small_model, tmp_path, capsys):
    film = write_film(tmp_path / "film.mkv", steady(20, 10))
    late = command("frames", film, "late", "--start", "1:00", cwd=tmp_path, code=2)
    assert "the film is 2.0 s long" in late.stderr and late.stderr.count("\n") == 1 and not (tmp_path / "late").exists()
    for _ in range(2):  # the same again: nothing to do
        command("frames", film, "images", "--count", "3", "--workers", "1", cwd=tmp_path)
        command("prepare", "images", "pairs", "--size", "64", "--workers", "1", cwd=tmp_path)
    (tmp_path / "images" / "deep").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "deep" / "x.png"), np.zeros((64, 64, 3), np.uint8))
    (tmp_path / "images" / "deep" / "broken.png").write_text("no image")
    printed = command("--json", "predict", "--model", small_model, "--input", "images", "--output", "painted", "--raw", cwd=tmp_path,
                      code=3)
    assert json.loads(printed.stdout)["done"] == 4 and (tmp_path / "painted" / "deep" / "x.png").is_file()
    assert len(list((tmp_path / "painted").rglob("*.png"))) == 4
    quiet = command("frames", film, "more", "--count", "2", "-q", "--workers", "1", cwd=tmp_path)
    assert quiet.stdout == quiet.stderr == ""
    for words in (["--json", "-v", "models", "info"], ["models", "--json", "info", "-v"], ["models", "info", "--json"]):
        assert main([*words, str(small_model)]) == 0
        assert json.loads(capsys.readouterr().out)["input"].startswith("64x64")


def test_completion_is_printed_for_every_command(tmp_path):
    pytest.importorskip("shtab")
    done = command("--print-completion", "bash", cwd=tmp_path)
    assert "--netG" in done.stdout and "make_model" in done.stdout.replace("-", "_")
