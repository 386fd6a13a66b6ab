"""Test images as the network will see them, for calibration and for comparison with fp32."""

from collections.abc import Iterator, Sequence
from itertools import chain, cycle, islice

import numpy as np

from msa.capturer.sources.testscene import draw
from webcam_pix2pix.channels import MADE_OF, to_network
from webcam_pix2pix.model import ModelInfo
from webcam_pix2pix.preprocessing import fit, preprocess
from webcam_pix2pix.recipe import Recipe

COUNT = 8


def sample_images(info: ModelInfo, size: tuple[int, int], frames: Sequence[np.ndarray] = ()) -> list[np.ndarray]:
    """COUNT images, HxWxC uint8 of `size` (height, width), as the model's recipe makes them of camera frames (HxWx3 RGB uint8).

    When there are fewer frames, the test scene fills up: darker, brighter and noisier than it is drawn.
    """
    assert info.input is not None
    recipe = info.recipe or Recipe()
    images = []
    for frame in islice(chain(frames[:COUNT], _scenes()), COUNT):
        image = preprocess(fit(frame, size, recipe.processing), recipe.processing, recipe.edges)
        channels = info.input.shape[2]
        if channels in MADE_OF:
            images.append(to_network(image, channels, info.output.shape[2] if info.output is not None else 3))
        else:  # of arrays, whatever they show: red, green and blue again and again
            images.append(np.ascontiguousarray(image[..., np.arange(channels) % 3]))
    return images


def _scenes() -> Iterator[np.ndarray]:
    random = np.random.default_rng(0)
    for index, (gain, noise) in enumerate(cycle(((1.0, 0), (0.45, 6), (1.5, 3), (0.8, 12)))):
        scene = draw(41 * index)
        side = scene.shape[0] // (1 + index % 2)  # the whole scene, or a closer look
        top, left = (scene.shape[0] - side) // 2, (scene.shape[1] - side) // 2
        part = scene[top:top + side, left:left + side].astype(np.float32)
        yield np.clip(gain * part + random.normal(0, max(noise, 1e-3), part.shape), 0, 255).astype(np.uint8)
