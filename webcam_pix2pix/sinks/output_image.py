"""Which image of a frame a sink takes."""

import numpy as np

from webcam_pix2pix.frame import Frame


def output_image(frame: Frame) -> np.ndarray:
    """The painting; where there is none, what the network would have seen, or what the camera saw. HxWx3 RGB uint8."""
    for image in (frame.predicted, frame.processed):
        if image is not None:
            return image
    return frame.captured
