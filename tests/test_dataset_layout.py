"""How folders of images are laid out, what they are taken for, and that it is said before the work."""

import json
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import photo, save, steady, write_film

from msa.images import read_image
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.manifest import read_manifest
from webcam_pix2pix.dataset.pairs.layout import Sides, appearance_of, find_sides
from webcam_pix2pix.dataset.pairs.pairing import match
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe


def prepare(*args) -> int:
    return main(["prepare", *map(str, args), "--workers", "1", "--size", "64"])


def counts(out: Path) -> dict[str, int]:
    return read_manifest(out)["split"]["counts"]


def sides(folder: Path, layout: dict[str, tuple[str, str]], numbers: dict[str, int]) -> Path:
    """Inputs (photographs turned negative) and targets in the folders that `layout` names for each phase."""
    for phase, (a, b) in layout.items():
        for i in range(numbers[phase]):
            save(folder / a / f"{i}.png", 255 - photo(i))
            save(folder / b / f"{i}.png", photo(i))
    return folder


def pair(seed: int, size: tuple[int, int], gap: int = 0) -> np.ndarray:
    image = cv2.resize(photo(seed), size)
    edges = preprocess(image, Recipe().processing, Recipe().edges)
    return np.hstack([edges, np.zeros((size[1], gap, 3), np.uint8), image])


LAYOUTS = [{"train": ("train_A", "train_B"), "test": ("test_A", "test_B")}, {"train": ("train/A", "train/B"), "test": ("test/A", "test/B")},
           {"train": ("trainA", "trainB"), "test": ("testA", "testB")}, {"train": ("train/input", "train/target"),
                                                                         "test": ("test/input", "test/target")},
           {"train": ("set/training/a", "set/training/b"), "test": ("set/Testing/a", "set/Testing/b")},
           {"train": ("A/train", "B/train"), "test": ("A/test", "B/test")}, {"train": ("train_label", "train_img"),
                                                                            "test": ("test_label", "test_img")}]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout["train"][0])
def test_inputs_and_targets_in_folders_are_recognised(layout, tmp_path, capsys):
    folder = sides(tmp_path / "in", layout, {"train": 3, "test": 2})
    assert prepare(folder, tmp_path / "out") == 0
    assert counts(tmp_path / "out") == {"train": 3, "val": 0, "test": 2}
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"{folder}: taken for inputs (A) and targets (B) in folders of their own"
    row = read_manifest(tmp_path / "out")["pairs"][0]
    halves = read_image(tmp_path / "out" / row["file"]).astype(int)
    assert np.abs(halves[:, :64] + halves[:, 64:] - 255).mean() < 3, "input left, target right"


def test_lower_case_and_words_that_may_mean_other_things(tmp_path):
    assert find_sides(sides(tmp_path / "ab", {"train": ("a", "b")}, {"train": 2})) == [Sides(None, "a", "b")]
    for i in range(3):
        save(tmp_path / "album" / "input" / f"x{i}.png", photo(i))
        save(tmp_path / "album" / "output" / f"y{i}.png", photo(i))
    assert find_sides(tmp_path / "album") == [], "the names of their files have nothing in common"


@pytest.mark.parametrize("size, gap", [((64, 48), 0), ((48, 64), 0), ((64, 48), 1), ((128, 72), 0), ((64, 64), 1)])
def test_pairs_of_any_shape_are_recognised(size, gap, tmp_path, capsys):
    for phase, numbers in {"train": range(6), "val": range(6, 8)}.items():
        for i in numbers:
            save(tmp_path / "in" / phase / f"{i}.png", pair(i, size, gap))
    assert prepare(tmp_path / "in", tmp_path / "out") == 0
    assert counts(tmp_path / "out") == {"train": 6, "val": 2, "test": 0} and read_manifest(tmp_path / "out")["recipe"] is None
    assert "taken for finished pairs side by side" in capsys.readouterr().out.splitlines()[0]


def test_photographs_stay_photographs_and_it_is_said(tmp_path, capsys):
    for i in range(8):
        save(tmp_path / "in" / ("train" if i < 6 else "val") / f"{i}.png", photo(i))
    (tmp_path / "in" / "notes.txt").write_text("words")
    assert prepare(tmp_path / "in", tmp_path / "out") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == [f"{tmp_path / 'in'}: taken for photographs, the inputs are made of them",
                       f"{tmp_path / 'in'}: 1 file left out, neither image nor film: 1 .txt"]
    assert read_manifest(tmp_path / "out")["recipe"] is not None
    assert prepare(tmp_path / "in", tmp_path / "forced", "--as", "pairs") == 0
    assert "taken as asked, as finished pairs" in capsys.readouterr().out.splitlines()[0]


def test_two_likely_readings_are_asked_for(tmp_path, capsys):
    sides(tmp_path, {"train": ("sketches", "paintings")}, {"train": 3})
    one, other = tmp_path / "sketches", tmp_path / "paintings"
    for arguments in ((one, other), (tmp_path,)):
        assert prepare(*arguments, tmp_path / "out") == 2
        error = capsys.readouterr().err
        assert "--as ab" in error and "--as photos" in error and error.count("\n") == 1 and not (tmp_path / "out").exists()
    assert prepare(one, other, tmp_path / "ab", "--as", "ab") == 0 and sum(counts(tmp_path / "ab").values()) == 3
    assert prepare(one, other, tmp_path / "photos", "--as", "photos") == 0 and sum(counts(tmp_path / "photos").values()) == 6
    for i in range(5):
        save(tmp_path / "flat" / f"{i}.png", pair(i, (64, 64)))
    assert prepare(tmp_path / "flat", tmp_path / "out") == 2
    assert "look like two side by side; say --as pairs" in capsys.readouterr().err


