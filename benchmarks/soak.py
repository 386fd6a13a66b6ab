"""The real window for a long time, with a random action every second: nothing fails, stalls, grows or is left behind.

python benchmarks/soak.py [--frames 100000] [--minutes 0] [--seed 0] [--calm] [--plot soak.png]

A source without a pause feeds two small networks, so that 100 000 frames take minutes. Actions: any setting of the look, another model,
another source, recording on and off, undo, presets, docks, size of the window, full screen. --calm: the test scene and the default
model, nothing is touched. A recording, a size or a model takes memory while it is there, so all is put back as it was in the beginning
for some seconds in each tenth of the run, and the memory of these rests is compared. Prints a line every half minute and draws a plot;
the last line is JSON, the exit code is 1 when something was not as it must be.
"""

import argparse
import ctypes
import gc
import json
import logging
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from msa.capturer.opening import open_source
from tests.chaos.live import any_value
from tests.chaos.parts import Camera
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import NAMES, PRESET_GROUPS, Settings

WARM = 0.1  # the first tenth of the frames does not count for stalls
TENTHS, REST_S = 10, 5.0
ALLOWED_STALL_MS, ALLOWED_GROWTH = 200.0, 1.0
ALLOWED_MORE = 3  # threads, handles: what happens to be open when it is looked at differs
TRIGGERED = ("fit", "one_to_one", "show_models", "show_training", "show_collect", "show_parameters", "full_screen", "recipe", "snapshot",
             "next_model", "previous_model", "back_model", "back_source", "reopen", "play", "bypass", "freeze")
COLUMNS = ("seconds", "frames", "memory_mb", "threads", "handles", "none", "true", "stall_ms", "gpu_mb")


class Fast(Camera):
    """Images without a pause, prepared beforehand."""

    name = "fast source"

    def __init__(self) -> None:
        super().__init__(Random(0), rate=0)
        numbers = np.random.default_rng(0)
        self.images = [numbers.integers(0, 255, (120, 160, 3), np.uint8) for _ in range(16)]

    def read(self) -> np.ndarray:
        self.count += 1
        time.sleep(0.001)
        return self.images[self.count % 16].copy()


