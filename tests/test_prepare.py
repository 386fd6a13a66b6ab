import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import photo, save, steady, tree, write_film
from PIL import Image

from msa.capturer import Capturer
from msa.images import read_image
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.footage.archive import unpack
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.dataset.pairs.split import PHASES
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.preprocessing import Memory, fit, preprocess
from webcam_pix2pix.settings import Settings

ROOT = Path(__file__).parent.parent


def prepare(*args) -> int:
    return main(["prepare", *map(str, args), "--workers", "1"])


def pairs(out: Path) -> dict[str, np.ndarray]:
    """Every pair of a dataset by the name of its source."""
    return {Path(row["source"]).name: read_image(out / row["file"]) for row in read_manifest(out)["pairs"]}


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """Twenty photographs in two folders."""
    folder = tmp_path_factory.mktemp("photos")
    for i in range(20):
        save(folder / ("one" if i < 12 else "two") / f"{i}.png", photo(i))
    return folder


@pytest.mark.parametrize("name", RECIPES)
def test_pairs_are_the_bytes_of_the_live_panels(photos, tmp_path, name):
    """The same image through the engine of the live application, with the dataset's recipe loaded."""
    out = tmp_path / "out"
    assert prepare(photos, out, "--recipe", name, "--size", 64) == 0
    recipe = recipe_of(read_manifest(out))
    assert recipe == RECIPES[name]
    settings = Settings().with_recipe(recipe).with_values({"Capture.Processing.flip_h": False, "EdgeDetection.method": recipe.edges.method})
    for source, pair in list(pairs(out).items())[:4]:
        image = read_image(next(photos.rglob(source)))
        captured = fit(image, (64, 64), settings.processing)
        processed = preprocess(captured, settings.processing, settings.edges, Memory())
        assert np.array_equal(pair[:, 64:], captured) and np.array_equal(pair[:, :64], processed)


@pytest.mark.parametrize("name", ["edges", "tone", "color", "color-soft"])
def test_the_live_engine_on_the_same_file_shows_the_bytes_of_the_pair(photos, tmp_path, name):
    out = tmp_path / "out"
    assert prepare(photos, out, "--recipe", name) == 0
    source, pair = next(iter(pairs(out).items()))
    settings = Settings().with_recipe(RECIPES[name]).with_values({
        "Capture.Init.device_id": str(next(photos.rglob(source))), "Capture.Processing.flip_h": False,
        "EdgeDetection.method": RECIPES[name].edges.method})
    pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
    try:
        frame = pipeline.step(pipeline.capturer.take(5.0), settings)
    finally:
        pipeline.close()
    assert np.array_equal(np.hstack([frame.processed, frame.captured]), pair)


def test_the_live_engine_on_the_same_film_shows_the_bytes_of_its_pairs(tmp_path):
    film = write_film(tmp_path / "film.mp4", steady(12, 10), size=(320, 240))
    assert prepare(film, tmp_path / "out", "--every", 1) == 0
    made = [read_image(tmp_path / "out" / row["file"]) for row in read_manifest(tmp_path / "out")["pairs"]]
    settings = Settings().with_values({"Capture.Init.device_id": str(film), "Capture.Processing.flip_h": False,
                                       "EdgeDetection.method": "custom_canny"})
    pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
    try:
        for pair in made:
            frame = pipeline.step(pipeline.capturer.take(5.0), settings)
            assert np.array_equal(np.hstack([frame.processed, frame.captured]), pair)
    finally:
        pipeline.close()
    assert len(made) == 12


