"""What follows a model: a second one, such as an upscaler, or a colour grade. Image in, image out, one after the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from webcam_pix2pix.grade import Grade
from webcam_pix2pix.model import ModelInfo, resolve_model
from webcam_pix2pix.sizes import fitted, legal, scaled

if TYPE_CHECKING:
    from .predictor import PyTorchPredictor

MOST = 4  # that follow each other
LARGEST = 4096 * 4096  # pixels of a result

Build = Callable[[ModelInfo, tuple[int, int] | None], "PyTorchPredictor"]


class Stage(Protocol):
    """One that follows."""

    name: str

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 of any size -> RGB uint8, a fresh array."""

    def close(self) -> None: ...


class SecondModel:
    """A model whose image is that of another model. It is built anew when the size of the image changes.

    build: makes its predictor at a size that it takes.
    """

    def __init__(self, info: ModelInfo, build: Build, size: tuple[int, int]) -> None:
        self.name, self._info, self._build = info.name, info, build
        self._predictor = build(info, None)  # tells what sizes it takes
        self._fit_to(size)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        if image.shape[:2] != self._size:
            self._fit_to(image.shape[:2])
        predictor = self._predictor
        if predictor.fixed:
            return predictor(scaled(image, predictor.input_size))
        seen, cut_back = fitted(image, predictor.multiple, scale=predictor.scale)
        return np.ascontiguousarray(cut_back(predictor(seen)))

    def close(self) -> None:
        self._predictor.close()

    def _fit_to(self, size: tuple[int, int]) -> None:
        self._size = size
        predictor = self._predictor
        wanted = predictor.input_size if predictor.fixed else legal(size, predictor.multiple)
        if wanted[0] * wanted[1] * predictor.scale ** 2 > LARGEST:
            raise ValueError(f"then: {self.name} would make {round(wanted[1] * predictor.scale)}x{round(wanted[0] * predictor.scale)} of "
                             f"{size[1]}x{size[0]}, expected at most {LARGEST} pixels")
        if predictor.input_size != wanted:
            predictor.close()
            self._predictor = self._build(self._info, wanted)


def stages(names: Sequence[str | Path], build: Build, size: tuple[int, int]) -> list[Stage]:
    """What `names` say, in order: .cube files, models by name or path. size: (height, width) of the first image.

    Raises OSError or ValueError with one line.
    """
    if len(names) > MOST:
        raise ValueError(f"then: {len(names)} follow each other, expected at most {MOST}")
    made: list[Stage] = []
    try:
        for name in names:
            if str(name).lower().endswith(".cube"):
                made.append(Grade(Path(name).expanduser()))
                continue
            made.append(SecondModel(resolve_model(name), build, size))
            size = made[-1](np.zeros((*size, 3), np.uint8)).shape[:2]
    except BaseException:
        for stage in made:
            stage.close()
        raise
    return made


class Followers:
    """What follows a model, built with the first image: for images of many sizes."""

    def __init__(self, names: Sequence[str], build: Build) -> None:
        self._names, self._build = names, build
        self._stages: list[Stage] | None = None

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 -> RGB uint8."""
        if self._stages is None:
            self._stages = stages(self._names, self._build, image.shape[:2])
        for stage in self._stages:
            image = stage(image)
        return image

    def close(self) -> None:
        """Let go of them."""
        for stage in self._stages or ():
            stage.close()
