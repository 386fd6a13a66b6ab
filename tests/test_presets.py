"""The bank: a key stays with its preset, everything can be taken back, old files are taken over, and a whole bank is one file."""

import json

import numpy as np
import pytest

from webcam_pix2pix.control.presets import Bank
from webcam_pix2pix.control.presets.bank import BUILT_IN, FILE, OLD_FILE
from webcam_pix2pix.control.presets.exchange import export_bank, import_bank, is_bank
from webcam_pix2pix.control.presets.preset import file_name, thumbnail_of, values_of
from webcam_pix2pix.settings import Settings, read_preset, write_preset

TONE = "EdgeDetection.tone"


def keys(bank):
    return {preset.name: preset.key for preset in bank.presets if preset.file}


def names(bank):
    return [preset.name for preset in bank.presets if preset.file]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def bank(tmp_path):
    bank = Bank(tmp_path / "presets")
    for i, name in enumerate("abc"):
        bank.store(name, {TONE: i / 10}, thumbnail_of(np.full((64, 64, 3), 80 * i, np.uint8)))
    return bank


def test_a_key_stays_with_its_preset_when_others_come(tmp_path):
    write_preset(tmp_path / "m.json", {})
    assert keys(Bank(tmp_path)) == {"m": 1}
    bank = Bank(tmp_path)
    write_preset(tmp_path / "a.json", {})
    assert keys(bank) == keys(Bank(tmp_path)) == {"m": 1, "a": 2}
    (tmp_path / "m.json").unlink()
    write_preset(tmp_path / "z.json", {})
    assert keys(bank) == {"a": 2, "z": 1}  # a free key is used again


def test_keys_can_be_given_exchanged_and_taken_away(bank):
    bank.assign(bank.named("c"), 1)
    assert keys(bank) == {"a": 3, "b": 2, "c": 1}
    bank.assign(bank.named("b"), None)
    bank.assign(bank.named("a"), 9)
    assert keys(Bank(bank.folder)) == {"a": 9, "b": None, "c": 1} and bank.by_key(9).name == "a" and bank.by_key(2) is None
    bank.assign(BUILT_IN[0], 2)
    assert Bank(bank.folder).by_key(2).name == BUILT_IN[0].name


