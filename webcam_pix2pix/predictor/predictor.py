"""PyTorchPredictor: a model on a device; HxWx3 RGB uint8 in, HxWx3 RGB uint8 out."""

import logging
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.model import ModelInfo, Port, read_model
from webcam_pix2pix.settings import Model

from .devices import choose_device, device_message, thread_count

log = logging.getLogger(__name__)


class PyTorchPredictor:
    """Runs one model at one size. Use it from one thread; it keeps its buffers from picture to picture.

    Attributes:
        info: the model, complete: ports, network and norm mode as they are run.
        input_size: (height, width) of the images it takes and gives.
        label: where and how it runs, for the status line, such as "CPU bf16".
        note: what was chosen and why, with its measured error, in one line.
    """

    def __init__(self, model: ModelInfo | str | Path, *, device: str = "auto", precision: str = "auto", norm_mode: str | None = None,
                 size: tuple[int, int] | None = None, threads: int = 0) -> None:
        info = model if isinstance(model, ModelInfo) else read_model(model)
        self.device = choose_device(device)
        log.info(device_message(self.device))
        torch.set_flush_denormal(True)
        torch.set_num_threads(thread_count(threads))
        network, self.info = load_network(info, norm_mode)
        self.input_size = check_size(network.spec, size, self.info)
        self.label = f"{self.device.type.upper()} fp32"
        self.note = ""
        self._network = network.to(self.device)
        self._input = torch.empty((*self.input_size, self.info.input.shape[2]), dtype=torch.uint8)

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> np.ndarray:
        """HxWx3 RGB uint8 of `input_size` -> HxWx3 RGB uint8, a fresh array."""
        np.copyto(self._input.numpy(), as_channels(image, self._input.shape))
        low, high = self.info.input.range
        x = self._input.to(self.device).permute(2, 0, 1)[None].float().mul_((high - low) / 255).add_(low)
        return from_channels(to_pixels(self._network(x), self.info.output.range))

    @torch.inference_mode()
    def raw(self, batch: np.ndarray) -> np.ndarray:
        """NxHxWxC float32 in the range of the input port -> NxHxWxC float32 in that of the output port, as the network gives it."""
        check_batch(batch, self.info.input.shape[2], self._network.spec.multiple)
        results = [self._network(torch.tensor(image).permute(2, 0, 1)[None].to(self.device)) for image in batch]
        return torch.cat(results).permute(0, 2, 3, 1).float().cpu().numpy()

    def close(self) -> None:
        """Let go of the device memory."""
        self._network = None


def predictor_for(info: ModelInfo, options: Model) -> PyTorchPredictor:
    """The predictor of a model as the settings ask. Raises ValueError or OSError with one line."""
    size = None
    if options.size:
        h, w = info.input.shape[:2] if info.input else (1, 1)
        scale = options.size / min(h, w)
        size = round(h * scale), round(w * scale)
    return PyTorchPredictor(info, device=options.device, precision=options.precision, size=size, threads=options.threads,
                            norm_mode=None if options.norm_mode == "auto" else options.norm_mode)


def load_network(info: ModelInfo, norm_mode: str | None = None) -> tuple[nn.Module, ModelInfo]:
    """The network of a model with its weights in fp32 on the CPU, set to its norm mode; and the info, complete.

    norm_mode: eval, batch or paper; None: as the descriptor says, else as the checkpoint's system does.
    Raises ValueError or OSError with one line naming the file.
    """
    checkpoint = checkpoints.load(info)
    mode = norm_mode or info.norm_mode or checkpoint.norm_mode or "eval"
    network = networks.blueprint(checkpoint.spec)
    network.load_state_dict(checkpoint.state, assign=True)
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    networks.set_norm_mode(network.float(), mode)
    spec = checkpoint.spec
    side = spec.default_size
    return network, replace(
        info, input=info.input or Port((side, side, spec.in_channels), (-1.0, 1.0), "input"),
        output=info.output or Port((side, side, spec.out_channels), (-1.0, 1.0), "output"),
        network=networks.to_json(spec), norm_mode=mode)


def check_size(spec: networks.Spec, size: tuple[int, int] | None, info: ModelInfo) -> tuple[int, int]:
    """(height, width) the model is run at. Raises ValueError when the network cannot take it."""
    height, width = size or info.input.shape[:2]
    if min(height, width) < 1 or height % spec.multiple or width % spec.multiple:
        raise ValueError(f"size: {width}x{height} does not fit {info.name}, width and height must be multiples of {spec.multiple}")
    return height, width


def check_batch(batch: np.ndarray, channels: int, multiple: int) -> None:
    """Raises ValueError when `batch` is not what raw() takes."""
    if batch.ndim != 4 or batch.shape[3] != channels:
        raise ValueError(f"array of shape {batch.shape}: expected N x H x W x {channels}")
    if batch.shape[1] % multiple or batch.shape[2] % multiple:
        raise ValueError(f"array of shape {batch.shape}: height and width must be multiples of {multiple}")


def as_channels(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The image with as many channels as the network takes: HxWxC uint8. Raises ValueError at another size."""
    if image.shape[:2] != tuple(shape[:2]):
        raise ValueError(f"image of {image.shape[1]}x{image.shape[0]}: the model runs at {shape[1]}x{shape[0]}")
    if shape[2] == 1:
        return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    return image


def from_channels(image: np.ndarray) -> np.ndarray:
    """HxWx3 RGB of what the network gives: HxWxC uint8."""
    return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.shape[2] == 1 else image


def to_pixels(y: Tensor, port_range: tuple[float, float]) -> np.ndarray:
    """1xCxHxW in `port_range` -> HxWxC uint8, rounded and saturated."""
    low, high = port_range
    pixels = y[0].float().sub(low).mul_(255 / (high - low)).round_().clamp_(0, 255)
    return pixels.permute(1, 2, 0).contiguous().to(torch.uint8).cpu().numpy()
