"""Methods to run frames of any size through a network of one size."""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from msa.images import decode_image, encode_image
from webcam_pix2pix import sizes

from .tiles import Tiles

METHODS = ("upscale", "tiled", "temporal")  # as the video_processor.py of 2025 calls them
MOST_BYTES = 1_500_000_000  # of tiles of the past, at half of what they take before they are packed


@dataclass(frozen=True)
class Shape:
    """How a film is cut.

    method: upscale shows the network the whole image; tiled shows it in pieces, which paints it finer; temporal does so too, and each
        tile is later than the one before it.
    grid: tiles along the shorter side. overlap: pixels that neighbours share, None: three eighths of a tile.
    time_offset: images from tile to tile.
    """

    method: str = "upscale"
    grid: int = 3
    overlap: int | None = None
    time_offset: int = 30


class Whole:
    """The whole image at once, mirrored around its borders to what the network can take; with `multiple` 0, which stands for a network of
    one size, stretched to that size.

    Attributes:
        canvas: (height, width) to which an image of the film is brought.
        tile: (height, width) of what the network sees.
    """

    def __init__(self, film: tuple[int, int], model: tuple[int, int], multiple: int) -> None:
        scale = max(model[0] / film[0], model[1] / film[1])
        self.canvas = (max(model[0], round(scale * film[0])), max(model[1], round(scale * film[1]))) if multiple else model
        self.tile, self._multiple = sizes.legal(self.canvas, multiple or 1), multiple or 1

    def cut(self, image: np.ndarray) -> list[np.ndarray]:
        return [sizes.fitted(image, self._multiple)[0]]

    def join(self, pieces: list[np.ndarray]) -> np.ndarray:
        (piece,) = pieces
        scale = piece.shape[0] / self.tile[0]  # some networks make images larger
        top, left = (round(scale * ((large - small) // 2)) for large, small in zip(self.tile, self.canvas, strict=True))
        height, width = sizes.times(self.canvas, scale)
        return piece[top:top + height, left:left + width]


class Tiled(Tiles):
    """The image in tiles of the model's own size. Attributes as Whole."""

    def __init__(self, film: tuple[int, int], model: tuple[int, int], grid: int, overlap: int | None) -> None:
        overlap = min(model) * 3 // 8 if overlap is None else overlap
        if overlap > min(model) // 2:
            raise ValueError(f"overlap: {overlap} is more than half of a tile, expected at most {min(model) // 2}")
        along = 0 if film[0] <= film[1] else 1
        scale = (grid * (model[along] - overlap) + overlap) / film[along]
        scale = max(scale, model[0] / film[0], model[1] / film[1])
        self.canvas = max(model[0], round(scale * film[0])), max(model[1], round(scale * film[1]))
        super().__init__(self.canvas, model, overlap)


class Temporal(Tiled):
    """Tiles of which each shows the film `time_offset` images later than the one before it; the past is kept, without loss."""

    def __init__(self, film: tuple[int, int], model: tuple[int, int], grid: int, overlap: int | None, time_offset: int) -> None:
        super().__init__(film, model, grid, overlap)
        kept = time_offset * len(self) * (len(self) - 1) // 2
        most = MOST_BYTES // (3 * model[0] * model[1] // 2)
        if kept > most:
            raise ValueError(f"time-offset: {time_offset} images with {len(self)} tiles would have to remember {kept} tiles, "
                             f"expected at most {most}; take a smaller time-offset or grid")
        self._past: list[deque[bytes]] = [deque(maxlen=i * time_offset + 1) for i in range(len(self))]

    def cut(self, image: np.ndarray) -> list[np.ndarray]:
        return [self._late(past, piece) for past, piece in zip(self._past, super().cut(image), strict=True)]

    @staticmethod
    def _late(past: deque[bytes], piece: np.ndarray) -> np.ndarray:
        if past.maxlen == 1:
            return piece
        past.append(encode_image(piece, ".png", (cv2.IMWRITE_PNG_COMPRESSION, 1)))
        return decode_image(past[0], "tile")


def cutter(shape: Shape, film: tuple[int, int], model: tuple[int, int], multiple: int) -> Whole | Tiled:
    """The method of `shape` for frames of `film` and a model of `model` (height, width). Raises ValueError with one line."""
    if shape.method == "upscale":
        return Whole(film, model, multiple)
    if shape.method == "tiled":
        return Tiled(film, model, shape.grid, shape.overlap)
    return Temporal(film, model, shape.grid, shape.overlap, shape.time_offset)
