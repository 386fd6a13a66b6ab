"""The presets in the window: keys, the dock of thumbnails, morph and crossfader, and the menu."""

import gc
import json
import random
import threading

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from test_app import TONE, make, wait, window  # noqa: F401

from webcam_pix2pix.ui.presets.bank_dock import BankDock
from webcam_pix2pix.ui.presets.thumbnails import Thumbnails
from webcam_pix2pix.ui.presets.tiles import PRESET, two_lines
from webcam_pix2pix.ui.shell.menus import bring

FIRST = 1


@pytest.fixture
def bank(window, qtbot):  # noqa: F811
    dock = next(dock for dock in window.docks if isinstance(dock.content, BankDock))
    bring(dock)
    wait(qtbot, lambda: dock.content.isVisible() and dock.content.model.rowCount() > 0)
    for tone in (0.2, 0.9):
        window.live.set(TONE, tone)
        dock.content.store()
    return dock.content


def names(bank):
    return [preset.name for preset in bank.model.presets if preset.file]


def place(bank, row):
    return bank.tiles.visualRect(bank.model.index(row)).center()


def test_the_key_recalls_the_same_preset_after_another_was_saved(window, qtbot):  # noqa: F811
    window.live.set(TONE, 0.2)
    window.presets.save(str(window.store.presets / "mine.json"))
    assert f"Key {FIRST} recalls it" in window.messages.all[-1].text
    window.live.set(TONE, 0.9)
    window.presets.save(str(window.store.presets / "also mine.json"))  # comes before it in the list
    window.live.set(TONE, 0.5)
    QTest.keyClick(window, Qt.Key.Key_0 + FIRST)
    assert window.live.value.edges.tone == 0.2
    QTest.keyClick(window, Qt.Key.Key_0 + FIRST + 1)
    assert window.live.value.edges.tone == 0.9
    QTest.keyClick(window, Qt.Key.Key_7)
    assert "No preset is on key 7" in window.messages.all[-1].text
    window.presets.aboutToShow.emit()
    menu = next(action.menu() for action in window.presets.actions() if action.text() == "Keys 1 to 9")
    choice = next(action.menu() for action in menu.actions() if action.text() == "mine")
    assert [action.text() for action in choice.actions() if action.isChecked()] == [f"Key {FIRST}"]
    next(action for action in choice.actions() if action.text() == "Key 7").trigger()
    QTest.keyClick(window, Qt.Key.Key_7)
    assert window.live.value.edges.tone == 0.2


def test_store_recall_rename_delete_and_undo_in_the_dock(window, bank, qtbot):  # noqa: F811
    assert names(bank) == ["preset 1", "preset 2"] and bank.model.presets[0].thumbnail
    QTest.mouseClick(bank.tiles.viewport(), Qt.MouseButton.LeftButton, pos=place(bank, 0))
    assert window.live.value.edges.tone == 0.2 and bank.player.current == "preset 1.json"
    bank.tiles.edit(bank.model.index(0))
    editor = bank.tiles.findChild(QLineEdit)
    editor.setText("dawn")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    wait(qtbot, lambda: names(bank) == ["dawn", "preset 2"])
    assert json.loads((window.store.presets / "dawn.json").read_text())["name"] == "dawn"
    menu = bank.context_menu(bank.model.presets[1], bank.model.index(1))
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    menu.close()
    assert names(bank) == ["dawn"]
    assert bank.undo.text() == "Undo: delete “preset 2”"
    bank.undo.trigger()
    assert names(bank) == ["dawn", "preset 2"] and bank.undo.text() == "Undo: rename “preset 1”"
    assert bank.bar.air.text() == "On air: dawn"
    bank.undo.trigger()
    assert names(bank) == ["preset 1", "preset 2"]
    wait(qtbot, lambda: bank.bar.air.text() == "On air: preset 1")  # by the name that it has again
    bank.redo.trigger()
    assert names(bank) == ["dawn", "preset 2"]


def test_overwriting_is_asked_once(window, bank):  # noqa: F811
    window.live.set(TONE, 0.33)
    for button, tone in (("Leave it", 0.2), ("Overwrite", 0.33)):
        bank.ask_overwrite(bank.model.presets[0])
        next(b for b in bank.question.buttons() if b.text() == button).click()
        assert bank.question is None and bank.model.presets[0].values[TONE] == tone
    bank.undo.trigger()
    assert bank.model.presets[0].values[TONE] == 0.2


