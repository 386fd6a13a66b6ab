"""The sketch pad in the window: strokes reach the painting, the pen presses, the chain can be switched off."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from test_app import Flat, make, wait  # noqa: F401

from webcam_pix2pix.ui.sketch.sketch_dock import Sketch

DEVICE = "Capture.Init.device_id"
LEFT = Qt.MouseButton.LeftButton


class Through(Flat):
    """Gives what it gets."""

    def __call__(self, image):
        return image.copy()


@pytest.fixture
def pad(make):  # noqa: F811
    window = make({DEVICE: "sketch"}, build=lambda settings, frames: Through("red"))
    sketch = next(dock.content for dock in window.docks if isinstance(dock.content, Sketch))
    yield window, sketch
    sketch.canvas.drawing.clear((255, 255, 255))


def drag(canvas, *points):
    places = [canvas.place().topLeft() + QPointF(x, y) * canvas.place().width() / canvas.drawing.size[0] for x, y in points]
    QTest.mousePress(canvas, LEFT, pos=places[0].toPoint())
    for place in places[1:]:
        event_at(canvas, place)
    QTest.mouseRelease(canvas, LEFT, pos=places[-1].toPoint())


def event_at(canvas, place):
    from PySide6.QtGui import QMouseEvent
    QApplication.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, place, canvas.mapToGlobal(place), LEFT, LEFT,
                                               Qt.KeyboardModifier.NoModifier))


def test_a_stroke_is_in_the_painting_within_two_frames(pad, qtbot):
    window, sketch = pad
    wait(qtbot, lambda: sketch.isVisible() and sketch.canvas.drawing.size == (64, 64))  # the size of the network's input
    assert not sketch.use.isVisible()
    sketch.for_network.switch.click()
    frames = []

    class Seen:
        def put(self, frame):
            frames.append(frame)

        def close(self):
            pass

    wait(qtbot, lambda: window.frame.captured.min() == 255)
    window.pipeline.add_sink(Seen())
    wait(qtbot, lambda: bool(frames))
    before = frames[-1].index
    drag(sketch.canvas, (10, 32), (30, 32), (50, 32))
    wait(qtbot, lambda: any(frame.predicted[32, 45].max() < 60 for frame in frames))
    first = next(frame for frame in frames if frame.index > before and (frame.captured[32, 45] < 60).all())
    assert first.index - before <= 2 + 1  # one was on its way, and QTest takes its time between two events
    newest = next(frame for frame in frames if frame.predicted[32, 45].max() < 60)
    assert np.array_equal(newest.processed, newest.captured)  # the drawing is the network's input as it is


def test_the_chain_is_off_for_drawings_and_back_as_it_was(pad):
    window, sketch = pad
    window.live.set("EdgeDetection.tone", 0.3)
    before = window.live.value
    sketch.for_network.switch.click()
    assert window.live.value.edges.method == "none" and window.live.value.edges.tone == 0
    window.live.undo.undo()
    assert window.live.value == before
    sketch.for_network.switch.setChecked(False)
    sketch.for_network.switch.click()
    sketch.for_network.switch.click()
    assert window.live.value == before


def test_a_pen_that_is_pressed_harder_draws_wider_and_its_end_erases(pad):
    canvas = pad[1].canvas
    canvas.resize(256, 256)
    canvas.stroke_width = 20.0
    scale = canvas.place().width() / canvas.drawing.size[0]

    def pen(kind, y, pressure, pointer=QPointingDevice.PointerType.Pen, button=LEFT):
        at = canvas.place().topLeft() + QPointF(0.5, y / canvas.drawing.size[1]) * scale * canvas.drawing.size[0]
        device = QPointingDevice("pen", 1, QPointingDevice.DeviceType.Stylus, pointer, QPointingDevice.Capability.Pressure, 1, 3)
        canvas.tabletEvent(QTabletEvent(kind, device, at, at, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, button, button))

    size, wide = canvas.drawing.size[1], []
    for pressure in (0.1, 1.0):
        canvas.drawing.clear()
        pen(QEvent.Type.TabletPress, size / 2, pressure)
        pen(QEvent.Type.TabletRelease, size / 2, 0)
        wide.append((canvas.drawing.ink > 0).sum())
    assert wide[1] > 3 * wide[0] > 0
    pen(QEvent.Type.TabletPress, size / 2, 1.0, QPointingDevice.PointerType.Eraser)
    pen(QEvent.Type.TabletRelease, size / 2, 0)
    assert (canvas.drawing.ink > 0).sum() < wide[0] and canvas.tool == "pen"


def test_ctrl_z_takes_back_strokes_while_one_draws_and_settings_elsewhere(pad):
    window, sketch = pad
    window.live.set("EdgeDetection.tone", 0.3)
    drag(sketch.canvas, (10, 10), (20, 20))
    sketch.canvas.setFocus()
    QTest.keyClick(sketch.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not sketch.canvas.drawing.ink.any() and window.live.value.edges.tone == 0.3
    window.prediction.view.setFocus()
    QTest.keyClick(window.prediction.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.live.value.edges.tone != 0.3


def test_palettes_tools_and_underlay(pad, tmp_path):
    import cv2
    sketch = pad[1]
    sketch.choose_palette("facades")
    assert sketch.canvas.drawing.hard and sketch.canvas.drawing.color_at((3, 3)) == (0, 6, 217)
    next(b for b in sketch.swatches.findChildren(QToolButton) if b.text() == "door").click()
    sketch.canvas.tool = "box"
    drag(sketch.canvas, (10, 10), (20, 20))
    assert sketch.canvas.drawing.color_at((15, 15)) == (165, 0, 0)
    QTest.mouseClick(sketch.canvas, Qt.MouseButton.RightButton, pos=QPoint(4, 4))
    assert sketch.canvas.color == (0, 6, 217)
    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 30, 3), 250, np.uint8))
    sketch.trace(str(tmp_path / "a.png"))
    shown = sketch.canvas._composed()
    assert shown[2, 2].min() > 100 and tuple(shown[15, 15]) == (165, 0, 0)  # seen beside the ink, and not in the drawing
    assert sketch.canvas.drawing.color_at((2, 2)) == (0, 6, 217)
    sketch.trace(str(tmp_path / "none.png"))
    assert "none.png" in pad[0].messages.all[-1].text
