"""Files written whole or not at all, and errors in words."""

import errno

import pytest

from msa.files import format_error, write_atomic


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.txt"
    write_atomic(path, "ä")
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second" and list(tmp_path.iterdir()) == [path]


def test_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / ("ä" * 125 + ".json")  # 255 bytes
    write_atomic(path, "x")
    assert path.read_text() == "x" and list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()
    for path in (tmp_path / "folder", tmp_path / "no" / "a.txt"):
        with pytest.raises(OSError, match=path.name):
            write_atomic(path, "x")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(("error", "words"), [
    (FileNotFoundError(errno.ENOENT, "No such file or directory", "a.png"), "a.png: No such file or directory"),
    (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"), (ValueError("two\n lines"), "two lines"),
    (OSError("a.png: damaged"), "a.png: damaged"), (KeyError(), "KeyError")])
def test_errors_as_one_line(error, words):
    assert format_error(error) == words
