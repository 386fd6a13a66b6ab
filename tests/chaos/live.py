"""The show under fire: each function breaks something for a while, and raises AssertionError when the show did not hold."""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest import mock

import numpy as np
import psutil

from msa.capturer import Capturer
from msa.capturer.init import Init
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import NAMES, Settings

from .parts import Camera, Network, Sink, StreamServer

BASE = Settings().with_values({"Capture.Init.width": 64, "Capture.Init.height": 48, "Capture.Init.fps": 120})


def camera(seed: int, seconds: float = 3.0) -> str:
    """A camera that fails in every way: whenever it gives a whole image, that is shown."""
    random, opened = Random(seed), []

    def opener(*_):
        if random.random() < 0.2:
            raise OSError("no such camera")
        opened.append(Camera(random, rate=0.1))
        return opened[-1]

    with mock.patch("msa.capturer.connection.RETRY_S", 0.02), running(Capturer(Init(), opener=opener)) as engine:
        frames = watched(engine, seconds)
    assert all(source.closed for source in opened), "a camera was left open"
    return f"{frames} frames from {len(opened)} openings"


def stream(seed: int, restarts: int = 5) -> str:
    """A stream whose server is killed and started again: images are back within two seconds, and nothing is left behind."""
    server, process, longest = StreamServer(), psutil.Process(), 0.0
    server.start()
    with running(Capturer(Init(device_id=server.url))) as engine:
        wait_for(engine, 10.0)
        handles, threads = process.num_fds(), threading.active_count()
        for _ in range(restarts):
            server.stop()
            time.sleep(0.2)
            while engine.output.take(0.05) is not None:
                pass
            server.start()
            longest = max(longest, wait_for(engine, 10.0))
        wait_for(engine, 10.0)
        settled(lambda: process.num_fds() <= handles + 2 and threading.active_count() <= threads + 2, "handles or threads leak")
    server.stop()
    assert longest < 2.0, f"the image came back after {longest:.2f} s"
    return f"{restarts} restarts, longest wait {longest:.2f} s"


def sinks(seed: int, seconds: float = 2.0) -> str:
    """Sinks that fail, wait and block, coming and going: the one that works misses nothing but what is counted."""
    random = Random(seed)
    with running(Capturer(BASE.capture_init, opener=lambda *_: Camera(random, rate=0))) as engine:
        good = Sink(random)
        engine.add_sink(good)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            bad = Sink(random, wait_s=random.choice((0.0, 0.5)), fails=0.3)
            engine.add_sink(bad)
            time.sleep(0.1)
            engine.remove_sink(bad)
        shown = engine.status.frames
    assert good.count > 0.5 * shown and good.closed
    return f"{shown} frames, {good.count} in the sink that works"


def network(seed: int, seconds: float = 3.0) -> str:
    """A network that fails at random: the painting goes on."""
    random = Random(seed)
    with running(Capturer(BASE.capture_init, opener=lambda *_: Camera(random, rate=0)),
                 build=lambda settings, seen: Network(random, fails=0.3)) as engine:
        frames = watched(engine, seconds)
    return f"{frames} frames"


def storm(seed: int, seconds: float = 3.0) -> str:
    """Every setting at random, a thousand times a second, sources and clock included."""
    random = Random(seed)
    with running(Capturer(BASE.capture_init, opener=lambda *_: Camera(random, rate=0)),
                 build=lambda settings, seen: Network(random)) as engine, jumping_clock(random):
        end, changes = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            name = random.choice([n for n in NAMES if not n.startswith(("Capture.Init", "Main", "EdgeDetection.network"))])
            engine.settings = engine.settings.with_values({name: any_value(name, random)})
            changes += 1
            time.sleep(0.001)
        engine.settings = BASE
        frames = watched(engine, 0.5)
    return f"{changes} changes, then {frames} frames"


def clock(seed: int, seconds: float = 3.0) -> str:
    """The clock of the day jumps back and forth all the time: images keep their pace, an OSC message its time, a stuck sink is noticed."""
    from pythonosc.osc_bundle_builder import OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    from webcam_pix2pix.control.desk import Desk
    from webcam_pix2pix.control.osc.server import OscServer
    random, played = Random(seed), []
    message = OscMessageBuilder("/EdgeDetection/tone")
    message.add_arg(0.25)
    with running(Capturer(BASE.capture_init, opener=lambda *_: Camera(random, rate=0)),
                 build=lambda settings, seen: Network(random)) as engine:
        settled(lambda: engine.predictor is not None, "no network")
        server = OscServer(Desk(BASE, lambda settings: played.append(time.monotonic())), "0", lambda text: None)
        stuck, release = Sink(random), threading.Event()
        stuck.put = lambda frame: release.wait(60)
        engine.add_sink(stuck)
        try:
            sent, bundle = time.monotonic(), OscBundleBuilder(time.time() + 0.5)
            bundle.add_content(message.build())
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(bundle.build().dgram, ("127.0.0.1", server.port))
            settled(lambda: server.received > 0, "the packet did not come")
            with jumping_clock(random):
                longest, end = 0.0, time.perf_counter() + seconds
                while time.perf_counter() < end:
                    longest = max(longest, wait_for(engine, 5.0))
                settled(lambda: any("Sink" in one.name for one in engine.status.still), "the stuck sink was not noticed")
                settled(lambda: bool(played), "the OSC message never came")
            assert 0.4 < played[0] - sent < 2.5, f"an OSC message for 0.5 s came after {played[0] - sent:.1f} s"
        finally:
            server.close()
            engine.remove_sink(stuck)  # its queue is full: the thread is left behind, and ends when it is back
            release.set()
    assert longest < 2.0, f"no image for {longest:.1f} s"
    return f"longest wait for an image {longest:.2f} s, the OSC message after {played[0] - sent:.2f} s"


