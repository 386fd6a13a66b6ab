"""The model browser: finds, searches, notices new files, asks for models."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from webcam_pix2pix.model import called, read_model, write_descriptor
from webcam_pix2pix.training.runs.runfolder import RunFolder
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.models import model_files
from webcam_pix2pix.ui.models.browser import POLL_S, ModelBrowser
from webcam_pix2pix.ui.models.card import ENTRY, STATE
from webcam_pix2pix.ui.models.catalog import Catalog, recipe_summary, scan, thumbnail_path

MODELS = Path(__file__).parent.parent / "models"
DESCRIPTOR = MODELS / "oil_color.json"


def stock(folder: Path, name: str) -> Path:
    """A model of our own in `folder`, as the descriptor of another one and its weights."""
    folder.mkdir(exist_ok=True)
    (folder / "oil_color").mkdir(exist_ok=True)
    weights = next((MODELS / "oil_color").glob("*.safetensors"))
    if not (folder / "oil_color" / weights.name).exists():
        shutil.copy(weights, folder / "oil_color")
    text = DESCRIPTOR.read_text().replace('"name": "oil_color"', f'"name": "{name}"').replace('"thumbnail":', '"unused":')
    path = folder / f"{name}.json"
    path.write_text(text)
    return path


@pytest.fixture
def browser(qtbot, tmp_path):
    theme.apply("dark")
    stock(tmp_path / "models", "first")
    stock(tmp_path / "models", "second")
    recent = []
    browser = ModelBrowser(lambda: [tmp_path / "models"], recent, tmp_path / "made")
    browser.folder = tmp_path / "models"
    browser.resize(340, 600)
    qtbot.addWidget(browser)
    browser.show()
    until(qtbot, browser, lambda: browser.list.count() == 2)
    yield browser
    browser.shut()


def until(qtbot, browser, condition):
    def tick():
        browser._looked = time.monotonic() - POLL_S - 1  # do not wait for the poll
        browser.tick()
        return bool(condition())
    qtbot.waitUntil(tick, timeout=15000)


def names(browser):
    return [browser.list.item(i).data(ENTRY).info.name for i in range(browser.list.count()) if not browser.list.item(i).isHidden()]


def test_format_size_and_recipe_are_reported(browser):
    entry = browser.list.item(0).data(ENTRY)
    assert entry.info.name == "first"
    assert "U-Net 256 24 filters" in entry.line and "MB" in entry.line and "safetensors" in entry.line
    assert entry.recipe == "recipe: soft lines + soft colours"
    assert recipe_summary(None) == "no recipe"


def test_new_files_appear_and_lost_ones_go(browser, qtbot):
    stock(browser.folder, "third")
    until(qtbot, browser, lambda: names(browser) == ["first", "second", "third"])
    (browser.folder / "first.json").unlink()
    until(qtbot, browser, lambda: names(browser) == ["second", "third"])


def test_a_broken_descriptor_is_reported_once(browser, qtbot):
    recipe_summary = []
    browser.problem.connect(recipe_summary.append)
    (browser.folder / "broken.json").write_text("{")
    until(qtbot, browser, lambda: bool(recipe_summary))
    stock(browser.folder, "third")
    until(qtbot, browser, lambda: len(names(browser)) == 3)
    assert len(recipe_summary) == 1 and "broken.json" in recipe_summary[0]


def test_an_unchanged_catalog_is_not_read_again(tmp_path):
    stock(tmp_path / "models", "first")
    catalog = scan([tmp_path / "models"], [], tmp_path / "made", Catalog())
    assert scan([tmp_path / "models"], [], tmp_path / "made", catalog) is catalog


def test_models_opened_from_elsewhere_are_listed(tmp_path):
    path = stock(tmp_path / "elsewhere", "far")
    catalog = scan([tmp_path / "models"], [str(path), str(tmp_path / "gone.json")], tmp_path / "made", Catalog())
    assert [entry.info.name for entry in catalog.entries] == ["far"]


def test_search(browser):
    browser.search.setText("sec")
    assert names(browser) == ["second"]
    browser.search.setText("nothing like it")
    assert names(browser) == [] and browser.empty.isVisible()


def test_enter_and_double_click_load(browser, qtbot):
    browser.list.setCurrentRow(1)
    with qtbot.waitSignal(browser.chosen) as signal:
        QTest.keyClick(browser.list, Qt.Key.Key_Return)
    assert signal.args == ["second"]
    place = browser.list.visualItemRect(browser.list.item(0)).center()
    QTest.mouseClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(browser.chosen) as signal:
        QTest.mouseDClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args == ["first"]


def test_next_and_previous_go_round_from_the_running_one(browser):
    asked = []
    browser.chosen.connect(asked.append)
    browser.show_current(read_model(browser.folder / "first.json"), "")
    for by in (1, 1, -1, -1):
        browser.step(by)
    assert asked == ["second", "first", "second", "first"]


def test_next_reaches_models_from_elsewhere_too(browser, qtbot, tmp_path):
    far = [stock(tmp_path / folder, folder) for folder in ("here", "there")]
    for path in far:
        browser.show_current(read_model(path), "")
    until(qtbot, browser, lambda: len(names(browser)) == 4)
    before, seen = names(browser), []
    browser.chosen.connect(seen.append)
    for _ in range(4):
        browser.step(1)
        path = Path(seen[-1]) if Path(seen[-1]).is_absolute() else browser.folder / f"{seen[-1]}.json"
        browser.show_current(read_model(path), "")
        until(qtbot, browser, lambda: names(browser) == before)
    assert len(set(seen)) == 4 and names(browser) == before


def test_the_running_and_the_loading_one_are_marked(browser):
    browser.show_current(read_model(browser.folder / "first.json"), "second")
    assert [browser.list.item(i).data(STATE) for i in range(2)] == ["running", "loading…"]
    assert browser.recent == [str(browser.folder / "first.json")]


def test_a_model_without_a_thumbnail_gets_one(browser, qtbot):
    info = read_model(browser.folder / "first.json")
    browser.show_current(info, "")
    assert browser.list.item(0).data(ENTRY).thumbnail is None
    browser.keep_thumbnail(np.full((256, 256, 3), (250, 10, 20), np.uint8))
    until(qtbot, browser, lambda: browser.list.item(0).data(ENTRY).thumbnail is not None)
    assert thumbnail_path(info, browser._made).is_file()
    assert browser.list.item(0).data(ENTRY).thumbnail.pixelColor(64, 64).getRgb()[:3] == (250, 10, 20)


def test_the_menu_has_the_same_models(browser, qtbot):
    from PySide6.QtGui import QAction
    menu = browser.menu(browser, [QAction("Open model…", browser)])
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.text()] == ["first", "second", "Open model…"]


def test_a_model_is_imported_renamed_and_removed(qtbot, small_model, tmp_path, monkeypatch):
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(tmp_path / "own"))
    bin_ = []
    monkeypatch.setattr(model_files.QFile, "moveToTrash", lambda path: bin_.append(Path(path)) or True)
    theme.apply("dark")
    browser = ModelBrowser(lambda: [tmp_path / "own"], [], tmp_path / "made")
    qtbot.addWidget(browser)
    browser.resize(340, 600)
    browser.show()
    said = []
    browser.note.connect(lambda text, place: said.append(text))
    browser.problem.connect(said.append)
    until(qtbot, browser, lambda: browser.catalog.state is not None and "Import a checkpoint" in browser.empty.text())
    for _ in range(2):  # twice: the second gets a name of its own
        browser.bring_in(str(small_model))
        until(qtbot, browser, lambda: browser.import_.isEnabled() and said)
        assert "is among your models now" in said.pop()
    until(qtbot, browser, lambda: browser.list.count() == 2)
    first, second = (browser.list.item(i).data(ENTRY) for i in range(2))
    assert model_files.is_own(first.info) and first.info.path != second.info.path
    model_files.rename(first.info, "  Ana's   oils ")
    assert read_model(first.info.path).name == "Ana's oils"
    with pytest.raises(ValueError, match="is not a name for a model"):
        model_files.rename(first.info, " ")
    assert first.info.path.stem in model_files.about(first)
    model_files.remove(second.info)
    assert bin_ == [second.info.path, second.info.path.with_suffix("")]
    browser.bring_in(str(tmp_path / "nothing.pth"))
    until(qtbot, browser, lambda: said)
    assert said[0].startswith("Not imported: ")
    browser.shut()


def test_a_run_goes_to_the_bin_as_a_whole_unless_it_is_trained(small_model, tmp_path, monkeypatch):
    bin_ = []
    monkeypatch.setattr(model_files.QFile, "moveToTrash", lambda path: bin_.append(Path(path)) or True)
    run = RunFolder(tmp_path / "runs" / "00000-sea")
    run.checkpoints.mkdir(parents=True)
    info = replace(read_model(str(small_model)), path=run.model)
    assert model_files.run_of(info) is None  # a folder of somebody else
    run.latest.write_bytes(b"x")
    assert model_files.run_of(info) == run and model_files.files_of(info) == [run.path]
    with run.taken(), pytest.raises(ValueError, match="00000-sea"):
        model_files.remove(info)
    assert not bin_
    model_files.remove(info)
    assert bin_ == [run.path]


def test_weights_that_two_models_share_stay_when_one_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("WEBCAM_PIX2PIX_MODELS", str(tmp_path))
    one = read_model(stock(tmp_path, "one"))
    assert model_files.files_of(one) == [one.path, tmp_path / "oil_color"]
    stock(tmp_path, "two")
    assert model_files.files_of(one) == [one.path]


def test_a_card_says_the_same_after_a_restart(tmp_path, small_model):
    from dataclasses import replace

    from webcam_pix2pix.recipe import Recipe
    from webcam_pix2pix.ui.models.catalog import entry, keep_texts
    bare = read_model(small_model)
    assert bare.network is None
    learned = replace(bare, network={"type": "unet", "ngf": 4}, recipe=Recipe())
    running = entry(learned, tmp_path / "made")
    keep_texts(learned, tmp_path / "made")
    after = entry(bare, tmp_path / "made")
    assert (after.line, after.recipe) == (running.line, running.recipe) and "U-Net" in after.line


def test_the_size_of_a_model_is_that_of_all_its_files(tmp_path):
    from webcam_pix2pix.ui.models.catalog import _size
    for suffix, size in ((".index", 1000), (".data-00000-of-00001", 5_000_000), (".meta", 2_000_000)):
        (tmp_path / f"model-7{suffix}").write_bytes(bytes(size))
    (tmp_path / "model-70.index").write_bytes(bytes(9_000_000))
    assert {_size(tmp_path / name) for name in ("model-7", "model-7.index", "model-7.meta")} == {"7 MB"}


def trained_run(folder: Path, name: str):
    """A run that was stopped: its model is in its folder, as training leaves it."""
    from webcam_pix2pix.training.runs.runfolder import new_run
    from webcam_pix2pix.training.setup.options import Options
    run = new_run(folder, name)
    run.create(folder / "dataset", Options(), None)
    stock(run.path, name).rename(run.model)
    return run


def test_a_stopped_run_is_listed_and_only_once_when_its_model_is_kept(tmp_path):
    from webcam_pix2pix.training.publish import publish
    models = tmp_path / "models"
    run = trained_run(tmp_path / "runs", "quick")
    found = scan([models], [], tmp_path / "made", Catalog(), [tmp_path / "runs"])
    assert [(entry.path, entry.note) for entry in found.entries] == [(str(run.model), "unfinished")]
    write_descriptor(replace(read_model(run.model), unfinished="2 of 700 steps"), run.model)
    found = scan([models], [], tmp_path / "made", found, [tmp_path / "runs"])
    assert [entry.note for entry in found.entries] == ["2 of 700 steps"]
    write_descriptor(replace(read_model(run.model), unfinished=""), run.model)
    run.mark_finished(3)
    found = scan([models], [], tmp_path / "made", found, [tmp_path / "runs"])
    assert [entry.note for entry in found.entries] == [""]
    kept = publish(run, models)
    found = scan([models], [str(run.model)], tmp_path / "made", found, [tmp_path / "runs"])  # though it was opened from the run
    assert [entry.path for entry in found.entries] == [str(kept)]
    assert found.entries[0].stands_for(str(run.model)) and found.entries[0].stands_for(str(kept))


def test_a_model_has_a_name_before_it_is_read():
    assert [called(text) for text in ("oil_color", "/runs/00001-quick/model.json", "/x/face/latest_net_G.pth", "/x/blue.safetensors")] == [
        "oil_color", "quick", "face", "blue"]
