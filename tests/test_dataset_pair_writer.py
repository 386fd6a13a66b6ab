import time

import numpy as np
import pytest
from footage import photo, tree

from msa.images import read_image
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.dataset.manifest import read_manifest, recipe_of
from webcam_pix2pix.dataset.pair_writer import QUEUE, PairWriter
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.preprocessing import preprocess

RECIPE = RECIPES["edges"]


def frames(count: int, fps: float = 10.0, first: int = 0) -> list[Frame]:
    """As the engine makes them."""
    made = []
    for i in range(first, first + count):
        captured = sealed(photo(i, (64, 64)))
        made.append(Frame(i, 100 + i / fps, captured, sealed(preprocess(captured, RECIPE.processing, RECIPE.edges))))
    return made


def record(folder, what, **options) -> PairWriter:
    writer = PairWriter(folder, **{"recipe": RECIPE, "size": (64, 64), "rate": 0, "session": "live"} | options)
    for frame in what:
        writer.put(frame)
        while writer._queue.full():
            time.sleep(0.001)
    writer.close()
    return writer


def test_pairs_are_what_the_panels_showed(tmp_path):
    what = frames(20)
    writer = record(tmp_path / "set", what)
    assert (writer.count, writer.refused, writer.error) == (20, 0, None)
    manifest = read_manifest(tmp_path / "set")
    assert manifest["split"]["counts"] == {"train": 18, "val": 1, "test": 1} and recipe_of(manifest) == RECIPE
    for row in manifest["pairs"]:
        frame = what[int(row["source"].partition("#")[2])]
        assert np.array_equal(read_image(tmp_path / "set" / row["file"]), np.hstack([frame.processed, frame.captured]))
    assert len(PairDataset(tmp_path / "set", load_size=64, crop_size=64)) == 18
    assert np.array_equal(writer.last[-1], np.hstack([what[-1].processed, what[-1].captured]))
    assert not (tmp_path / "set" / ".unfinished").exists()


def test_without_a_recipe_the_network_s_own_input_is_kept(tmp_path):
    what = frames(3)
    record(tmp_path / "set", what, recipe=None)
    manifest = read_manifest(tmp_path / "set")
    assert manifest["recipe"] is None
    assert np.array_equal(read_image(tmp_path / "set" / manifest["pairs"][0]["file"])[:, :64], what[0].processed)


def test_rate_and_limit(tmp_path):
    assert record(tmp_path / "slow", frames(40, fps=10), rate=2.5).count == 10
    assert record(tmp_path / "few", frames(40), limit=7).count == 7
    pause = frames(5, fps=10) + frames(5, fps=10, first=100)  # nine seconds apart: no burst afterwards
    assert record(tmp_path / "pause", pause, rate=2.0).count == 2


def test_a_second_session_adds_and_another_recipe_does_not(tmp_path):
    record(tmp_path / "set", frames(10))
    first = tree(tmp_path / "set")
    record(tmp_path / "set", frames(10, first=10), session="later")
    second = tree(tmp_path / "set")
    assert all(second[name] == data for name, data in first.items() if name != "manifest.json")
    assert len(second) == 21 and len({row["file"] for row in read_manifest(tmp_path / "set")["pairs"]}) == 20
    with pytest.raises(ValueError, match="made otherwise"):
        PairWriter(tmp_path / "set", RECIPES["tone"], (64, 64))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.txt").touch()
    with pytest.raises(ValueError, match="not empty"):
        PairWriter(tmp_path / "mine", RECIPE)


def test_a_session_that_was_killed_is_taken_in_by_the_next(tmp_path):
    killed = PairWriter(tmp_path / "set", RECIPE, (64, 64), rate=0, session="killed")
    for frame in frames(5):
        killed.put(frame)
    killed._queue.put(None)  # the thread ends, but nobody closes
    killed._thread.join()
    killed._journal.close()
    record(tmp_path / "set", frames(5, first=5), session="next")
    assert len(read_manifest(tmp_path / "set")["pairs"]) == 10


def test_the_show_never_waits(tmp_path):
    """A writer that is stuck refuses what does not fit into its queue."""
    writer = PairWriter(tmp_path / "set", RECIPE, (64, 64), rate=0)
    release = writer._maker

    class Stuck:
        recipe, suffix = release.recipe, release.suffix

        def __call__(self, source_image, key):
            while not go:
                time.sleep(0.001)
            return release(source_image, key)

    go: list[bool] = []
    writer._maker = Stuck()
    for frame in frames(QUEUE + 10):
        writer.put(frame)
    assert 8 <= writer.refused <= 10
    go.append(True)
    writer.close()
    assert writer.count + writer.refused == QUEUE + 10


def test_a_full_disk_ends_the_recording_not_the_show(tmp_path, monkeypatch):
    def full(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr("webcam_pix2pix.dataset.pair_writer.save", full)
    writer = record(tmp_path / "set", frames(3))
    assert "No space left" in writer.error and writer.count == 0 and not (tmp_path / "set").exists()


def test_nothing_recorded_leaves_nothing(tmp_path):
    record(tmp_path / "set", [])
    assert not (tmp_path / "set").exists()


def test_the_last_pair_can_be_taken_back(tmp_path):
    what = frames(6)
    writer = PairWriter(tmp_path / "set", recipe=RECIPE, size=(64, 64), rate=0, limit=5, session="live")
    writer.take_back()  # there is none yet
    for frame in what[:4]:
        writer.put(frame)
    writer.take_back()
    writer.take_back()
    writer.put(what[4])
    writer.close()
    assert writer.count == 3 and len(writer.last) == 3
    rows = read_manifest(tmp_path / "set")["pairs"]
    assert [row["source"] for row in rows] == ["live#0", "live#1", "live#4"]
    assert len([name for name in tree(tmp_path / "set") if name.endswith(".png")]) == 3
    more = record(tmp_path / "set", frames(2, first=10), session="later")  # pairs are added behind them
    assert more.count == 2 and len(read_manifest(tmp_path / "set")["pairs"]) == 5