def model_file(seed: int, folder: Path, seconds: float = 4.0) -> str:
    """The file of the model is replaced by rubbish and by itself while it loads again and again."""
    import torch

    from webcam_pix2pix import networks
    from webcam_pix2pix.cli.building import build_predictor
    random, path = Random(seed), folder / "latest_net_G.pth"
    torch.save(networks.init_weights(networks.build(networks.UNet(depth=6, ngf=4))).state_dict(), path)
    good = path.read_bytes()
    settings = BASE.with_values({"Model.model_name": str(path), "Model.precision": "fp32"})
    with running(Capturer(BASE.capture_init, opener=lambda *_: Camera(random, rate=0)), build_predictor, settings) as engine:
        settled(lambda: engine.predictor is not None, "the model did not load", 60.0)
        end, loads = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            path.write_bytes(random.choice((good, good[:random.randrange(len(good))], random.randbytes(2000), b"")))
            engine.reload_model()
            loads += 1
            time.sleep(random.random() * 0.3)
        path.write_bytes(good)
        settled(lambda: not engine.status.loading, "a load never ended", 60.0)
        engine.reload_model()
        frames = watched(engine, 1.0)
        assert engine.predictor is not None
    return f"{loads} loads, then {frames} frames"


def full_disk(seed: int, folder: Path) -> str:
    """No recording begins on a disk that is nearly full; one whose disk others fill up ends with one line, and the show goes on."""
    from webcam_pix2pix.sinks import Recorder, room
    random = Random(seed)
    with small_disk(folder) as disk, running(Capturer(BASE.capture_init, opener=lambda *_: Noise(random)),
                                              build=lambda settings, seen: Network(random)) as engine:
        if disk is None:
            return "left out: no small disk can be made here"
        try:
            Recorder(disk / "out.mp4", 120.0)
            raise AssertionError("a recording began without room for it")
        except OSError as error:
            assert "MB are free on this disk" in str(error) and "\n" not in str(error)
        reserve, room.RESERVE = room.RESERVE, 0
        recorder = Recorder(disk / "out.mp4", 120.0)
        room.RESERVE = reserve
        recorder.room.check = lambda written: None  # nobody looks
        engine.add_sink(recorder)
        settled(lambda: recorder.error is not None, "a full disk was not noticed", 60.0)
        engine.remove_sink(recorder)
        recorder.close()
        frames = watched(engine, 0.5)
        assert "\n" not in recorder.error
    return f"{recorder.error!r}, then {frames} frames"


# ---- what they are made of

class Noise(Camera):
    """Images that no codec makes small."""

    def __init__(self, random: Random) -> None:
        super().__init__(random, rate=0)
        self.numbers = np.random.default_rng(0)

    def read(self) -> np.ndarray:
        time.sleep(0.005)
        return self.numbers.integers(0, 255, (240, 320, 3), np.uint8)


@contextmanager
def running(capturer: Capturer, build: Callable | None = None, settings: Settings = BASE):
    """An engine at work; afterwards no thread of it is left."""
    before = set(threading.enumerate())
    engine = Pipeline(capturer, settings, build)
    engine.start()
    try:
        yield engine
    finally:
        engine.close()
    settled(lambda: not [t for t in threading.enumerate() if t not in before and not t.name.startswith("chaos")], "a thread is left")


def watched(engine: Pipeline, seconds: float) -> int:
    """Take frames for so long; how many. Each must be whole."""
    end, count = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        frame = engine.output.take(1.0)
        if frame is None:
            continue
        count += 1
        assert frame.captured.dtype == np.uint8 and not frame.captured.flags.writeable
        for image in (frame.processed, frame.predicted):
            assert image is None or (image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8 and not image.flags.writeable)
    assert count > seconds, f"{count} frames in {seconds:g} s: the show stands"
    return count


def wait_for(engine: Pipeline, seconds: float) -> float:
    """Seconds until the next frame."""
    start = time.perf_counter()
    assert engine.output.take(seconds) is not None, "no frame came back"
    return time.perf_counter() - start


def settled(condition: Callable[[], bool], complaint: str, seconds: float = 10.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, complaint
        time.sleep(0.02)


def any_value(name: str, random: Random):
    """A value that the setting allows."""
    from msa.knob import knobs
    attribute, key = NAMES[name]
    field, knob = knobs(getattr(Settings(), attribute))[key]
    if knob.choices:
        return random.choice(knob.choices)
    if isinstance(field.default, bool):
        return random.random() < 0.5
    if knob.limits:
        value = random.uniform(*knob.limits)
        return round(value) if isinstance(field.default, int) else value
    return field.default


@contextmanager
def jumping_clock(random: Random):
    """The clock of the day goes forwards and backwards, as it does when a laptop finds its time server."""
    real = time.time
    with mock.patch("time.time", lambda: real() + random.choice((0, 3600, -3600, 1e6, -1e6))):
        yield


@contextmanager
def small_disk(folder: Path):
    """A file system of 300 KB, where this user may mount one; else None."""
    place = folder / "disk"
    place.mkdir()
    if os.system(f"mount -t tmpfs -o size=300k tmpfs '{place}' 2>/dev/null"):
        yield None
        return
    try:
        yield place
    finally:
        os.system(f"umount -l '{place}'")
