"""Picture: pixels, zoom, memory."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from webcam_pix2pix.frame import sealed
from webcam_pix2pix.ui import theme
from webcam_pix2pix.ui.picture import Picture


@pytest.fixture
def picture(qtbot):
    theme.apply("dark")
    picture = Picture("test", "nothing yet", background="#000000")
    qtbot.addWidget(picture)
    picture.resize(400, 200)
    picture.show()
    return picture


def halves(height=100, width=100):
    """Left half red, right half blue."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :width // 2, 0] = 255
    image[:, width // 2:, 2] = 255
    return sealed(image)


def pixel(picture, x, y):
    return picture.grab().toImage().pixelColor(x, y).getRgb()[:3]


def test_fits_with_bars_and_keeps_the_colours(picture):
    picture.show_image(halves())
    assert pixel(picture, 120, 100) == (255, 0, 0) and pixel(picture, 280, 100) == (0, 0, 255)
    assert pixel(picture, 50, 100) == (0, 0, 0) and pixel(picture, 350, 100) == (0, 0, 0)
    assert picture.image_rect().width() == 200


def test_every_shape_fits(picture):
    for height, width in ((1, 1), (3, 700), (700, 3), (255, 257), (1080, 1920)):
        picture.show_image(halves(height, width))
        picture.grab()
        rect = picture.image_rect()
        assert rect.width() <= 401 and rect.height() <= 201


def test_one_to_one_shows_the_middle_pixel_for_pixel(picture):
    picture.show_image(halves(600, 800))
    picture.set_zoom(1.0)
    assert pixel(picture, 199, 100) == (255, 0, 0) and pixel(picture, 200, 100) == (0, 0, 255)


def test_zoom_keeps_what_is_under_the_pointer(picture):
    picture.show_image(halves())
    anchor = QPointF(150, 60)
    before = picture.at(anchor)
    picture.set_zoom(10.0, anchor)
    after = picture.at(anchor)
    assert abs(before.x() - after.x()) < 0.1 and abs(before.y() - after.y()) < 0.1
    picture.set_zoom(None)
    assert picture.image_rect().width() == 200


def test_empty_again(picture):
    picture.show_image(halves())
    picture.show_image(None)
    assert pixel(picture, 5, 5) == (0, 0, 0)


def test_the_last_image_is_let_go(picture):
    import gc
    import weakref
    first = halves()
    ghost = weakref.ref(first)
    picture.show_image(first)
    picture.grab()
    picture.show_image(halves(50, 50))
    picture.grab()
    del first
    gc.collect()
    assert ghost() is None


def test_it_is_a_view_of_pyqtgraph_on_the_memory_of_the_frame(picture):
    import pyqtgraph
    image = halves()
    picture.show_image(image)
    picture.grab()
    assert isinstance(picture.item, pyqtgraph.ImageItem) and isinstance(picture.view, pyqtgraph.ViewBox)
    assert picture.image is image and np.shares_memory(picture.item.image, image) and not picture.item.image.flags.writeable
    assert picture.item.axisOrder == "row-major" and picture.item.levels is None
    picture.show_image(second := halves())
    assert np.shares_memory(picture.item.image, second)


def test_pixels_are_squares_when_zoomed_in(picture):
    image = np.zeros((20, 20, 3), np.uint8)
    image[10, 10] = 250
    picture.show_image(sealed(image))
    picture.set_zoom(20.0)
    shot = picture.grab().toImage()
    seen = {shot.pixelColor(x, y).red() for x in range(0, 400, 3) for y in range(0, 200, 3)}
    assert seen == {0, 250}


def test_dragging_moves_only_what_is_zoomed(picture):
    picture.show_image(halves())
    before = picture.image_rect()
    drag(picture, QPoint(200, 100), QPoint(240, 110))
    assert picture.image_rect() == before
    picture.set_zoom(6.0)
    before = picture.image_rect()
    drag(picture, QPoint(200, 100), QPoint(240, 110))
    assert abs(picture.image_rect().x() - before.x() - 40) <= 2 and abs(picture.image_rect().y() - before.y() - 10) <= 2
    QTest.mouseDClick(picture.viewport(), Qt.MouseButton.LeftButton)
    assert picture.zoom is None and picture.image_rect().width() == 200


def drag(picture, start, end):
    port = picture.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        place = QPointF(start + (end - start) * share)
        QTest.qWait(20)  # pyqtgraph takes no more than 100 moves a second
        QApplication.sendEvent(port, QMouseEvent(QEvent.Type.MouseMove, place, port.mapToGlobal(place), Qt.MouseButton.NoButton,
                                                 Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)


def test_a_zoomed_picture_keeps_its_zoom_when_the_window_grows(picture):
    picture.show_image(halves())
    picture.set_zoom(3.0)
    picture.resize(600, 300)
    assert picture.scale() == pytest.approx(3.0) and picture.image_rect().center().x() in (299, 300, 301)
    picture.set_zoom(None)
    picture.resize(300, 300)
    assert picture.image_rect().width() == 300


def test_the_pixel_under_the_mouse_is_told(picture, qtbot):
    picture.show_image(halves())
    with qtbot.waitSignal(picture.pointed):
        place = QPointF(120, 100)
        QApplication.sendEvent(picture.viewport(), QMouseEvent(
            QEvent.Type.MouseMove, place, picture.viewport().mapToGlobal(place), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier))
    assert picture.pointer == (10, 50) and picture.under_pointer() == "10,50: 255   0   0"
    picture.show_image(halves(4, 4))  # smaller than where the mouse was
    assert picture.under_pointer() == ""


def test_copy_save_and_histogram(picture, tmp_path, qtbot):
    from webcam_pix2pix.ui import picture_menu
    image = halves()
    picture.show_image(image)
    menu = picture_menu.picture_menu(picture)
    entries = {action.text(): action for action in menu.actions() if action.text()}
    entries["Copy picture"].trigger()
    assert QApplication.clipboard().image().pixelColor(10, 50).getRgb()[:3] == (255, 0, 0)
    with qtbot.waitSignal(picture.note) as told:
        picture_menu.save(picture, image, tmp_path / "shot.png")
    assert "shot.png" in told.args[0] and QImage(str(tmp_path / "shot.png")).size().width() == 100
    for bad in (tmp_path / "shot.xyz", tmp_path / "nowhere" / "shot.png"):
        with qtbot.waitSignal(picture.problem) as told:
            picture_menu.save(picture, image, bad)
        assert "not saved" in told.args[0] and not bad.exists()
    entries["Histogram"].trigger()
    _, y = picture.histogram._curves[0].getData()
    assert picture.histogram.isVisible() and y[0] == 1 and y[-1] == 1 and not y[1:-1].any()
    picture.show_histogram(False)
    assert not picture.histogram.isVisible()
    menu.close()


def test_an_array_of_a_script_is_drawn_by_pyqtgraph(picture):
    picture.show_image(halves())
    picture.item.setImage(np.full((100, 100), 0.5), levels=(0.0, 1.0))
    assert abs(pixel(picture, 200, 100)[0] - 127) < 3
    picture.item.setLevels(None)
    picture.show_image(halves())
    assert pixel(picture, 120, 100) == (255, 0, 0)


def test_the_output_hears_the_mouse_through_its_picture(qtbot):
    from webcam_pix2pix.ui.stage import Stage
    from webcam_pix2pix.ui.store import Remembered
    parent = QWidget()
    qtbot.addWidget(parent)
    stage = Stage(parent, Remembered())
    stage.toggle()
    stage.show_image(halves())
    port = stage.picture.viewport()
    assert port.cursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(port, QPoint(30, 30))
    assert stage.picture.pointer is None
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert not stage.isVisible()
