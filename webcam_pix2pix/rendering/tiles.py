"""Tiles: an image in overlapping pieces of one size, and the way back without seams."""

import math

import cv2
import numpy as np


class Tiles:
    """Pieces of `tile` (height, width) that cover an image of `size` (height, width), as evenly as whole pixels allow.

    overlap: pixels that neighbours share at least.
    """

    def __init__(self, size: tuple[int, int], tile: tuple[int, int], overlap: int) -> None:
        self._larger: Tiles | None = None
        rows, columns = (_starts(length, side, overlap) for length, side in zip(size, tile, strict=True))
        self._place(size, tile, rows, columns)

    def _place(self, size: tuple[int, int], tile: tuple[int, int], rows: list[int], columns: list[int]) -> None:
        self.size, self.tile, self._starts = size, tile, (rows, columns)
        self.corners = [(top, left) for top in rows for left in columns]  # in reading order
        down, across = (_fades(starts, side) for starts, side in zip((rows, columns), tile, strict=True))
        self._weights = [np.multiply.outer(y, x)[..., None] for y in down for x in across]

    def _times(self, factor: int) -> "Tiles":
        """The same tiles of an image so many times as large."""
        if self._larger is None or self._larger.tile[0] != factor * self.tile[0]:
            self._larger = Tiles.__new__(Tiles)
            height, width, high, wide = (factor * n for n in (*self.size, *self.tile))
            self._larger._place((height, width), (high, wide), *([factor * start for start in starts] for starts in self._starts))
        return self._larger

    def __len__(self) -> int:
        return len(self.corners)

    def cut(self, image: np.ndarray) -> list[np.ndarray]:
        """HxWx3 of `size` -> its pieces, in reading order."""
        height, width = self.tile
        return [np.ascontiguousarray(image[top:top + height, left:left + width]) for top, left in self.corners]

    def join(self, pieces: list[np.ndarray]) -> np.ndarray:
        """Pieces (uint8) in reading order -> HxWx3 uint8 of `size`; where they overlap one fades into the other.

        Pieces that a network has made so many times as large give an image so many times as large.
        """
        height, width = self.tile
        if (larger := pieces[0].shape[0] // height) > 1 and pieces[0].shape[:2] == (larger * height, larger * width):
            return self._times(larger).join(pieces)
        pieces = [piece if piece.shape[:2] == self.tile else cv2.resize(piece, self.tile[::-1], interpolation=cv2.INTER_AREA)
                  for piece in pieces]
        total = np.zeros((*self.size, 3), np.float32)
        for (top, left), weight, piece in zip(self.corners, self._weights, pieces, strict=True):
            total[top:top + height, left:left + width] += weight * piece
        return np.rint(total, out=total).clip(0, 255).astype(np.uint8)


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length < side:
        raise ValueError(f"{length} pixels are less than a tile of {side}")
    count = 1 if length == side else math.ceil((length - overlap) / (side - overlap))
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]


def _fades(starts: list[int], side: int) -> list[np.ndarray]:
    """For each piece along one axis its share at each of its pixels, less towards its ends; the shares of all add up to 1."""
    middle = (side - 1) / 2
    share = (1 - np.abs(np.arange(side, dtype=np.float32) - middle) / (middle + 1)).astype(np.float32)
    total = np.zeros(starts[-1] + side, np.float32)
    for start in starts:
        total[start:start + side] += share
    return [share / total[start:start + side] for start in starts]
