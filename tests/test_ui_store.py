"""What the window remembers outlives damage: one generation behind, the broken file kept aside."""

import json

import pytest

from webcam_pix2pix.ui.foundation.store import Remembered, Store


def remember(folder, theme):
    Store(folder).write(Remembered(theme=theme))


def test_the_generation_before_is_kept_and_used_when_the_file_is_damaged(tmp_path):
    remember(tmp_path, "light")
    remember(tmp_path, "dark")
    (tmp_path / "settings.json").write_text((tmp_path / "settings.json").read_text()[:40])
    store = Store(tmp_path)
    assert store.read().theme == "light"
    assert "cannot be read" in store.trouble and "those of the time before are used" in store.trouble and "\n" not in store.trouble
    store.write(Remembered(theme="dark"))
    assert len((tmp_path / "settings.broken.json").read_text()) == 40
    again = Store(tmp_path)
    assert again.read().theme == "dark" and not again.trouble
    assert sorted(p.name for p in tmp_path.iterdir()) == ["settings.bak.json", "settings.broken.json", "settings.json"]


def test_damage_of_both_starts_as_new_and_says_so(tmp_path):
    remember(tmp_path, "light")
    for name in ("settings.json", "settings.bak.json"):
        (tmp_path / name).write_bytes(b"\xff\x00rubbish")
    store = Store(tmp_path)
    assert store.read() == Remembered() and "starts as new" in store.trouble


def test_a_first_start_is_no_trouble(tmp_path):
    store = Store(tmp_path / "none")
    assert store.read() == Remembered() and not store.trouble


@pytest.mark.parametrize("data", [
    [], {"version": 99}, {"version": 1, "settings": 5}, {"version": 1, "theme": {}}, None, {"version": 1, "hints": "x"}])
def test_whatever_the_file_holds_the_window_starts(tmp_path, data):
    (tmp_path / "settings.json").write_text(json.dumps(data))
    store = Store(tmp_path)
    remembered = store.read()
    assert remembered.theme == "dark" and remembered.valid_settings() == {}
    store.write(remembered)
    assert Store(tmp_path).read() == remembered
