"""The window with MJPEG readers and without, in turns: what does a reader cost, does the show keep its rate, do slow readers do harm?
And a finger on a slider of the phone remote, in a headless Chromium where there is one: how long until the painting follows?

A camera of 30 images a second that costs nothing, the real window, the real model. Readers are other processes, whose time does not
count; processor time is that of the whole program. Needs no display: set QT_QPA_PLATFORM=offscreen where there is none.

    python benchmarks/bench_web.py [--turns 7] [--seconds 4] [--moves 20] [--model oil_color] [--screenshot phone.png]
"""

import argparse
import asyncio
import base64
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import common
import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from msa.capturer.init import Init
from msa.capturer.opening import open_source
from tests.browser import CHROMIUM, chromium
from tests.chaos.parts import Camera
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.control.remote import PhoneRemote
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks.programs.mjpeg import MjpegServer

FPS = 30.0
QUICK = """
import sys, cv2
film, count = cv2.VideoCapture(sys.argv[1]), 0
while film.read()[0]:
    count += 1
    print(count, flush=True)
"""
SLOW = """
import sys, time, urllib.request
with urllib.request.urlopen(sys.argv[1]) as stream:
    while stream.read(8192):
        print(0, flush=True)
        time.sleep(0.2)
"""
KINDS = {"no reader": (), "one reader": (QUICK,), "three slow readers": (SLOW,) * 3, "one and three slow": (QUICK,) + (SLOW,) * 3}


class Steady(Camera):
    """Images that were drawn beforehand, FPS a second."""

    name, size, fps = "steady camera", (640, 480), FPS

    def __init__(self) -> None:
        super().__init__(Random(0), rate=0)
        scene = open_source("test", Init(), False)
        self.images = [scene.read() for _ in range(30)]
        scene.close()
        self.next = time.perf_counter()

    def read(self) -> np.ndarray:
        self.next = max(self.next + 1 / FPS, time.perf_counter())
        time.sleep(max(0.0, self.next - time.perf_counter()))
        self.count += 1
        return self.images[self.count % len(self.images)]


def wait(seconds: float) -> None:
    """Let the window live meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def turn(pipeline: Pipeline, server: MjpegServer, readers: tuple[str, ...], seconds: float) -> dict[str, float]:
    """Images per second, processor milliseconds an image, images that the quick reader got a second."""
    running = [subprocess.Popen([sys.executable, "-c", code, f"{server.url}/painting.mjpg"], stdout=subprocess.PIPE, text=True)
               for code in readers]
    for each in running:
        each.stdout.readline()  # it reads
    wait(0.5)
    frames, encoded, busy, start = pipeline.status.frames, server.encoded, time.process_time(), time.perf_counter()
    wait(seconds)
    passed, made = time.perf_counter() - start, pipeline.status.frames - frames
    measured = {"fps": made / passed, "cpu_ms": 1000 * (time.process_time() - busy) / max(1, made),
                "encoded_fps": (server.encoded - encoded) / passed}
    for each in running:
        each.kill()
        each.communicate()
    while server.readers:
        wait(0.05)
    return measured


# ---- a finger on a phone

SLIDER = "document.querySelector('[role=slider]')"
NOTE = """
window.moved = 0; window.came = 0; window.changed = Date.now();
document.addEventListener('pointermove', event => {
    if (event.clientX === at) return;  // the browser's own, after a change of the page
    at = event.clientX; moved = Date.now(); came = 0; before = size;
}, true);
let at = -1, size = '', before = '', shows = show;
show = blob => blob.arrayBuffer().then(b => crypto.subtle ? crypto.subtle.digest('SHA-1', b) : b).then(d => {
    const now = new Uint8Array(d).join();
    if (now !== size) changed = Date.now();
    size = now;
    if (moved && !came && size !== before) came = Date.now();
    shows(blob);
});
true
"""


class Changes:
    """A sink that notes when the network's input changes. The camera is frozen, so it does when a setting does."""

    def __init__(self) -> None:
        self.last: bytes = b""
        self.times: list[float] = []  # of the clock on the wall

    def put(self, frame) -> None:
        if (now := frame.processed.tobytes()) != self.last:
            self.last = now
            self.times.append(time.time())

    def close(self) -> None:
        pass


