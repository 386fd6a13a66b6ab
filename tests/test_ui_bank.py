"""The keys 1 to 9: they stay with their preset, whatever comes or goes beside it."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_app import TONE, make, wait, window  # noqa: F401

from webcam_pix2pix.settings import BUILT_IN_PRESETS, write_preset
from webcam_pix2pix.ui.settings.preset_bank import FILE, Bank

BUILT_IN = dict.fromkeys(BUILT_IN_PRESETS)  # they have no keys of their own
FIRST = 1


def keys(bank):
    return {entry.name: entry.key for entry in bank.entries()}


def test_a_key_stays_with_its_preset_when_others_come(tmp_path):
    bank = Bank(tmp_path)
    write_preset(tmp_path / "m.json", {})
    assert keys(bank) == BUILT_IN | {"m": FIRST}
    write_preset(tmp_path / "a.json", {})
    assert keys(Bank(tmp_path)) == BUILT_IN | {"a": FIRST + 1, "m": FIRST}
    (tmp_path / "m.json").unlink()
    write_preset(tmp_path / "z.json", {})
    assert keys(Bank(tmp_path)) == BUILT_IN | {"a": FIRST + 1, "z": FIRST}  # a free key is used again


def test_keys_can_be_given_and_exchanged(tmp_path):
    bank = Bank(tmp_path)
    for name in "abc":
        write_preset(tmp_path / f"{name}.json", {})
    entry = {entry.name: entry for entry in bank.entries()}
    bank.assign(entry["c"], FIRST)  # those of a and c change places
    assert keys(bank) == BUILT_IN | {"a": FIRST + 2, "b": FIRST + 1, "c": FIRST}
    bank.assign(entry["b"], None)
    bank.assign(entry["a"], 9)
    assert keys(Bank(tmp_path)) == BUILT_IN | {"a": 9, "b": None, "c": FIRST}
    assert bank.by_key(9).name == "a" and bank.by_key(FIRST + 1) is None


def test_there_are_nine_keys_and_more_presets(tmp_path):
    for number in range(12):
        write_preset(tmp_path / f"look {number}.json", {})
    assert sorted(filter(None, keys(Bank(tmp_path)).values())) == list(range(1, 10))


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": 3, "known": []}', '{"keys": {"x": "a"}, "known": []}'])
def test_a_damaged_file_of_keys_is_made_anew(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    write_preset(tmp_path / "a.json", {})
    assert keys(Bank(tmp_path)) == BUILT_IN | {"a": FIRST}
    assert json.loads((tmp_path / FILE).read_text())["keys"] == {str(FIRST): "a.json"}


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
