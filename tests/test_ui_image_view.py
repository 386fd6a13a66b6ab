"""Image: pixels, zoom, memory."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from webcam_pix2pix.frame import sealed
from webcam_pix2pix.ui.foundation import theme
from webcam_pix2pix.ui.panels.image_view import ImageView


@pytest.fixture
def view(qtbot):
    theme.apply("dark")
    view = ImageView("test", "nothing yet", background="#000000")
    qtbot.addWidget(view)
    view.resize(400, 200)
    view.show()
    return view


def halves(height=100, width=100):
    """Left half red, right half blue."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :width // 2, 0] = 255
    image[:, width // 2:, 2] = 255
    return sealed(image)


def pixel(view, x, y):
    return view.grab().toImage().pixelColor(x, y).getRgb()[:3]


def test_fits_with_bars_and_keeps_the_colours(view):
    view.show_image(halves())
    assert pixel(view, 120, 100) == (255, 0, 0) and pixel(view, 280, 100) == (0, 0, 255)
    assert pixel(view, 50, 100) == (0, 0, 0) and pixel(view, 350, 100) == (0, 0, 0)
    assert view.image_rect().width() == 200


def test_every_shape_fits(view):
    for height, width in ((1, 1), (3, 700), (700, 3), (255, 257), (1080, 1920)):
        view.show_image(halves(height, width))
        view.grab()
        rect = view.image_rect()
        assert rect.width() <= 401 and rect.height() <= 201


def test_one_to_one_shows_the_middle_pixel_for_pixel(view):
    view.show_image(halves(600, 800))
    view.set_zoom(1.0)
    assert pixel(view, 199, 100) == (255, 0, 0) and pixel(view, 200, 100) == (0, 0, 255)


def test_zoom_keeps_what_is_under_the_pointer(view):
    view.show_image(halves())
    anchor = QPointF(150, 60)
    before = view.at(anchor)
    view.set_zoom(10.0, anchor)
    after = view.at(anchor)
    assert abs(before.x() - after.x()) < 0.1 and abs(before.y() - after.y()) < 0.1
    view.set_zoom(None)
    assert view.image_rect().width() == 200


def test_empty_again(view):
    view.show_image(halves())
    view.show_image(None)
    assert pixel(view, 5, 5) == (0, 0, 0)


def test_the_last_image_is_let_go(view):
    import gc
    import weakref
    first = halves()
    ghost = weakref.ref(first)
    view.show_image(first)
    view.grab()
    view.show_image(halves(50, 50))
    view.grab()
    del first
    gc.collect()
    assert ghost() is None


def test_it_is_a_view_of_pyqtgraph_on_the_memory_of_the_frame(view):
    import pyqtgraph
    image = halves()
    view.show_image(image)
    view.grab()
    assert isinstance(view.item, pyqtgraph.ImageItem) and isinstance(view.view, pyqtgraph.ViewBox)
    assert view.image is image and np.shares_memory(view.item.image, image) and not view.item.image.flags.writeable
    assert view.item.axisOrder == "row-major" and view.item.levels is None
    view.show_image(second := halves())
    assert np.shares_memory(view.item.image, second)


def test_pixels_are_squares_when_zoomed_in(view):
    image = np.zeros((20, 20, 3), np.uint8)
    image[10, 10] = 250
    view.show_image(sealed(image))
    view.set_zoom(20.0)
    shot = view.grab().toImage()
    seen = {shot.pixelColor(x, y).red() for x in range(0, 400, 3) for y in range(0, 200, 3)}
    assert seen == {0, 250}


def test_dragging_moves_only_what_is_zoomed(view):
    view.show_image(halves())
    before = view.image_rect()
    drag(view, QPoint(200, 100), QPoint(240, 110))
    assert view.image_rect() == before
    view.set_zoom(6.0)
    before = view.image_rect()
    drag(view, QPoint(200, 100), QPoint(240, 110))
    assert abs(view.image_rect().x() - before.x() - 40) <= 2 and abs(view.image_rect().y() - before.y() - 10) <= 2
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton)
    assert view.zoom is None and view.image_rect().width() == 200


