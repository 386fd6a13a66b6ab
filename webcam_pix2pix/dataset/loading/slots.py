"""Slots: memory in which forked processes leave the batches that they make. Sending a batch costs half as much as making it."""

import mmap
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Left(NamedTuple):
    """What a process says of a batch that lies in a slot."""

    slot: int
    shapes: list[tuple[int, ...]]  # of its arrays, one after the other
    damaged: list[str]
    shifts: Tensor | None


class Slots:
    """`count` slots of `size` bytes each, for processes that are forked afterwards. Pages that nobody has written to take no memory."""

    def __init__(self, count: int, size: int) -> None:
        """Raises OSError, ValueError or OverflowError where the system promises no such amount."""
        self.count, self.size = count, size
        self._bytes = np.frombuffer(mmap.mmap(-1, count * size), np.uint8).reshape(count, size)

    def arrays(self, slot: int, shapes: list[tuple[int, ...]]) -> list[np.ndarray] | None:
        """Views of arrays (uint8) that lie in `slot` one after the other; None where they do not fit."""
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes]).tolist()
        if ends[-1] > self.size:
            return None
        return [self._bytes[slot, start:end].reshape(shape) for start, end, shape in zip([0, *ends], ends, shapes, strict=False)]

    def take(self, left: Left) -> list[Tensor]:
        """Copies of the arrays of a batch; the slot is free again. In memory that a GPU fetches from where there is one."""
        pinned = torch.cuda.is_available()
        found = []
        for view in self.arrays(left.slot, left.shapes) or ():
            copy = torch.empty(view.shape, dtype=torch.uint8, pin_memory=pinned)
            copy.numpy()[...] = view
            found.append(copy)
        return found
