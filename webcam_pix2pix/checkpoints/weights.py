"""A weight before it is loaded: its shape is known and was checked, its values still lie in the file. Knows no torch."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webcam_pix2pix.specs import Generator, OnnxSpec

from .shapes import shapes


@dataclass(frozen=True)
class Weight:
    """A weight that is not loaded yet: its shape, and the function that loads it."""

    shape: tuple[int, ...]
    load: Callable[[], Any]  # -> a torch tensor, or a numpy array where a reader says so


def permuted(array: Weight, *order: int) -> Weight:
    """A numpy weight as a torch one, its axes put in `order`. Raises ValueError when it has another number of axes."""
    if order and len(array.shape) != len(order):
        raise ValueError(f"a weight of shape {list(array.shape)}, expected {len(order)} axes")

    def load() -> Any:
        import torch
        tensor = torch.from_numpy(array.load())
        return tensor.permute(order).contiguous() if order else tensor

    return Weight(tuple(array.shape[axis] for axis in order) if order else array.shape, load)


def fitted(spec: Generator, weights: Mapping[str, Weight], where: Path) -> dict[str, Weight]:
    """`weights` in the order of the network, every name and shape compared with `spec`.

    Raises ValueError naming the first weight that does not fit.
    """
    result = {}
    for key, shape in shapes(spec).items():
        weight = weights.get(key)
        if weight is None and key.endswith("num_batches_tracked"):  # PyTorch before 0.4.1 and the other programs do not count
            weight = Weight((), _zero)
        if weight is None:
            raise ValueError(f"{where}: {key} is missing")
        if weight.shape != shape:
            raise ValueError(f"{where}: {key} has shape {list(weight.shape)}, expected {list(shape)}")
        result[key] = weight
    if extra := sorted(set(weights) - set(result)):
        raise ValueError(f"{where}: {extra[0]:.80} is in no generator of this kind ({len(extra)} such weights)")
    return result


def count(spec: Generator) -> int:
    """Number of weights that training changes; of an ONNX file, all that are in it."""
    if isinstance(spec, OnnxSpec):
        return spec.weights
    return sum(math.prod(shape) for key, shape in shapes(spec).items()
               if not key.endswith(("running_mean", "running_var", "num_batches_tracked")))


def _zero() -> Any:
    import torch
    return torch.zeros((), dtype=torch.int64)