def drag(view, start, end):
    port = view.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        place = QPointF(start + (end - start) * share)
        QTest.qWait(20)  # pyqtgraph takes no more than 100 moves a second
        QApplication.sendEvent(port, QMouseEvent(QEvent.Type.MouseMove, place, port.mapToGlobal(place), Qt.MouseButton.NoButton,
                                                 Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)


def test_a_zoomed_image_keeps_its_zoom_when_the_window_grows(view):
    view.show_image(halves())
    view.set_zoom(3.0)
    view.resize(600, 300)
    assert view.scale() == pytest.approx(3.0) and view.image_rect().center().x() in (299, 300, 301)
    view.set_zoom(None)
    view.resize(300, 300)
    assert view.image_rect().width() == 300


def test_the_pixel_under_the_mouse_is_reported(view, qtbot):
    view.show_image(halves())
    with qtbot.waitSignal(view.pointed):
        place = QPointF(120, 100)
        QApplication.sendEvent(view.viewport(), QMouseEvent(
            QEvent.Type.MouseMove, place, view.viewport().mapToGlobal(place), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier))
    assert view.pointer == (10, 50) and view.under_pointer() == "10,50: 255   0   0"
    view.show_image(halves(4, 4))  # smaller than where the mouse was
    assert view.under_pointer() == ""


def test_a_narrow_panel_shows_the_colour_under_the_mouse_alone(qtbot):
    from webcam_pix2pix.ui.panels.dock import Panel
    panel = Panel("test", "test", "nothing yet")
    qtbot.addWidget(panel)
    for width, words in ((270, "255   0   0"), (330, "128,100: 255   0   0"), (700, "256×256  128,100: 255   0   0")):
        panel.resize(width, 400)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.show_image(halves(256, 256)[:, ::-1].copy())
        panel.view.pointer = 128, 100
        panel.tick()
        assert panel.bar.note.text() == words
    panel.view.pointer = None
    panel.view.pointed.emit()
    assert panel.bar.note.text() == "256×256"


def test_save_image_begins_with_the_users_own_pictures_and_asks_before_it_replaces(view, qtbot, monkeypatch, tmp_path):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QLineEdit, QMessageBox

    from webcam_pix2pix.ui.foundation import file_dialog
    from webcam_pix2pix.ui.panels import image_menu
    monkeypatch.setattr(file_dialog.QStandardPaths, "writableLocation", lambda place: str(tmp_path))
    (tmp_path / "mine.png").write_bytes(b"kept")
    seen = []

    def type_a_name():
        asked = QApplication.activeModalWidget()
        seen.append((asked.directory().absolutePath(), asked.selectedFiles()))
        name = asked.findChild(QLineEdit, "fileNameEdit")
        name.selectAll()
        QTest.keyClicks(name, "mine")
        QTimer.singleShot(200, say_no)
        QTest.keyClick(name, Qt.Key.Key_Return)

    def say_no():
        asked = QApplication.activeModalWidget()
        seen.append(type(asked))
        asked.reject()
        QTimer.singleShot(100, lambda: QApplication.activeModalWidget().reject())

    view.show_image(halves())
    QTimer.singleShot(300, type_a_name)
    image_menu.ask_and_save(view, view.image)
    assert seen == [(str(tmp_path), [str(tmp_path / "test.png")]), QMessageBox] and (tmp_path / "mine.png").read_bytes() == b"kept"


def test_copy_save_and_histogram(view, tmp_path, qtbot):
    from webcam_pix2pix.ui.panels import image_menu
    image = halves()
    view.show_image(image)
    menu = image_menu.image_menu(view)
    entries = {action.text(): action for action in menu.actions() if action.text()}
    entries["Copy image"].trigger()
    assert QApplication.clipboard().image().pixelColor(10, 50).getRgb()[:3] == (255, 0, 0)
    with qtbot.waitSignal(view.saved) as printed:
        image_menu.save(view, image, tmp_path / "shot.png")
    assert "shot.png" in printed.args[0] and printed.args[1] == str(tmp_path / "shot.png")
    assert QImage(str(tmp_path / "shot.png")).size().width() == 100
    for bad in (tmp_path / "shot.xyz", tmp_path / "nowhere" / "shot.png"):
        with qtbot.waitSignal(view.problem) as printed:
            image_menu.save(view, image, bad)
        assert "not saved" in printed.args[0] and not bad.exists()
    entries["Histogram"].trigger()
    _, y = view.histogram._curves[0].getData()
    assert view.histogram.isVisible() and y[0] == 1 and y[-1] == 1 and not y[1:-1].any()
    view.show_histogram(False)
    assert not view.histogram.isVisible()
    menu.close()


def test_an_array_of_a_script_is_drawn_by_pyqtgraph(view):
    view.show_image(halves())
    view.item.setImage(np.full((100, 100), 0.5), levels=(0.0, 1.0))
    assert abs(pixel(view, 200, 100)[0] - 127) < 3
    view.item.setLevels(None)
    view.show_image(halves())
    assert pixel(view, 120, 100) == (255, 0, 0)


def test_the_output_hears_the_mouse_through_its_image(qtbot):
    from webcam_pix2pix.ui.foundation.store import Remembered
    from webcam_pix2pix.ui.output.full_screen import Stage
    parent = QWidget()
    qtbot.addWidget(parent)
    stage = Stage(parent, Remembered())
    stage.toggle()
    stage.show_image(halves())
    port = stage.view.viewport()
    assert port.cursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(port, QPoint(30, 30))
    assert stage.view.pointer is None
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert not stage.isVisible()
