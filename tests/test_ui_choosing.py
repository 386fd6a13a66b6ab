"""Choosing sources: on keys, among cameras with their images, by dragging over the screen; a slideshow at its own pace."""

import gc
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from test_app import make, wait, window  # noqa: F401

from msa.capturer import CameraName, Init, open_source
from msa.capturer.sources import screen as screen_module
from webcam_pix2pix.ui.foundation.store import Store
from webcam_pix2pix.ui.sources.camera_picker import CameraPicker
from webcam_pix2pix.ui.sources.region import Region

DEVICE = "Capture.Init.device_id"


def test_sources_are_put_on_keys_recalled_and_remembered(window, qtbot, tmp_path):  # noqa: F811
    keys = next(menu for menu in window.sources.menus if "Shift+1" in menu.title())
    keys.aboutToShow.emit()
    keep = next(action.menu() for action in keys.actions() if action.menu())
    keep.actions()[0].trigger()
    assert "Shift+1 opens test" in window.messages.all[-1].text
    window.open.source("sketch")
    keys.aboutToShow.emit()
    next(action.menu() for action in keys.actions() if action.menu()).actions()[4].trigger()
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier)
    assert window.live.value.capture_init.device_id == "test"
    window.live.desk.trigger("source_5", by="osc")
    wait(qtbot, lambda: window.live.value.capture_init.device_id == "sketch")
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
    assert "No source is on Shift+3" in window.messages.all[-1].text
    window.close()
    assert Store(tmp_path / "config").read().source_keys == {"1": "test", "5": "sketch"}


class Camera:
    opened, closed = [], []

    def __init__(self, device_id, init, live):
        if device_id == "broken":
            raise OSError("broken: no image")
        Camera.opened.append(device_id)
        self.name = device_id

    def read(self):
        time.sleep(0.01)
        return np.full((48, 64, 3), 90, np.uint8)

    def close(self):
        Camera.closed.append(self.name)


def test_cameras_are_shown_with_their_images_and_released(window, qtbot):  # noqa: F811
    found = [CameraName(0, "First", "/dev/video0", "First"), CameraName(1, "Second", "/dev/video1", "Second"),
             CameraName(2, "Broken", "/dev/video2", "broken")]
    chosen = []
    picker = CameraPicker(window, window.pipeline.capturer, chosen.append, lambda: found, Camera)
    picker.open()
    wait(qtbot, lambda: picker.list.count() == 3 and not picker.list.item(1).icon().isNull() and "⚠" in picker.list.item(2).text())
    assert picker.list.item(0).icon().pixmap(8, 8).toImage().pixelColor(4, 4).red() == 90
    assert picker.list.item(2).toolTip() == "broken: no image"
    picker.list.itemClicked.emit(picker.list.item(1))
    assert chosen == ["Second"] and sorted(Camera.closed) == ["First", "Second"] == sorted(Camera.opened)


def test_without_a_camera_the_picker_says_so(window, qtbot):  # noqa: F811
    picker = CameraPicker(window, window.pipeline.capturer, lambda device_id: None, list, Camera)
    picker.open()
    wait(qtbot, lambda: "No camera found" in picker.words.text())
    picker.reject()


def test_a_part_of_the_screen_is_dragged(window, qtbot):  # noqa: F811
    parts = []
    region = Region(window.screen(), parts.append, window)
    region.show()
    QTest.mousePress(region, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    for x, y in ((60, 50), (120, 90)):
        QApplication.sendEvent(region, QMouseEvent(QEvent.Type.MouseMove, QPointF(x, y), QPointF(x, y), Qt.MouseButton.LeftButton,
                                                   Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    QTest.mouseRelease(region, Qt.MouseButton.LeftButton, pos=QPoint(120, 90))
    assert parts and (parts[0].x(), parts[0].y()) == (20, 30) and parts[0].width() >= 100 and parts[0].height() >= 60
    region = Region(window.screen(), parts.append, window)
    region.show()
    QTest.mouseClick(region, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
    assert parts[1] is None


def test_the_entry_of_the_menu_leaves_the_chooser_open(window, qtbot):  # noqa: F811
    window.actions_["region"].trigger()
    gc.collect()
    qtbot.wait(50)
    (region,) = window.findChildren(Region)
    assert region.isVisible() and region.isWindow()
    QTest.keyClick(region, Qt.Key.Key_Escape)
    wait(qtbot, lambda: not window.findChildren(Region))


class Grabber:
    monitors = ({}, {"left": 0, "top": 0, "width": 800, "height": 600}, {"left": 800, "top": 0, "width": 400, "height": 300})

    def grab(self, box):
        class Shot:
            width, height = box["width"], box["height"]
            bgra = np.full((box["height"], box["width"], 4), (box["left"] % 256, box["top"] % 256, 7, 255), np.uint8).tobytes()
        return Shot

    def close(self):
        pass


def test_a_part_of_the_screen_is_a_source(monkeypatch):
    monkeypatch.setattr(screen_module, "_grabber", Grabber)
    for name, size, blue, green in (("screen", (800, 600), 0, 0), ("screen:2", (400, 300), 800 % 256, 0),
                                    ("screen:64x48+100+50", (64, 48), 100, 50), ("screen:2:64x48+10+20", (64, 48), 810 % 256, 20)):
        source = open_source(name, Init(), False)
        image = source.read()
        assert source.size == size == (image.shape[1], image.shape[0]) and tuple(image[0, 0]) == (7, green, blue)
    for name in ("screen:3", "screen:64x48", "screen:64x48+790+0", "screen:8x8+0+0", "screen:2:64x48+0+280", "screen:-1x5+0+0"):
        with pytest.raises(ValueError, match=name.replace("+", r"\+")):
            open_source(name, Init(), False)


def test_a_slideshow_keeps_its_own_pace(window, qtbot, tmp_path):  # noqa: F811
    import cv2
    (tmp_path / "slides").mkdir()
    for number in range(4):
        cv2.imwrite(str(tmp_path / "slides" / f"{number}.png"), np.full((48, 64, 3), 60 * number, np.uint8))
    window.live.set("Capture.slide_s", 0.05)
    window.open.source(str(tmp_path / "slides"))
    seen = set()
    wait(qtbot, lambda: seen.add(int(window.frame.captured[20, 20, 0])) or len(seen & {0, 60, 120, 180}) == 4)
    window.live.set("Capture.slide_s", 60.0)
    wait(qtbot, lambda: window.pipeline.capturer.transport.stay_s == 60.0)
    place = window.pipeline.capturer.transport.position
    qtbot.wait(300)
    assert window.pipeline.capturer.transport.position == place