def test_the_preset_of_pairs_and_of_photographs(tmp_path):
    recipe = Recipe()
    for i in range(12):
        image = photo(i, (120, 90))
        save(tmp_path / "photos" / f"{i}.png", image)
        save(tmp_path / "edges" / f"{i}.png", np.hstack([preprocess(image, recipe.processing, recipe.edges), image]))
        save(tmp_path / "grey" / f"{i}.png", np.hstack([cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), image]))
    found = {name: appearance_of(sorted((tmp_path / name).iterdir())) for name in ("photos", "edges", "grey")}
    assert found["photos"].paired <= 0.15 and found["edges"].paired >= 0.5 and found["grey"].paired >= 0.9
    assert appearance_of([tmp_path / "nothing.png"]) is None


def test_names_in_two_spellings_belong_together(tmp_path):
    for i, name in enumerate(("café", "Müller", "plain")):
        save(tmp_path / "in" / "A" / f"{unicodedata.normalize('NFC', name)}.png", photo(i))
        save(tmp_path / "in" / "B" / f"{unicodedata.normalize('NFD', name)}.png", photo(i))
    assert prepare(tmp_path / "in", tmp_path / "out") == 0 and sum(counts(tmp_path / "out").values()) == 3
    composed, apart = (sorted(Path(unicodedata.normalize(form, f"{letter}.png")) for letter in "zöäé") for form in ("NFC", "NFD"))
    pairs, alone = match(composed, apart, "order")
    assert not alone and all(unicodedata.normalize("NFC", str(b)) == str(a) for a, b in pairs)


def test_every_line_names_its_file(tmp_path, capsys):
    for i in range(2):
        save(tmp_path / "in" / "A" / f"{i}.png", photo(i, (64, 64)))
        save(tmp_path / "in" / "B" / f"{i}.png", photo(i, (80, 64)))
    assert prepare(tmp_path / "in", tmp_path / "out") == 1
    out = capsys.readouterr().out
    assert all(f"{tmp_path}/in/A/{i}.png, {tmp_path}/in/B/{i}.png: 64x64 and 80x64 pixels, not the same shape" in out for i in range(2))


def test_damaged_deep_and_unusual_files_of_a_folder_are_reported(tmp_path, capsys):
    folder = tmp_path / "in"
    save(folder / "good.png", photo(1))
    data = cv2.imencode(".jpg", cv2.resize(photo(2), (320, 240)))[1].tobytes()
    (folder / "cut.jpg").write_bytes(data[:len(data) // 2] + b"\xff\xd9")
    (folder / "chrome.jfif").write_bytes(data)
    (folder / "phone").write_bytes(data + bytes(99))
    (folder / "IMG.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    cv2.imwrite(str(folder / "depth.png"), photo(3)[..., 0].astype(np.uint16) * 16)
    write_film(tmp_path / "x.mp4", steady(4, 10)).rename(folder / "old.3gp")
    assert prepare(folder, tmp_path / "out", "--every", "2") == 3
    manifest, out = read_manifest(tmp_path / "out"), capsys.readouterr().out
    assert {row["source"].rpartition("/")[2] for row in manifest["pairs"]} == {"good.png", "chrome.jfif", "phone", "depth.png", "old.3gp"}
    assert "cut.jpg: damaged JPEG image" in out and "IMG.HEIC: a HEIC photograph" in out
    assert "warning: nearly black: 16 bits" in out and json.dumps(manifest).count("nearly black") == 1


def test_ground_of_transparent_images(tmp_path, capsys):
    image = np.zeros((64, 64, 4), np.uint8)
    image[16:48, 16:48, 3] = 255
    cv2.imwrite(str(tmp_path / "ink.png"), image)
    for name, ground, corner in (("white", [], 255), ("grey", ["--ground", "#808080"], 128)):
        assert prepare(tmp_path / "ink.png", tmp_path / name, *ground) == 0
        row = read_manifest(tmp_path / name)["pairs"][0]
        target = read_image(tmp_path / name / row["file"])[:, 64:]
        assert target[2, 2].tolist() == [corner] * 3 and target[32, 32].max() == 0
    assert "ground" not in read_manifest(tmp_path / "white")["job"], "as in the jobs before there was a choice"
    assert prepare(tmp_path / "ink.png", tmp_path / "no", "--ground", "paper") == 2
    assert "--ground: 'paper' is no colour" in capsys.readouterr().err


def test_a_dataset_says_before_training_what_it_is_taken_for(tmp_path):
    for i in range(6):
        save(tmp_path / "photos" / "train" / f"{i}.png", photo(i, (64, 64)))
        save(tmp_path / "pairs" / "train" / f"{i}.png", pair(i, (64, 48)))
    sides(tmp_path / "sub", {"train": ("train/A", "train/B")}, {"train": 3})
    remark = PairDataset(tmp_path / "photos").remark()
    assert remark.startswith("warning: ") and "single photographs of 64x64 would be cut into halves of 32x64" in remark
    assert PairDataset(tmp_path / "pairs").remark() == f"{tmp_path / 'pairs'}: taken for finished pairs side by side, 64x48 each half"
    assert "folders of their own (train/A and train/B)" in PairDataset(tmp_path / "sub").remark()
    assert prepare(tmp_path / "photos", tmp_path / "made") == 0 and PairDataset(tmp_path / "made").remark() == "", "the manifest tells"
