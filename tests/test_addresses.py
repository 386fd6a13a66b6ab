"""What lies behind an address: films at their own pace, images that change, motion JPEG as cameras send it, recorded at its rate."""

import http.server
import json
import threading
import time

import av
import cv2
import numpy as np
import pytest
from footage import number_of, numbered, write_steady

from msa.capturer.init import Init
from msa.capturer.opening import open_source
from msa.capturer.sources.stream import Stream, rate_of
from webcam_pix2pix.cli import main

INTERVAL_S = 0.05  # of the motion JPEG streams: 20 a second
PARTS = {  # what is sent for each JPEG
    "plain": lambda b, n: b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(b) + b + b"\r\n",
    "no-first-boundary": lambda b, n: b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(b) + b + b"\r\n--frame\r\n",
    "no-header": lambda b, n: b"--frame\r\n\r\n" + b + b"\r\n",
    "no-type": lambda b, n: b"--frame\r\nContent-Length: %d\r\n\r\n" % len(b) + b + b"\r\n",
    "image-jpg": lambda b, n: b"--frame\r\nContent-Type: image/jpg\r\nContent-Length: %d\r\n\r\n" % len(b) + b + b"\r\n",
    "type-with-size": lambda b, n: b"--frame\r\nContent-Type: image/jpeg;size=%d\r\n\r\n" % len(b) + b + b"\r\n",
    "no-line-end": lambda b, n: b"--frameContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(b) + b + b"\r\n",
    "preamble": lambda b, n: (b"" if n else b"This is a multipart stream\r\n") + PARTS["plain"](b, n),
}


def jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", numbered(number)[..., ::-1])[1].tobytes()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        name = self.path[1:]
        self.server.asked[name] = self.server.asked.get(name, 0) + 1
        try:
            if name in PARTS:
                self.stream(PARTS[name])
            elif name in ("snapshot.jpg", "still.jpg"):
                self.answer("image/jpeg", jpeg(self.server.asked[name] if name == "snapshot.jpg" else 7))
            elif name == "page.html":
                self.answer("text/html", b"<html><body>no camera here</body></html>")
            elif name.startswith("endless-"):
                self.send_response(200)
                self.end_headers()
                self.wfile.write((self.server.folder / name.removeprefix("endless-")).read_bytes())
            else:
                self.answer("application/octet-stream", (self.server.folder / name).read_bytes())
        except OSError:  # the reader has gone
            pass

    def answer(self, kind, data):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, part):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        begin = time.monotonic()
        for number in range(100_000):
            self.wfile.write(part(jpeg(number % 1000), number))
            if self.server.gone.wait(max(0.0, begin + (number + 1) * INTERVAL_S - time.monotonic())):
                return


