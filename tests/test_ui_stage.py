"""The full image on one screen and on two: a real window in a process of its own, as screens cannot be added to a running one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = '''
import json, sys
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from gui import MainWindow
from msa.capturer import Capturer
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

app = QApplication([])
settings = Settings().with_values({"Capture.Init.device_id": "test"})
answers = []


def entries():
    menu = window.stage.menu(window)
    menu.aboutToShow.emit()
    return menu.actions()


def tell():
    action, stage = window.actions_["full_screen"], window.stage
    where = [screen.name() for screen in app.screens() if screen.geometry() == stage.geometry()]
    answers.append({"open": stage.isVisible(), "on": where[0] if where and stage.isVisible() else "", "checked": action.isChecked(),
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
    elif key in ("lose", "return"):  # as Qt tells it; the offscreen platform keeps its screens
        beamer = next(screen for screen in app.screens() if screen.name() == "beamer")
        (app.screenRemoved if key == "lose" else app.screenAdded).emit(beamer)
        QTest.qWait(500)
        tell()
        answers[-1]["frame"] = not window.stage.windowFlags() & Qt.WindowType.FramelessWindowHint
        answers[-1]["small"] = window.stage.width() < 700
    elif key in ("B", "Shift+T", "Shift+C"):
        QTest.keySequence(window, QKeySequence(key))
        QTest.qWait(700)
        action = window.actions_[{"B": "blackout", "Shift+T": "test_pattern", "Shift+C": "corners"}[key]]
        image = window.stage.grab().toImage()
        grey = image.convertToFormat(image.Format.Format_Grayscale8).scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation)
        answers.append({"on": action.isChecked(), "grey": grey.pixelColor(0, 0).red(), "edge": image.pixelColor(0, 0).red(),
                     "moving": window.stage.view.moving})
    elif key.startswith("key:"):
        QTest.keyClick(window.stage, getattr(Qt.Key, "Key_" + key[4:].removeprefix("Shift+")),
                       Qt.KeyboardModifier.ShiftModifier if "Shift+" in key else Qt.KeyboardModifier.NoModifier)
        answers.append({"corners": window.live.value.screen.corners, "moving": window.stage.view.moving, "open": window.stage.isVisible(),
                        "front": window.stage.isActiveWindow()})
    elif key == "drag":
        port, stage = window.stage.view.viewport(), window.stage
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(stage.width() - 5, 5))
        QTest.mouseMove(port, QPoint(stage.width() - 192, 108))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(stage.width() - 192, 108))
        answers.append({"corners": window.live.value.screen.corners, "moving": window.stage.view.moving})
    else:
        next(action for action in entries() if action.text().startswith(key)).trigger()
        tell()
print(json.dumps(answers))
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


def test_with_one_screen_it_covers_the_window_and_stays_in_front_when_its_corners_are_done(played):
    opened, closed, _, begun, done = played([LAPTOP], "start", "F", "F", "F", "Shift+C", "key:Return")
    assert opened["open"] and opened["on"] == "laptop" and opened["checked"] and "laptop" in opened["tip"]
    assert not closed["open"] and not closed["checked"] and closed["text"] == "Full screen"
    assert begun["moving"] == 0 and done["moving"] is None and done["open"] and done["front"]


def test_the_chosen_screen_is_marked_and_remembered(played):
    moved, closed, again = played([LAPTOP, BEAMER, WALL], "start", "wall", "F", "F")
    assert moved["on"] == "wall" and moved["checked"] and moved["marked"] == ["wall  1600×900"]
    assert not closed["open"] and again["on"] == "wall"
    without, _ = played([LAPTOP, BEAMER], "start", "F", "F")
    assert without["on"] == "beamer" and without["marked"] == ["wall  (not connected)"]  # the choice waits for its screen
    back, _, own = played([LAPTOP, BEAMER, WALL], "start", "F", "F", "laptop")
    assert back["on"] == "wall" and own["on"] == "laptop" and own["marked"] == ["laptop  1280×720  (this window)"]


def test_with_two_screens_it_takes_the_other_and_is_a_window_until_one_that_is_lost_is_back(played):
    opened, lost, back, again, closed, stays = played([LAPTOP, BEAMER], "start", "F", "lose", "return", "lose", "F", "return")
    assert opened["on"] == "beamer" and opened["text"] == "Close full screen" and opened["marked"][0].startswith("Automatic")
    assert lost["open"] and lost["frame"] and lost["small"] and lost["checked"]
    assert back["open"] and back["on"] == "beamer" and not back["frame"]
    assert again["frame"] and not closed["open"] and not stays["open"], "what was closed does not come back by itself"


def test_blackout_test_pattern_and_corners_by_keys_and_mouse(played):
    keys = ["key:Right", "key:Shift+Down", "key:Tab", "key:Left", "drag", "key:Backspace", "key:Escape"]
    _, pattern, black, light, after, begun, right, down, tab, left, dragged, whole, done = played(
        [LAPTOP, BEAMER], "start", "F", "Shift+T", "B", "B", "Shift+T", "Shift+C", *keys)
    assert pattern["on"] and pattern["edge"] == 255 and pattern["grey"] > 20
    assert black["on"] and black["grey"] == 0 and black["edge"] == 0
    assert not light["on"] and light["edge"] == 255
    assert not after["on"] and after["edge"] < 255
    assert begun["on"] and begun["moving"] == 0
    assert right["corners"].split()[0] == "0.00052,0.00000" and down["corners"].split()[0] == "0.00052,0.00926"  # of 1920x1080
    assert tab["moving"] == 1 and left["corners"].split()[1] == "0.99948,0.00000"
    assert dragged["corners"].split()[1] == "0.90000,0.10000"
    assert whole["corners"] == "" and done["moving"] is None and done["open"]
