"""Comparing in the window: the line between two images of the same frame, the key that is held, the image after each step."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication
from test_app import make, wait, window  # noqa: F401
from test_ui_sketch import Through

from webcam_pix2pix.control.presets import Preset
from webcam_pix2pix.preprocessing import EdgeDetection, Processing, preprocess
from webcam_pix2pix.ui.compare.chain_dock import ChainStrip, fitting
from webcam_pix2pix.ui.shell.menus import bring

INVERT = "Capture.Processing.invert"


@pytest.fixture
def show(make):  # noqa: F811
    opened = make(build=lambda settings, frames: Through("red"))
    opened.live.apply({"EdgeDetection.method": "none", "EdgeDetection.tone": 0.0}, "the image itself")
    return opened


def shown(window):  # noqa: F811
    return window.prediction.view.image


def test_input_and_painting_meet_at_the_line_and_the_output_has_none(window, qtbot):  # noqa: F811
    window.actions_["compare"].trigger()
    wait(qtbot, lambda: tuple(shown(window)[32, 63]) == (200, 40, 30) and tuple(shown(window)[32, 0]) != (200, 40, 30))
    frame, wipe = window.frame, window.compare.wipe
    assert np.array_equal(shown(window)[:, :32], frame.processed[:, :32]) and np.array_equal(shown(window)[:, 32:], frame.predicted[:, 32:])
    assert wipe.isVisible() and (frame.predicted == (200, 40, 30)).all()  # what goes to the output
    place = wipe.mapFrom(window.prediction.view, window.prediction.view.image_rect().topLeft() + QPointF(3, 30).toPoint())
    at = QPointF(place)
    QApplication.sendEvent(wipe, QMouseEvent(QEvent.Type.MouseMove, at, wipe.mapToGlobal(at), Qt.MouseButton.LeftButton,
                                             Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    assert wipe.share < 0.05
    window.actions_["compare"].trigger()
    wait(qtbot, lambda: (shown(window) == (200, 40, 30)).all())
    assert not wipe.isVisible() and not window.compare.mode


def test_now_and_a_preset_are_made_of_the_same_frame(show, qtbot):
    show.compare.choose("preset", Preset("negative", {INVERT: True}))
    wait(qtbot, lambda: (frame := show.frame).compared is not None and np.array_equal(frame.compared, 255 - frame.predicted))
    assert np.array_equal(shown(show)[:, 40:], show.frame.compared[:, 40:])
    assert not show.live.value.processing.invert
    show.compare.choose("")
    wait(qtbot, lambda: show.frame.compared is None)
    show.compare.choose("preset", Preset("broken", {INVERT: "no such value"}))
    wait(qtbot, lambda: show.pipeline.comparison.values is None)
    assert any("comparison stopped" in problem.text for problem in show.pipeline.status.problems)


def test_the_network_is_bypassed_while_the_key_is_held(show):
    def key(kind, repeat=False):
        QApplication.sendEvent(show.windowHandle(), QKeyEvent(kind, Qt.Key.Key_V, Qt.KeyboardModifier.NoModifier, "v", repeat))

    QApplication.processEvents()
    for _ in range(2):
        key(QEvent.Type.KeyPress)
        assert not show.live.value.prediction.enabled
        key(QEvent.Type.KeyRelease, True)  # the keyboard repeats it while it is held
        key(QEvent.Type.KeyPress, True)
        assert not show.live.value.prediction.enabled
        key(QEvent.Type.KeyRelease)
        assert show.live.value.prediction.enabled
    show.live.desk.trigger("hold_bypass", 1, "midi")
    assert not show.live.value.prediction.enabled
    show.live.desk.trigger("hold_bypass", 0, "midi")
    assert show.live.value.prediction.enabled


def test_the_chain_dock_shows_each_step_that_is_on_and_costs_nothing_when_closed(show, qtbot):
    assert not show.frame.steps and not show.pipeline.keeps_steps
    show.live.apply({"Capture.Processing.grayscale": True, INVERT: True, "Capture.Processing.post_blur": 2}, "steps")
    dock = next(dock for dock in show.docks if isinstance(dock.content, ChainStrip))
    bring(dock)
    names = ["camera", "grey", "negative", "soft edges", "network input", "painting"]
    wait(qtbot, lambda: [name for name, _ in dock.content.steps()] == names)
    images = dict(dock.content.steps())
    assert np.array_equal(images["negative"], 255 - images["grey"]) and np.array_equal(images["soft edges"], images["network input"])
    dock.grab()
    dock.close()
    wait(qtbot, lambda: not show.pipeline.keeps_steps and not show.frame.steps)


def test_keeping_the_steps_changes_no_pixel():
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    processing, edges = Processing(pre_blur=1, pre_thresh=20, invert=True, post_blur=1, blank=0.3), EdgeDetection(method="soft", tone=0.5)
    steps = []
    assert np.array_equal(preprocess(image, processing, edges), preprocess(image, processing, edges, steps=steps))
    assert [name for name, _ in steps] == ["blur", "black below", "negative", "edges", "soft edges", "white square"]


def test_thumbnails_fill_the_room():
    assert fitting(6, 600, 100, 0, 1.0)[0] == 6 and fitting(6, 100, 600, 0, 1.0) == (1, 100.0, 100.0)
    columns, width, height = fitting(5, 360, 800, 20, 1.0)
    assert columns * width <= 360 and -(-5 // columns) * (height + 20) <= 800
