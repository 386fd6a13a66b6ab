"""Which image of a frame a sink takes."""

import cv2
import numpy as np

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output, outgoing, outgoing_size
from webcam_pix2pix.preprocessing import resized

BESIDE = {  # parts of a frame, as addresses and settings call them -> the images from left to right
    "painting": ("predicted",), "processed": ("processed",), "camera": ("captured",), "side-by-side": ("processed", "predicted"),
    "all three": ("captured", "processed", "predicted")}
RECORDED = {"painting": "painting", "input beside painting": "side-by-side", "all three": "all three"}  # Output.record -> key of BESIDE


def output_image(frame: Frame) -> np.ndarray:
    """The painting; where there is none, what the network would have seen, or what the camera saw. HxWx3 RGB uint8."""
    for image in (frame.predicted, frame.processed):
        if image is not None:
            return image
    return frame.captured


def composed(frame: Frame, view: str, output: Output) -> np.ndarray:
    """The images of `view` (a key of BESIDE) from left to right, as they leave the program: all as high as the painting, each of the
    size and shape that `output` says. HxWx3 RGB uint8.
    """
    images = [getattr(frame, name) for name in BESIDE[view]]
    images = [outgoing(output_image(frame) if image is None else image, output) for image in images]
    if len(images) == 1:
        return images[0]
    height = images[-1].shape[0]
    return cv2.hconcat([image if image.shape[0] == height else
                        resized(image, (height, round(image.shape[1] * height / image.shape[0])), "stretch") for image in images])


def composed_size(frame: Frame, view: str, output: Output) -> tuple[int, int]:
    """(height, width) that composed() gives, without the work."""
    images = [getattr(frame, name) for name in BESIDE[view]]
    sizes = [outgoing_size((output_image(frame) if image is None else image).shape[:2], output) for image in images]
    height = sizes[-1][0]
    return height, sum(width if own == height else round(width * height / own) for own, width in sizes)
