"""The key map: conflicts are named, resets restore, what differs is stored; the dialog; letters in number fields."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

import params
from webcam_pix2pix.control.keymap import KeyMap
from webcam_pix2pix.ui.control.keys import FILE, PORTABLE, Keys
from webcam_pix2pix.ui.settings.fields import field

USUAL = {"freeze": ("Space",), "bypass": ("0",), "full_screen": ("F", "F11"), "quiet": ()}


def test_keys_move_between_actions_and_come_back(tmp_path):
    keys = KeyMap(USUAL, tmp_path / "keys.json")
    assert keys.owner("F11") == "full_screen" and keys.owner("F11", "full_screen") is None and keys.owner("X") is None
    assert keys.assign("freeze", ["F", "X"]) == ["full_screen"]
    assert keys.keys("freeze") == ("F", "X") and keys.keys("full_screen") == ("F11",) and keys.is_changed("full_screen")
    keys.write()
    again = KeyMap(USUAL | {"new": ("N",)}, tmp_path / "keys.json")
    again.read()
    assert again.keys("freeze") == ("F", "X") and again.keys("new") == ("N",)
    assert set(json.loads((tmp_path / "keys.json").read_text())["keys"]) == {"freeze", "full_screen"}
    again.reset("full_screen")
    assert again.keys("full_screen") == ("F", "F11") and again.keys("freeze") == ("X",)
    again.reset()
    assert {name: again.keys(name) for name in USUAL} == USUAL
    for bad in (["Esc"], list("ABCDE")):
        with pytest.raises(ValueError):
            keys.assign("quiet", bad)


def test_a_damaged_file_leaves_the_usual_keys(tmp_path):
    for text in ("{", "[]", '{"keys": {"freeze": "F"}}', '{"keys": {"freeze": [3]}}'):
        (tmp_path / "keys.json").write_text(text, encoding="utf-8")
        keys = KeyMap(USUAL, tmp_path / "keys.json")
        with pytest.raises(ValueError, match=r"keys\.json"):
            keys.read()
        assert keys.keys("freeze") == ("Space",)


def test_the_dialog_names_the_action_that_loses_its_key(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    actions = {}
    for name, usual in USUAL.items():
        actions[name] = QAction(name.replace("_", " ").capitalize(), window)
        actions[name].setShortcuts([QKeySequence(key) for key in usual])
    shown = []
    keys = Keys(actions, tmp_path, shown.append, shown.append)
    keys.open(window)
    dialog = keys.dialog
    dialog.choose("quiet")
    assert not dialog.only.isEnabled()
    dialog.edit.setKeySequence(QKeySequence("F"))
    assert "Full screen" in dialog.note.text() and dialog.only.isEnabled()
    dialog.only.click()
    assert [key.toString(PORTABLE) for key in actions["quiet"].shortcuts()] == ["F"] and "lost a key" in dialog.note.text()
    assert [key.toString(PORTABLE) for key in actions["full_screen"].shortcuts()] == ["F11"] and {"quiet", "full_screen"} <= set(shown)
    dialog.edit.setKeySequence(QKeySequence("Esc"))
    dialog.add.click()
    assert "choose another key" in dialog.note.text()
    assert (tmp_path / FILE).is_file()
    dialog.all.click()
    assert [key.toString(PORTABLE) for key in actions["full_screen"].shortcuts()] == ["F", "F11"] and not actions["quiet"].shortcuts()
    dialog.search.setText("bypass")
    assert sum(not item.isHidden() for item in dialog._items()) == 1


def test_after_a_key_was_given_the_keyboard_is_in_the_list_of_actions(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    actions = {name: QAction(name, window) for name in USUAL}
    keys = Keys(actions, tmp_path, lambda name: None, lambda text: None)
    keys.open(window)
    dialog = keys.dialog
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=5000)
    for button in (dialog.only, dialog.back):
        dialog.choose("quiet")
        dialog.edit.setKeySequence(QKeySequence("G"))
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert dialog.focusWidget() is dialog.list
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)  # nothing is taken away by it
    assert keys.map.keys("quiet") == ()  # reset
    dialog.close()


def test_letters_are_shortcuts_in_a_number_field_until_a_number_is_typed(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    made = field(next(row for row in params.rows() if row.name == "EdgeDetection.tone"))
    made.setParent(window)
    pressed = []
    action = QAction("X", window)
    action.setShortcut("X")
    action.triggered.connect(lambda: pressed.append("X"))
    window.addAction(action)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    made._edit.setFocus()
    before = made._edit.text()
    QTest.keyClick(made._edit, Qt.Key.Key_X)
    assert pressed == ["X"] and made._edit.text() == before
    QTest.keyClick(made._edit, Qt.Key.Key_Q)  # nobody's
    assert made._edit.text() == before
    made._edit.selectAll()
    QTest.keyClicks(made._edit, "0.5x")
    assert pressed == ["X"] and made._edit.text() == "0.5x"