def test_layout_and_manifest(photos, tmp_path, capsys):
    out = tmp_path / "out"
    assert prepare(photos, out, "--split", "70/20/10") == 0
    manifest = read_manifest(out)
    assert manifest["split"]["counts"] == {"train": 14, "val": 4, "test": 2}
    assert "20 pairs (train 14, val 4, test 2)" in capsys.readouterr().out
    for phase in PHASES:  # pix2pix-tensorflow takes *.jpg, else *.png, 3 channels, twice as wide as high; nothing else lies there
        files = list((out / phase).iterdir())
        assert len(files) == manifest["split"]["counts"][phase] and {p.suffix for p in files} == {".png"}
        for path in files:
            with Image.open(path) as image:
                assert (image.mode, image.size) == ("RGB", (512, 256))
    row = manifest["pairs"][0]
    assert {"file", "source", "sha256", "source_sha256"} <= set(row) and manifest["versions"]["opencv"] == cv2.__version__
    assert sorted(p.name for p in out.iterdir()) == ["manifest.json", "test", "train", "val"]
    dataset = PairDataset(out)
    assert len(dataset) == 14 and dataset[0]["A"].shape == (3, 256, 256) and dataset.recipe == RECIPES["edges"]


def test_side_size_format_and_fit(photos, tmp_path):
    left, right = tmp_path / "left", tmp_path / "right"
    assert prepare(photos, left, "--size", "96x64", "--fit", "stretch") == 0
    assert prepare(photos, right, "--size", "96x64", "--fit", "stretch", "--side", "input-right") == 0
    a, b = pairs(left)["3.png"], pairs(right)["3.png"]
    assert a.shape == (64, 192, 3) and np.array_equal(np.roll(a, 96, axis=1), b)
    assert read_manifest(right)["direction"] == "BtoA" and recipe_of(read_manifest(left)).processing.fit == "stretch"
    assert np.array_equal(a[:, 96:], cv2.resize(photo(3), (96, 64), interpolation=cv2.INTER_AREA))
    pad = tmp_path / "pad"
    assert prepare(photos, pad, "--size", 64, "--fit", "pad", "--image-format", "jpg") == 0
    assert not read_image(next((pad / "train").glob("*.jpg")))[:6, 64:].max() > 8
    crops = tmp_path / "crops"
    save(tmp_path / "wide" / "w.png", photo(1, (192, 64)))
    assert prepare(tmp_path / "wide", crops, "--size", 64, "--fit", "crops", "--split", "1") == 0
    whole = photo(1, (192, 64))
    made = [read_image(crops / row["file"])[:, 64:] for row in read_manifest(crops)["pairs"]]
    assert all(np.array_equal(crop, whole[:, 64 * i:64 * i + 64]) for i, crop in enumerate(made)) and len(made) == 3
    original = tmp_path / "original"
    assert prepare(photos, original, "--size", "original") == 0
    assert pairs(original)["3.png"].shape == (90, 240, 3)


def test_workers_do_not_change_a_byte(photos, tmp_path):
    assert prepare(photos, tmp_path / "one", "--jitter") == 0
    assert main(["prepare", str(photos), str(tmp_path / "two"), "--jitter", "--workers", "2"]) == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_jitter_is_stored_and_is_what_was_drawn(photos, tmp_path):
    out = tmp_path / "out"
    assert prepare(photos, out, "--size", 64, "--jitter", "EdgeDetection.blur_sigma=0.7:2.5", "Capture.Processing.pre_gamma=0.5:2") == 0
    manifest = read_manifest(out)
    recipe = recipe_of(manifest)
    assert recipe.ranges == {"EdgeDetection.blur_sigma": (0.7, 2.5), "Capture.Processing.pre_gamma": (0.5, 2.0)}
    drawn = [row["jitter"] for row in manifest["pairs"]]
    assert len({tuple(d.values()) for d in drawn}) == 20  # one value alone may come twice: it is rounded to four places
    assert all(0.7 <= d["EdgeDetection.blur_sigma"] <= 2.5 and 0.5 <= d["Capture.Processing.pre_gamma"] <= 2 for d in drawn)
    for row in manifest["pairs"][:5]:
        one = recipe.with_values(row["jitter"])
        pair = read_image(out / row["file"])
        assert np.array_equal(preprocess(np.ascontiguousarray(pair[:, 64:]), one.processing, one.edges), pair[:, :64])


