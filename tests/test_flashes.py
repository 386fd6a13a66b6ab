"""The flash limiter: what strobes comes out calm, what moves as usual is not touched."""

import numpy as np
import pytest

from msa.capturer import Captured
from msa.capturer.sources.testscene import draw
from webcam_pix2pix.pipeline import Chain
from webcam_pix2pix.pipeline.flashes import FlashLimiter
from webcam_pix2pix.settings import Settings

FPS = 30


def flat(value):
    return np.full((64, 64, 3), value, np.uint8)


def most_flashes(images):
    """The most pairs of opposing changes by 10 % of luminance within a second, of the mean of the image; counted in another manner."""
    linear = [((image.mean() / 255 + 0.055) / 1.055) ** 2.4 for image in images]
    turns, extreme, direction = [], linear[0], 0
    for number, value in enumerate(linear):
        sign = np.sign(value - extreme)
        if abs(value - extreme) >= 0.1 and sign != direction and min(value, extreme) < 0.8:
            turns.append(number)
            extreme, direction = value, sign
        elif sign == direction:
            extreme = value
    return max((sum(start <= turn < start + FPS for turn in turns) for start in range(len(images))), default=0) / 2


@pytest.mark.parametrize("flashes", [1, 3])
@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_strobe_comes_out_with_no_more_flashes_than_allowed(flashes, every):
    limiter = FlashLimiter()
    strobe = [flat(255 if i // every % 2 else 0) for i in range(6 * FPS)]
    shown = [limiter(image, i / FPS, flashes) for i, image in enumerate(strobe)]
    assert most_flashes(strobe) >= 5 and most_flashes(shown) <= flashes


def test_two_cells_that_flash_are_enough_and_one_is_not():
    for cells, limited in ((1, False), (2, True)):
        limiter, changed = FlashLimiter(), 0
        for i in range(60):
            image = flat(0)
            image[:8, :8 * cells] = 255 * (i % 2)
            changed += not np.array_equal(limiter(image, i / FPS, 3), image)
        assert (changed > 0) is limited


def test_what_moves_as_usual_is_not_touched():
    limiter = FlashLimiter()
    for i in range(60):
        image = draw(i)
        assert np.array_equal(limiter(image, i / FPS, 3), image)


def test_a_single_cut_is_let_through_at_once():
    limiter = FlashLimiter()
    for i, value in enumerate([0] * 20 + [255] * 20):
        assert np.array_equal(limiter(flat(value), i / FPS, 3), flat(value))


def test_it_begins_anew_when_time_goes_back_and_follows_another_size():
    limiter = FlashLimiter()
    for i in range(60):
        limiter(flat(255 * (i % 2)), 100 + i / FPS, 3)
    assert limiter(np.zeros((32, 48, 3), np.uint8), 102.1, 3).shape == (32, 48, 3)
    assert np.array_equal(limiter(flat(7), 0.0, 3), flat(7))


class Strobe:
    """A network that flashes."""

    info = type("Info", (), {"recipe": None, "name": "strobe"})
    input_size, label, note, at_once, calls = (64, 64), "", "", 1, 0

    def __call__(self, image):
        self.calls += 1
        return flat(255 * (self.calls % 2))

    def close(self):
        pass


@pytest.mark.parametrize("flashes, limited", [(0, False), (3, True)])
def test_it_is_off_unless_the_setting_says_so(flashes, limited):
    chain = Chain()
    chain.use(Strobe())
    settings = Settings().with_values({"Output.flashes": flashes, "Prediction.post_time_lerp": 0.0, "EdgeDetection.method": "none"})
    shown = [chain.step(Captured(i, i / FPS, draw(0)), settings).predicted for i in range(90)]
    assert (most_flashes(shown) <= 3) is limited
