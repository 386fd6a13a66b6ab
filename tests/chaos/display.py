"""A display that disappears while the output is on it, and comes back: the real window on a real X server, whose monitors come and go."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEAMER = ("--setmonitor", "beamer", "1000/300x800/200+1000+0", "none")
PROGRAM = '''
import random, subprocess, sys
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

folder, seed, rounds, beamer = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
app = QApplication([])
settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48})


def monitors(*change):
    subprocess.run(["xrandr", *change], check=True)


def until(condition, complaint):
    for _ in range(600):
        if condition():
            return
        QTest.qWait(50)
    raise AssertionError(f"{complaint}; screens {[(s.name(), s.geometry().getRect()) for s in app.screens()]}, "
                         f"the output at {window.stage.geometry().getRect()}")


def on_beamer():
    return window.stage.isVisible() and window.stage.geometry().getRect() == (1000, 0, 1000, 800)


def go_on(what):
    before = window.pipeline.status.frames
    until(lambda: window.pipeline.status.frames > before + 3, f"no frames {what}")


monitors(*beamer)
window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, None), config_dir=folder)
window.resize(600, 500)
window.show()
until(lambda: len(app.screens()) == 2 and window.frame is not None, "no second screen")
window.stage.choose("beamer")
until(on_beamer, "the output is not on the beamer")
random.seed(seed)
for number in range(rounds):
    monitors("--delmonitor", "beamer")
    until(lambda: window.stage.windowTitle() == "The output: beamer is disconnected", "the loss was not noticed")
    until(lambda: window.stage.isVisible() and window.stage.geometry().right() < 2000, "the output is not in a window")
    go_on("while the display is gone")
    QTest.qWait(random.randrange(1000))
    monitors(*beamer)
    until(on_beamer, "the output did not go back")
    go_on("after it was back")
said = [m.text for m in window.messages.all]
assert sum("beamer was disconnected" in text for text in said) == rounds, said
window.close()
'''


def display(seed: int, rounds: int = 3) -> str:
    """The monitor of the output is unplugged and plugged in again: the output waits in a window, goes back, and the show goes on."""
    if not (shutil.which("Xvfb") and shutil.which("xrandr")):
        return "left out: Xvfb and xrandr are not here"
    number, other = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(other), "-screen", "0", "2000x800x24", "-noreset", "-nolisten", "tcp"],
                              pass_fds=[other], stderr=subprocess.DEVNULL)
    os.close(other)
    try:
        with os.fdopen(number) as said, tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"DISPLAY": f":{said.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
            done = subprocess.run([sys.executable, "-c", PROGRAM, folder, str(seed), str(rounds), *BEAMER], cwd=ROOT, env=environment,
                                  capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    finally:
        server.kill()
        server.wait()
    return f"{rounds} times unplugged"
