"""The painting on a screen: fit, mirrored, turned, pinned at its corners."""

import numpy as np
import pytest

from webcam_pix2pix.projection import (
    BACKGROUNDS,
    SQUARE,
    Screen,
    corners_of,
    is_convex,
    pattern,
    projected,
    text_of,
)

CORNERS = ((0.1, 0.2), (0.9, 0.1), (0.8, 0.95), (0.05, 0.9))
COLOURS = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220), "white": (230, 230, 230)}


def quarters(side: int = 100) -> np.ndarray:
    """Red and green above, blue and white below."""
    image = np.zeros((side, side, 3), np.uint8)
    for number, colour in enumerate(COLOURS.values()):
        image[number // 2 * side // 2:(number // 2 + 1) * side // 2, number % 2 * side // 2:(number % 2 + 1) * side // 2] = colour
    return image


def screen_of(image, size, screen: Screen) -> np.ndarray:
    """All of the screen, as it is drawn."""
    part, left, top = projected(image, size, screen)
    whole = np.full((size[1], size[0], 3), BACKGROUNDS[screen.background], np.uint8)
    assert left >= 0 and top >= 0 and left + part.shape[1] <= size[0] and top + part.shape[0] <= size[1]
    whole[top:top + part.shape[0], left:left + part.shape[1]] = part
    return whole


def name_at(whole, x: float, y: float) -> str:
    colour = whole[int(y * whole.shape[0]), int(x * whole.shape[1])].astype(int)
    known = COLOURS | {"black": (0, 0, 0)}
    return min(known, key=lambda name: np.abs(colour - known[name]).sum())


@pytest.mark.parametrize("fit, edge, top", [("letterbox", "black", "red"), ("fill", "red", "red"), ("stretch", "red", "red")])
def test_fits(fit, edge, top):
    whole = screen_of(quarters(), (400, 200), Screen(fit=fit))
    assert name_at(whole, 0.01, 0.3) == edge and name_at(whole, 0.49, 0.01) == top
    assert [name_at(whole, x, y) for x, y in ((0.45, 0.4), (0.55, 0.4), (0.45, 0.6), (0.55, 0.6))] == list(COLOURS)
    assert (np.abs(np.diff(whole[:, 200].astype(int), axis=0)).sum(1).argmax() + 1) == 100  # the middle stays the middle


@pytest.mark.parametrize("changes, order", [
    ({"mirror": True}, "green red white blue"), ({"rotate": "90"}, "blue red white green"), ({"rotate": "180"}, "white blue green red"),
    ({"rotate": "270"}, "green white red blue"), ({"rotate": "90", "mirror": True}, "white green blue red")])
def test_mirrored_and_turned(changes, order):
    whole = screen_of(quarters(), (200, 200), Screen(**changes))
    assert " ".join(name_at(whole, x, y) for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))) == order


def test_pixels_stay_squares_and_smooth_is_smooth():
    small = np.array([[[0] * 3, [255] * 3]], np.uint8)
    assert set(np.unique(screen_of(small, (64, 32), Screen(scaling="pixels")))) == {0, 255}
    assert len(np.unique(screen_of(small, (64, 32), Screen()))) > 8


def test_a_shape_that_is_nearly_that_of_the_screen_leaves_no_hairline():
    assert (screen_of(np.full((64, 114, 3), 99, np.uint8), (1280, 720), Screen(background="green")) == 99).all()


@pytest.mark.parametrize("fit", ["letterbox", "fill", "stretch"])
def test_pinned_corners(fit):
    unpinned = screen_of(quarters(), (400, 200), Screen(fit=fit))
    whole = screen_of(quarters(), (400, 200), Screen(fit=fit, corners=text_of(CORNERS), background="green"))
    assert (whole[5, 5] == BACKGROUNDS["green"]).all() and (whole[195, 395] == BACKGROUNDS["green"]).all()
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = CORNERS
    crossing = np.linalg.solve([[cx - ax, bx - dx], [cy - ay, by - dy]], [bx - ax, by - ay])[0]
    x, y = ax + crossing * (cx - ax), ay + crossing * (cy - ay)  # the middle of the screen lies where the diagonals meet
    names = [name_at(whole, x + sx * 0.03, y + sy * 0.03) for sy in (-1, 1) for sx in (-1, 1)]
    assert names == [name_at(unpinned, 0.5 + sx * 0.03, 0.5 + sy * 0.03) for sy in (-1, 1) for sx in (-1, 1)] == list(COLOURS)


def test_corners_as_text():
    assert corners_of(text_of(CORNERS)) == CORNERS and text_of(SQUARE) == "" and corners_of("") == SQUARE
    for bad in ("0,0 1,0 1,1", "a,b c,d e,f g,h", "0,0 1,1 1,0 0,1", "0,0 1,0 0.2,0.2 0,1", "0,0 0,0 0,0 0,0", "nan,0 1,0 1,1 0,1",
                "-9,0 1,0 1,1 0,1", "0,0,0 1,0 1,1 0,1"):
        assert corners_of(bad) == SQUARE, bad
    assert is_convex(SQUARE) and not is_convex(SQUARE[::-1])


def test_the_pattern_reaches_every_edge():
    image = pattern(640, 360, "beamer")
    assert image.shape == (360, 640, 3)
    assert min(image[0].min(), image[-1].min(), image[:, 0].min(), image[:, -1].min()) == 255
    assert not np.array_equal(image, pattern(640, 360, "wall"))
