import json
import re

import cv2
import numpy as np
import pytest
from footage import photo, save, steady, write_film

from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.checks.comparison import compare
from webcam_pix2pix.dataset.checks.duplicates import clusters
from webcam_pix2pix.dataset.checks.lint import lint, summary
from webcam_pix2pix.dataset.checks.page import write_page
from webcam_pix2pix.dataset.pairs.measures import difference_hash, measure
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.inputmatch import density
from webcam_pix2pix.preprocessing import fit, preprocess


def pair_of(image: np.ndarray) -> np.ndarray:
    target = fit(image, (64, 64), RECIPES["edges"].processing)
    return np.hstack([preprocess(target, RECIPES["edges"].processing, RECIPES["edges"].edges), target])


@pytest.fixture
def dataset(tmp_path):
    """Forty good pairs without a manifest, as another program would make them."""
    for i in range(40):
        save(tmp_path / "set" / ("train" if i < 36 else "test") / f"{i}.png", pair_of(photo(i)))
    return tmp_path / "set"


def findings(folder) -> dict[str, list[str]]:
    return {finding.kind: finding.files for finding in lint(folder, 1).findings}


def test_a_good_dataset_has_nothing_but_few_pairs(dataset):
    assert set(findings(dataset)) <= {"few", "blurred"}


