"""Real parts that break on request: a camera, a server of a stream, a sink, a network."""

import contextlib
import socket
import threading
import time
from random import Random

import cv2
import numpy as np

SIZE = (64, 48)  # width, height


class Camera:
    """A live source that does at random what drivers do: fails, stalls, gives torn or empty images, changes its size, vanishes."""

    name, size, fps, live, finite, note, skipped, camera = "chaos camera", SIZE, 200.0, True, False, "", 0, ""
    FAULTS = ("fails", "stalls", "empty", "torn", "size", "grey")

    def __init__(self, random: Random, rate: float = 0.05, stall_s: float = 0.3) -> None:
        self.random, self.rate, self.stall_s = random, rate, stall_s
        self.count = 0
        self.closed = False

    def read(self) -> np.ndarray:
        assert not self.closed, "read after close"
        time.sleep(0.002)
        self.count += 1
        width, height = SIZE
        if self.random.random() < self.rate:
            match self.random.choice(self.FAULTS):
                case "fails":
                    raise self.random.choice((OSError("pulled"), RuntimeError("driver"), ValueError("bad packet"), MemoryError()))
                case "stalls":
                    time.sleep(self.stall_s)
                case "empty":
                    return np.zeros((0, 0, 3), np.uint8)
                case "torn":
                    return np.full((height // 2 + 1, width, 3), 90, np.uint8)
                case "size":
                    width, height = self.random.randint(1, 300), self.random.randint(1, 200)
                case "grey":
                    return np.full((height, width), 50, np.uint8)
        return np.full((height, width, 3), self.count % 256, np.uint8)

    def close(self) -> None:
        self.closed = True


class StreamServer:
    """MJPEG over HTTP on 127.0.0.1. stop() cuts all connections as a killed server does; start() listens on the same port again."""

    def __init__(self, fps: float = 50.0) -> None:
        self.fps = fps
        self._sockets: list[socket.socket] = []
        self._thread: threading.Thread | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/stream"

    def start(self) -> None:
        self._stop = threading.Event()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, args=(self._listener, self._stop), name="chaos server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets.clear()
        assert self._thread is not None
        self._thread.join(5)

    def _accept(self, listener: socket.socket, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            self._sockets.append(peer)
            threading.Thread(target=self._serve, args=(peer, stop), name="chaos peer", daemon=True).start()

    def _serve(self, peer: socket.socket, stop: threading.Event) -> None:
        try:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
            count = 0
            while not stop.wait(1 / self.fps):
                count += 1
                data = cv2.imencode(".jpg", np.full((SIZE[1], SIZE[0], 3), count % 256, np.uint8))[1].tobytes()
                peer.sendall(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n")
        except OSError:
            pass
        finally:
            peer.close()


class Sink:
    """Takes frames; at random it fails or waits."""

    def __init__(self, random: Random, wait_s: float = 0.0, fails: float = 0.0) -> None:
        self.random, self.wait_s, self.fails = random, wait_s, fails
        self.count = 0
        self.closed = False

    def put(self, frame) -> None:
        self.count += 1
        time.sleep(self.wait_s * self.random.random())
        if self.random.random() < self.fails:
            raise OSError("disk full")

    def close(self) -> None:
        self.closed = True


class Network:
    """255 - x as a predictor; at random it raises what a device raises."""

    label, note, multiple, at_once, input_size = "CPU fp32", "", 32, 1, (64, 64)

    def __init__(self, random: Random, fails: float = 0.0, name: str = "chaos") -> None:
        self.random, self.fails = random, fails
        self.info = type("Info", (), {"name": name, "recipe": None})()

    def __call__(self, image: np.ndarray) -> np.ndarray:
        if self.random.random() < self.fails:
            raise self.random.choice((RuntimeError("CUDA out of memory"), ValueError("no numbers (NaN)"), MemoryError()))
        return 255 - image

    def close(self) -> None:
        pass
