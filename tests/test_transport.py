"""Films and folders under a performer's hands: pause, place, loop, speed, image by image."""

import time
from pathlib import Path

import pytest
from footage import number_of, numbered, save, steady, write_film

from msa.capturer import Capturer, kind_of, mirrored
from msa.capturer.init import Init
from msa.capturer.sources.video import VideoFile
from msa.capturer.transport import Transport


class Clock:
    """Time that passes only while the film waits: however slow the machine is, no image is late."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("msa.capturer.sources.video.time", clock)
    return clock


@pytest.fixture(params=["libx264", "mpeg4"])
def film(tmp_path, request, clock):
    codec = request.param
    source = VideoFile(str(write_film(tmp_path / f"film.{'mp4' if codec == 'libx264' else 'mkv'}", steady(60, 50), codec)), live=True)
    yield source
    source.close()


def test_a_film_goes_where_it_is_sent(film):
    film.transport.paused = True
    for number in (40, 3, 59, 17, 0):
        film.transport.seek(number / 50)
        assert number_of(film.read()) == number and number_of(film.read()) == number  # it stays there
        assert film.transport.position == pytest.approx(number / 50, abs=0.002)
    film.transport.seek(1e9)  # as far as there is
    assert number_of(film.read()) == 59


def test_a_film_continues_from_where_it_was_sent(film, clock):
    film.transport.seek(0.5)
    assert number_of(film.read()) == 25
    film.transport.paused = True
    held = number_of(film.read())
    clock.sleep(0.1)
    film.transport.paused = False
    assert number_of(film.read()) == held + 1  # nothing is left out after a pause


def test_image_by_image(film):
    film.transport.move(1)
    film.transport.seek(0.2)
    assert number_of(film.read()) == 10 and film.transport.paused
    film.transport.move(1)
    film.transport.move(1)  # before the film has followed
    assert number_of(film.read()) == 12
    film.transport.move(-1)
    assert number_of(film.read()) == 11


def test_a_film_stays_between_in_and_out(film):
    film.transport.start, film.transport.end = 0.4, 0.6
    film.transport.seek(0.4)
    seen = [number_of(film.read()) for _ in range(30)]
    assert seen == [20, *range(21, 31), *range(20, 31), *range(20, 28)]
    film.transport.unmark()
    film.transport.seek(1.1)
    assert [number_of(film.read()) for _ in range(6)] == [55, 56, 57, 58, 59, 0]


def test_the_end_of_a_film_leads_to_the_start_of_the_loop(film):
    film.transport.start = 1.0
    film.transport.seek(1.1)
    assert [number_of(film.read()) for _ in range(8)] == [55, 56, 57, 58, 59, 50, 51, 52]


def test_speed(film, clock):
    for speed in (0.25, 1.0, 4.0):
        film.transport.speed = speed
        film.transport.seek(0.0)
        film.read()
        start = clock.now
        for _ in range(20):
            film.read()
        assert clock.now - start == pytest.approx(0.4 / speed, rel=0.1)


def test_a_folder_of_images(tmp_path):
    for number in range(5):
        save(tmp_path / f"{number}.png", numbered(number))
    with Capturer(Init(device_id=str(tmp_path), fps=100)) as capturer:
        until = time.monotonic() + 5
        while capturer.transport is None and time.monotonic() < until:
            time.sleep(0.01)
        transport = capturer.transport
        assert (transport.length, transport.unit) == (5, "images")

        def comes(number):
            until = time.monotonic() + 5
            while time.monotonic() < until:
                captured = capturer.take(0.1)
                if captured is not None and number_of(captured.image) == number:
                    return True
            return False

        transport.move(3)
        assert comes(3) and transport.paused
        transport.move(-1)
        assert comes(2) and transport.position == 2
        transport.start, transport.end, transport.paused, transport.speed = 1.0, 2.0, False, 20.0
        assert comes(1) and comes(2) and comes(1)
        assert capturer.device_id == str(tmp_path)


def test_in_and_out_never_cross():
    transport = Transport(10.0, 0.1, "s")
    transport.position = 6.0
    transport.mark_out()
    transport.position = 8.0
    transport.mark_in()
    assert (transport.start, transport.end) == (8.0, None)
    transport.position = 3.0
    transport.mark_out()
    assert (transport.start, transport.end) == (0.0, 3.0)


def test_the_ends_of_a_loop_keep_an_image_between_them_and_stay_inside():
    transport = Transport(10.0, 0.1, "s")
    for asked, got in (((2.0, 4.0), (2.0, 4.0)), ((5.0, 4.0), (3.9, 4.0)), ((-1.0, 12.0), (0.0, None)), ((11.0, None), (9.9, None)),
                       ((0.0, -3.0), (0.0, 0.1))):
        transport.set_loop(*asked)
        assert (transport.start, transport.end) == (pytest.approx(got[0]), pytest.approx(got[1]))


@pytest.mark.parametrize("threaded", [True, False])
def test_a_film_goes_on_where_it_was_left(tmp_path, threaded):
    """Place, loop and speed, per film; the first image that comes is the one of the place."""
    one, other = (str(write_film(tmp_path / f"{name}.mp4", steady(200, 50), "libx264")) for name in ("one", "other"))

    def change(capturer, device_id):
        capturer.reinitialise(Init(device_id=device_id, use_thread=threaded))
        until = time.monotonic() + 5
        while time.monotonic() < until:
            captured = capturer.take(0.1)
            if captured is not None and capturer.device_id == device_id and capturer.transport is not None:
                return captured.place
        raise AssertionError(device_id)

    with Capturer(Init(device_id=one, use_thread=threaded)) as capturer:
        change(capturer, one)
        capturer.transport.set_loop(1.0, 3.0)
        capturer.transport.speed = 0.5
        capturer.transport.seek(2.0)
        until = time.monotonic() + 5
        while (captured := capturer.take(0.1)) is None or captured.place < 2.0:
            assert time.monotonic() < until
        capturer.transport.paused = True
        assert change(capturer, other) < 0.5  # it was never played: from its start
        assert capturer.transport.start == 0.0 and capturer.transport.end is None
        assert 2.0 <= change(capturer, one) < 2.5
        transport = capturer.transport
        assert (transport.start, transport.end, transport.speed, transport.paused) == (1.0, 3.0, 0.5, False)
        write_film(Path(one), steady(100, 50), "libx264")  # another film under the same name
        change(capturer, other)
        assert change(capturer, one) < 0.5 and capturer.transport.start == 0.0


def test_what_has_no_time_has_no_transport(tmp_path):
    image = save(tmp_path / "one.png", numbered(1))
    film = write_film(tmp_path / "film.mp4", steady(10, 50))
    for device_id, live in ((str(image), True), ("test", True), (str(film), False)):
        with Capturer(Init(device_id=device_id), live=live) as capturer:
            capturer.take(2.0)
            assert capturer.transport is None


@pytest.mark.parametrize(("device_id", "kind"), [
    ("auto", "camera"), ("0", "camera"), ("FaceTime HD", "camera"), ("USB2.0 HD UVC WebCam", "camera"), ("/dev/video0", "camera"),
    ("test", "test"), ("test:2", "test"), ("screen", "screen"), ("screen:1", "screen"), ("rtsp://camera/1", "stream"), ("film.MP4", "film"),
    ("no/such/film", "film"), (".", "images"), ("a.jpg", "images")])
def test_kinds_of_sources(device_id, kind):
    assert kind_of(device_id) == kind and mirrored(device_id) == (kind in ("camera", "test"))


def test_a_film_stays_where_it_is_while_the_image_is_frozen(tmp_path):
    with Capturer(Init(device_id=str(write_film(tmp_path / "film.mp4", steady(200, 50), "libx264")), use_thread=False)) as capturer:
        capturer.take(5.0)
        capturer.frozen = True
        capturer.take(5.0)
        capturer.take(5.0)
        held = capturer.transport.position
        for _ in range(4):
            capturer.take(5.0)
        assert capturer.transport.position == held
        capturer.frozen = False
        for _ in range(3):
            capturer.take(5.0)
        assert capturer.transport.position > held
