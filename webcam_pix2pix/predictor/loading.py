"""The network of a model, complete with what its weights tell, and the sizes that it takes."""

from dataclasses import replace
from pathlib import Path

from torch import nn

from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.model import ModelInfo, read_model
from webcam_pix2pix.specs import Generator


def load_network(model: ModelInfo | str | Path, norm_mode: str | None = None) -> tuple[nn.Module, Generator, ModelInfo]:
    """The network of a model in fp32 on the CPU, set to its norm mode; its spec; and its info, complete.

    norm_mode: eval, batch or paper; None: as the descriptor says, else as the program that wrote the weights ran.
    Raises ValueError or OSError with one line naming the file.
    """
    info = model if isinstance(model, ModelInfo) else read_model(model)
    checkpoint = checkpoints.load(info)
    norm_mode = norm_mode or checkpoint.norm_mode
    info = replace(checkpoints.complete(info, checkpoint), norm_mode=norm_mode)
    return networks.set_norm_mode(checkpoint.build(), norm_mode), checkpoint.spec, info


def check_size(spec: Generator, size: tuple[int, int] | None, info: ModelInfo) -> tuple[int, int]:
    """The (height, width) to run at, None: as the model says. Raises ValueError when the network cannot take it."""
    assert info.input is not None
    height, width = size or info.input.shape[:2]
    if spec.fixed and (height, width) != info.input.shape[:2]:
        raise ValueError(f"size: {width}x{height} does not fit {info.name}, which runs at {info.input.shape[1]}x{info.input.shape[0]} only")
    if min(height, width) < 1 or (not spec.fixed and (height % spec.multiple or width % spec.multiple)):
        raise ValueError(f"size: {width}x{height} does not fit {info.name}, width and height must be multiples of {spec.multiple}")
    return height, width