def test_photographs_only_for_inputs_made_in_training(photos, tmp_path):
    out = tmp_path / "out"
    assert prepare(photos, out, "--store", "photos", "--size", 72, "--jitter") == 0
    assert pairs(out)["3.png"].shape == (72, 72, 3)
    dataset = PairDataset(out, load_size=72, crop_size=64)
    first = dataset[0]["A"]
    dataset.set_epoch(1)
    assert first.shape == (3, 64, 64) and not first.equal(dataset[0]["A"])


def test_bad_files_are_listed_and_the_rest_is_done(photos, tmp_path, capsys):
    folder = tmp_path / "mixed"
    shutil.copytree(photos, folder)
    (folder / "zero.png").touch()
    (folder / "text.jpg").write_text("no image")
    (folder / "cut.jpg").write_bytes(cv2.imencode(".jpg", photo(1))[1].tobytes()[:-900])
    save(folder / "dot.png", photo(1)[:1, :1])
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    (folder / "huge.png").write_bytes(header + b"\x00" * 40)
    (folder / "notes.txt").write_text("not looked at")
    assert prepare(folder, tmp_path / "out") == 3
    text = capsys.readouterr().out
    for name, reason in {"zero.png": "empty file", "text.jpg": "not an image", "cut.jpg": "the file is cut short",
                         "dot.png": "1x1 pixels", "huge.png": ""}.items():
        assert f"{name}: {reason}" in text
    assert "5 could not be used" in text and sum(read_manifest(tmp_path / "out")["split"]["counts"].values()) == 20
    assert len(read_manifest(tmp_path / "out")["skipped"]) == 5


