"""Descriptors, ours and the original application's; finding models; what is refused and how it says so."""

import json
from dataclasses import replace

import cv2
import foreign_files as foreign
import numpy as np
import pytest
import torch

from msa.images import read_image
from webcam_pix2pix import checkpoints, model
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import DEFAULT_MODEL, ModelInfo, Port, find_models, read_model, resolve_model, write_descriptor
from webcam_pix2pix.networks import UNet, build
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.specs import to_json

MEMO = {"name": "gart_canny", "ckpt_path": "./models/gart", "input": {"shape": [16, 32, 3], "range": [-1.0, 1.0], "opname": "generator/in"},
        "output": {"shape": [16, 32, 3], "range": [-1.0, 1.0], "opname": "generator/out"}}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A user's models folder with memo's model in it: a descriptor beside a folder."""
    models = tmp_path / "models"
    foreign.write_bundle(models / "gart" / "model-5", foreign.affinelayer_arrays())
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(models))
    return models


def write(folder, **changes):
    data = {key: value for key, value in (MEMO | changes).items() if value is not ...}
    (folder / "x.json").write_text(json.dumps(data))
    return folder / "x.json"


def test_a_folder_beside_us_does_not_hide_the_model_of_its_name(folder, tmp_path, monkeypatch):
    (tmp_path / "desert" / "train").mkdir(parents=True)  # the dataset
    monkeypatch.chdir(tmp_path)
    for name in ("desert", "desert v1.2"):
        path = write(folder).rename(folder / f"{name}.json")
        assert resolve_model(name).path == path
    with pytest.raises(ValueError, match="no checkpoint in this folder"):
        resolve_model("./desert")


def test_descriptor_of_the_original_application(folder):
    info = read_model(write(folder))
    assert info.name == "gart_canny" and info.weights.resolve() == (folder / "gart").resolve()
    assert info.input == Port((16, 32, 3), (-1.0, 1.0), "generator/in") and info.output.opname == "generator/out"
    assert info.recipe is None and info.format == "TensorFlow checkpoint"
    found = checkpoints.load(info)
    assert found.size == (16, 32) and found.norm_mode == "paper"
    assert checkpoints.complete(info, found).network == to_json(found.spec)
    assert read_model(write(folder, ckpt_path="gart/model-5")).weights == folder / "gart/model-5", "or relative to the descriptor"
    assert read_model(write(folder, input=..., output=...)).input is None, "what the weights tell need not be said"


@pytest.mark.parametrize(("changes", "message"), [
    ({"name": ...}, "x.json: name is missing"), ({"name": 3}, "x.json: name: 3"), ({"ckpt_path": ...}, "ckpt_path is missing"),
    ({"ckpt_path": "nothing"}, "ckpt_path: no checkpoint at 'nothing'"), ({"ckpt_path": "../../../etc/passwd"}, "leads out of"),
    ({"ckpt_path": "/etc/passwd"}, "leads out of"), ({"ckpt_path": "a\0b"}, "ckpt_path"), ({"ckpt_path": "..\\..\\secret"}, "leads out of"),
    ({"input": 3}, "input: 3"), ({"input": {"shape": "16x16"}}, "input.shape: '16x16'"),
    ({"input": {"shape": [16, 16]}}, "input.shape: [16, 16]"),
    ({"input": {"shape": [16.0, 16, 3]}}, "input.shape"), ({"input": {"shape": [True, 16, 3]}}, "input.shape"),
    ({"input": {"shape": [10 ** 30, 16, 3]}}, "input.shape"), ({"output": {"shape": [16, 32, 3], "range": [0, 0]}}, "output.range: [0, 0]"),
    ({"output": {"shape": [16, 32, 3], "range": [1, -1]}}, "output.range"),
    ({"input": {"shape": [16, 32, 3], "opname": 3}}, "input.opname"),
    ({"norm_mode": "train"}, "norm_mode: 'train'"), ({"network": {"type": "vit"}}, "network: type: 'vit'"),
    ({"recipe": {"EdgeDetection.tone": 7}}, "recipe: EdgeDetection.tone: 7"), ({"recipe": {"no": 1}}, "recipe: no"),
    ({"thumbnail": "../../x.png"}, "thumbnail"), ({"about": 4}, "about: 4")])
def test_each_mistake_names_file_and_key(folder, changes, message):
    with pytest.raises((ValueError, OSError), match=r"x\.json: ") as error:
        read_model(write(folder, **changes))
    assert message in str(error.value) and "\n" not in str(error.value) and len(str(error.value)) < 400


@pytest.mark.parametrize(("changes", "message"), [
    ({"input": {"shape": [16, 32, 1]}}, "input.shape: [16, 32, 1] does not fit the weights, expected 3 channels"),
    ({"input": {"shape": [20, 32, 3]}}, "multiples of 16"), ({"output": {"shape": [16, 32, 2]}}, "output.shape"),
    ({"output": {"shape": [32, 32, 3]}}, "output.shape: [32, 32, 3] is not the size of the input"),
    ({"network": to_json(UNet(3))}, "network: does not fit the weights"), ({"network": {"type": "patch"}}, "network: type: 'patch'")])
def test_descriptor_that_contradicts_the_weights(folder, changes, message):
    with pytest.raises(ValueError, match=r"x\.json: ") as error:
        checkpoints.load(write(folder, **changes))
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["", "name = x", "[]", "[" * 100_000, "{" * 9, '{"name": ' + "9" * 9000 + "}", "\xff\xfe"])
def test_what_is_no_json(folder, text):
    (folder / "x.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"x\.json: not a model descriptor"):
        read_model(folder / "x.json")


def test_links_do_not_lead_out(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="leads out of"):
        read_model(write(folder, ckpt_path="link"))


def test_our_descriptor_round_trip(tmp_path):
    spec = UNet(5, 2)
    weights, thumbnail = tmp_path / "m/weights.safetensors", tmp_path / "m/t.png"
    weights.parent.mkdir()
    safetensors.write(weights, spec, build(spec).state_dict())
    cv2.imwrite(str(thumbnail), np.zeros((4, 4, 3), np.uint8))
    recipe = Recipe.from_json({"EdgeDetection.tone": 0.5, "ranges": {"EdgeDetection.tone": [0.2, 0.9]}})
    info = ModelInfo("mine", tmp_path / "m.json", weights, Port((32, 64, 3), (0.0, 1.0), "a"), Port((32, 64, 3)), to_json(spec), "batch",
                     recipe, thumbnail, "über alles Öl", "safetensors")
    write_descriptor(info, info.path)
    assert read_model(info.path) == info
    with pytest.raises(ValueError, match="outside of the descriptor's folder"):
        write_descriptor(replace(info, weights=tmp_path.parent / "w"), info.path)


def test_models_are_found_and_broken_ones_reported(folder):
    write(folder)
    (folder / "broken.json").write_text("{}")
    torch.save(build(UNet(5, 1)).state_dict(), folder / "bare.pth")
    foreign.write_bundle(folder / "other" / "model-5", foreign.affinelayer_arrays())
    (folder / "notes.txt").write_text("no model")
    problems = []
    assert [info.name for info in find_models([folder, folder / "nowhere"], problems)] == ["bare", "gart_canny", "other"]
    assert len(problems) == 1 and "broken.json: ckpt_path is missing" in problems[0]
    assert resolve_model("gart_canny").path == folder / "x.json" and resolve_model("BARE").weights == folder / "bare.pth"
    assert resolve_model(str(folder / "gart")).format == "TensorFlow checkpoint"
    for name in ("nothing", "no/such.pth", "nothing.pth"):
        with pytest.raises(OSError, match=f"{name}: no such model"):
            resolve_model(name)


def test_default_model():
    info = resolve_model(DEFAULT_MODEL)
    assert info.path.parent == model.model_folders()[0] and info.weights.stat().st_size < 30e6 and info.about
    assert read_image(info.thumbnail).shape[0] <= 256
    found = checkpoints.load(info)
    assert found.norm_mode == "eval" and found.size == (256, 256) and found.recipe == info.recipe


def test_default_models_recipe_is_what_it_was_trained_with():
    """The recipe as its trainer had it, written out by hand."""
    recipe = resolve_model(DEFAULT_MODEL).recipe
    rng = np.random.default_rng(0)
    image = cv2.GaussianBlur(rng.integers(0, 256, (256, 256, 3), dtype=np.uint8), (0, 0), 4)
    image = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(grey, (0, 0), 0.8)
    across, down = (cv2.Sobel(blurred, cv2.CV_32F, *axis, ksize=3) / 4 for axis in ((1, 0), (0, 1)))
    lines = np.clip((np.hypot(across, down) - recipe.edges.soft_low) * recipe.edges.soft_gain, 0, 255)
    expected = np.maximum(lines[..., None], cv2.GaussianBlur(image, (0, 0), 5) * 0.58)
    result = preprocess(image, recipe.processing, recipe.edges).astype(float)
    assert 0.05 < (lines > 0).mean() < 0.95
    assert np.abs(result - expected).max() <= 1
    assert 6 <= recipe.edges.soft_gain <= 12 and 2 <= recipe.edges.soft_low <= 5  # as far as it was trained
    assert recipe.ranges["EdgeDetection.blur_sigma"] == (0.8, 1.4) and recipe.ranges["EdgeDetection.tone_blur"] == (4.0, 6.5)


def test_both_looks_fit_the_promise():
    """Two looks that run the same way, together at most 32 MB."""
    infos = [resolve_model(name) for name in ("oil_color", "oil_night")]
    assert sum(info.weights.stat().st_size for info in infos) <= 32e6
    for info in infos:
        card = (info.weights.parent / "README.md").read_text(encoding="utf-8")
        assert f"# {info.name}" in card and "public domain" in card and (info.weights.parent / "contact_sheet.jpg").is_file()
        found = checkpoints.load(info)
        assert found.norm_mode == "eval" and found.recipe == info.recipe and read_image(info.thumbnail).shape[0] <= 256


def test_models_commands(folder, capsys):
    write(folder)
    assert main(["models", "list"]) == 0
    assert "gart_canny" in (text := capsys.readouterr().out) and "oil_color (default)" in text
    assert main(["models", "info", str(folder / "x.json")]) == 0
    text = capsys.readouterr().out
    for part in ("pix2pix-tensorflow layout A", "U-Net, 4 levels, 3 filters", "32x16 RGB, -1 to 1", "multiples of 16", "paper:"):
        assert part in text
    assert main(["models", "import", str(folder / "gart"), "--name", "new one"]) == 0
    assert (folder / "new_one.json").is_file() and main(["models", "info", "new one"]) == 0
    capsys.readouterr()
    assert main(["models", "import", str(folder / "gart"), "--name", "oil_color"]) == 1  # would never be found: that one comes first
    assert "there is a model of that name" in capsys.readouterr().err
    assert main(["models", "import", str(folder / "gart"), "--name", "../out"]) == 2
    assert main(["models", "info", "nothing"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_run_folder_of_our_training_is_a_model(folder):
    write(folder, ckpt_path="gart").rename(folder / "model.json")
    assert read_model(folder).path == folder / "model.json" and checkpoints.load(folder).size == (16, 32)


def test_names_of_bare_checkpoints(tmp_path):
    run = tmp_path / "facades_label2photo" / "checkpoints"
    run.mkdir(parents=True)
    torch.save(build(UNet(5, 1)).state_dict(), run / "latest_net_G.pth")
    assert read_model(run / "latest_net_G.pth").name == "facades_label2photo"
    torch.save(build(UNet(5, 1)).state_dict(), run / "cats.pth")
    assert read_model(run / "cats.pth").name == "cats"
