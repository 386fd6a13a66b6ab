"""The full image on one screen and on two: a real window in a process of its own, as screens cannot be added to a running one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = '''
import json, sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

app = QApplication([])
settings = Settings().with_values({"Capture.Init.device_id": "test"})
told = []


def entries():
    menu = window.stage.menu(window)
    menu.aboutToShow.emit()
    return menu.actions()


def tell():
    action, stage = window.actions_["full_screen"], window.stage
    where = [screen.name() for screen in app.screens() if screen.geometry() == stage.geometry()]
    told.append({"open": stage.isVisible(), "on": where[0] if stage.isVisible() else "", "checked": action.isChecked(),
                 "text": action.text(), "tip": action.toolTip(), "marked": [a.text() for a in entries() if a.isChecked()]})


for key in sys.argv[2:]:
    if key == "start":
        window = MainWindow(Pipeline(Capturer(settings.capture_init), settings, None), config_dir=sys.argv[1])
        window.move(30, 30)
        window.show()
        QTest.qWait(300)
    elif key == "F":
        QTest.keyClick(window, Qt.Key.Key_F)
        tell()
    elif key == "close":
        window.close()
    else:
        next(action for action in entries() if action.text().startswith(key)).trigger()
        tell()
print(json.dumps(told))
'''


@pytest.fixture
def played(tmp_path):
    def play(screens: list[dict], *keys: str) -> list[dict]:
        config = tmp_path / "screens.json"
        config.write_text(json.dumps({"screens": screens}))
        root = Path(__file__).parent.parent
        done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / "config"), *keys, "close"], capture_output=True, text=True,
                              cwd=root, timeout=100, env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}"})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return play


LAPTOP = {"name": "laptop", "x": 0, "y": 0, "width": 1280, "height": 720, "logicalDpi": 96, "dpr": 1}
BEAMER = {"name": "beamer", "x": 1280, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1}
WALL = {"name": "wall", "x": 0, "y": 1080, "width": 1600, "height": 900, "logicalDpi": 96, "dpr": 1}


def test_with_one_screen_it_covers_the_window(played):
    opened, closed = played([LAPTOP], "start", "F", "F")
    assert opened["open"] and opened["on"] == "laptop" and opened["checked"] and "laptop" in opened["tip"]
    assert not closed["open"] and not closed["checked"] and closed["text"] == "Full screen"


def test_with_two_screens_it_takes_the_one_that_the_window_is_not_on(played):
    opened, closed = played([LAPTOP, BEAMER], "start", "F", "F")
    assert opened["on"] == "beamer" and opened["text"] == "Close full screen" and opened["marked"][0].startswith("Automatic")
    assert not closed["open"]


def test_the_chosen_screen_is_marked_and_remembered(played):
    moved, closed, again = played([LAPTOP, BEAMER, WALL], "start", "wall", "F", "F")
    assert moved["on"] == "wall" and moved["checked"] and moved["marked"] == ["wall  1600×900"]
    assert not closed["open"] and again["on"] == "wall"
    without, _ = played([LAPTOP, BEAMER], "start", "F", "F")
    assert without["on"] == "beamer" and without["marked"] == ["wall  (not connected)"]  # the choice waits for its screen
    back, _, own = played([LAPTOP, BEAMER, WALL], "start", "F", "F", "laptop")
    assert back["on"] == "wall" and own["on"] == "laptop" and own["marked"] == ["laptop  1280×720  (this window)"]