def test_every_kind_of_mistake_is_found_and_named(dataset):
    train = dataset / "train"
    save(train / "twin.png", pair_of(np.clip(photo(3).astype(int) + 2, 0, 255).astype(np.uint8)))
    save(dataset / "test" / "leak.png", pair_of(photo(5)))
    save(train / "soft.png", pair_of(cv2.GaussianBlur(photo(6), (0, 0), 12)))
    save(train / "empty.png", pair_of(np.full((64, 64, 3), 120, np.uint8)))
    save(train / "full.png", pair_of(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)))
    save(train / "odd.png", cv2.resize(pair_of(photo(7)), (100, 50)))
    save(train / "alien.png", pair_of(np.clip(photo(8) // 12 + np.array([0, 235, 0]), 0, 255).astype(np.uint8)))
    (train / "broken.png").write_bytes(b"\x89PNG")
    found = findings(dataset)
    assert {"train/3.png", "train/twin.png"} <= set(found["near-duplicates"])
    assert {"train/5.png", "test/leak.png"} <= set(found["leak"])
    assert "train/soft.png" in found["blurred"]
    assert "train/empty.png" in found["empty-edges"] and found["full-edges"] == ["train/full.png"]
    assert found["sizes"] == ["train/odd.png"] and found["damaged"] == ["train/broken.png"]
    assert "train/alien.png" in found["outliers"]


def test_single_photographs_are_no_pairs(tmp_path):
    for i in range(4):
        save(tmp_path / "train" / f"{i}.png", photo(i, (64, 64)))
    assert "shape" in findings(tmp_path)


def test_files_against_the_manifest(tmp_path):
    for i in range(6):
        save(tmp_path / "photos" / f"{i}.png", photo(i))
    out = tmp_path / "out"
    assert main(["prepare", str(tmp_path / "photos"), str(out), "--size", "64", "--workers", "1", "--split", "1"]) == 0
    assert {f.kind for f in summary(out).findings} <= {"few", "near-duplicates", "blurred", "full-edges"}
    assert {f.kind for f in lint(out, 1).findings} == {f.kind for f in summary(out).findings}
    files = sorted((out / "train").iterdir())
    save(files[0], pair_of(photo(9)))
    files[1].unlink()
    save(out / "train" / "mine.png", pair_of(photo(10)))
    found = findings(out)
    assert found["changed"] == [f"train/{files[0].name}"] and found["missing"] == [f"train/{files[1].name}"]
    assert found["added"] == ["train/mine.png"]


def test_page_and_json_can_stand_alone(dataset, tmp_path):
    save(dataset / "train" / "a<b>.png", pair_of(np.full((64, 64, 3), 120, np.uint8)))
    page, data = write_page(lint(dataset, 1), tmp_path)
    text = page.read_text()
    assert "a&lt;b&gt;.png" in text and "a<b>" not in text and "<svg" in text
    assert not re.search(r"(src|href)=['\"]?(?!data:)[a-z/]", text)  # nothing is fetched from elsewhere
    assert text.count("data:image/jpeg;base64,") >= 1
    stored = json.loads(data.read_text())
    assert sum(stored["density"]["counts"]) == 41 and stored["findings"][0].keys() == {"kind", "level", "text", "files"}


def test_command(dataset, capsys):
    assert main(["prepare", "--check", str(dataset), "--workers", "1"]) == 0
    assert (dataset / "check.html").exists() and (dataset / "check.json").exists()
    (dataset / "train" / "broken.png").write_bytes(b"")
    assert main(["prepare", "--check", str(dataset), "--workers", "1"]) == 3
    assert "error: cannot be read, such as train/broken.png: empty file" in capsys.readouterr().out
    assert main(["prepare", "--check", str(dataset / "nowhere")]) == 1
    assert "no such dataset folder" in capsys.readouterr().err
    assert main(["prepare", "--check", str(dataset.parent)]) == 1
    assert "no image in train/, val/ or test/" in capsys.readouterr().err


def test_thresholds_that_match_are_found(tmp_path):
    """A film gives another edge density than the dataset; the settings that are proposed bring it there."""
    film = write_film(tmp_path / "film.mkv", steady(20, 10))
    recipe = RECIPES["edges"]
    images = [fit(photo(i, (160, 96)), (64, 64), recipe.processing) for i in range(30)]
    for name in ("edges", "canny", "color-soft"):
        recipe = RECIPES[name]
        here = float(np.median([density(preprocess(image, recipe.processing, recipe.edges)) for image in images]))
        same = compare(str(film), recipe, (64, 64), compare(str(film), recipe, (64, 64), here)["density"])
        assert same["settings"] == {} and "they match" in same["text"]
        other = compare(str(film), recipe, (64, 64), 0.6 * same["density"])
        assert other["settings"] and abs(other["matched"] - 0.6 * same["density"]) < abs(same["density"] - 0.6 * same["density"])
        changed = recipe.with_values(other["settings"])
        assert changed.departures(changed.processing, changed.edges) == ()


def test_compare_with_the_test_scene(tmp_path, capsys):
    for i in range(6):
        save(tmp_path / "photos" / f"{i}.png", photo(i))
    out = tmp_path / "out"
    arguments = ["prepare", str(tmp_path / "photos"), str(out), "--size", "64", "--workers", "1", "--check", "--compare"]
    assert main([*arguments, str(tmp_path / "photos")]) == 0
    assert "% of its pixels are edges" in capsys.readouterr().out and "Comparison" in (out / "check.html").read_text()
    assert main(["prepare", "--check", str(out), "--compare", "nowhere.mp4"]) == 1


def test_clusters_are_those_of_comparing_each_with_each():
    rng = np.random.default_rng(1)
    values = [int(v) for v in rng.integers(0, 1 << 63, 60, np.uint64)]
    for value in values[:20]:
        for bits in ((5,), (5, 40), (1, 20, 60), (1, 2, 3, 4)):
            values.append(value ^ sum(1 << b for b in bits))
    texts = [f"{v:016x}" for v in values]
    leader = list(range(len(values)))
    for i, a in enumerate(values):
        for j in range(i):
            if (a ^ values[j]).bit_count() <= 3:
                old, new = leader[i], leader[j]
                leader = [new if x == old else x for x in leader]
    groups = [[i for i, x in enumerate(leader) if x == name] for name in dict.fromkeys(leader)]
    assert clusters(texts) == sorted(g for g in groups if len(g) > 1)


def test_measures():
    image = photo(1)
    assert difference_hash(cv2.cvtColor(image[:, ::-1], cv2.COLOR_RGB2GRAY)) != difference_hash(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    brighter = np.clip(image.astype(int) + 3, 0, 255).astype(np.uint8)
    assert (int(measure(image)["hash"], 16) ^ int(measure(brighter)["hash"], 16)).bit_count() <= 3
    half = np.zeros((10, 10, 3), np.uint8)
    half[:5] = 255
    assert measure(image, half)["density"] == 0.5
