"""Hostile programs in the network: raw bytes to the phone remote, the MJPEG server and OSCQuery, and connections that say nothing."""

import contextlib
import functools
import http.client
import logging
import socket
import struct
import threading
import time
import zlib
from pathlib import Path
from random import Random

import numpy as np
import psutil

LOOKED_AT = 100  # requests between two looks whether the servers answer, and what they hold
ANSWER_S = 2.0  # for a good request
TOKEN = "0123456789abcdef"
WEB_SOCKET = (f"GET /ws?token={TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
PATHS = ("/", "/state.json", "/remote.js", "/painting.mjpg", "/side-by-side.jpg", "/status.json", "/EdgeDetection/tone?VALUE",
         "/?HOST_INFO", "/nothing/here", f"/state.json?token={TOKEN}", "/?token=\udcff")


def message(text: bytes, kind: int = 1, mask: bytes = b"abcd") -> bytes:
    """A message over a web socket, as a browser sends it."""
    long = len(text) > 125
    length = struct.pack(">BBH", 0x80 | kind, 0x80 | 126, len(text)) if long else struct.pack(">BB", 0x80 | kind, 0x80 | len(text))
    return length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))


def requests(folder: Path) -> list[bytes]:
    """Good ones, and some that are wrong as a whole."""
    usual = (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n\r\n" for path in PATHS)
    made = [text.encode("utf-8", "surrogateescape") for text in usual]
    made += [f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n{'x' * 200}".encode() for size in (200, 10**12, -1)]
    made += [b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nffffffffffff\r\n"]
    made += [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"]
    made += [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X%d: y\r\n" % i for i in range(3000)) + b"\r\n"]
    made += [b"GET /" + b"a/" * 20_000 + b" HTTP/1.1\r\nHost: [::1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1:x\r\n\r\n" * 50]
    talk = [b'{"set": {"EdgeDetection.tone": 0.5}}', b'{"do": "freeze", "on": true}', b'{"set": {"EdgeDetection.tone": NaN}}', b"[" * 4000]
    made += [WEB_SOCKET.encode() + b"".join(message(one) for one in talk), WEB_SOCKET.encode() + message(b"\xff\xfe", 1) + message(b"", 9)]
    made += [WEB_SOCKET.encode() + message(b"x" * 60_000), WEB_SOCKET.encode() + b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"maskdata"]
    return made


class Servers:
    """The three servers, in use; what they log as an error."""

    def __init__(self) -> None:
        from msa.capturer import Capturer
        from webcam_pix2pix.control import Desk, register_common
        from webcam_pix2pix.control.osc.query import query_server
        from webcam_pix2pix.control.remote import PhoneRemote
        from webcam_pix2pix.frame import Frame, sealed
        from webcam_pix2pix.pipeline import Pipeline
        from webcam_pix2pix.settings import Settings
        from webcam_pix2pix.sinks.programs.mjpeg import MjpegServer
        settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48})
        self.pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
        self.desk = Desk(settings, lambda value: setattr(self.pipeline, "settings", value))
        register_common(self.desk)
        image = sealed(np.full((48, 64, 3), 90, np.uint8))
        self.query = query_server(self.desk, "127.0.0.1", 0)
        self.query.start()
        self.mjpeg, self.phone = MjpegServer(), PhoneRemote(self.desk, self.pipeline, token=TOKEN)
        for sink in (self.mjpeg, self.phone):
            sink.put(Frame(0, 0.0, image, image, image))
        self.ports = (self.mjpeg.server.port, self.phone.server.port, self.query.port)
        self.sent, self.errors = 0, Errors()
        logging.getLogger().addHandler(self.errors)
        self.disabled = logging.root.manager.disable
        logging.disable(logging.WARNING)
        self.handles = psutil.Process().num_fds()

    def ask(self, port: int) -> None:
        """A good request is answered."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
        try:
            connection.request("GET", f"/?token={TOKEN}" if port == self.ports[1] else "/")
            assert connection.getresponse().status == 200
        except OSError as error:
            raise AssertionError(f"port {self.ports.index(port)} does not answer ({error!r})") from None
        finally:
            connection.close()

    def examine(self) -> None:
        """They answer, nothing failed inside, nothing is held."""
        for port in self.ports:
            self.ask(port)
        assert not self.errors.lines, self.errors.lines[0]
        end = time.monotonic() + 5
        while psutil.Process().num_fds() > self.handles + 8:
            assert time.monotonic() < end, "handles leak"
            time.sleep(0.05)
        settings = self.desk.settings
        assert settings.with_values(settings.flat()) == settings

    def close(self) -> None:
        logging.getLogger().removeHandler(self.errors)
        logging.disable(self.disabled)
        for part in (self.mjpeg, self.phone, self.query, self.pipeline):
            part.close()


class Errors(logging.Handler):
    """Keeps what was logged as an error: a handler that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()} {record.exc_info and record.exc_info[1]!r}")


@functools.cache
def servers() -> Servers:
    """For the fuzz, whose process ends with them."""
    return Servers()


def send_request(path: Path) -> None:
    """The bytes of a file, to one of the servers; it answers, or hangs up."""
    here, data = servers(), path.read_bytes()
    with socket.create_connection(("127.0.0.1", here.ports[zlib.crc32(data) % 3]), timeout=ANSWER_S) as peer, \
            contextlib.suppress(ConnectionError):
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        try:
            peer.recv(4096)
        except TimeoutError:
            raise RuntimeError("neither an answer nor an end") from None
    here.sent += 1
    if here.sent % LOOKED_AT == 0:
        here.examine()
    assert not here.errors.lines, here.errors.lines[0]


def peers(seed: int, seconds: float = 3.0) -> str:
    """Connections that say nothing, send a letter now and then, or take no answer: others are answered, and they are hung up on."""
    from unittest import mock
    random, here, open_ = Random(seed), Servers(), []
    try:
        with mock.patch("msa.webserver.FIRST_S", seconds / 2):
            for port in here.ports:
                for _ in range(60):
                    open_.append(socket.create_connection(("127.0.0.1", port), timeout=1))
                    if (kind := random.randrange(4)) == 1:
                        open_[-1].sendall(b"GET / HT")
                    elif kind == 2:
                        stream = "GET /painting.mjpg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                        open_[-1].sendall((stream if port == here.ports[0] else WEB_SOCKET).encode())
            longest, end = 0.0, time.monotonic() + seconds
            while time.monotonic() < end:
                for peer in open_:
                    if random.random() < 0.05:
                        with contextlib.suppress(OSError):
                            peer.sendall(b"x")
                start = time.monotonic()
                for port in here.ports:
                    here.ask(port)
                longest = max(longest, time.monotonic() - start)
                time.sleep(0.1)
            time.sleep(2.0)
            gone = sum(is_gone(peer) for peer in open_)
        assert gone > 60, f"only {gone} of {len(open_)} were hung up on"
        for peer in open_:
            peer.close()
        here.examine()
    finally:
        here.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("web ")], "a server is left"
    return f"{len(open_)} bad connections, {gone} hung up on, the longest three answers {longest:.2f} s"


def is_gone(peer: socket.socket) -> bool:
    """Whether the other end has hung up."""
    peer.settimeout(0)
    try:
        while (data := peer.recv(65536)):
            del data
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
