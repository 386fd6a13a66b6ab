import functools
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from footage import number_of, steady, tree, write_film

from msa.images import read_image
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.footage.selection import Selection
from webcam_pix2pix.dataset.frames import FramesJob, extract
from webcam_pix2pix.dataset.jobs.tasks import SourceImage
from webcam_pix2pix.dataset.jobs.work import Stopped
from webcam_pix2pix.dataset.pairs.makers import FrameMaker

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Four seconds at 30 fps; another scene from 2 s on."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", steady(120, 30), scenes=(60,))


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """Frames that do not differ: the number never changes."""
    folder = tmp_path_factory.mktemp("still")
    return write_film(folder / "still.mkv", [0, 100, 200, 300, 1000, 5000])


def frames(*args) -> int:
    return main(["frames", *map(str, args), "--workers", "1"])


def manifest(out: Path) -> dict:
    return json.loads((out / "manifest.json").read_text())


def test_twelve_per_second_are_the_right_ones_with_exact_times(film, tmp_path):
    out = tmp_path / "out"
    assert frames(film, out, "--fps", 12) == 0
    rows = manifest(out)["frames"]
    assert len(rows) == 48
    for tick, row in enumerate(rows):
        number = number_of(read_image(out / row["file"]))
        assert abs(row["time"] - tick / 12) <= 1 / 60 + 0.001 and abs(row["time"] - number / 30) <= 0.001
    assert [row["file"] for row in rows] == [f"film_{i:06d}.png" for i in range(1, 49)]
    assert {row["scene"] for row in rows if row["time"] < 2} == {0} and {row["scene"] for row in rows if row["time"] >= 2} == {1}
    assert manifest(out)["films"][0]["cuts"] == [2.0]


def test_count_gives_so_many_over_the_whole_film(film, tmp_path):
    out = tmp_path / "out"
    assert frames(film, out, "--count", 50) == 0
    numbers = [number_of(read_image(p)) for p in sorted(out.glob("*.png"))]
    assert len(numbers) == 50 and numbers[0] == 0 and numbers[-1] == 119 and numbers == sorted(set(numbers))


def test_another_film_of_the_same_name_is_reported(film, tmp_path, monkeypatch, capsys):
    for folder, count in (("one", 30), ("two", 60)):
        (tmp_path / folder).mkdir()
        write_film(tmp_path / folder / "film.mkv", steady(count, 30))
    monkeypatch.chdir(tmp_path / "one")
    assert frames("film.mkv", tmp_path / "out", "--count", 2) == 0
    assert frames("film.mkv", tmp_path / "out", "--count", 2) == 0 and "there already" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "two")
    assert frames("film.mkv", tmp_path / "out", "--count", 2) == 1
    assert "another film called film.mkv" in capsys.readouterr().err
    assert len(list((tmp_path / "out").glob("*.png"))) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_a_name_that_is_no_text_is_left_out(film, tmp_path, caplog):
    (tmp_path / "films").mkdir()
    for name in (b"a.mp4", b"b\xff.mp4"):
        os.link(film, os.fsencode(tmp_path / "films") + b"/" + name)
    assert frames(tmp_path / "films", tmp_path / "out", "--count", 2) == 0
    assert len(list((tmp_path / "out").glob("*.png"))) == 2 and "its name is not valid text" in caplog.text


def test_times_are_exact_where_the_rate_varies(tmp_path):
    times = [*steady(30, 30), 1000, 1700, 1720, 4000]
    path = write_film(tmp_path / "varying.mkv", times)
    assert frames(path, tmp_path / "out", "--every", 1) == 0
    assert [round(1000 * row["time"]) for row in manifest(tmp_path / "out")["frames"]] == times


def test_several_films_of_one_name_and_a_second_run_overwrite_nothing(film, tmp_path):
    (tmp_path / "other").mkdir()
    twin = write_film(tmp_path / "other" / "film.mp4", steady(30, 10))
    third = write_film(tmp_path / "film.mkv", steady(30, 10))
    out = tmp_path / "out"
    assert frames(film, twin, out, "--fps", 1) == 0
    first = tree(out)
    assert {row["name"] for row in manifest(out)["films"]} == {"film", "film-2"}
    assert frames(third, out, "--fps", 1) == 0
    assert {row["name"] for row in manifest(out)["films"]} == {"film", "film-2", "film-3"}
    assert all(tree(out)[name] == data for name, data in first.items() if name != "manifest.json")
    assert len(manifest(out)["frames"]) == len(list(out.glob("*.png")))