def test_what_an_older_version_stored_is_taken_over(tmp_path):
    for name in ("one", "two"):
        write_preset(tmp_path / f"{name}.json", {TONE: 0.5})
    (tmp_path / OLD_FILE).write_text(json.dumps({"version": 1, "keys": {"5": "two.json", "3": BUILT_IN[1].name},
                                                 "known": ["one.json", "two.json", *(p.name for p in BUILT_IN)]}))
    before = files(tmp_path)
    bank = Bank(tmp_path)
    assert keys(bank) == {"one": None, "two": 5} and bank.by_key(3).name == BUILT_IN[1].name and bank.by_key(5).values == {TONE: 0.5}
    bank.move(bank.named("two"), 0)
    assert names(Bank(tmp_path)) == ["two", "one"] and keys(Bank(tmp_path)) == {"one": None, "two": 5}
    assert {name: data for name, data in files(tmp_path).items() if name in before} == before  # nothing of it was changed


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": 3}', '{"keys": {"x": "a"}}', '{"keys": {}, "order": 7}'])
def test_a_damaged_order_is_made_anew(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    write_preset(tmp_path / "a.json", {})
    assert keys(Bank(tmp_path)) == {"a": 1}
    assert json.loads((tmp_path / FILE).read_text())["keys"] == {"1": "a.json"}


def test_every_change_can_be_taken_back_and_made_again(bank):
    a, b, c = (bank.named(name) for name in "abc")
    changes = [lambda: bank.overwrite(a, {TONE: 0.9}), lambda: bank.rename(b, "seven / eight"), lambda: bank.move(c, 0),
               lambda: bank.delete(bank.named("a")), lambda: bank.assign(c, 7), lambda: bank.set_end(0, c)]
    seen = []
    for change in changes:
        seen.append((bank.presets, bank.ends, files(bank.folder)))
        change()
    last = bank.presets, bank.ends, files(bank.folder)
    assert names(bank) == ["c", "seven / eight"] and bank.ends[0].name == "c" and "seven _ eight.json" in last[2]
    for state in reversed(seen):
        assert bank.undo()
        assert (bank.presets, bank.ends) == state[:2]
        assert {n: d for n, d in files(bank.folder).items() if n != FILE} == {n: d for n, d in state[2].items() if n != FILE}
        assert Bank(bank.folder).presets == bank.presets  # the same after a restart
    for _ in changes:
        assert bank.redo()
    assert (bank.presets, bank.ends, files(bank.folder)) == last and not bank.redo()


def test_what_cannot_be_written_changes_nothing(bank, monkeypatch):
    before = bank.presets

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("webcam_pix2pix.control.presets.preset.write_atomic", full)
    with pytest.raises(OSError, match="No space"):
        bank.store("d", {})
    assert bank.presets == before and bank.texts()[0].startswith("store “c”")


def test_built_in_presets_stay_what_they_are(bank):
    for change in (lambda: bank.delete(BUILT_IN[0]), lambda: bank.rename(BUILT_IN[0], "x"), lambda: bank.overwrite(BUILT_IN[0], {})):
        with pytest.raises(ValueError, match="built in"):
            change()
    with pytest.raises(ValueError, match="name"):
        bank.rename(bank.named("a"), "  ")


def test_next_and_previous_go_round_and_leave_out_what_cannot_be_read(bank):
    (bank.folder / "bad.json").write_text("{")
    assert bank.named("bad.json").problem.startswith(str(bank.folder / "bad.json"))
    usable = [preset.identity for preset in bank.presets if not preset.problem]
    here, seen = "", []
    for _ in usable:
        here = bank.beside(here, 1).identity
        seen.append(here)
    assert seen == usable and bank.beside(usable[0], -1).identity == usable[-1] and bank.beside("", -1).identity == usable[-1]


def test_a_preset_file_is_readable_json_that_the_command_line_takes(bank):
    data = json.loads((bank.folder / "b.json").read_text())
    assert list(data) == ["version", "name", "settings", "thumbnail"] and data["version"] == 1
    assert read_preset(bank.folder / "b.json") == {TONE: 0.1}
    assert set(values_of(Settings(), ("settings", "model", "source"))) >= {TONE, "Model.model_name", "Capture.Init.device_id"}
    assert "Model.device" not in values_of(Settings(), ("settings", "model", "source"))  # a matter of the machine


def test_names_become_file_names_that_every_system_takes():
    assert file_name("a/b: c?", ()) == "a_b_ c_.json" and file_name(" . ", ()) == "preset.json"
    assert file_name("Look", {"look.json", "look 2.json"}) == "Look 3.json" and len(file_name("x" * 500, ())) < 100


def test_a_whole_bank_is_one_file(bank, tmp_path):
    assert export_bank(bank, tmp_path / "all.json") == 3 and is_bank(tmp_path / "all.json") and not is_bank(bank.folder / "a.json")
    other = Bank(tmp_path / "other")
    other.store("a", {TONE: 0.7})
    assert import_bank(other, tmp_path / "all.json") == 3
    assert [(p.name, p.values.get(TONE), p.key) for p in other.presets if p.file] == [("a", 0.7, 1), ("a", 0.0, None), ("b", 0.1, 2),
                                                                                    ("c", 0.2, 3)]
    assert [p.thumbnail for p in other.presets[1:4]] == [p.thumbnail for p in bank.presets[:3]]
    assert "import" in other.undo() and names(other) == ["a"]


@pytest.mark.parametrize("text, message", [("{", "not a bank"), ("[]", "not a bank"), ('{"presets": 3}', "expected a list"),
                                           ('{"presets": [3]}', "preset 1"), ('{"presets": [{"settings": {"No.such": 1}}]}', "No.such")])
def test_a_bad_bank_file_is_named_and_adds_nothing(bank, tmp_path, text, message):
    (tmp_path / "bad.json").write_text(text)
    before = bank.presets
    with pytest.raises(ValueError, match=message) as error:
        import_bank(bank, tmp_path / "bad.json")
    assert str(tmp_path / "bad.json") in str(error.value) and bank.presets == before