def test_a_tile_that_is_dragged_takes_its_new_place(bank):
    first, second = place(bank, 0), place(bank, 1)
    assert bank.tiles.place_at(second + QPoint(20, 0), 0) == 1 and bank.tiles.place_at(second - QPoint(20, 0), 0) == 0
    assert bank.tiles.place_at(first - QPoint(20, 0), 1) == 0
    bank.tiles.moved.emit(bank.model.presets[1], 0)
    assert names(bank) == ["preset 2", "preset 1"]


def test_a_morph_runs_by_itself_and_the_tree_follows(window, bank, qtbot):  # noqa: F811
    bank.bar.seconds.setValue(20)
    seconds = window.live.value.presets.morph_s
    assert 0 < seconds < 0.5
    seen = []
    window.live.desk.subscribe(lambda change: seen.append(window.live.desk.settings.edges.tone))
    bank.player.recall(bank.model.presets[0])
    wait(qtbot, lambda: not bank.player.running)
    assert seen == sorted(seen, reverse=True) and seen[-1] == 0.2
    wait(qtbot, lambda: window.params.param("EdgeDetection", "tone").value() == 0.2)
    window.live.undo.undo()
    assert window.live.value.edges.tone == 0.9


def test_the_dock_shows_what_a_key_has_recalled_and_how_far_a_morph_is(window, bank, qtbot):  # noqa: F811
    for end in (0, 1):
        bank.bar._choose(end, bank.model.presets[end])
    QTest.keyClick(window, Qt.Key.Key_2)
    wait(qtbot, lambda: bank.bar.fader.value() == 1000 and bank.bar.fader.on_air and bank.bar.air.text() == "On air: preset 2")
    window.live.set("Presets.morph_s", 30.0)
    QTest.keyClick(window, Qt.Key.Key_1)
    wait(qtbot, lambda: bank.bar.air.text().startswith("To preset 1: ") and 0 < bank.bar.fader.value() < 1000)
    wait(qtbot, lambda: bank.player.position > 0.05)  # the way back is long enough to be seen
    assert window.status.morph.isVisible() and int(window.status.morph.value) < 50 and "To “preset 1”" in window.status.morph.toolTip()
    QTest.mouseClick(bank.tiles.viewport(), Qt.MouseButton.LeftButton, pos=place(bank, 0))
    wait(qtbot, lambda: bank.bar.air.text().startswith("Back from preset 1: "))
    wait(qtbot, lambda: bank.bar.air.text() == "On air: preset 2" and bank.bar.fader.value() == 1000)
    assert not window.status.morph.isVisible()
    built_in = next(i for i, preset in enumerate(bank.model.presets) if not preset.file)
    window.live.set("Presets.morph_s", 0.0)
    QTest.mouseClick(bank.tiles.viewport(), Qt.MouseButton.LeftButton, pos=place(bank, built_in))
    wait(qtbot, lambda: not bank.bar.fader.on_air and "Neither" in bank.bar.fader.toolTip())
    assert bank.bar.fader.isEnabled() and bank.bar.air.text() == f"On air: {bank.model.presets[built_in].name}"


def test_built_in_presets_have_an_image_that_is_made_once(window, bank, qtbot, monkeypatch):  # noqa: F811
    built_in = [preset for preset in bank.model.presets if not preset.file]
    wait(qtbot, lambda: all(bank.thumbnails.of(preset) for preset in built_in))
    files = sorted((window.store.presets / ".thumbnails").iterdir())
    assert len(files) == len(built_in) and len({bank.thumbnails.of(preset) for preset in built_in}) == len(built_in)
    monkeypatch.setattr("webcam_pix2pix.ui.presets.thumbnails.seen_by_network", lambda preset: pytest.fail("made again"))
    again = Thumbnails(window.store.presets / ".thumbnails")
    wait(qtbot, lambda: again.tick() or all(again.of(preset) == bank.thumbnails.of(preset) for preset in built_in))
    again.close()
    assert sorted((window.store.presets / ".thumbnails").iterdir()) == files


def test_a_tile_has_a_ground_and_initials_while_there_is_no_image(bank):
    built_in = next(i for i, preset in enumerate(bank.model.presets) if not preset.file)
    bank.delegate._made = lambda preset: b""
    image = bank.tiles.viewport().grab().toImage()
    ground = image.pixelColor(bank.tiles.visualRect(bank.model.index(built_in)).topLeft() + QPoint(30, 40))
    assert ground.saturation() > 60 and ground.value() > 60