def test_the_same_again_does_nothing_and_otherwise_is_refused(film, tmp_path, capsys):
    out = tmp_path / "out"
    assert frames(film, out, "--fps", 1) == 0
    before = tree(out)
    assert frames(film, out, "--fps", 1) == 0
    assert "there already" in capsys.readouterr().out
    assert frames(film, out, "--fps", 2) == 1
    assert "taken otherwise" in capsys.readouterr().err and tree(out) == before


def test_crops_sizes_and_tones(film, tmp_path):
    assert frames(film, tmp_path / "lr", "--count", 10, "--crop", "left-right", "--size", 64, "--image-format", "jpg") == 0
    images = sorted((tmp_path / "lr").glob("*.jpg"))
    assert len(images) == 10 and {read_image(p).shape for p in images} == {(64, 64, 3)}
    rows = manifest(tmp_path / "lr")["frames"]
    assert [row["crop"] for row in rows] == ["left", "right"] * 5
    assert frames(film, tmp_path / "short", "--count", 1, "--size", 48) == 0
    assert read_image(tmp_path / "short" / "film_000001.png").shape == (48, 80, 3)
    assert frames(film, tmp_path / "both", "--count", 1, "--size", "60x90") == 0
    assert read_image(tmp_path / "both" / "film_000001.png").shape == (90, 60, 3)


def test_frame_maker_crops_what_it_says():
    wide = np.arange(40 * 100 * 3, dtype=np.uint32).astype(np.uint8).reshape(40, 100, 3)

    def made(image, **options):
        return [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) for data,
                _ in FrameMaker(**options)(SourceImage(image), "k")]

    assert np.array_equal(made(wide, crop="center")[0], wide[:, 30:70])
    left, right = made(wide, crop="left-right")
    assert np.array_equal(left, wide[:, :40]) and np.array_equal(right, wide[:, 60:])
    top, bottom = made(np.ascontiguousarray(wide.transpose(1, 0, 2)), crop="left-right")
    assert np.array_equal(top, wide.transpose(1, 0, 2)[:40]) and np.array_equal(bottom, wide.transpose(1, 0, 2)[60:])
    lifted = made(wide, gamma=2.0)[0]
    assert np.abs(lifted - 255 * (wide / 255) ** 0.5).max() <= 0.5
    stronger = made(wide, contrast=2.0)[0]
    assert np.abs(stronger - np.clip(2 * (wide.astype(float) - 127.5) + 127.5, 0, 255)).max() <= 0.5


def test_near_duplicates_are_left_out_on_request(still, film, tmp_path):
    report = extract(FramesJob((str(still),), Selection(every=1), min_change=0.5), tmp_path / "still", 1)
    assert report.total >= 1
    everything = extract(FramesJob((str(film),), Selection(every=1)), tmp_path / "all", 1)
    moving = extract(FramesJob((str(film),), Selection(every=1), min_change=8), tmp_path / "moving", 1)
    assert everything.total == 120 and 1 < moving.total < 120
    assert moving.total + len(moving.left_out) == 120
    names = sorted(p.name for p in (tmp_path / "moving").glob("*.png"))
    assert names == [f"film_{i:06d}.png" for i in range(1, moving.total + 1)]


def test_blurred_frames_are_left_out_on_request(film):
    image = np.full((96, 160, 3), 90, np.uint8)
    image[::2] = 160
    sharp = next(iter(FrameMaker(min_sharp=0.5)(SourceImage(image), "k")))[1]["sharpness"]
    soft = next(iter(FrameMaker(min_sharp=0.5)(SourceImage(cv2.GaussianBlur(image, (9, 9), 0)), "k")))[1]["sharpness"]
    assert soft < 0.1 * sharp