def test_nothing_usable_leaves_nothing(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_text("x")
    assert prepare(tmp_path / "in", tmp_path / "out") == 1
    assert "nothing usable" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_every_kind_of_image_is_read_right(tmp_path):
    soft = cv2.resize(photo(2), (64, 48), interpolation=cv2.INTER_AREA)
    folder = tmp_path / "in"
    folder.mkdir()
    grey = cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    Image.fromarray(np.rot90(soft)).save(folder / "turned.png", exif=exif)
    Image.fromarray(np.rot90(soft)).save(folder / "turned.jpg", exif=exif, quality=95)
    Image.fromarray(soft).convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    Image.fromarray(np.dstack([soft, grey])).save(folder / "rgba.png")
    Image.fromarray(grey).save(folder / "grey.png")
    cv2.imwrite(str(folder / "rgb16.png"), soft[:, :, ::-1].astype(np.uint16) * 257)
    cv2.imwrite(str(folder / "grey16.tif"), grey.astype(np.uint16) * 257)
    Image.fromarray(soft).quantize(256).save(folder / "palette.png")
    assert prepare(folder, tmp_path / "out", "--recipe", "colorize", "--size", "original") == 0
    rgb_grey = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    share = grey[..., None] / 255
    on_white = np.rint(soft * share + 255 * (1 - share))
    expected = {"turned.png": (soft, 0), "turned.jpg": (soft, 12), "cmyk.jpg": (soft, 12), "rgba.png": (on_white, 1),
                "grey.png": (rgb_grey, 0), "rgb16.png": (soft, 1), "grey16.tif": (rgb_grey, 1), "palette.png": (soft, 40)}
    found = pairs(tmp_path / "out")
    for name, (image, tolerance) in expected.items():
        target = found[name][:, 64:].astype(int)
        assert target.shape == image.shape and np.abs(target - image).mean() <= tolerance, name


def test_scenes_of_a_film_stay_together(tmp_path):
    film = write_film(tmp_path / "film.mkv", steady(120, 10), scenes=range(20, 120, 20))
    out = tmp_path / "out"
    assert prepare(film, out, "--fps", 5, "--size", 64, "--split", "60/20/20") == 0
    rows = read_manifest(out)["pairs"]
    assert len(rows) == 60 and len({row["scene"] for row in rows}) == 6
    homes = {scene: {row["file"].partition("/")[0] for row in rows if row["scene"] == scene} for scene in range(6)}
    assert all(len(home) == 1 for home in homes.values()) and len(set.union(*homes.values())) == 3
    images = tmp_path / "images"  # the same by way of frames
    assert main(["frames", str(film), str(images), "--fps", "5", "--workers", "1"]) == 0
    assert prepare(images, tmp_path / "again", "--size", 64, "--split", "60/20/20") == 0
    again = read_manifest(tmp_path / "again")["pairs"]
    homes = {scene: {row["file"].partition("/")[0] for row in again if row["scene"] == scene} for scene in range(6)}
    assert all(len(home) == 1 for home in homes.values())


def test_sources_stay_together_and_order_is_kept(photos, tmp_path):
    assert prepare(photos, tmp_path / "source", "--split-by", "source", "--split", "60/40") == 0
    homes = Counter((Path(row["source"]).parent.name, row["file"].partition("/")[0]) for row in read_manifest(tmp_path / "source")["pairs"])
    assert len(homes) == 2
    assert prepare(photos, tmp_path / "order", "--split-by", "order", "--split", "50/50") == 0
    names = [Path(row["source"]).stem for row in read_manifest(tmp_path / "order")["pairs"] if row["file"].startswith("train")]
    assert names == [str(i) for i in range(10)]


def test_a_film_of_one_scene_is_split_in_order(tmp_path, capsys):
    film = write_film(tmp_path / "film.mkv", steady(40, 10))
    assert prepare(film, tmp_path / "out", "--every", 2, "--size", 64, "--split", "50/50") == 0
    assert "split in order instead" in capsys.readouterr().out
    rows = read_manifest(tmp_path / "out")["pairs"]
    assert max(r["time"] for r in rows if r["file"][0] == "t") < min(r["time"] for r in rows if r["file"][0] == "v")


def test_folders_a_and_b(tmp_path, capsys):
    for i in range(4):
        save(tmp_path / "a" / f"{i}.png", 255 - photo(i))
        save(tmp_path / "b" / f"{i}.jpg", photo(i))
    save(tmp_path / "b" / "alone.jpg", photo(9))
    assert prepare(tmp_path / "a", tmp_path / "b", tmp_path / "out", "--as", "ab", "--size", "original") == 3
    assert "alone.jpg" in capsys.readouterr().out and read_manifest(tmp_path / "out")["recipe"] is None
    assert read_manifest(tmp_path / "out")["unmatched"] == [f"{tmp_path / 'b'}/alone.jpg"]
    assert np.array_equal(pairs(tmp_path / "out")["2.png"][:, :120], 255 - photo(2))
    (tmp_path / "b" / "alone.jpg").unlink()
    assert prepare(tmp_path / "a", tmp_path / "b", tmp_path / "order", "--as", "ab", "--match", "order") == 0
    one = tmp_path / "one"
    for i in range(4):
        save(one / f"x{i}_A.png", 255 - photo(i))
        save(one / f"x{i}_B.png", photo(i))
    assert prepare(one, tmp_path / "suffix", "--as", "ab", "--size", "original") == 0
    assert np.array_equal(pairs(tmp_path / "suffix")["x2_A.png"], np.hstack([255 - photo(2), photo(2)]))
    for phase, numbers in {"train": range(3), "test": [3]}.items():
        for i in numbers:
            save(tmp_path / "cyclegan" / f"{phase}A" / f"{i}.png", 255 - photo(i))
            save(tmp_path / "cyclegan" / f"{phase}B" / f"{i}.png", photo(i))
    assert prepare(tmp_path / "cyclegan", tmp_path / "phases") == 0
    assert read_manifest(tmp_path / "phases")["split"]["counts"] == {"train": 3, "val": 0, "test": 1}


@pytest.fixture
def published(tmp_path):
    """A folder as the published datasets come: facades/train/1.jpg, ..."""
    for phase, numbers in {"train": range(1, 5), "val": (5,), "test": (6, 7)}.items():
        for i in numbers:
            image = cv2.resize(photo(i), (64, 64))
            save(tmp_path / "facades" / phase / f"{i}.jpg", np.hstack([image, 255 - image]))
    return tmp_path / "facades"


@pytest.mark.parametrize("form", ["folder", "tar.gz", "zip"])
def test_published_datasets(published, tmp_path, form):
    given = published if form == "folder" else Path(shutil.make_archive(
        str(tmp_path / "packed"), {"tar.gz": "gztar", "zip": "zip"}[form], published.parent, "facades"))
    out = tmp_path / "out"
    assert prepare(given, out, "--size", 64) == 0
    assert read_manifest(out)["split"] == {"rule": "as given", "seed": 0, "counts": {"train": 4, "val": 1, "test": 2}}
    assert np.array_equal(pairs(out)["6.jpg"], read_image(published / "test" / "6.jpg"))
    assert sorted(p.name for p in out.iterdir()) == ["manifest.json", "test", "train", "val"]


def test_archives_are_not_trusted(tmp_path, monkeypatch):
    image = cv2.imencode(".png", photo(1))[1].tobytes()
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as tar:
        for name in ("../outside.png", "/tmp/absolute.png", "a/../../up.png", "fine/1.png", "fine/script.py", ".hidden/2.png"):
            info = tarfile.TarInfo(name)
            info.size = len(image)
            tar.addfile(info, io.BytesIO(image))
        link = tarfile.TarInfo("fine/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    folder = unpack(evil, tmp_path / "deep" / "er")
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png")) == ["deep/er/fine/1.png"]
    assert not list(folder.rglob("*.py"))
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("1.png", bytes(4 << 20))
    monkeypatch.setattr("webcam_pix2pix.dataset.footage.archive.MAX_FILE", 1 << 20)
    with pytest.raises(ValueError, match="unpacks to more than"):
        unpack(bomb, tmp_path / "bombed")
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(ValueError, match=r"text\.zip: not an archive"):
        unpack(tmp_path / "text.zip", tmp_path / "texted")


def test_killed_and_resumed_is_as_if_never_killed(photos, tmp_path, capsys):
    many = tmp_path / "many"
    for i in range(6):
        shutil.copytree(photos, many / str(i))
    film = write_film(many / "film.mkv", steady(100, 10), scenes=(30, 60))
    out, whole = tmp_path / "out", tmp_path / "whole"
    options = ["--min-change", "1", "--fps", "10"]
    command = [sys.executable, str(ROOT / "webcam-pix2pix.py"), "prepare", str(many), str(out), "--workers", "2", *options]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while process.poll() is None and len(list(out.glob(".unfinished/pictures/*.png"))) < 40:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "manifest.json").exists() and not (out / "train").exists()  # no half dataset to be seen
    assert prepare(many, out, *options, "--seed", 3) == 1 and "seed was 0, now 3" in capsys.readouterr().err
    assert subprocess.run(command, capture_output=True).returncode == 0  # the same command again goes on
    assert prepare(many, whole, *options) == 0
    assert tree(out) == tree(whole) and film.exists()


@pytest.mark.parametrize("moved", [0, 7, 20])
def test_killed_while_finishing_and_resumed_gives_the_same(photos, tmp_path, monkeypatch, moved):
    from webcam_pix2pix.dataset import prepare as module

    def killed(folder, header, rows):
        for _ in zip(range(moved), rows["pairs"], strict=False):
            pass
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_manifest", killed)
        assert prepare(photos, tmp_path / "out") == 130
    assert prepare(photos, tmp_path / "out") == 0
    assert prepare(photos, tmp_path / "whole") == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_full_disk_is_one_line_and_loses_nothing(photos, tmp_path, monkeypatch, capsys):
    from webcam_pix2pix.dataset.jobs import work

    save_ = work.save
    written = []

    def full(folder, name, data, noted):
        if len(written) == 18:
            raise OSError(28, "No space left on device", str(folder / name))
        written.append(name)
        return save_(folder, name, data, noted)

    with monkeypatch.context() as patch:
        patch.setattr(work, "save", full)
        assert prepare(photos, tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert "No space left" in error and error.count("\n") == 1
    assert prepare(photos, tmp_path / "out") == 0 and prepare(photos, tmp_path / "whole") == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_folders_in_use_are_left_alone(photos, tmp_path, capsys):
    save(tmp_path / "mine" / "holiday.png", photo(1))
    before = tree(tmp_path)
    assert prepare(photos, tmp_path / "mine") == 1
    assert "exists and is not empty" in capsys.readouterr().err and tree(tmp_path) == before
    out = tmp_path / "out"
    assert prepare(photos, out) == 0
    finished = tree(out)
    capsys.readouterr()
    assert prepare(photos, out) == 0 and tree(out) == finished
    assert "nothing to do" in capsys.readouterr().out
    assert prepare(photos, out, "--size", 128) == 1 and tree(out) == finished
    assert "another job (size was [256, 256], now [128, 128])" in capsys.readouterr().err
    assert prepare(photos, out, "--resume") == 0 and tree(out) == finished  # as it had to be typed before


def test_a_dataset_inside_its_source_does_not_eat_itself(photos, tmp_path):
    folder = tmp_path / "photos"
    shutil.copytree(photos, folder)
    assert prepare(folder, folder / "dataset") == 0
    assert prepare(folder, folder / "dataset", "--resume") == 0
    assert len(read_manifest(folder / "dataset")["pairs"]) == 20


@pytest.mark.parametrize("arguments, code, message", [
    (["IN"], 2, "expected at least one input and a folder"),
    (["nowhere", "OUT"], 1, "nowhere: no such file"),
    (["EMPTY", "OUT"], 1, "no image and no film"),
    (["IN", "OUT", "--size", "3"], 2, "'3' is not a size"),
    (["IN", "OUT", "--split", "a"], 2, "'a' is not a split"),
    (["IN", "OUT", "--set", "EdgeDetection.canny=1"], 2, "EdgeDetection.canny: no such setting"),
    (["IN", "OUT", "--jitter", "EdgeDetection.blur_sigma=2"], 2, "expected Group.name=low:high"),
    (["IN", "OUT", "--recipe", "magic"], 2, "--recipe magic: no such recipe"),
    (["IN", "OUT", "--preset", "none.json"], 2, "none.json"),
    (["IN", "IN", "IN", "OUT", "--as", "ab"], 1, "expected two folders A and B"),
    (["IN", "OUT", "--compare", "0"], 2, "--compare: needs --check"),
])
def test_mistakes_are_one_line_and_leave_nothing(photos, tmp_path, capsys, arguments, code, message):
    (tmp_path / "empty").mkdir()
    places = {"IN": photos, "OUT": tmp_path / "out", "EMPTY": tmp_path / "empty"}
    assert prepare(*(places.get(a, a) for a in arguments)) == code
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and not (tmp_path / "out").exists()


def test_presets_and_settings_make_the_recipe(photos, tmp_path):
    preset = tmp_path / "look.json"
    preset.write_text(json.dumps({"version": 1, "settings": {"Capture.Processing.pre_median": 3, "Prediction.post_time_lerp": 0.2,
                                                             "Capture.Processing.flip_h": True}}))
    out = tmp_path / "out"
    assert prepare(photos, out, "--preset", preset, "--set", "EdgeDetection.canny_t1_fine=25", "--size", 64) == 0
    recipe = recipe_of(read_manifest(out))
    assert (recipe.processing.pre_median, recipe.edges.canny_t1_fine, recipe.processing.flip_h) == (3, 25, False)
    assert prepare(photos, tmp_path / "original", "--preset", "original 2017 look", "--size", 64) == 0
    assert recipe_of(read_manifest(tmp_path / "original")).processing.canny
