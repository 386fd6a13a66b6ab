"""The window on the test scene for a long time: memory flat, reference counts stable, nothing left after closing.

python benchmarks/soak_window.py [--minutes 10] [--model NAME]

Prints resident memory and the reference counts of None and True every half minute; the last line is JSON.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--model", default="")
    args = parser.parse_args()

    app = QApplication(sys.argv[:1])
    threads_before = set(threading.enumerate())
    settings = Settings().with_values({"Capture.Init.device_id": "test", "Model.model_name": args.model})
    process, start, samples = psutil.Process(), time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, build_predictor), config_dir=Path(folder))
        window.resize(1600, 1000)
        window.show()
        window.start()

        def check() -> None:
            seconds = time.perf_counter() - start
            status = window.pipeline.status
            samples.append((seconds, process.memory_info().rss / 2**20, sys.getrefcount(None), sys.getrefcount(True), status.frames))
            print("{:6.0f} s  {:7.1f} MB  None {}  True {}  frames {}".format(*samples[-1]), flush=True)

        timer = QTimer(interval=30_000)
        timer.timeout.connect(check)
        timer.start()
        QTimer.singleShot(int(60_000 * args.minutes) + 1000, app.quit)
        app.exec()
        timer.stop()
        window.close()
    left = [t.name for t in set(threading.enumerate()) - threads_before]
    late = [s for s in samples if s[0] >= 60] or samples
    memory = [s[1] for s in late]
    result = {"minutes": args.minutes, "frames": samples[-1][4], "memory_after_first_minute_mb": round(memory[0], 1),
              "memory_change_percent": [round(100 * (f(memory) / memory[0] - 1), 2) for f in (min, max)],
              "none_references": [late[0][2], late[-1][2]], "true_references": [late[0][3], late[-1][3]], "threads_left": left}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
