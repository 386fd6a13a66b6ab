"""Sources and the capture thread, with real files, a real MJPEG stream on loopback and the test scene."""

import http.server
import socket
import threading
import time
from fractions import Fraction
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from msa.capturer import Capturer, Init, open_source
from msa.capturer.sources.testscene import TestScene, draw

SIZE = (64, 48)  # (width, height) of the images made here


# ---- material

def level(index: int) -> int:
    """Grey level of image `index`: tells after compression which one it is."""
    return 20 + 20 * index


def index_of(image: np.ndarray) -> int:
    return round((float(image.mean()) - 20) / 20)


def make_video(path, count=8, fps=30, times=None, rotation=0, size=SIZE):
    """Grey images, each brighter; the left quarter of each is black. times: seconds of each image, for a variable frame rate."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 4_000_000
        if times is not None:
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        for k in range(count):
            image = np.full((size[1], size[0], 3), level(k), np.uint8)
            image[:, :size[0] // 4] = 0
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = k if times is None else round(times[k] * 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def shade(image: np.ndarray) -> int:
    """Index of an image of make_video, upright or turned."""
    return round((float(np.median(image)) - 20) / 20)


def every(capturer: Capturer) -> list:
    """All images of a finite source."""
    taken = []
    while not capturer.finished:
        captured = capturer.take(1.0)
        if captured is not None:
            taken.append(captured)
    return taken


def wait_until(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "did not come"
        time.sleep(0.005)


class Server(http.server.ThreadingHTTPServer):
    """Serves /stream (MJPEG, until `stop`), /still (JPEG), /empty (never answers) and files of `folder`."""

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.gone = folder, threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        try:
            if self.path == "/still":
                self.answer("image/jpeg", jpeg(3))
            elif self.path == "/stream":
                self.stream()
            else:
                self.answer("application/octet-stream", (self.server.folder / self.path[1:]).read_bytes())
        except FileNotFoundError:
            self.send_error(404)
        except OSError:  # the reader has gone
            pass

    def answer(self, kind, data):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for k in range(100_000):
            data = jpeg(k % 10)
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n")
            if self.server.gone.wait(0.01):
                return


def jpeg(index: int) -> bytes:
    return cv2.imencode(".jpg", np.full((SIZE[1], SIZE[0], 3), level(index), np.uint8))[1].tobytes()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.gone.set()
    server.shutdown()
    thread.join()
    server.server_close()


# ---- the test scene

def test_the_scene_is_a_function_of_the_frame_number():
    assert np.array_equal(draw(40), draw(40))
    assert draw(40).shape == (480, 640, 3) and draw(40).dtype == np.uint8


def test_the_scene_moves_and_gives_edges_to_work_with():
    frames = [draw(k) for k in (0, 10, 100, 420)]
    for before, after in pairwise(frames):
        assert 0.3 < cv2.absdiff(before, after).mean() < 40
    for frame in frames:
        small = cv2.resize(frame, (256, 192), interpolation=cv2.INTER_AREA)
        assert 0.03 < (cv2.Canny(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 40, 120) > 0).mean() < 0.2


def test_a_hand_is_raised_beside_the_face():
    skin = cv2.inRange(draw(100)[200:330, 100:220], (180, 110, 80), (255, 220, 190)).mean()
    assert skin > 2 * cv2.inRange(draw(0)[200:330, 100:220], (180, 110, 80), (255, 220, 190)).mean() + 10


def test_the_second_person_has_darker_skin_and_a_beard_in_a_light_that_moves():
    first, second = (open_source(name, Init(), live=False).read() for name in ("test", "test:2"))
    assert np.array_equal(first, draw(0)) and np.array_equal(second, draw(0, "2"))
    skin = [np.median(image[195:215, 300:320].reshape(-1, 3), axis=0) for image in (first, second)]  # a cheek
    assert skin[1].sum() < 0.75 * skin[0].sum() and skin[1][0] > skin[1][2], "dark, and still skin"
    chins = [image[268:282, 310:340].mean() for image in (first, second)]
    assert chins[1] < 0.5 * chins[0], "a beard"
    walls = [[draw(k, scene)[60:330, 150:230].mean() for k in range(0, 270, 30)] for scene in ("1", "2")]
    assert max(walls[0]) < 1.2 * min(walls[0]) and max(walls[1]) > 1.3 * min(walls[1])


def test_both_persons_in_turn():
    assert np.array_equal(draw(30, "all"), draw(30)) and np.array_equal(draw(630, "all"), draw(630, "2"))
    assert not np.array_equal(draw(630, "all"), draw(630))


@pytest.mark.parametrize("name", ["test:3", "test:two"])
def test_a_test_scene_that_is_not_there_gets_one_line(name):
    with pytest.raises(ValueError, match=f"{name}: no such test scene, expected test, test:2 or test:all"):
        open_source(name, Init(), live=False)


@pytest.mark.parametrize("size", [(320, 240), (480, 640), (1280, 720), (100, 100)])
def test_the_scene_has_any_size_asked_for(size):
    source = TestScene(size)
    assert source.read().shape == (size[1], size[0], 3)


# ---- files, every image in order once

@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_video_gives_every_image_in_order_and_once(tmp_path, name):
    with Capturer(Init(device_id=str(make_video(tmp_path / name))), live=False) as capturer:
        taken = every(capturer)
        assert [shade(c.image) for c in taken] == list(range(8))
        assert [c.index for c in taken] == list(range(8))
        assert capturer.source.size == SIZE and capturer.source.fps == 30 and capturer.source.finite
        assert taken[0].image.dtype == np.uint8 and not taken[0].image.flags.writeable
        assert capturer.take(0.01) is None and capturer.dropped == 0


def test_a_video_of_one_image(tmp_path):
    path = str(make_video(tmp_path / "one.mp4", count=1))
    with Capturer(Init(device_id=path), live=False) as capturer:
        assert len(every(capturer)) == 1
    with Capturer(Init(device_id=path), live=True) as capturer:
        assert [shade(capturer.take(5.0).image) for _ in range(3)] == [0, 0, 0]


def test_a_variable_frame_rate_loses_nothing(tmp_path):
    path = make_video(tmp_path / "vfr.mkv", count=5, times=[0, 0.01, 0.3, 0.31, 0.35])
    with Capturer(Init(device_id=str(path)), live=False) as capturer:
        assert [shade(c.image) for c in every(capturer)] == list(range(5))


@pytest.mark.parametrize("rotation, dark", [(-90, np.s_[:16, :]), (90, np.s_[-16:, :]), (180, np.s_[:, -16:])])
def test_a_turned_telephone_is_set_upright(tmp_path, rotation, dark):
    path = make_video(tmp_path / "turned.mp4", rotation=rotation)
    source = open_source(str(path), Init(), live=False)
    image = source.read()
    source.close()
    assert image.shape[:2] == (SIZE if rotation != 180 else SIZE[::-1])
    assert image[dark].mean() < 10 < image.mean()
    assert source.size == (image.shape[1], image.shape[0])


def test_damaged_packets_are_left_out(tmp_path):
    data = bytearray(make_video(tmp_path / "whole.avi", count=12).read_bytes())
    data[len(data) // 2:len(data) // 2 + 400] = bytes(400)
    (tmp_path / "damaged.avi").write_bytes(data)
    with Capturer(Init(device_id=str(tmp_path / "damaged.avi")), live=False) as capturer:
        assert len(every(capturer)) >= 4


def test_a_file_is_read_once_whatever_use_thread_says(tmp_path):
    path = str(make_video(tmp_path / "a.mp4"))
    for use_thread in (True, False):
        with Capturer(Init(device_id=path, use_thread=use_thread), live=False) as capturer:
            assert len(every(capturer)) == 8


# ---- files, live

def test_a_live_video_starts_again_at_its_end(tmp_path):
    with Capturer(Init(device_id=str(make_video(tmp_path / "a.mp4", fps=100, count=5)))) as capturer:
        seen = []
        wait_until(lambda: (c := capturer.take(0.1)) is not None and seen.append(shade(c.image)) is None
                   and sum(b < a for a, b in pairwise(seen)) >= 3)  # three times back to the start
        assert set(seen) <= set(range(5)) and capturer.source.live and not capturer.finished


def test_a_live_reader_that_is_too_slow_misses_images_not_time(tmp_path):
    source = open_source(str(make_video(tmp_path / "a.mp4", fps=50, count=11)), Init(), live=True)
    assert shade(source.read()) == 0
    time.sleep(0.1)
    assert shade(source.read()) >= 4  # about 5 images later; more on a busy machine
    assert source.skipped >= 3
    source.close()


def test_an_image_stays_and_a_folder_continues(tmp_path):
    for k in (0, 1, 2, 10):
        cv2.imwrite(str(tmp_path / f"picture_{k}.png"), np.full((48, 64, 3), level(min(k, 3)), np.uint8))
    (tmp_path / "notes.txt").write_text("no image")
    with Capturer(Init(device_id=str(tmp_path), fps=200)) as capturer:
        seen = []
        wait_until(lambda: capturer.transport is not None)
        capturer.transport.stay_s = 0.05
        wait_until(lambda: (c := capturer.take(0.1)) is not None and seen.append(index_of(c.image)) is None and seen.count(0) and 3 in seen
                   and seen[-1] == 0)
        assert list(dict.fromkeys(seen)) == [0, 1, 2, 3]  # in natural order: 10 after 2
    with Capturer(Init(device_id=str(tmp_path)), live=False) as capturer:
        assert [index_of(c.image) for c in every(capturer)] == [0, 1, 2, 3]
    with Capturer(Init(device_id=str(tmp_path / "picture_2.png"))) as capturer:
        assert [index_of(capturer.take(5.0).image) for _ in range(3)] == [2, 2, 2]
    with Capturer(Init(device_id=str(tmp_path / "picture_2.png")), live=False) as capturer:
        assert [index_of(c.image) for c in every(capturer)] == [2]


# ---- images of all kinds

def read(path) -> np.ndarray:
    source = open_source(str(path), Init(), live=False)
    image = source.read()
    assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    assert source.read() is None
    return image


def test_deep_grey_and_transparent_images_come_as_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((4, 6), 128 * 257, np.uint16))
    cv2.imwrite(str(tmp_path / "deep.tif"), np.full((4, 6, 3), 128 * 257, np.uint16))
    cv2.imwrite(str(tmp_path / "grey.jpg"), np.full((4, 6), 128, np.uint8))
    for name in ("deep.png", "deep.tif", "grey.jpg"):
        image = read(tmp_path / name)
        assert image.shape == (4, 6, 3) and abs(int(image.min()) - 128) <= 1 and abs(int(image.max()) - 128) <= 1
    Image.new("RGBA", (6, 4), (255, 0, 0, 128)).save(tmp_path / "clear.png")
    assert tuple(read(tmp_path / "clear.png")[0, 0]) == (255, 127, 127), "shown on white"
    Image.new("CMYK", (6, 4), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    assert read(tmp_path / "print.jpg")[0, 0, 0] > 200 > 60 > read(tmp_path / "print.jpg")[0, 0, 1]


def test_red_is_red_and_exif_turns(tmp_path):
    image = Image.new("RGB", (6, 4), (200, 0, 0))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    turned = read(tmp_path / "turned.jpg")
    assert turned.shape == (6, 4, 3) and turned[..., 0].mean() > 180 and turned[..., 2].mean() < 20


def test_a_huge_image_is_refused(tmp_path):
    Image.new("1", (20001, 2)).save(tmp_path / "wide.png")
    with pytest.raises(ValueError, match=r"wide.png: 20001x2 pixels are too many, at most 20000 a side"):
        open_source(str(tmp_path / "wide.png"), Init(), live=False)


# ---- addresses

def test_an_mjpeg_stream_comes_live(server):
    with Capturer(Init(device_id=f"{server.url}/stream")) as capturer:
        images = [capturer.take(5.0) for _ in range(5)]
        assert all(c.image.shape == (48, 64, 3) and 0 <= index_of(c.image) <= 9 for c in images)
        assert capturer.source.live and capturer.source.size == SIZE and capturer.error is None


def test_a_stream_that_ends_is_lost_and_found_again(server):
    with Capturer(Init(device_id=f"{server.url}/stream")) as capturer:
        assert capturer.take(5.0) is not None
        server.gone.set()
        wait_until(lambda: capturer.error is not None)
        assert capturer.error.endswith("trying again") and server.url in capturer.error
        server.gone.clear()
        wait_until(lambda: capturer.take(0.1) is not None and capturer.error is None)


def test_an_image_and_a_video_behind_an_address(server, tmp_path):
    make_video(tmp_path / "a.mp4")
    with Capturer(Init(device_id=f"{server.url}/still"), live=False) as capturer:
        assert [index_of(c.image) for c in every(capturer)] == [3]
    with Capturer(Init(device_id=f"{server.url}/still")) as capturer:
        assert [index_of(capturer.take(5.0).image) for _ in range(3)] == [3, 3, 3]
    with Capturer(Init(device_id=f"{server.url}/a.mp4"), live=False) as capturer:
        assert [shade(c.image) for c in every(capturer)] == list(range(8))


def test_an_address_that_does_not_answer_fails_in_time(monkeypatch):
    monkeypatch.setattr("msa.capturer.sources.stream.TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme in ("http", "rtsp"):
            start = time.monotonic()
            with pytest.raises(OSError, match=f"{scheme}://127.0.0.1"):
                open_source(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x", Init(), live=True)
            assert time.monotonic() - start < 5


def test_the_password_of_an_address_is_not_shown(server):
    source = open_source(f"{server.url.replace('://', '://user:secret@')}/stream", Init(), live=True)
    source.close()
    assert "secret" not in source.name


# ---- bad input: one clear line each

@pytest.mark.parametrize("make, message", [
    (lambda p: "", "source: nothing given"),
    (lambda p: p / "missing.mp4", "missing.mp4: no such file or folder"),
    (lambda p: p / "missing", "missing: no such file or folder"),
    (lambda p: write(p / "text.mp4", b"not a video at all" * 50), "text.mp4: not a video that can be read"),
    (lambda p: write(p / "empty.mp4", b""), "empty.mp4: not a video that can be read"),
    (lambda p: write(p / "text.png", b"not an image"), "text.png: not an image"),
    (lambda p: write(p / "empty.jpg", b""), "empty.jpg: empty file"),
    (lambda p: p, "no images in this folder"),
    (lambda p: "ftp://host/x", "ftp:// is not known, expected one of http://"),
    (lambda p: "http://127.0.0.1:1/x", "http://127.0.0.1:1/x: cannot be read"),
    (lambda p: "screen:nine", "expected screen, or screen:2"),
    (lambda p: sound(p / "sound.wav"), "sound.wav: no video in it")])
def test_bad_input_is_one_clear_line(tmp_path, make, message):
    with pytest.raises((ValueError, OSError)) as caught:
        open_source(str(make(tmp_path)), Init(), live=False)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def write(path, data):
    path.write_bytes(data)
    return path


def sound(path):
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return path


def test_without_a_display_the_screen_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":98765")
    try:
        source = open_source("screen", Init(), live=False)
    except OSError as error:
        assert "screen: there is no display to capture" in str(error) and "\n" not in str(error)
    else:  # a system that needs no DISPLAY
        assert source.read().shape[2] == 3
        source.close()


def test_opening_fails_at_once_when_not_live(tmp_path):
    with pytest.raises(FileNotFoundError):
        Capturer(Init(device_id=str(tmp_path / "missing.mp4")), live=False)


# ---- the capture thread

class Flaky:
    """A source that breaks after `good` images, as a camera does whose cable is pulled."""

    name, size, fps, live, finite, note, skipped, camera = "flaky camera", SIZE, 100.0, True, False, "", 0, ""

    def __init__(self, good=10**9, value=0):
        self.good, self.value, self.closed = good, value, False

    def read(self):
        time.sleep(0.002)
        if self.good == 0:
            raise OSError("flaky camera lost")
        self.good -= 1
        return np.full((48, 64, 3), self.value, np.uint8)

    def close(self):
        self.closed = True


def test_the_newest_wins_and_what_was_missed_is_counted():
    with Capturer(Init(), opener=lambda *_: Flaky()) as capturer:
        first = capturer.take(5.0)
        wait_until(lambda: capturer.dropped >= 5)
        newest = capturer.take(5.0)
        assert newest.index >= first.index + 5
        assert 0 <= time.perf_counter() - newest.time < 1


def test_auto_without_a_camera_shows_the_scene_and_says_so(monkeypatch):
    monkeypatch.setattr("msa.capturer.opening.cameras", list)
    with Capturer(Init(device_id="auto")) as capturer:
        assert capturer.take(5.0).image.shape == (480, 640, 3)
        assert capturer.source.note == "no camera found; this is the test scene"


def test_the_size_and_rate_that_are_really_given_are_read_back():
    with Capturer(Init(device_id="test", width=320, height=200, fps=60)) as capturer:
        assert capturer.take(5.0).image.shape == (200, 320, 3)
        assert capturer.source.size == (320, 200) and capturer.source.fps == 60


def test_a_lost_source_is_tried_again(monkeypatch):
    monkeypatch.setattr("msa.capturer.connection.RETRY_S", 0.05)
    opened, healthy = [], threading.Event()

    def opener(*_):
        if opened and not healthy.is_set():
            raise OSError("no such device")
        opened.append(Flaky(good=3 if not opened else 10**9))
        return opened[-1]

    with Capturer(Init(), opener=opener) as capturer:
        wait_until(lambda: capturer.error == "flaky camera lost; trying again")
        assert opened[0].closed
        healthy.set()
        wait_until(lambda: len(opened) == 2 and capturer.error is None and capturer.take(0.1) is not None)
    assert opened[1].closed


def test_a_source_chosen_while_running_is_tried_again_too(monkeypatch):
    monkeypatch.setattr("msa.capturer.connection.RETRY_S", 0.05)
    opened = []

    def opener(device_id, *_):
        opened.append(device_id)
        return Flaky(good=3 if opened == ["a", "b"] else 10**9, value={"a": 10, "b": 20}[device_id])

    with Capturer(Init(device_id="a"), opener=opener) as capturer:
        assert capturer.take(5.0).image[0, 0, 0] == 10
        capturer.reinitialise(Init(device_id="b"))
        wait_until(lambda: opened == ["a", "b", "b"] and capturer.error is None)
        assert capturer.take(5.0).image[0, 0, 0] == 20 and not capturer.finished


def test_an_error_of_any_kind_does_not_end_the_thread(monkeypatch):
    monkeypatch.setattr("msa.capturer.connection.RETRY_S", 0.02)
    count = iter(range(100))

    def opener(*_):
        if next(count) < 2:
            raise RuntimeError("a driver with ideas of its own")
        return Flaky()

    with Capturer(Init(), opener=opener) as capturer:
        assert capturer.take(5.0) is not None and capturer.error is None


def test_a_missing_file_is_reported_while_live_and_taken_when_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr("msa.capturer.connection.RETRY_S", 0.05)
    path = tmp_path / "later.png"
    with Capturer(Init(device_id=str(path))) as capturer:
        wait_until(lambda: capturer.error is not None)
        assert capturer.error == f"{path}: no such file or folder; trying again"
        cv2.imwrite(str(tmp_path / "other.png"), np.zeros((48, 64, 3), np.uint8))
        (tmp_path / "other.png").rename(path)
        assert capturer.take(5.0) is not None and capturer.error is None


def test_switching_goes_over_when_the_new_source_delivers():
    gate = threading.Event()

    def opener(device_id, init, live):
        if device_id == "b":
            gate.wait(10)
        return Flaky(value={"a": 10, "b": 20}[device_id])

    with Capturer(Init(device_id="a"), opener=opener) as capturer:
        assert capturer.take(5.0).image[0, 0, 0] == 10
        capturer.reinitialise(Init(device_id="b"))
        for _ in range(3):
            assert capturer.take(5.0).image[0, 0, 0] == 10  # goes on while the new one opens
        gate.set()
        wait_until(lambda: capturer.take(1.0).image[0, 0, 0] == 20)
        indices = [capturer.take(5.0).index for _ in range(3)]
        assert indices == sorted(indices)


@pytest.mark.parametrize("use_thread", [True, False])
def test_a_switch_that_fails_leaves_the_old_source_running(use_thread):
    init = Init(device_id="test", use_thread=use_thread, fps=240)
    with Capturer(init) as capturer:
        assert capturer.take(5.0) is not None
        capturer.reinitialise(Init(device_id="/no/such/file.mp4", use_thread=use_thread))
        wait_until(lambda: capturer.take(0.1) is not None and capturer.error is not None)
        assert capturer.error == "/no/such/file.mp4: no such file or folder; test scene goes on"
        assert capturer.take(5.0) is not None and capturer.source.name == "test scene"
        assert capturer.refused == Init(device_id="/no/such/file.mp4", use_thread=use_thread)
        before = capturer.source
        capturer.follow(init)  # back to what is in use: nothing is opened anew, and what failed can still be read
        assert capturer.take(5.0) is not None and capturer.source is before and "no such file" in capturer.error
        capturer.follow(Init(device_id="test", use_thread=use_thread, width=64, height=48))
        wait_until(lambda: (c := capturer.take(0.5)) is not None and c.image.shape == (48, 64, 3))
        assert capturer.error is capturer.refused is None


def test_reinitialising_the_same_source_opens_it_once_at_a_time():
    open_now, most, log = [], [], []

    class Exclusive(Flaky):
        def __init__(self):
            super().__init__()
            open_now.append(self)
            most.append(len(open_now))

        def close(self):
            open_now.remove(self)
            log.append("closed")

    with Capturer(Init(device_id="a"), opener=lambda *_: Exclusive()) as capturer:
        assert capturer.take(5.0) is not None
        for width in (100, 200, 300):
            capturer.reinitialise(Init(device_id="a", width=width))
            wait_until(lambda: capturer.take(0.1) is not None)
    assert max(most) == 1 and not open_now


def test_from_thread_to_no_thread_and_back():
    with Capturer(Init(device_id="test", fps=240)) as capturer:
        assert capturer.take(5.0) is not None
        capturer.reinitialise(Init(device_id="test", use_thread=False, fps=240))
        first = capturer.take(5.0).index
        assert [capturer.take(5.0).index for _ in range(3)] == [first + 1, first + 2, first + 3]
        assert not [t for t in threading.enumerate() if t.name.startswith("capture") and t.is_alive()]
        capturer.reinitialise(Init(device_id="test", fps=240))
        assert capturer.take(5.0) is not None
        wait_until(lambda: capturer.take(5.0) is not None and any(t.name.startswith("capture") for t in threading.enumerate()))


def test_freeze_holds_the_image_and_keeps_the_pace():
    with Capturer(Init(device_id="test"), live=False) as capturer:
        moving = [capturer.take().image for _ in range(2)]
        assert not np.array_equal(*moving)
        capturer.frozen = True
        held = [capturer.take() for _ in range(3)]
        assert all(np.array_equal(c.image, moving[1]) for c in held)
        assert [c.index for c in held] == [2, 3, 4]
        capturer.frozen = False
        assert not np.array_equal(capturer.take().image, moving[1])


@pytest.mark.parametrize("use_thread", [True, False])
def test_disabled_gives_nothing_and_lets_the_source_rest(use_thread):
    source = Flaky()
    with Capturer(Init(use_thread=use_thread), opener=lambda *_: source) as capturer:
        assert capturer.take(5.0) is not None
        capturer.enabled = False
        time.sleep(0.1)
        capturer.take()
        left = source.good
        assert capturer.take(0.1) is None and source.good == left and capturer.error is None
        capturer.enabled = True
        assert capturer.take(5.0) is not None


def test_a_read_that_blocks_is_reported_and_left_behind(monkeypatch, caplog):
    monkeypatch.setattr("msa.capturer.capturer.JOIN_S", 0.1)
    monkeypatch.setattr("msa.capturer.capturer.SILENT_S", 0.1)
    release = threading.Event()

    class Blocked(Flaky):
        def read(self):
            if self.good < 10**9:
                release.wait(20)
            return super().read()

    source = Blocked()
    capturer = Capturer(Init(), opener=lambda *_: source)
    assert capturer.take(5.0) is not None
    wait_until(lambda: capturer.error is not None)
    assert capturer.error.startswith("flaky camera: no image for")
    start = time.monotonic()
    capturer.close()
    assert time.monotonic() - start < 5 and "given up" in caplog.text
    release.set()
    wait_until(lambda: source.closed)  # by its own thread, as soon as the read returned


def test_a_source_that_blocks_is_opened_again_on_another_thread(monkeypatch, caplog):
    monkeypatch.setattr("msa.capturer.capturer.BLOCKED_S", 0.2)
    release, opened = threading.Event(), []

    class Blocked(Flaky):
        def read(self):
            if self.value == 0 and self.good < 10**9 - 3:
                release.wait(20)
            return super().read()

    def opener(*_):
        opened.append(Blocked(value=len(opened)))
        return opened[-1]

    with Capturer(Init(), opener=opener) as capturer:
        capturer._patience_s = 0.2
        wait_until(lambda: (image := capturer.take(0.1)) is not None and image.image.max() == 1)
        assert len(opened) == 2 and "flaky camera does not answer; it is opened again" in caplog.text
        release.set()
        wait_until(lambda: opened[0].closed)
        assert all(image.image.max() == 1 for _ in range(5) if (image := capturer.take(1.0)))


def test_no_more_threads_than_a_few_are_left_behind(monkeypatch):
    release, opened = threading.Event(), []

    class Dead(Flaky):
        def read(self):
            release.wait(20)
            return super().read()

    def opener(*_):
        opened.append(Dead())
        return opened[-1]

    monkeypatch.setattr("msa.capturer.capturer.BLOCKED_S", 0.05)
    monkeypatch.setattr("msa.capturer.capturer.JOIN_S", 0.1)
    with Capturer(Init(), opener=opener) as capturer:
        for _ in range(8):
            capturer._patience_s = 0.02
            time.sleep(0.05)
            capturer.take(0.01)
        assert 3 <= len(opened) <= 6
        release.set()


def test_nothing_is_left_open_after_close():
    source = Flaky()
    capturer = Capturer(Init(), source=source)
    assert capturer.take(5.0) is not None
    capturer.close()
    capturer.close()
    assert source.closed