async def play(remote: PhoneRemote, changes: Changes, moves: int, screenshot: Path | None) -> dict[str, list[float]]:
    """Milliseconds from the finger to the painting, and to the live image on the phone."""
    found: dict[str, list[float]] = {"painting": [], "phone": []}
    async with chromium() as browser:
        page = await browser.open(remote.address, 390, 844)
        await page.until(f"{SLIDER} && document.getElementById('live').naturalWidth > 0")
        await page.evaluate(NOTE)
        for move in range(moves):
            await page.until("Date.now() - changed > 700")  # the image stands still again
            x, y, width, height = await page.evaluate(f"(b => [b.x, b.y, b.width, b.height])({SLIDER}.getBoundingClientRect())")
            await page.pointer("mousePressed", x + width / 2, y + height / 2)
            await page.pointer("mouseMoved", x + width * (0.2 + 0.6 * (move % 2) + 0.1 * (move % 5) / 5), y + height / 2)
            came = await page.until("came")
            await page.pointer("mouseReleased", x + width / 2, y + height / 2)
            moved = await page.evaluate("moved") / 1000
            found["phone"].append(came - 1000 * moved)
            found["painting"].append(1000 * (next(t for t in changes.times if t > moved) - moved))
        if screenshot:
            screenshot.write_bytes(base64.b64decode((await page.send("Page.captureScreenshot"))["data"]))
    return found


def from_the_phone(window: MainWindow, args: argparse.Namespace) -> dict[str, list[float]]:
    """The same, beside the window."""
    window.live.desk.set("Capture.freeze", True)
    window.live.desk.set("Prediction.post_time_lerp", 0.0)
    remote = PhoneRemote(window.live.desk, window.pipeline, pins=["EdgeDetection.tone"])
    changes = Changes()
    window.pipeline.add_sink(changes)
    try:
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(asyncio.run, play(remote, changes, args.moves, args.screenshot))
            while not future.done():
                wait(0.05)
            return future.result()
    finally:
        window.pipeline.remove_sink(changes)
        remote.close()


def tell(found: dict[str, list[dict[str, float]]], memory: list[float]) -> dict[str, dict[str, float]]:
    """A table of the medians, which are given back."""
    middle = {kind: {key: statistics.median(one[key] for one in turns) for key in turns[0]} for kind, turns in found.items()}
    alone = middle["no reader"]
    for kind, figures in middle.items():
        print(f"{kind:20} {figures['fps']:6.2f} images/s ({figures['fps'] / alone['fps']:.3f})  {figures['cpu_ms']:6.2f} ms of processor "
              f"time an image ({figures['cpu_ms'] / alone['cpu_ms']:.3f})  {figures['encoded_fps']:5.1f} encoded/s")
    print(f"memory {memory[0]:.0f} -> {memory[1]:.0f} MiB in {sum(map(len, found.values()))} turns")
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--moves", type=int, default=20, help="of a finger on the phone")
    parser.add_argument("--model", default="oil_color")
    parser.add_argument("--screenshot", type=Path, help="of the phone, as PNG")
    args = parser.parse_args()
    app = QApplication(sys.argv[:1])
    settings = Settings().with_values({"Capture.Init.device_id": "steady", "Model.model_name": args.model})
    pipeline = Pipeline(Capturer(settings.capture_init, opener=lambda name, *more: Steady()), settings, build_predictor)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(pipeline, config_dir=Path(folder))
        window.resize(1600, 1000)
        window.show()
        window.start()
        server = MjpegServer()
        pipeline.add_sink(server)
        try:
            while pipeline.status.model is None or pipeline.status.loading:
                wait(0.2)
            wait(3.0)
            for readers in KINDS.values():
                turn(pipeline, server, readers, 1.0)
            process = psutil.Process()
            memory = [process.memory_info().rss / 2**20]
            for _ in range(args.turns):
                for kind, readers in KINDS.items():
                    found[kind].append(turn(pipeline, server, readers, args.seconds))
            memory.append(process.memory_info().rss / 2**20)
            middle = tell(found, memory)
            phone = from_the_phone(window, args) if CHROMIUM else {}
        finally:
            pipeline.remove_sink(server)
            server.close()
            window.close()
            app.processEvents()
    for what, times in phone.items():
        print(f"finger to {what:9} {statistics.median(times):5.0f} ms in the median, {max(times):5.0f} at most, of {len(times)}")
    common.last_line(**middle, memory_mib=memory, turns=args.turns, phone_ms=phone)


if __name__ == "__main__":
    main()
