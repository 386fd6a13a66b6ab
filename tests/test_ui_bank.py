"""The keys 1 to 9: they stay with their preset, whatever comes or goes beside it."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_app import TONE, make, wait, window  # noqa: F401

from webcam_pix2pix.settings import write_preset
from webcam_pix2pix.ui.bank import FILE, Bank


def keys(bank):
    return {look.name: look.key for look in bank.looks()}


def test_a_key_stays_with_its_preset_when_others_come(tmp_path):
    bank = Bank(tmp_path)
    write_preset(tmp_path / "m.json", {})
    assert keys(bank) == {"original 2017 look": 1, "m": 2}
    write_preset(tmp_path / "a.json", {})
    assert keys(Bank(tmp_path)) == {"original 2017 look": 1, "a": 3, "m": 2}
    (tmp_path / "m.json").unlink()
    write_preset(tmp_path / "z.json", {})
    assert keys(Bank(tmp_path)) == {"original 2017 look": 1, "a": 3, "z": 2}  # a free key is used again


def test_keys_can_be_given_and_exchanged(tmp_path):
    bank = Bank(tmp_path)
    for name in "abc":
        write_preset(tmp_path / f"{name}.json", {})
    look = {look.name: look for look in bank.looks()}
    bank.assign(look["c"], 2)  # those of a and c change places
    assert keys(bank) == {"original 2017 look": 1, "a": 4, "b": 3, "c": 2}
    bank.assign(look["b"], None)
    bank.assign(look["a"], 9)
    assert keys(Bank(tmp_path)) == {"original 2017 look": 1, "a": 9, "b": None, "c": 2}
    assert bank.by_key(9).name == "a" and bank.by_key(3) is None


def test_there_are_nine_keys_and_more_presets(tmp_path):
    for number in range(12):
        write_preset(tmp_path / f"look {number}.json", {})
    assert sorted(filter(None, keys(Bank(tmp_path)).values())) == list(range(1, 10))


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": 3, "known": []}', '{"keys": {"x": "a"}, "known": []}'])
def test_a_damaged_file_of_keys_is_made_anew(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    write_preset(tmp_path / "a.json", {})
    assert keys(Bank(tmp_path)) == {"original 2017 look": 1, "a": 2}
    assert json.loads((tmp_path / FILE).read_text())["keys"] == {"1": "original 2017 look", "2": "a.json"}


def test_the_key_recalls_the_same_look_after_another_was_saved(window, qtbot):  # noqa: F811
    window.live.set(TONE, 0.2)
    window.presets.save(str(window.store.presets / "mine.json"))
    assert "Key 2 recalls it" in window.messages.all[-1].text
    window.live.set(TONE, 0.9)
    window.presets.save(str(window.store.presets / "also mine.json"))  # comes before it in the list
    window.live.set(TONE, 0.5)
    QTest.keyClick(window, Qt.Key.Key_2)
    assert window.live.value.edges.tone == 0.2
    QTest.keyClick(window, Qt.Key.Key_3)
    assert window.live.value.edges.tone == 0.9
    QTest.keyClick(window, Qt.Key.Key_7)
    assert "No preset is on key 7" in window.messages.all[-1].text
    window.presets.aboutToShow.emit()
    menu = next(action.menu() for action in window.presets.actions() if action.text() == "Keys 1 to 9")
    choice = next(action.menu() for action in menu.actions() if action.text() == "mine")
    assert [action.text() for action in choice.actions() if action.isChecked()] == ["Key 2"]
    next(action for action in choice.actions() if action.text() == "Key 7").trigger()
    QTest.keyClick(window, Qt.Key.Key_7)
    assert window.live.value.edges.tone == 0.2