@pytest.mark.parametrize(("name", "lines"), [("dawn", 1), ("edges over grey light", 2), ("a" * 60, 1), ("the " + "b" * 60, 2)])
def test_names_of_tiles_have_two_lines_and_fit(bank, name, lines):
    shown = two_lines(name, bank.tiles.fontMetrics(), 100)
    assert len(shown) == lines and all(bank.tiles.fontMetrics().horizontalAdvance(line) <= 100 for line in shown)
    assert "…" in "".join(shown) or " ".join(shown) == name


def test_the_crossfader_is_dragged_between_two_presets(window, bank):  # noqa: F811
    assert not bank.bar.fader.isEnabled()
    before = bank.bar.fader.geometry()
    for end in (0, 1):
        bank.bar._choose(end, bank.model.presets[end])
    assert bank.bar.fader.isEnabled() and "preset 1" in bank.bar.a.text()
    bank.bar.layout().activate()
    assert bank.bar.fader.geometry() == before  # it does not move under the mouse
    bank.bar.fader.setValue(500)
    assert window.live.value.edges.tone == pytest.approx(0.55)
    bank.bar.fader.setValue(1000)
    assert window.live.value.edges.tone == 0.9


def test_a_whole_bank_is_dropped_on_the_window(window, bank, tmp_path):  # noqa: F811
    from webcam_pix2pix.control.presets.exchange import export_bank
    export_bank(bank.bank, tmp_path / "all.json")
    window.open.path(str(tmp_path / "all.json"))
    assert names(bank) == ["preset 1", "preset 2", "preset 1", "preset 2"]
    (tmp_path / "all.json").write_text('{"presets": [7]}')
    window.open.path(str(tmp_path / "all.json"))
    assert "preset 1: this is not a preset" in window.messages.all[-1].text


def test_what_a_preset_holds_is_chosen_and_remembered(window, bank):  # noqa: F811
    for action in bank.holds.menu().actions():
        if action.text() == "Source":
            action.trigger()
    bank.store()
    preset = next(p for p in bank.bank.presets if p.name == "preset 3")
    assert preset.parts == ("settings", "source") and window.remembered.preset_parts == ["settings", "source"]
    assert bank.model.index(2).data(PRESET).values["Capture.Init.device_id"] == "test"


def test_two_hundred_recalls_while_the_source_runs(window, bank, qtbot):  # noqa: F811
    chance = random.Random(2)

    def recall(times):
        for _ in range(times):
            bank.player.recall(chance.choice(bank.bank.presets), chance.choice((0.0, 0.0, 0.05)))
            if chance.random() < 0.1:
                qtbot.wait(5)
        bank.player.recall(bank.bank.presets[0], 0.0)
        wait(qtbot, lambda: "morph" not in (thread.name for thread in threading.enumerate()))
        gc.collect()
        return psutil.Process().memory_info().rss / 2**20, threading.active_count(), len(psutil.Process().open_files())

    recall(50)  # what is made once is made
    before, after = recall(50), recall(200)
    assert after[0] - before[0] < 10 and after[1:] == before[1:]  # MiB, threads, files
    bank.player.go(bank.model.presets[1].values, "last", 0.0)
    wait(qtbot, lambda: window.pipeline.settings.edges.tone == 0.9)
    count = window.pipeline.status.frames
    wait(qtbot, lambda: window.pipeline.status.frames > count + 3)
    assert not [problem for problem in window.pipeline.status.problems if "failed" in problem.text]


def test_the_seconds_of_a_morph_can_be_typed(window, bank, qtbot):  # noqa: F811
    edit = bank.bar.time
    window.activateWindow()
    wait(qtbot, window.isActiveWindow)
    QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
    wait(qtbot, edit.hasFocus)
    QTest.keyClicks(edit, "7,25")
    bank.tick()
    assert edit.text() == "7,25"  # not overwritten while one types
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert window.live.value.presets.morph_s == 7.25 and edit.text() == "7.25 s" and not edit.hasFocus()
    assert bank.bar.seconds.value() > 0
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "99")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert window.live.value.presets.morph_s == 7.25 and "from 0 to 30" in window.messages.all[-1].text
    window.live.set("Presets.morph_s", 0.0)
    bank.tick()
    assert edit.text() == "cut"
