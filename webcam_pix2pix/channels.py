"""Images for networks that take or give other channels than red, green and blue, and back.

One channel is grey, four are RGBA: the alpha of a camera image is full, and what is painted transparent shows white, as in image files.
From one channel to two is colourisation as pytorch-CycleGAN-and-pix2pix trains it: the lightness of CIE Lab goes in, a and b come out.
Anything else makes no image.
"""

import cv2
import numpy as np

MADE_OF = (1, 3, 4)  # channels that an image can be made into, or of
CHROMA = 110.0  # the a or b of Lab that stands for white in such a network's output; black is its negative


def check_channels(taken: int, given: int) -> None:
    """Raises ValueError with one line when a network with so many channels in and out has no images."""
    if taken not in MADE_OF:
        raise ValueError(f"3 channels, the model takes {taken}; give it arrays (.npy) with predict")
    if given not in MADE_OF and (taken, given) != (1, 2):
        raise ValueError(f"{given} channels come out of this model, which is not an image; use arrays (.npy) with predict")


def to_network(image: np.ndarray, taken: int, given: int) -> np.ndarray:
    """HxWx3 RGB uint8 -> HxWxC uint8 for a network that takes C = `taken` channels and gives `given`."""
    if taken == 3:
        return image
    if taken == 4:
        return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    if given == 2:
        return lightness(image)
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]


def from_network(predicted: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """HxWxC uint8 as it comes out of a network -> HxWx3 RGB uint8. seen: what went in, HxWxC uint8, whose lightness is kept when the
    network gives a and b alone."""
    channels = predicted.shape[2]
    if channels == 3:
        return predicted
    if channels == 1:
        return cv2.cvtColor(predicted, cv2.COLOR_GRAY2RGB)
    if channels == 2:
        return coloured(seen[..., 0], predicted)
    alpha = predicted[..., 3:].astype(np.float32) / 255
    return np.rint(predicted[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def lightness(image: np.ndarray) -> np.ndarray:
    """HxWx3 RGB uint8 -> HxWx1: the L of Lab, 0..255; of an image that is grey already, its grey, which the recipe has made so."""
    if not (cv2.absdiff(image[..., 0], image[..., 1]).any() or cv2.absdiff(image[..., 0], image[..., 2]).any()):
        return np.ascontiguousarray(image[..., :1])
    return cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., :1]


def coloured(light: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """L (HxW uint8) with a and b (HxWx2 uint8, black to white for -CHROMA to CHROMA) -> HxWx3 RGB uint8."""
    lab = np.empty((*light.shape, 3), np.float32)
    lab[..., 0] = light * np.float32(100 / 255)
    lab[..., 1:] = chroma * np.float32(2 * CHROMA / 255) - np.float32(CHROMA)
    return np.clip(np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255), 0, 255).astype(np.uint8)