def test_stopped_and_continued_gives_the_same(film, tmp_path):
    job = FramesJob((str(film),), Selection(fps=30), min_change=1)
    seen = []

    def stop_later() -> bool:
        return len(seen) >= 3

    with pytest.raises(Stopped):
        extract(job, tmp_path / "stopped", 1, progress=lambda done, total: seen.append(done), stop=stop_later)
    assert not list((tmp_path / "stopped").glob("*.png"))  # nothing half done to be seen
    extract(job, tmp_path / "stopped", 1)
    extract(job, tmp_path / "whole", 1)
    assert tree(tmp_path / "stopped") == tree(tmp_path / "whole")


def test_killed_and_continued_gives_the_same(film, tmp_path):
    out, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, str(ROOT / "webcam-pix2pix.py"), "frames", str(film), str(out), "--fps", "30", "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(out.glob(".unfinished/pictures/*.png")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert frames(film, whole, "--fps", 30) == 0
    assert tree(out) == tree(whole) and len(tree(whole)) == 121


@pytest.fixture
def server(tmp_path):
    """A web server on this machine that knows Range, and breaks off a film once when asked for /broken/."""
    folder = tmp_path / "www"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        broken = 1

        def do_GET(self):
            path = folder / self.path.rpartition("/")[2]
            if not path.is_file():
                self.send_error(404)
                return
            data = path.read_bytes()
            start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", "text/html" if path.suffix == ".html" else "video/mp4")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            if "/broken/" in self.path and Handler.broken:
                Handler.broken = 0
                data = data[:len(data) // 2]
            self.wfile.write(data[start:])

        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_film_from_the_web(film, server, tmp_path, capsys):
    folder, address = server
    (folder / "film.mp4").write_bytes(film.read_bytes())
    (folder / "page.html").write_text("<html>")
    out = tmp_path / "out"
    assert frames(f"{address}/film.mp4", out, "--fps", 2) == 0
    assert len(list(out.glob("film_*.png"))) == 8 and not (out / ".unfinished").exists()
    assert manifest(out)["films"][0]["film"] == f"{address}/film.mp4"
    assert frames(f"{address}/none.mp4", tmp_path / "none") == 1
    assert "404" in capsys.readouterr().err
    assert frames(f"{address}/page.html", tmp_path / "page") == 1
    assert "yt-dlp" in capsys.readouterr().err


def test_a_download_that_breaks_off_continues(film, server, tmp_path, capsys):
    folder, address = server
    (folder / "film.mp4").write_bytes(film.read_bytes())
    out = tmp_path / "out"
    assert frames(f"{address}/broken/film.mp4", out, "--fps", 2) == 1
    assert "connection was lost" in capsys.readouterr().err
    assert frames(f"{address}/broken/film.mp4", out, "--fps", 2) == 0
    assert len(list(out.glob("*.png"))) == 8


def test_bad_films_are_listed_and_the_rest_is_done(film, tmp_path, capsys):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "bad.mp4").write_bytes(b"nothing")
    os.link(film, tmp_path / "films" / "good.mp4")
    assert frames(tmp_path / "films", tmp_path / "out", "--fps", 1) == 3
    assert "bad.mp4: not a video" in capsys.readouterr().out
    assert len(list((tmp_path / "out").glob("good_*.png"))) == 4


@pytest.mark.parametrize("arguments, code, message", [
    (["FILM"], 2, "expected at least one film and a folder"),
    (["nowhere.mp4", "OUT"], 1, "nowhere.mp4: no such file"),
    (["FILM", "OUT", "--fps", "0"], 2, "fps: 0"),
    (["FILM", "OUT", "--size", "3"], 2, "--size: '3' is not a size"),
    (["FILM", "OUT", "--gamma", "0"], 2, "--gamma 0"),
    (["FILM", "OUT", "--start", "9"], 2, "--start 9), the film is"),
    (["FILM", "FULL"], 1, "exists and is not empty"),
])
def test_mistakes_are_one_line_and_leave_nothing(film, tmp_path, capsys, arguments, code, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    before = tree(tmp_path)
    places = {"FILM": film, "OUT": tmp_path / "out", "FULL": tmp_path / "full"}
    assert frames(*(places.get(a, a) for a in arguments)) == code
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert tree(tmp_path) == before and not (tmp_path / "out").exists()
