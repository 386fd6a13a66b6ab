"""The window on a clip with a slow network: does it stay fluid, and how old is the image it shows?

python benchmarks/bench_window.py [--seconds 10] [--network-ms 100] [--model NAME] [--busy N] [--fps N] [--source FILE]

--model runs a real model instead of the slow network; --busy keeps so many other processes busy meanwhile; --fps lets the quality
ladder hold that rate. Prints the longest gap between two ticks of a GUI timer, the age of the shown images (capture -> shown), and
what was skipped.
Needs no display: set QT_QPA_PLATFORM=offscreen where there is none. The last line is JSON.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "" if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else "offscreen")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings


@dataclass(frozen=True)
class Info:
    name: str = "slow negative"
    recipe: None = None


class SlowNegative:
    """Takes the time of a large network without taking the processor: what is measured is the window, not this machine's speed."""

    info, input_size, multiple, label, note = Info(), (256, 256), 32, "none", ""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, image: np.ndarray) -> np.ndarray:
        time.sleep(self.seconds)
        return 255 - image

    def close(self) -> None:
        pass


@contextlib.contextmanager
def busy(processes: int):
    """Other programs that want every core."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--network-ms", type=float, default=100.0)
    parser.add_argument("--source", default="test")
    parser.add_argument("--model", help="a real model instead of the slow network")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="other processes that never rest")
    parser.add_argument("--fps", type=float, default=0.0, help="switch the quality ladder on, with this target")
    args = parser.parse_args()

    app = QApplication(sys.argv[:1])
    settings = Settings().with_values({"Capture.Init.device_id": args.source, "Prediction.post_time_lerp": 0.0,
                                       "Model.model_name": args.model or "", "Quality.ladder": args.fps > 0,
                                       "Quality.target_fps": args.fps or 25.0})
    build = build_predictor if args.model else lambda settings, frames: SlowNegative(args.network_ms / 1000)
    engine = Pipeline(Capturer(settings.capture_init), settings, build)
    ticks: list[float] = []
    ages: list[float] = []
    mixed = 0
    with tempfile.TemporaryDirectory() as folder, busy(args.busy):
        window = MainWindow(engine, config_dir=Path(folder))
        window.resize(1600, 1000)
        window.show()
        window.start()
        shown = [None]

        def check() -> None:
            nonlocal mixed
            frame = window.frame
            if frame is None or frame.predicted is None:
                return
            now = time.perf_counter()
            ticks.append(now)
            if frame is not shown[0]:
                shown[0] = frame
                ages.append(now - frame.time)
                mixed += window.prediction.image.image is not frame.predicted or window.capture.image.image is not frame.captured
                mixed += bool(isinstance(engine.predictor, SlowNegative) and (frame.predicted != 255 - frame.processed).any())

        timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(check)
        QTimer.singleShot(2000, timer.start)
        QTimer.singleShot(int(2000 + 1000 * args.seconds), app.quit)
        app.exec()
        timer.stop()
        status, fps = engine.status, engine.capturer.source.fps
        window.close()
    if len(ages) < 2:
        sys.exit(f"no prediction within {args.seconds + 2:g} s")
    gaps = np.diff(ticks) * 1000
    allowed = round(args.network_ms + 2000 / fps, 1)
    network = {"model": args.model} if args.model else {"network_ms": args.network_ms, "age_allowed_ms": allowed}
    result = {"seconds": args.seconds, **network, "busy": args.busy, "longest_gap_ms": round(float(gaps.max()), 1),
              "gap_p99_ms": round(float(np.percentile(gaps, 99)), 1), "age_median_ms": round(1000 * float(np.median(ages)), 1),
              "age_p95_ms": round(1000 * float(np.percentile(ages, 95)), 1), "shown": len(ages),
              "shown_fps": round((len(ages) - 1) / (ticks[-1] - ticks[0]), 1), "mixed": int(mixed),
              "skipped": status.skipped, "quality": status.quality}
    for name, value in result.items():
        print(f"{name:16} {value}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