class Soak:
    """Drives a window and writes down how it fares."""

    def __init__(self, window: MainWindow, args: argparse.Namespace, sources: list[str], models: list[str]) -> None:
        self.window, self.args, self.sources, self.models = window, args, sources, models
        self.random, self.process = Random(args.seed), psutil.Process()
        self.start, self.last_beat, self.stall_ms, self.longest_ms = time.perf_counter(), 0.0, 0.0, 0.0
        self.samples: list[tuple[float, ...]] = []
        self.actions = self.printed = 0
        self.first, self.size = window.live.value.flat(), window.size()
        self.rests: list[float] = []  # MB
        self.resting_since = 0.0
        self.timers = [self.every(10, self.beat), self.every(1000, self.sample)]
        if not args.calm:
            self.timers.append(self.every(1000, self.act))

    def every(self, ms: int, call) -> QTimer:
        timer = QTimer(interval=ms)
        timer.timeout.connect(call)
        timer.start()
        return timer

    def beat(self) -> None:
        now = time.perf_counter()
        if self.last_beat:
            self.stall_ms = max(self.stall_ms, 1000 * (now - self.last_beat))
        self.last_beat = now

    def sample(self) -> None:
        seconds, frames = time.perf_counter() - self.start, self.window.pipeline.status.frames
        self.samples.append((seconds, frames, self.process.memory_info().rss / 2**20, threading.active_count(), self.process.num_fds(),
                             sys.getrefcount(None), sys.getrefcount(True), self.stall_ms, gpu_mb()))
        if frames > WARM * self.args.frames:
            self.longest_ms = max(self.longest_ms, self.stall_ms)
        self.stall_ms = 0.0
        if seconds - self.printed > 30:
            self.printed = seconds
            print("  ".join(f"{name} {value:.0f}" for name, value in zip(COLUMNS, self.samples[-1], strict=True)), flush=True)
        if frames >= self.args.frames if self.args.frames else seconds > 60 * self.args.minutes:
            QApplication.quit()

    def act(self) -> None:
        """One thing that a performer does."""
        random, window = self.random, self.window
        if self.rest():
            return
        self.actions += 1
        match random.choice(("setting", "setting", "setting", "model", "source", "record", "trigger", "trigger", "undo", "resize")):
            case "setting":
                name = random.choice([n for n in NAMES if n.startswith(PRESET_GROUPS) and n != "EdgeDetection.network"])
                window.live.set(name, any_value(name, random))
            case "model":
                window.live.set("Model.model_name", random.choice(self.models))
            case "source":
                window.live.set("Capture.Init.device_id", random.choice(self.sources))
            case "record":
                window.toggle_recording()
            case "trigger":
                window.actions_[random.choice(TRIGGERED)].trigger()
            case "undo":
                window.live.undo.undo()
            case "resize":
                window.resize(random.randint(800, 1600), random.randint(600, 1000))

    def share(self) -> float:
        """Of the run that is over."""
        return self.samples[-1][1] / self.args.frames if self.args.frames else self.samples[-1][0] / (60 * self.args.minutes)

    def rest(self) -> bool:
        """Whether all is at rest: after each tenth of the run it is put back as it was, and after some seconds the memory is noted."""
        if not self.samples or len(self.rests) + 1 > TENTHS * self.share():
            return False
        if not self.resting_since:
            self.resting_since = time.perf_counter()
            if self.window.output.recorder is not None:
                self.window.toggle_recording()
            if self.window.stage.isVisible():
                self.window.stage.toggle()
            self.window.layout_.reset()
            self.window.resize(self.size)
            self.window.live.apply(self.first, "rest")
        elif time.perf_counter() - self.resting_since > REST_S:
            gc.collect()
            give_back()
            self.rests.append(self.process.memory_info().rss / 2**20)
            self.resting_since = 0.0
        return True

    def result(self, errors: list[str], left: list[str]) -> dict:
        late = [s for s in self.samples if s[1] >= WARM * self.samples[-1][1]] or self.samples
        third = max(1, len(late) // 3)

        def change(column: int) -> tuple[float, float]:
            values = [s[column] for s in late]
            return float(np.median(values[:third])), float(np.median(values[-third:]))

        rests = self.rests or [s[2] for s in late]  # a short run has none
        return {"frames": self.samples[-1][1], "minutes": round(self.samples[-1][0] / 60, 1), "actions": self.actions,
                "exceptions": len(errors), "errors": errors[:5], "stood_still": self.stood_still(),
                "longest_stall_ms": round(self.longest_ms), "memory_mb": change(2), "rests_mb": [round(mb) for mb in self.rests],
                "memory_growth_percent": round(100 * (rests[-1] / rests[0] - 1), 2), "gpu_mb": change(8), "threads": change(3),
                "handles": change(4), "none_references": change(5), "true_references": change(6), "threads_left": left}

    def stood_still(self) -> list[str]:
        """What the watchdog said."""
        return [m.text for m in self.window.messages.all if "has stood still" in m.text][:5]

    def plot(self, path: Path) -> None:
        layout = pg.GraphicsLayoutWidget(size=(1000, 1500))
        charts = ("memory, MB", 2), ("threads", 3), ("handles", 4), ("stall, ms", 7), ("references to None", 5), ("GPU memory, MB", 8)
        for row, (name, column) in enumerate(charts):
            chart = layout.addPlot(row=row, col=0, title=name)
            chart.plot([s[1] for s in self.samples], [s[column] for s in self.samples])
            chart.setLabel("bottom", "frames")
        layout.grab().save(str(path))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=0.0, help="instead of --frames")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calm", action="store_true", help="touch nothing")
    parser.add_argument("--plot", type=Path, default=None)
    args = parser.parse_args()
    args.frames = 0 if args.minutes else args.frames

    app, errors = QApplication(sys.argv[:1]), Errors()
    logging.getLogger().addHandler(errors)
    sys.excepthook = threading.excepthook = lambda *what: errors.lines.append(repr(what))
    before = set(threading.enumerate())
    with tempfile.TemporaryDirectory() as folder:
        models = [""] if args.calm else small_models(Path(folder))
        sources = ["test"] if args.calm else ["fast", "fast", "test", str(still(Path(folder)))]
        settings = Settings().with_values({"Capture.Init.device_id": sources[0], "Model.model_name": models[0]})
        capturer = Capturer(settings.capture_init, opener=lambda name, *more: Fast() if name == "fast" else open_source(name, *more))
        window = MainWindow(Pipeline(capturer, settings, build_predictor), config_dir=Path(folder))
        window.output.folder = Path(folder)
        window.resize(1600, 1000)
        window.show()
        window.start()
        soak = Soak(window, args, sources, models)
        app.exec()
        window.close()
        left = [t.name for t in set(threading.enumerate()) - before]
        if args.plot:
            soak.plot(args.plot)
    result = soak.result(errors.lines, left)
    print(json.dumps(result))
    stalled = result["longest_stall_ms"] > ALLOWED_STALL_MS or bool(result["stood_still"])
    more = any(result[name][1] - result[name][0] > ALLOWED_MORE for name in ("threads", "handles"))
    return int(bool(errors.lines or left or stalled or more or result["memory_growth_percent"] > ALLOWED_GROWTH))


def give_back() -> None:
    """Memory that is free inside this process goes back to the system, where the C library can do that: how much of it there is differs by
    chance."""
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def gpu_mb() -> float:
    """Memory that torch holds on a GPU; 0 where there is none."""
    torch = sys.modules.get("torch")
    return torch.cuda.memory_reserved() / 2**20 if torch is not None and torch.cuda.is_available() else 0.0


class Errors(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def small_models(folder: Path) -> list[str]:
    import torch

    from webcam_pix2pix import networks
    paths = []
    for seed in range(2):
        torch.manual_seed(seed)
        paths.append(folder / f"m{seed}.pth")
        torch.save(networks.init_weights(networks.build(networks.UNet(depth=6, ngf=8))).state_dict(), paths[-1])
    return [str(path) for path in paths]


def still(folder: Path) -> Path:
    from PIL import Image
    Image.radial_gradient("L").convert("RGB").save(folder / "image.png")
    return folder / "image.png"


if __name__ == "__main__":
    sys.exit(main())
