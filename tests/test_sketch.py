"""The drawing: strokes where they belong, colours that are exact, steps back; and the source that gives it."""

import threading
import time

import numpy as np
import pytest

from msa.capturer import Init, kind_of, mirrored, open_source
from msa.capturer.sources.sketch import PAPER, Paper, Sketch
from msa.sketch import PALETTES, Drawing
from msa.sketch.drawing import fitted

RED, BLUE, WHITE = (200, 30, 20), (20, 40, 220), (255, 255, 255)


def colors(image):
    return {tuple(color) for color in image.reshape(-1, 3).tolist()}


def test_a_stroke_is_as_wide_as_asked_and_ends_round():
    drawing = Drawing((64, 64), hard=True)
    drawing.stroke([(10.5, 32.5), (50.5, 32.5)], RED, 9)
    column = (drawing.image[:, 30] == RED).all(-1)
    assert column.sum() == 9 and column[28:37].all()
    assert (drawing.image[32, 6] == RED).all() and (drawing.image[28, 6] == WHITE).all()  # the end is a half disc
    assert (drawing.ink > 0).sum() == (drawing.image != 255).any(-1).sum()


@pytest.mark.parametrize("hard", [True, False])
def test_label_maps_keep_pure_colours_and_drawings_have_smooth_edges(hard):
    drawing = Drawing((64, 64), hard=hard)
    drawing.stroke([(5, 5), (60, 40)], RED, 6)
    drawing.stroke([(30.4, 50.2)], BLUE, 9)
    assert (colors(drawing.image) == {RED, BLUE, WHITE}) == hard


def test_rectangles_are_filled_or_outlined_and_may_leave_the_paper():
    drawing = Drawing((64, 64))
    drawing.rectangle((40, 30), (20, 10), RED)
    assert (drawing.image[10:31, 20:41] == RED).all() and (drawing.image[9, 30] == WHITE).all()
    drawing.rectangle((50, 50), (200, 200), BLUE, 2)
    assert (drawing.image[50, 60] == BLUE).all() and (drawing.image[60, 60] == WHITE).all()


def test_a_fill_stops_at_lines_and_the_eraser_goes_down_to_the_paper():
    drawing = Drawing((64, 64), ground=BLUE, hard=True)
    drawing.rectangle((10, 10), (50, 50), RED, 1)
    drawing.fill((30, 30), WHITE)
    assert (drawing.image[11:50, 11:50] == WHITE).all() and (drawing.image[5, 5] == BLUE).all()
    drawing.fill((-3, 900), WHITE)  # beside the paper
    drawing.stroke([(30, 30)], None, 11)
    assert drawing.color_at((30, 30)) == BLUE and drawing.ink[30, 30] == 0 and drawing.ink[20, 20] == 255
    assert drawing.color_at((64, 3)) is None


def test_undo_and_redo_bring_back_every_step_to_the_pixel():
    drawing, seen = Drawing((32, 32)), []
    for step in (lambda: drawing.stroke([(3, 3), (20, 9)], RED, 3), lambda: drawing.fill((30, 30), BLUE)):
        seen.append(drawing.image.copy())
        drawing.begin()
        step()
    seen.append(drawing.image.copy())
    drawing.clear((1, 2, 3))
    assert colors(drawing.image) == {(1, 2, 3)}
    for image in reversed(seen):
        assert drawing.undo() and np.array_equal(drawing.image, image)
    assert not drawing.undo()
    assert drawing.redo() and drawing.redo() and drawing.redo() and not drawing.redo()
    assert drawing.ground == (1, 2, 3)
    drawing.undo()
    drawing.begin()  # something new: what was taken back is gone
    assert not drawing.can_redo


def test_steps_back_take_a_bounded_memory():
    drawing = Drawing((2048, 2048))
    for _ in range(9):
        drawing.begin()
    steps = 0
    while drawing.undo():
        steps += 1
    assert 3 <= steps <= 7


def test_another_size_keeps_the_colours_of_a_label_map():
    drawing = Drawing((64, 64), hard=True)
    drawing.rectangle((0, 0), (31, 63), RED)
    drawing.resize((256, 128))
    assert drawing.image.shape == (128, 256, 3) and colors(drawing.image) == {RED, WHITE}
    assert (drawing.image[60, 120] == RED).all() and drawing.ink[60, 200] == 0
    drawing.resize((100_000, 0))
    assert drawing.size == (2048, 1)


def test_an_image_of_any_shape_fills_the_paper():
    image = np.zeros((40, 120, 3), np.uint8)
    image[:, 40:80] = RED
    assert (fitted(image, (64, 64)) == RED).mean() > 0.95
    drawing = Drawing((64, 64))
    drawing.put(image)
    assert drawing.image.shape == (64, 64, 3) and drawing.ink.all() and drawing.undo()


def test_palettes_are_those_of_the_published_data():
    palette = {palette.name: dict(palette.colors) for palette in PALETTES}
    assert palette["cityscapes"]["road"] == (128, 64, 128) and palette["cityscapes"]["car"] == (0, 0, 142)
    assert palette["facades"]["window"] == (0, 117, 255) and len(palette["facades"]) == 12 and len(palette["cityscapes"]) == 20
    for known in PALETTES:
        assert len({name for name, _ in known.colors}) == len(known.colors)


def test_the_source_gives_a_change_at_once_and_the_same_image_otherwise():
    paper = Paper()
    source = Sketch(paper)
    assert source.read().shape == (256, 256, 3)
    began = time.perf_counter()
    source.read()
    assert time.perf_counter() - began > 0.02  # nothing new: at its own rate
    image = np.full((64, 128, 3), 7, np.uint8)
    timer = threading.Timer(0.005, paper.put, [image])
    timer.start()
    assert source.read() is image
    timer.join()
    assert source.live and not source.finite


def test_the_sketch_pad_is_a_source_that_is_not_mirrored():
    assert kind_of("sketch") == "sketch" and not mirrored("sketch")
    PAPER.put(np.full((8, 8, 3), 9, np.uint8))
    assert (open_source("sketch", Init(), True).read() == 9).all()