@pytest.fixture
def server(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.folder, server.gone, server.asked = tmp_path, threading.Event(), {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.gone.set()
    server.shutdown()
    thread.join()
    server.server_close()


# ---- motion JPEG

@pytest.mark.parametrize("form", PARTS)
def test_motion_jpeg_as_cameras_send_it(server, form):
    source = open_source(f"{server.url}/{form}", Init(), live=True)
    numbers = [number_of(source.read()) for _ in range(5)]
    source.close()
    assert source.live and source.size == (160, 96) and source.name.startswith("stream")
    assert numbers == list(range(numbers[0], numbers[0] + 5)) and numbers[0] < 8


def test_a_page_is_no_stream(server):
    with pytest.raises(OSError, match=r"page\.html: cannot be read"):
        open_source(f"{server.url}/page.html", Init(), live=True)


@pytest.mark.parametrize("form", ["plain", "no-header"])
def test_a_recording_has_the_rate_of_the_stream_and_every_frame(server, small_model, tmp_path, form, capsys):
    assert main(["live", "--headless", "--source", f"{server.url}/{form}", "--frames", "30", "--model", str(small_model), "--set",
                 "Prediction.enabled=false", "--record", str(tmp_path / "out.mp4"), "--stats", str(tmp_path / "stats.json")]) == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        rate, count = float(container.streams.video[0].average_rate), sum(1 for _ in container.decode(video=0))
    assert rate == pytest.approx(20, abs=3)  # not the 25 that FFmpeg puts where nothing is known
    printed = capsys.readouterr().out
    assert "30 frames" in printed and (count == 30 or f"{count} images from 30 frames" in printed)
    assert json.loads((tmp_path / "stats.json").read_text())["frames_out"] == 30


def test_the_rate_is_that_of_most_images():
    assert rate_of([0, 0.001, 0.002, *(0.1 * n for n in range(1, 12))]) == 10
    assert rate_of([n / 24.9 for n in range(30)]) == 25 and rate_of([n / 27.5 for n in range(30)]) == 27.5
    assert rate_of([1.0]) is None


# ---- an image

def test_a_image_that_changes_is_asked_for_again_at_a_polite_rate(server):
    source = open_source(f"{server.url}/snapshot.jpg", Init(fps=30), live=True)
    begin = time.monotonic()
    numbers = [number_of(source.read()) for _ in range(45)]
    seconds = time.monotonic() - begin
    source.close()
    assert len(set(numbers)) >= 3 and numbers == sorted(numbers) and seconds > 1
    assert server.asked["snapshot.jpg"] <= 2 + seconds / 0.2


def test_a_image_that_stays_is_asked_for_less_and_less(server):
    source = open_source(f"{server.url}/still.jpg", Init(fps=20), live=True)
    assert {number_of(source.read()) for _ in range(50)} == {7} and source.name.startswith("image")
    source.close()
    assert server.asked["still.jpg"] <= 6  # at 0.2, 0.6, 1.4 s


def test_without_a_window_a_image_comes_once_and_a_camera_continues(server):
    still = open_source(f"{server.url}/still.jpg", Init(), live=False)
    assert still.finite and number_of(still.read()) == 7 and still.read() is None
    still.close()
    camera = open_source(f"{server.url}/snapshot.jpg", Init(), live=False)
    assert camera.live and not camera.finite and all(camera.read() is not None for _ in range(5))
    camera.close()


def test_a_camera_that_goes_is_lost(server, monkeypatch):
    monkeypatch.setattr("msa.capturer.sources.snapshot.LOST_S", 0.3)
    (server.folder / "one.jpg").write_bytes(jpeg(3))
    source = open_source(f"{server.url}/one.jpg", Init(), live=True)
    assert number_of(source.read()) == 3
    (server.folder / "one.jpg").unlink()
    with pytest.raises(OSError, match=r"one\.jpg"):
        for _ in range(300):
            source.read()
    source.close()


# ---- a film

def without_duration(path):
    """A film whose container does not say how long it is, as browsers record it."""
    with av.open(str(path), "w", options={"live": "1"} if path.suffix == ".webm" else {}) as container:
        codec = "libvpx" if path.suffix == ".webm" else "gif"
        stream = container.add_stream(codec, rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p" if codec == "libvpx" else "rgb8"
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["clip.webm", "clip.gif", "clip.h264"])
def test_a_film_without_duration_plays_at_its_own_pace(server, tmp_path, name):
    path = tmp_path / name
    write_steady(path, range(30), 20, container="h264") if name.endswith("h264") else without_duration(path)
    with av.open(str(path)) as container:  # of a GIF it is found by looking at the end, which a server may not allow
        assert container.duration is None or name.endswith("gif")
    source = open_source(f"{server.url}/{name}", Init(), live=True)
    begin = time.perf_counter()
    numbers = [number_of(source.read()) for _ in range(36)]
    seconds = time.perf_counter() - begin
    source.close()
    assert seconds > 1.0 and min(np.diff(numbers)) < 0  # it starts again
    source = open_source(f"{server.url}/{name}", Init(), live=False)
    images = [source.read() for _ in range(31)]
    source.close()
    assert images[30] is None and [number_of(image) for image in images[:30]] == list(range(30))


def test_a_server_that_tells_no_size_does_not_make_the_film_race(server, tmp_path, monkeypatch):
    monkeypatch.setattr("msa.capturer.sources.stream.AHEAD_S", 0.2)
    without_duration(tmp_path / "clip.webm")
    source = open_source(f"{server.url}/endless-clip.webm", Init(), live=True)
    assert isinstance(source, Stream)
    begin = time.perf_counter()
    numbers = [number_of(source.read()) for _ in range(30)]
    assert numbers == list(range(30)) and time.perf_counter() - begin > 1.0
    with pytest.raises(OSError, match=r"endless-clip\.webm"):
        source.read()
    source.close()
