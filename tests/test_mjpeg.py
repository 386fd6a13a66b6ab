"""MJPEG over HTTP, read by OpenCV and by plain sockets: the newest image, nothing queues, nothing is encoded for nobody."""

import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import cv2
import numpy as np
import pytest

from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.outgoing import Output
from webcam_pix2pix.sinks.programs.mjpeg import VIEWS, MjpegServer

COLOURS = {"captured": (200, 30, 30), "processed": (30, 200, 30), "predicted": (30, 30, 200)}


def frame(index: int = 0, size=(64, 64), **colours) -> Frame:
    images = {name: sealed(np.full((*size, 3), colour, np.uint8)) for name, colour in (COLOURS | colours).items()}
    return Frame(index, float(index), **images)


@pytest.fixture
def server():
    server = MjpegServer(status=lambda: {"fps": 12.5, "model": "oil"})
    yield server
    server.close()


@pytest.fixture
def fed(server):
    """The server, given a numbered frame every few milliseconds: the brightness of the painting counts."""
    stop = threading.Event()

    def give():
        index = 0
        while not stop.wait(0.01):
            index += 1
            server.put(frame(index, predicted=(index % 250,) * 3))
    thread = threading.Thread(target=give)
    thread.start()
    yield server
    stop.set()
    thread.join()


def still(url: str) -> np.ndarray:
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.headers["Content-Type"] == "image/jpeg"
        return cv2.imdecode(np.frombuffer(answer.read(), np.uint8), cv2.IMREAD_COLOR_RGB)


def test_opencv_reads_every_view_of_the_newest_frame(fed):
    for view in VIEWS:
        reader = cv2.VideoCapture(f"{fed.url}/{view}.mjpg")
        good, image = reader.read()
        reader.release()
        assert good and image.shape == ((64, 128, 3) if view == "side-by-side" else (64, 64, 3))
        if view in ("processed", "camera", "side-by-side"):
            colour = COLOURS["captured" if view == "camera" else "processed"]
            assert np.abs(image[32, 20, ::-1].astype(int) - colour).max() < 12


def test_a_still_has_the_size_and_shape_that_go_out(server):
    server.put(frame())
    assert still(f"{server.url}/painting.jpg").shape == (64, 64, 3)
    server._output = lambda: Output(size=128, shape="16:9 filled")
    server.put(frame(1))
    image = still(f"{server.url}/painting.jpg")
    assert image.shape[0] == 128 and abs(image.shape[1] / 128 - 16 / 9) < 0.03
    assert np.abs(image[64, 114].astype(int) - COLOURS["predicted"]).max() < 12


def test_before_the_first_image_a_still_says_so(server):
    with pytest.raises(urllib.error.HTTPError, match="503"):
        still(f"{server.url}/painting.jpg")


def test_status_and_page(server):
    server.put(frame())
    with urllib.request.urlopen(f"{server.url}/status.json", timeout=5) as answer:
        assert json.load(answer) == {"fps": 12.5, "model": "oil", "readers": 0}
    with urllib.request.urlopen(f"{server.url}/", timeout=5) as answer:
        page = answer.read().decode()
    assert all(f"{view}.mjpg" in page for view in VIEWS)


def test_nothing_is_encoded_while_nobody_reads(fed):
    time.sleep(0.1)
    assert fed.encoded == 0
    still(f"{fed.url}/painting.jpg")
    assert fed.encoded == 1


def parts(stream, n: int) -> list[bytes]:
    """The next images of an open stream."""
    images = []
    for _ in range(n):
        length = 0
        while (line := stream.readline().strip()) or not length:
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        images.append(stream.read(length))
    return images


def brightness(jpeg: bytes) -> float:
    return float(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).mean())


def test_an_image_is_encoded_once_for_all_who_read_it(server):
    connections = [http.client.HTTPConnection("127.0.0.1", server.server.port, timeout=5) for _ in range(3)]
    server.put(frame(0))
    streams = []
    for connection in connections:
        connection.request("GET", "/painting.mjpg")
        streams.append(connection.getresponse())
    assert len({parts(stream, 1)[0] for stream in streams}) == 1
    before = server.encoded
    assert before == 1
    for index in range(1, 6):
        server.put(frame(index, predicted=(40 * index,) * 3))
        for stream in streams:
            assert abs(brightness(parts(stream, 1)[0]) - 40 * index) < 3
    assert server.encoded == before + 5
    for connection in connections:
        connection.close()


def test_who_reads_slowly_gets_the_newest_and_holds_nobody_up(server):
    noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3), np.uint8)
    big = {"captured": sealed(noise), "processed": sealed(noise)}

    def numbered(index: int) -> Frame:
        image = noise.copy()
        image[:32] = index
        return Frame(index, 0.0, predicted=sealed(image), **big)

    slow = [socket.socket() for _ in range(3)]
    for one in slow:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # and it is never read
        one.connect(("127.0.0.1", server.server.port))
        one.sendall(b"GET /painting.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    quick = http.client.HTTPConnection("127.0.0.1", server.server.port, timeout=5)
    server.put(numbered(0))
    quick.request("GET", "/painting.mjpg")
    stream = quick.getresponse()
    parts(stream, 1)
    for index in range(1, 60):
        server.put(numbered(index))
        top = cv2.imdecode(np.frombuffer(parts(stream, 1)[0], np.uint8), cv2.IMREAD_COLOR_RGB)[8:24].mean()
        assert abs(top - index) < 8  # the quick reader has each one
    assert server.readers == 4
    reader = slow[0].makefile("rb")
    tops = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)[8:24].mean() for data in parts(reader, 5)]
    assert abs(tops[-1] - 59) < 8  # few images lay on the way; the next one is the newest
    reader.close()
    for one in (*slow, quick):
        one.close()


def test_a_reader_that_leaves_is_forgotten(fed):
    reader = cv2.VideoCapture(f"{fed.url}/painting.mjpg")
    assert reader.read()[0]
    assert fed.readers == 1
    reader.release()
    until = time.monotonic() + 5
    while fed.readers and time.monotonic() < until:
        time.sleep(0.01)
    assert fed.readers == 0


def test_it_closes_while_it_is_read_and_a_taken_port_is_one_line(fed):
    reader = http.client.HTTPConnection("127.0.0.1", fed.server.port, timeout=5)
    reader.request("GET", "/painting.mjpg")
    parts(reader.getresponse(), 2)
    with pytest.raises(OSError, match="the port is taken"):
        MjpegServer(port=fed.server.port)
    fed.close()
    reader.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("web ", "jpeg"))]
