"""Image, film or neither, by content; folders with links, and what is left out of them."""

import shutil
import struct
from collections import Counter
from pathlib import Path

import cv2
import pytest
from footage import photo, save, steady, write_film
from PIL import Image

from msa.capturer import Capturer, Init
from msa.content import content, is_image, is_video, listed_as
from msa.listing import files_below, left_out_line, list_images


def renamed(path: Path, name: str) -> Path:
    return Path(shutil.copy(path, path.with_name(name)))


@pytest.mark.parametrize("name", ["a.jfif", "a", "a.mp4", "a.JPE", "a.xyz"])
def test_an_image_is_one_under_any_name(tmp_path, name):
    path = renamed(save(tmp_path / "x.jpg", photo(1)), name)
    assert is_image(path) and not is_video(path)
    with Capturer(Init(device_id=str(path), use_thread=False), live=False) as capturer:
        assert capturer.source.name.startswith("image")


@pytest.mark.parametrize("name", ["a.3gp", "a.m2ts", "a", "a.png", "a.dat"])
def test_a_film_is_one_under_any_name(tmp_path, name):
    path = renamed(write_film(tmp_path / "x.mp4", steady(4, 10)), name)
    assert is_video(path) and not is_image(path)
    assert listed_as(path) == ("image" if name == "a.png" else "film"), "in folders the usual names of images are believed"


@pytest.mark.parametrize("container, kind", [("mkv", "Matroska"), ("ts", "MPEG transport stream"), ("avi", "AVI"), ("mov", "QuickTime"),
                                             ("flv", "Flash video"), ("mp4", "MP4")])
def test_containers(tmp_path, container, kind):
    path = write_film(tmp_path / f"a.{container}", steady(12, 10))
    found = content(path.read_bytes()[:4096])
    assert found is not None and (found.image, found.kind) == (False, kind)


def test_heads():
    for head, expected in {b"\x89PNG\r\n\x1a\n": (True, "PNG"), struct.pack(">I4s4s", 24, b"ftyp", b"avif"): (True, "AVIF"),
                           struct.pack(">I4s4s", 24, b"ftyp", b"heic"): (True, "HEIC"), b"P5 4 4 255\n": (True, "PNM"),
                           struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"mif1", 0, b"mif1", b"avif"): (True, "AVIF"),
                           b"\0\0\0\x01\x67\x64\0\x1f": (False, "H.264"), b"GIF89a": (False, "GIF")}.items():
        found = content(head)
        assert found is not None and (found.image, found.kind) == expected
    assert content(b"") is None and content(b"{}") is None and content(b"PK\x03\x04") is None


def test_linked_folders_are_followed_once(tmp_path):
    save(tmp_path / "elsewhere" / "a.png", photo(1))
    save(tmp_path / "top" / "own.png", photo(2))
    save(tmp_path / "top" / "inner" / "b.png", photo(3))
    for name, target in {"first": "../elsewhere", "second": "../elsewhere", "circle": ".", "up": "..", "sideways": "inner"}.items():
        (tmp_path / "top" / name).symlink_to(target, target_is_directory=True)
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "top", target_is_directory=True)
    assert sorted(p.as_posix() for p in files_below(tmp_path / "top")) == ["first/a.png", "inner/b.png", "own.png"]
    assert len(list_images(tmp_path / "top", recursive=True)) == 3
    assert len(list_images(tmp_path / "top")) == 1


def test_what_is_left_out_is_counted(tmp_path):
    save(tmp_path / "a.png", photo(1))
    for name in ("notes.txt", "b.TXT", "c.json", "noname", "Thumbs.db", ".hidden"):
        (tmp_path / name).write_bytes(b"words")
    left_out: Counter[str] = Counter()
    assert [p.name for p in list_images(tmp_path, left_out=left_out)] == ["a.png"]
    assert left_out == {".txt": 2, ".json": 1, "without a suffix": 1}
    assert left_out_line("in", left_out) == "in: 4 files left out, no images: 2 .txt, 1 .json, 1 without a suffix"
    assert left_out_line("in", Counter()) == ""


def test_kinds_that_only_pillow_reads(tmp_path):
    from msa.images import read_image
    Image.fromarray(photo(1)).save(tmp_path / "a.avif", quality=95)
    Image.fromarray(photo(1)).save(tmp_path / "a.jp2")
    for path in list_images(tmp_path):
        assert abs(int(cv2.absdiff(read_image(path), photo(1)).mean())) < 4
    assert len(list_images(tmp_path)) == 2
