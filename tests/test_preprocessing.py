"""The chain against OpenCV called by hand, and against the float32 chain of the original application."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from webcam_pix2pix.preprocessing import EdgeDetection, Memory, Processing, fit, preprocess, resized
from webcam_pix2pix.preprocessing.blur import gaussian

UNPROCESSED = Processing(flip_h=False)
NO_EDGES = EdgeDetection(method="none")
MULTISCALE = EdgeDetection(method="custom_canny")


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """480x640 with soft shapes, lines and noise."""
    rng = np.random.default_rng(0)
    image = cv2.GaussianBlur(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8), (0, 0), 12)
    image = cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX)
    cv2.circle(image, (320, 200), 90, (220, 180, 140), -1, cv2.LINE_AA)
    cv2.line(image, (0, 40), (640, 430), (20, 30, 200), 5, cv2.LINE_AA)
    return image


@pytest.fixture(scope="module")
def square(scene) -> np.ndarray:
    return fit(scene, (256, 256), UNPROCESSED)


def grey(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def rgb(image):
    return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)


# ---- fit


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (300, 300), (720, 1280), (100, 90), (2000, 30)])
@pytest.mark.parametrize("size", [(256, 256), (256, 512), (512, 256)])
@pytest.mark.parametrize("how", ["crop", "pad", "stretch"])
def test_any_camera_fits_any_model(shape, size, how):
    image = np.full((*shape, 3), 200, np.uint8)
    result = resized(image, size, how)
    assert result.shape == (*size, 3)
    assert result.dtype == np.uint8
    assert (result == 200).all() if how != "pad" else (result == 200).any()


def test_crop_takes_the_centre_of_a_portrait_camera():
    image = np.zeros((640, 480, 3), np.uint8)
    image[80:560] = 255  # the centre square
    assert (resized(image, (256, 256), "crop") == 255).all()


def test_pad_keeps_everything_and_the_proportions():
    result = resized(np.full((240, 480, 3), 255, np.uint8), (256, 256), "pad")
    rows = result.any(axis=(1, 2))
    assert rows.sum() == 128
    assert not rows[:64].any()
    assert not rows[-64:].any()


def test_the_result_never_shares_memory_with_the_camera_image():
    image = np.zeros((256, 256, 3), np.uint8)
    assert not np.shares_memory(fit(image, (256, 256), UNPROCESSED), image)


@pytest.mark.parametrize(("flips", "code"), [({"flip_h": True}, 1), ({"flip_v": True}, 0), ({"flip_h": True, "flip_v": True}, -1)])
def test_flips(scene, flips, code):
    flipped = fit(scene, (480, 640), replace(UNPROCESSED, **flips))
    assert (flipped == cv2.flip(scene, code)).all()


def test_frame_difference_shows_what_moved(scene):
    memory = Memory()
    processing = replace(UNPROCESSED, frame_diff=True)
    assert not fit(scene, (480, 640), processing, memory).any()
    moved = np.roll(scene, 5, axis=1)
    assert (fit(moved, (480, 640), processing, memory) == cv2.absdiff(moved, scene)).all()


# ---- the chain, step by step


STEPS = {
    "grayscale": ({"grayscale": True}, lambda x: rgb(grey(x))),
    "pre_blur": ({"pre_blur": 3}, lambda x: cv2.GaussianBlur(x, (7, 7), 0)),
    "pre_median": ({"pre_median": 2}, lambda x: rgb(cv2.medianBlur(grey(x), 5))),
    "pre_thresh": ({"pre_thresh": 90}, lambda x: cv2.threshold(x, 90, 255, cv2.THRESH_TOZERO)[1]),
    "adaptive_thresh": ({"adaptive_thresh": True, "adaptive_thresh_block": 5, "adaptive_thresh_c": 3}, lambda x: rgb(cv2.adaptiveThreshold(
        grey(x), 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, 11, 3))),
    "invert": ({"invert": True}, lambda x: 255 - x),
    "canny": ({"canny": True, "canny_t1": 30, "canny_t2": 90}, lambda x: rgb(cv2.Canny(grey(x), 30, 90))),
    "post_blur": ({"post_blur": 2}, lambda x: cv2.GaussianBlur(x, (5, 5), 0)),
    "post_thresh": ({"post_thresh": 128}, lambda x: cv2.threshold(x, 128, 255, cv2.THRESH_BINARY)[1]),
}


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_what_opencv_does_by_hand(square, name):
    values, by_hand = STEPS[name]
    assert (preprocess(square, replace(UNPROCESSED, **values), NO_EDGES) == by_hand(square)).all()


def test_the_order_is_that_of_the_original(square):
    processing = replace(UNPROCESSED, pre_blur=1, pre_median=1, invert=True, canny=True, canny_t1=20, canny_t2=60, post_blur=1,
                         post_thresh=60)
    by_hand = 255 - cv2.medianBlur(grey(cv2.GaussianBlur(square, (3, 3), 0)), 3)
    by_hand = cv2.GaussianBlur(cv2.Canny(by_hand, 20, 60), (3, 3), 0)
    by_hand = cv2.threshold(by_hand, 60, 255, cv2.THRESH_BINARY)[1]
    assert (preprocess(square, processing, NO_EDGES) == rgb(by_hand)).all()


def test_nothing_switched_on_changes_nothing(square):
    assert (preprocess(square, UNPROCESSED, NO_EDGES) == square).all()


def test_accumulation_leaves_trails_and_saturates(square):
    processing = replace(UNPROCESSED, accum_w1=0.5, accum_w2=0.75)
    memory = Memory()
    first = preprocess(square, processing, NO_EDGES, memory)
    assert (first == square).all()
    second = preprocess(np.zeros_like(square), processing, NO_EDGES, memory)
    assert np.abs(second.astype(int) - np.round(square * 0.5)).max() <= 1
    for _ in range(50):
        last = preprocess(np.full_like(square, 250), processing, NO_EDGES, memory)
    assert (last == 255).all()


# ---- edges


def test_the_documented_multiscale_edges_bit_for_bit(square):
    blurred = cv2.GaussianBlur(grey(square), (3, 3), 0.8)
    lines = cv2.bitwise_or(cv2.Canny(blurred, 40, 120, apertureSize=3), cv2.Canny(blurred, 80, 160, apertureSize=5))
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2)))
    result = preprocess(square, UNPROCESSED, MULTISCALE)
    assert (result == rgb(lines)).all()
    assert 0.005 < (result > 0).mean() < 0.6


def test_one_scale_only_when_the_coarse_thresholds_are_zero(square):
    edges = replace(MULTISCALE, canny_t1_coarse=0, canny_t2_coarse=0, morph_iterations=0)
    by_hand = cv2.Canny(cv2.GaussianBlur(grey(square), (3, 3), 0.8), 40, 120, apertureSize=3)
    assert (preprocess(square, UNPROCESSED, edges) == rgb(by_hand)).all()


def test_tone_under_the_edges_as_the_default_model_was_trained(square):
    edges = replace(MULTISCALE, blur_kernel=0, canny_t1_coarse=480, canny_t2_coarse=960, tone=0.55, tone_blur=5.0)
    g = grey(square)
    blurred = cv2.GaussianBlur(g, (7, 7), 0.8)
    lines = cv2.Canny(blurred, 40, 120, apertureSize=3) | cv2.Canny(blurred, 480, 960, apertureSize=5)
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2)))
    tone = cv2.equalizeHist(cv2.GaussianBlur(g, (0, 0), 5))
    assert (preprocess(square, UNPROCESSED, edges) == rgb(np.maximum(lines, cv2.convertScaleAbs(tone, alpha=0.55)))).all()


def soft_lines(image: np.ndarray, sigma: float, low: float, gain: float) -> np.ndarray:
    """Soft lines in float32 from the gradient on, as the models of the colour recipes were trained."""
    blurred = cv2.GaussianBlur(grey(image), (0, 0), sigma)
    x, y = cv2.Sobel(blurred, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(blurred, cv2.CV_32F, 0, 1, scale=0.25)
    return np.clip((cv2.magnitude(x, y) - low) * gain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("sigma", "low", "gain"), [(0.8, 3.0, 9.0), (1.6, 2.0, 12.0), (1.1, 5.9, 5.3), (0.8, 0.0, 1.0)])
def test_soft_lines_bit_for_bit(square, sigma, low, gain):
    edges = EdgeDetection(method="soft", blur_kernel=0, blur_sigma=sigma, soft_low=low, soft_gain=gain)
    result = preprocess(square, UNPROCESSED, edges)
    assert (result == rgb(soft_lines(square, sigma, low, gain))).all()
    assert len(np.unique(result)) > 50, "they come and go, no switch"


@pytest.mark.parametrize("method", ["soft", "custom_canny"])
def test_lines_over_the_soft_colours_bit_for_bit(square, method):
    edges = EdgeDetection(method=method, blur_kernel=0, canny_t1_coarse=480, canny_t2_coarse=960, tone=0.55, tone_equalize=False,
                          tone_color=True)
    if method == "soft":
        lines = soft_lines(square, 0.8, 3.0, 9.0)
    else:
        blurred = cv2.GaussianBlur(grey(square), (0, 0), 0.8)
        lines = cv2.Canny(blurred, 40, 120, apertureSize=3) | cv2.Canny(blurred, 480, 960, apertureSize=5)
        lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2)))
    tone = cv2.convertScaleAbs(cv2.GaussianBlur(square, (0, 0), 5.0), alpha=0.55)
    result = preprocess(square, UNPROCESSED, edges)
    assert (result == np.maximum(rgb(lines), tone)).all()
    assert (preprocess(square, replace(UNPROCESSED, grayscale=True), edges)[..., 0] == np.maximum(lines, cv2.convertScaleAbs(
        cv2.GaussianBlur(grey(square), (0, 0), 5.0), alpha=0.55))).all(), "without colours the tone is grey"


def test_an_equalised_tone_in_colour_uses_the_whole_range_and_keeps_its_colours(square):
    dark = (square // 4).astype(np.uint8)
    edges = EdgeDetection(method="none", tone=1.0, tone_blur=0.0, tone_color=True)
    result = preprocess(dark, UNPROCESSED, edges)
    assert np.ptp(grey(dark)) < 70 and np.ptp(grey(result)) > 200
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 1:].astype(int) for image in (dark, result))
    inside = (result.min(axis=2) > 0) & (result.max(axis=2) < 255)  # where no channel was cut off
    assert np.abs(before - after)[inside].max() <= 2


@pytest.mark.parametrize("sigma", [0.8, 1.37, 1.5, 3.0, 4.999, 5.0, 7.0, 13.3, 20.0])
@pytest.mark.parametrize("shape", [(256, 256), (40, 61, 3), (9, 200), (1, 1)])
def test_the_wide_blur_is_opencv_s_bit_for_bit(sigma, shape):
    noise = np.random.default_rng(int(10 * sigma)).integers(0, 256, shape, np.uint8)
    for image in (noise, np.where(noise > 127, 255, 0).astype(np.uint8), np.full(shape, 255, np.uint8)):
        assert (gaussian(image, sigma) == cv2.GaussianBlur(image, (0, 0), sigma).reshape(shape)).all()


TONE = EdgeDetection(method="none", tone=1.0, tone_blur=0.0)


def test_the_equalisation_of_a_first_image_is_opencv_s_bit_for_bit(square):
    for image in (grey(square), grey(square) // 3 + 40, np.full((9, 9), 77, np.uint8), np.eye(64, dtype=np.uint8) * 255):
        for memory in (None, Memory()):
            assert (preprocess(rgb(image), UNPROCESSED, TONE, memory) == rgb(cv2.equalizeHist(grey(rgb(image))))).all()


def test_the_equalisation_follows_moving_images_slowly_and_ends_where_a_still_one_would(square):
    """Something bright comes into view: at once the rest changes little, in time as much as in a still image."""
    intruder = square.copy()
    intruder[:, :90] = 250
    memory = Memory()
    before = preprocess(square, UNPROCESSED, TONE, memory)
    assert (preprocess(square, UNPROCESSED, TONE, memory) == before).all(), "a still scene stays as it is"
    steps = [before] + [preprocess(intruder, UNPROCESSED, TONE, memory) for _ in range(200)]
    rest = [step[:, 100:].astype(int) for step in steps]
    still = preprocess(intruder, UNPROCESSED, TONE)[:, 100:].astype(int)
    jump = np.abs(still - rest[0]).mean()
    assert jump > 10 and max(np.abs(b - a).mean() for a, b in pairwise(rest)) < 0.1 * jump
    assert np.abs(rest[-1] - still).max() <= 1


def test_after_a_cut_the_equalisation_starts_afresh(square):
    memory = Memory()
    preprocess(square, UNPROCESSED, TONE, memory)
    dark = square // 5
    assert (preprocess(dark, UNPROCESSED, TONE, memory) == preprocess(dark, UNPROCESSED, TONE)).all()


def test_adaptive_edges(square):
    by_hand = cv2.adaptiveThreshold(grey(square), 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, 15, 2)
    assert (preprocess(square, UNPROCESSED, EdgeDetection(method="adaptive")) == rgb(by_hand)).all()


def test_single_scale_canny_stands_in_for_the_edge_detection(square):
    processing = replace(UNPROCESSED, canny=True)
    assert (preprocess(square, processing, MULTISCALE) == preprocess(square, processing, NO_EDGES)).all()


def test_training_matched_must_be_resolved_first(square):
    with pytest.raises(ValueError, match="training_matched"):
        preprocess(square, UNPROCESSED, EdgeDetection())


# ---- against the original


def original_chain(image: np.ndarray, t1: int, t2: int) -> tuple[np.ndarray, np.ndarray]:
    """The float32 0..1 chain of 2017 (blur, median, invert, Canny), RGB from the start: (image before Canny, edges), uint8."""
    x = cv2.GaussianBlur(image.astype(np.float32) / 255, (5, 5), 0)
    x = cv2.medianBlur((cv2.cvtColor(x, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8), 3).astype(np.float32) / 255
    x = ((1 - x) * 255).astype(np.uint8)
    return x, cv2.Canny(x, t1, t2)


def test_the_uint8_chain_gives_the_image_of_the_original(square):
    processing = replace(UNPROCESSED, pre_blur=2, pre_median=1, invert=True)
    before, edges = original_chain(square, 40, 120)
    assert np.abs(preprocess(square, processing, NO_EDGES)[..., 0].astype(int) - before).max() <= 3  # it truncates at every step
    ours = preprocess(square, replace(processing, canny=True, canny_t1=40, canny_t2=120), NO_EDGES)
    assert (ours[..., 0] != edges).mean() < 0.02


def test_the_input_image_is_left_alone(square):
    before = square.copy()
    square.flags.writeable = False
    preprocess(square, replace(UNPROCESSED, invert=True, post_thresh=100), MULTISCALE)
    assert (square == before).all()
