"""Outputs to other programs: the thread that feeds one, what is missing, and the senders against doubles of their libraries."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import cv2
import numpy as np
import pytest

from webcam_pix2pix.cli import main
from webcam_pix2pix.frame import Frame, sealed
from webcam_pix2pix.outgoing import Output
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks.programs import KINDS, Running, missing
from webcam_pix2pix.sinks.programs.publisher import Publisher


def frame(value: int = 100, size=(64, 64)) -> Frame:
    image = sealed(np.full((*size, 3), (value, 20, 20), np.uint8))
    return Frame(0, 0.0, image, image, image)


class Engine:
    """What Running needs of a Pipeline."""

    def __init__(self):
        self.settings, self.sinks, self.reports = Settings(), [], []
        self.add_sink, self.remove_sink, self.report = self.sinks.append, self.sinks.remove, self.reports.append


class Sender:
    """Keeps what it is given; fails or waits when asked to."""

    opened: ClassVar[list] = []
    gate: ClassVar[threading.Event | None] = None
    fails: ClassVar[bool] = False

    def __init__(self, name, width, height, fps):
        self.size, self.images, self.closed = (name, width, height, fps), [], False
        Sender.opened.append(self)

    def send(self, image):
        assert image.flags.c_contiguous and image.shape == (self.size[2], self.size[1], 3)
        if Sender.gate is not None:
            Sender.gate.wait(10)
        if Sender.fails:
            raise RuntimeError("the driver\nhas gone")
        self.images.append(image)

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def fresh():
    Sender.opened, Sender.gate, Sender.fails = [], None, False


def until(true) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_opens_with_the_first_image_and_follows_another_size():
    publisher = Publisher("NDI", Sender, "stage", lambda: Output(scale="x2"), 24.0)
    publisher.put(frame())
    until(lambda: publisher.sent)
    publisher.put(frame(size=(48, 80)))
    until(lambda: len(Sender.opened) == 2 and Sender.opened[1].images)
    publisher.close()
    assert [sender.size for sender in Sender.opened] == [("stage", 128, 128, 24.0), ("stage", 160, 96, 24.0)]
    assert all(sender.closed for sender in Sender.opened)


def test_a_camera_keeps_its_size_with_even_sides():
    publisher = Publisher("camera", Sender, "", keeps_size=True)
    for size in ((65, 63), (200, 64)):
        publisher.put(frame(size=size))
        n = publisher.sent
        until(lambda n=n: publisher.sent > n)
    publisher.close()
    assert [sender.size[1:3] for sender in Sender.opened] == [(62, 64)]
    assert Sender.opened[0].images[-1][32, 2].max() < 30 < Sender.opened[0].images[-1][32, 31, 0]  # a tall image between two bars


def test_while_it_waits_images_are_left_out_and_then_comes_the_newest():
    Sender.gate = threading.Event()
    publisher = Publisher("slow", Sender, "")
    publisher.put(frame(1))
    until(lambda: Sender.opened)
    for value in range(2, 100):
        publisher.put(frame(value))
    Sender.gate.set()
    until(lambda: publisher.sent >= 2)
    publisher.close()
    assert [image[0, 0, 0] for image in Sender.opened[0].images][:2] == [1, 99]


def test_a_sender_that_fails_is_one_line_and_is_switched_off(monkeypatch):
    Sender.fails = True
    monkeypatch.setitem(KINDS, "ndi", SimpleNamespace(label="NDI", opener=Sender, platform="", module="json", keeps_size=False))
    engine = Engine()
    running = Running(engine)
    assert running.start("ndi", "stage") == "NDI is on: stage." and "ndi" in running
    engine.sinks[0].put(frame())
    until(lambda: engine.reports)
    assert engine.reports == ["NDI: the driver has gone"]
    until(lambda: running.ended() == ["ndi"])
    running.stop("ndi")
    assert "ndi" not in running and not engine.sinks and Sender.opened[0].closed


def test_what_is_not_installed_says_how_to_get_it():
    for kind in KINDS.values():
        reason = missing(kind)
        if reason:
            assert reason.startswith(kind.label) and (f"pip install {kind.package}" in reason or "is only on" in reason)
            with pytest.raises(ValueError, match=r"needs the package|is only on"):
                Running(Engine()).start(kind.name)


def test_the_server_is_started_stopped_and_started_anew():
    engine = Engine()
    running = Running(engine, lambda: {"fps": 1.0})
    text = running.start("serve", "0")
    assert text == f"The painting is at {running.url}/painting.mjpg, a page at {running.url}/ (this machine only)."
    first = running.url
    running.start("serve", first.rpartition(":")[2])  # its own port again
    assert running.url == first and len(engine.sinks) == 1
    with pytest.raises(ValueError, match="is not an address"):
        running.start("serve", "here")
    running.close()
    assert not running.url and not engine.sinks


# ---- the libraries, as their documents describe them

def double(monkeypatch, name: str, **contents) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(contents)
    monkeypatch.setitem(sys.modules, name, module)
    return module


def test_virtual_camera(monkeypatch):
    from webcam_pix2pix.sinks.programs.senders import VirtualCamera

    calls = []

    class Camera:
        def __init__(self, width, height, fps, fmt, device):
            if device == "/dev/video9":
                raise RuntimeError("'v4l2loopback' backend: Device /dev/video9 is not a video output device.\nSee also ...")
            calls.append((width, height, fps, fmt, device))

        def send(self, image):
            calls.append(image.shape)

        def close(self):
            calls.append("closed")

    double(monkeypatch, "pyvirtualcam", Camera=Camera, PixelFormat=SimpleNamespace(RGB="rgb"))
    camera = VirtualCamera("", 64, 48, 30.0)
    camera.send(np.zeros((48, 64, 3), np.uint8))
    camera.close()
    assert calls == [(64, 48, 30.0, "rgb", None), (48, 64, 3), "closed"]
    with pytest.raises(OSError, match=r"^/dev/video9 is not a virtual camera, or it is in use; ") as raised:
        VirtualCamera("/dev/video9", 64, 48, 30.0)
    assert "\n" not in str(raised.value)


def test_syphon(monkeypatch):
    from webcam_pix2pix.sinks.programs.senders import Syphon

    calls = []
    server = SimpleNamespace(device="gpu", publish_frame_texture=calls.append, stop=lambda: calls.append("stopped"))
    double(monkeypatch, "syphon", SyphonMetalServer=lambda name: calls.append(name) or server)
    double(monkeypatch, "syphon.utils")
    double(monkeypatch, "syphon.utils.raw", create_mtl_texture=lambda device, width, height: (device, width, height))
    double(monkeypatch, "syphon.utils.numpy",
           copy_image_to_mtl_texture=lambda image, texture: calls.append((image[0, 0].tolist(), texture)))
    sender = Syphon("", 64, 48, 30.0)
    sender.send(np.full((48, 64, 3), (1, 2, 3), np.uint8))
    sender.close()
    assert calls == ["webcam-pix2pix", ([1, 2, 3, 255], ("gpu", 64, 48)), ("gpu", 64, 48), "stopped"]


def test_spout(monkeypatch):
    from webcam_pix2pix.sinks.programs.senders import Spout

    calls = []

    class SpoutSender:
        works = True

        def setSenderName(self, name):
            calls.append(name)

        def sendImage(self, pixels, width, height, gl_format, invert, host):
            calls.append((pixels[0, 0].tolist(), width, height, gl_format, invert, host))
            return SpoutSender.works

        def setFrameSync(self, name):
            calls.append(f"sync {name}")

        def releaseSender(self):
            calls.append("released")

    double(monkeypatch, "SpoutGL", SpoutSender=SpoutSender)
    sender = Spout("stage", 64, 48, 30.0)
    sender.send(np.full((48, 64, 3), (1, 2, 3), np.uint8))
    SpoutSender.works = False
    with pytest.raises(OSError, match="the graphics driver shares no image"):
        sender.send(np.zeros((48, 64, 3), np.uint8))
    sender.close()
    image = (64, 48, 0x1908, False, 0)
    assert calls == ["stage", ([1, 2, 3, 255], *image), "sync stage", ([0, 0, 0, 255], *image), "released"]


def test_ndi_with_the_library():
    pytest.importorskip("cyndilib")
    publisher = Publisher("NDI", KINDS["ndi"].opener, "test of webcam-pix2pix")
    publisher.put(frame())
    until(lambda: publisher.sent or publisher.error)
    publisher.close()
    assert publisher.error is None


# ---- the command line

def test_a_run_without_a_window_serves_until_it_is_interrupted(small_model):
    command = [sys.executable, "webcam-pix2pix.py", "live", "--headless", "--source", "test", "--model", str(small_model), "--serve", "0",
               "--size", "96", "--precision", "fp32"]
    run = subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+", run.stdout.readline())[0]
        reader = cv2.VideoCapture(f"{url}/painting.mjpg")
        images = [reader.read()[1] for _ in range(3)]
        reader.release()
        with urllib.request.urlopen(f"{url}/status.json", timeout=5) as answer:
            status = json.load(answer)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60)[0]
    finally:
        run.kill()
    assert [image.shape for image in images] == [(96, 96, 3)] * 3
    assert status["model"] and status["fps"] > 0 and status["frames"] >= 3
    assert run.returncode == 0 and "frames of" in said


@pytest.mark.parametrize("options, code, line", [
    (["--serve", "here"], 2, "--serve: 'here' is not an address"), (["--size", "-3"], 2, "Output.size: -3 is out of range"),
    (["--ndi", "stage"], 2, "--ndi: NDI needs the package cyndilib: pip install cyndilib"),
    (["--virtual-camera"], 2, "--virtual-camera: Virtual camera needs the package pyvirtualcam: pip install pyvirtualcam")])
def test_what_cannot_be_on_the_command_line_is_one_line(options, code, line, capsys, monkeypatch):
    for kind in KINDS.values():
        monkeypatch.setitem(KINDS, kind.name, replace(kind, module="nowhere_to_be_found"))
    assert main(["live", "--headless", "--source", "test", *options]) == code
    said = capsys.readouterr().err.strip()
    assert line in said and "\n" not in said
