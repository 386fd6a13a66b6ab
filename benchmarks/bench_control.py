"""A storm of OSC messages while LFOs run: does the painting keep its rate, does memory stay, do the last values arrive?

Another process sends 1000 messages a second to 20 settings; five more are moved by LFOs. Before and after it: nothing of that.

    python benchmarks/bench_control.py [--seconds 60] [--rate 1000] [--window] [--model oil_color]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
import psutil
from pythonosc.udp_client import SimpleUDPClient

from msa.capturer import Capturer
from msa.capturer.init import Init
from webcam_pix2pix.cli.building import build_predictor
from webcam_pix2pix.control import Desk, register_common
from webcam_pix2pix.control.modulation import Modulation, Modulator
from webcam_pix2pix.control.osc import OscServer
from webcam_pix2pix.control.osc.addresses import SETTINGS, address_of
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

_EDGE, _IMAGE = "EdgeDetection.", "Capture.Processing."
PLAYED = [_EDGE + key for key in ("tone", "soft_low", "soft_gain", "canny_t1_fine", "canny_t2_fine", "canny_t1_coarse", "canny_t2_coarse",
                                  "morph_kernel_size", "morph_iterations", "blur_kernel")] + [
    _IMAGE + key for key in ("canny_t1", "canny_t2", "adaptive_thresh_block", "adaptive_thresh_c")] + [
    "Prediction.post_time_lerp", "Prediction.crossfade_s", "Bend.noise_speed", "Quality.target_fps", "Quality.target_latency_ms",
    "Quality.smallest_size"]  # 20; none of them makes the chain do more or less
MOVED = [_EDGE + "tone", _EDGE + "soft_low", _EDGE + "soft_gain", _EDGE + "tone_blur", "Prediction.post_time_lerp"]


def send(port: int, rate: float, seconds: float) -> None:
    """The other process: `rate` messages a second, then the last values."""
    client, start, sent = SimpleUDPClient("127.0.0.1", port), time.perf_counter(), 0
    while (now := time.perf_counter() - start) < seconds:
        while sent < now * rate:
            name = PLAYED[sent % len(PLAYED)]
            client.send_message("/normalised" + address_of(name), 0.3 + 0.4 * (sent % 97) / 97)
            sent += 1
        time.sleep(0.002)
    for _ in range(3):  # UDP may lose one
        for name in PLAYED:
            client.send_message("/normalised" + address_of(name), 0.5)
        time.sleep(0.05)
    sys.stdout.write(f"{sent}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=1000.0)
    parser.add_argument("--window", action="store_true", help="with the window (set QT_QPA_PLATFORM=offscreen where there is no display)")
    parser.add_argument("--model", default="oil_color")
    parser.add_argument("--send", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.send:
        return send(args.send, args.rate, args.seconds)
    settings = Settings().with_values({"Capture.Init.device_id": "test", "Model.model_name": args.model})
    pipeline = Pipeline(Capturer(Init(device_id="test")), settings, build_predictor)
    if args.window:
        result = _with_window(pipeline, args)
    else:
        desk = Desk(settings, lambda value: setattr(pipeline, "settings", value))
        register_common(desk)
        pipeline.hooks.add(desk.modulated)
        pipeline.start()
        try:
            result = _measure(pipeline, desk, args, time.sleep)
        finally:
            pipeline.close()
    print(f"frames/s before {result['before_fps']:.2f}, in the storm {result['storm_fps']:.2f}, after {result['after_fps']:.2f} "
          f"({result['ratio']:.3f}); processor time {result['idle_cpu_ms']:.0f} -> {result['storm_cpu_ms']:.0f} ms a second; memory "
          f"{result['memory_mib'][0]:.0f} -> {result['memory_mib'][1]:.0f} MiB; {result['received']} of {result['sent']} messages, "
          f"{result['arrived']} of {len(PLAYED)} last values")
    common.last_line(**result)


def _with_window(pipeline: Pipeline, args: argparse.Namespace) -> dict:
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from gui import MainWindow
    app = QApplication([])

    def wait(seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(pipeline, config_dir=Path(folder))
        window.resize(1600, 1000)
        window.show()
        try:
            return _measure(pipeline, window.live.desk, args, wait)
        finally:
            window.close()
            app.processEvents()


def _measure(pipeline: Pipeline, desk: Desk, args: argparse.Namespace, wait) -> dict:
    while pipeline.status.model is None or pipeline.status.loading:
        wait(0.2)
    desk.adopt(pipeline.status.model.recipe, keep=False)
    desk.set(_EDGE + "tone", 0.5)  # by hand from now on, before and in the storm
    wait(5.0)
    process = psutil.Process()

    def rate(seconds: float) -> tuple[float, float]:
        """Images a second, and milliseconds of processor time that the whole program takes in one."""
        first, start, busy = pipeline.status.frames, time.perf_counter(), time.process_time()
        wait(seconds)
        passed = time.perf_counter() - start
        return (pipeline.status.frames - first) / passed, 1000 * (time.process_time() - busy) / passed

    before, cost_before = rate(args.seconds / 2)
    server = OscServer(desk, "0", print)
    desk.modulation = Modulation(tuple(Modulator(name, "sine", 2.0 + i, depth=0.1) for i, name in enumerate(MOVED)))
    sender = subprocess.Popen([sys.executable, __file__, "--send", str(server.port), "--rate", str(args.rate), "--seconds",
                               str(args.seconds)], stdout=subprocess.PIPE, text=True)
    wait(5.0)
    memory = process.memory_info().rss
    storm, cost = rate(args.seconds - 8.0)
    memory = memory / 2**20, process.memory_info().rss / 2**20
    while sender.poll() is None:
        wait(0.2)
    wait(0.5)
    sent = int(sender.stdout.read())
    arrived = sum(SETTINGS[address_of(name)].value(desk) == SETTINGS[address_of(name)].parameter.value_at(0.5) for name in PLAYED)
    received = server.received
    server.close()
    desk.modulation = Modulation()
    wait(1.0)
    after, cost_after = rate(args.seconds / 2)
    idle = (before + after) / 2
    return {"idle_fps": idle, "before_fps": before, "after_fps": after, "storm_fps": storm, "ratio": storm / idle,
            "idle_cpu_ms": (cost_before + cost_after) / 2, "storm_cpu_ms": cost, "memory_mib": memory, "sent": sent, "received": received,
            "refused": server.refused, "arrived": arrived, "window": args.window}


if __name__ == "__main__":
    main()
