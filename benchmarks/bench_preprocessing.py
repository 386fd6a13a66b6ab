"""Camera image to model input: ours in bytes, and in turns with it the way of the original application, float32 from the first step.

The original and the first of ours make the same image: lines over an equalised grey tone.

    python benchmarks/bench_preprocessing.py [--seconds 5]
"""

import argparse

import common  # first: it sets how torch waits
import cv2
import numpy as np

from msa.capturer.sources.testscene import draw
from webcam_pix2pix.dataset.pairs.recipes import RECIPES
from webcam_pix2pix.preprocessing import EdgeDetection, Processing, fit, preprocess, resized

CAMERAS = ((480, 640), (720, 1280), (1080, 1920))  # height, width
SIZE = (256, 256)


def original(frame: np.ndarray, edges: EdgeDetection) -> np.ndarray:
    """The same chain with the image as float32 0..1 throughout, converted to bytes and back for the steps that need bytes."""
    image = frame.astype(np.float32) / 255
    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    image = cv2.resize(image[top:top + side, left:left + side], SIZE, interpolation=cv2.INTER_AREA)
    grey = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(grey, (edges.blur_kernel, edges.blur_kernel), edges.blur_sigma)
    lines = cv2.Canny(blurred, edges.canny_t1_fine, edges.canny_t2_fine, apertureSize=3)
    lines |= cv2.Canny(blurred, edges.canny_t1_coarse, edges.canny_t2_coarse, apertureSize=5)
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edges.morph_kernel_size,) * 2))
    if edges.tone:
        tone = cv2.equalizeHist(cv2.GaussianBlur(grey, (0, 0), edges.tone_blur))
        lines = np.maximum(lines, (tone.astype(np.float32) * edges.tone).astype(np.uint8))
    return cv2.cvtColor(lines.astype(np.float32) / 255, cv2.COLOR_GRAY2RGB)


def crop_and_area(frame: np.ndarray) -> np.ndarray:
    side = min(frame.shape[:2])
    top, left = (frame.shape[0] - side) // 2, (frame.shape[1] - side) // 2
    return cv2.resize(frame[top:top + side, left:left + side], SIZE, interpolation=cv2.INTER_AREA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--busy", action="store_true", help="count processor time: for a machine that others use too")
    args = parser.parse_args()
    processing, edges = Processing(flip_h=False), RECIPES["tone"].edges
    random = np.random.default_rng(0)
    results = {}
    for height, width in CAMERAS:
        noise = random.normal(0, 5, (height, width, 3))
        frame = np.clip(resized(draw(0), (height, width)) + noise, 0, 255).astype(np.uint8)
        calls = {"original: float32 from the first step": lambda f=frame: original(f, edges),
                 "ours, recipe tone": lambda f=frame: preprocess(fit(f, SIZE, processing), processing, edges),
                 **{f"ours, recipe {name}": lambda f=frame, e=RECIPES[name].edges: preprocess(fit(f, SIZE, processing), processing, e)
                    for name in ("color", "color-soft")},
                 "only crop and resize, INTER_AREA": lambda f=frame: crop_and_area(f),
                 "only crop and resize, ours": lambda f=frame: resized(f, SIZE)}
        times = common.time_in_turns(calls, args.seconds, busy=args.busy)
        difference = cv2.absdiff(resized(frame, SIZE), crop_and_area(frame))
        remark = f"differs from INTER_AREA by {difference.mean():.2f} on average, {difference.max()} at most, of 255"
        common.show(f"{width}x{height} to 256x256", times, "original: float32 from the first step", {"only crop and resize, ours": remark})
        results[f"{width}x{height}"] = {"ms": times, "difference_mean": difference.mean(), "difference_max": int(difference.max())}
    common.last_line(benchmark="preprocessing", **results)


if __name__ == "__main__":
    main()
