"""Picture: pixels, zoom, memory."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

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
