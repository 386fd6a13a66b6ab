"""Executors: image in, image out on one device, with all buffers allocated once."""

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from .devices import exclusive_access, with_threads

Run = Callable[[Tensor], Tensor]  # 1xCxHxW, channels last -> 1xCxHxW
Range = tuple[float, float]  # the values of black and white


class Executor:
    """Runs a network on the CPU, or on any other device: the network takes `dtype`.

    run: may return a buffer that its next call overwrites. infer() raises ValueError when the network gives no numbers.
    """

    scales: dict[int, tuple[list[float], int]] | None = None  # of int8: what it takes to build it again at once
    bender: Any = None  # of this run; see predictor/bend/

    def __init__(self, run: Run, shape: tuple[int, int, int], ranges: tuple[Range, Range], dtype: torch.dtype = torch.float32,
                 device: str | torch.device = "cpu") -> None:
        self.run, self.dtype, self.device = run, dtype, torch.device(device)
        (low, high), (self._low, self._high) = ranges
        self._gain, self._offset = (high - low) / 255, low
        self._image = torch.empty(shape, dtype=torch.uint8)  # HxWxC
        self._values = self._planes(shape, torch.float32)
        self._input = self._values if dtype == torch.float32 else self._planes(shape, dtype)

    def infer(self, image: np.ndarray) -> np.ndarray:
        """HxWxC uint8 -> HxWxC uint8, a fresh array."""
        np.copyto(self._image.numpy(), image)
        with with_threads(1):
            self._values.copy_(self._image.permute(2, 0, 1)[None]).mul_(self._gain).add_(self._offset)
            if self._input is not self._values:
                self._input.copy_(self._values)
        return self.pixels(self.run(self._input))

    def bent(self, image: np.ndarray, bending: Any) -> np.ndarray:
        """infer() with a webcam_pix2pix.bend.Bending; there is a bender."""
        with self.bender.applied(bending):
            return self.infer(image)

    def raw(self, x: Tensor) -> Tensor:
        """1xCxHxW float32 in the range of the input -> 1xCxHxW float32 in that of the output."""
        self._input.copy_(x)
        return self.run(self._input).float().cpu()

    def pixels(self, y: Tensor) -> np.ndarray:
        """1xCxHxW in the range of the output -> HxWxC uint8, rounded and saturated."""
        with with_threads(1):
            values = y.float().cpu().contiguous(memory_format=torch.channels_last)[0].permute(1, 2, 0)
            check_numbers(values.sum())
        gain = 255 / (self._high - self._low)
        flat = values.flatten(1).numpy()
        return cv2.addWeighted(flat, gain, flat, 0, -self._low * gain, dtype=cv2.CV_8U).reshape(values.shape)

    def write(self, name: str, value: float) -> None:
        """Change an input of one number."""
        self.run.write(name, value)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Let go of the network and of device memory."""
        vars(self).clear()

    def _planes(self, shape: tuple[int, int, int], dtype: torch.dtype) -> Tensor:
        height, width, channels = shape
        return torch.empty((1, channels, height, width), dtype=dtype, device=self.device, memory_format=torch.channels_last)


class BytesExecutor(Executor):
    """For int8 runners: the network takes the bytes of the image as they are."""

    def __init__(self, run: Run, shape: tuple[int, int, int], ranges: tuple[Range, Range]) -> None:
        super().__init__(run, shape, ranges)
        self._planes_of_image = self._image.permute(2, 0, 1)[None]

    def infer(self, image: np.ndarray) -> np.ndarray:
        np.copyto(self._image.numpy(), image)
        return self.pixels(self.run(self._planes_of_image))

    def raw(self, x: Tensor) -> Tensor:
        self._planes_of_image.copy_(x.sub(self._offset).div_(self._gain).round_().clamp_(0, 255))
        return self.run(self._planes_of_image).float()


class CudaExecutor(Executor):
    """On an NVIDIA GPU: pinned memory on both sides, and all between the two copies recorded once as a CUDA graph.

    recorded: False for networks that are random (dropout): each image needs its own.
    """

    def __init__(self, run: Run, shape: tuple[int, int, int], ranges: tuple[Range, Range], dtype: torch.dtype, device: torch.device,
                 recorded: bool = True) -> None:
        super().__init__(run, shape, ranges, dtype, device)
        self._image = self._image.pin_memory()
        self._there = torch.empty(shape, dtype=torch.uint8, device=device)
        self._sum = torch.zeros((), device=device)  # of the output: tells whether it is numbers
        self._stream = torch.cuda.Stream(device)
        self._stream.wait_stream(torch.cuda.current_stream(device))  # the weights come over on that one
        with torch.cuda.stream(self._stream):
            for _ in range(3):  # cuDNN chooses its algorithms
                predicted = self._predicted()
        self._stream.synchronize()
        self._back = torch.empty(predicted.shape, dtype=torch.uint8).pin_memory()
        self._graph: torch.cuda.CUDAGraph | None = None
        if recorded:
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph, stream=self._stream, capture_error_mode="thread_local"):  # another model may be on air
                predicted = self._predicted()
        self._replayed = predicted  # where the recorded graph writes

    def infer(self, image: np.ndarray) -> np.ndarray:
        np.copyto(self._image.numpy(), image)
        with torch.cuda.stream(self._stream):
            self._there.copy_(self._image, non_blocking=True)
            if self._graph is not None:
                self._graph.replay()
            self._back.copy_(self._predicted() if self._graph is None else self._replayed, non_blocking=True)
        self._stream.synchronize()
        check_numbers(self._sum)
        return self._back.numpy().copy()

    def bent(self, image: np.ndarray, bending: Any) -> np.ndarray:
        recorded, self._graph = self._graph, None  # what is recorded cannot be bent
        try:
            return super().bent(image, bending)
        finally:
            self._graph = recorded

    def _predicted(self) -> Tensor:
        """What lies in self._there, painted: HxWxC uint8 on the device."""
        x = self._there.permute(2, 0, 1)[None].float().mul_(self._gain).add_(self._offset)
        y = self.run(x.to(self.dtype, memory_format=torch.channels_last)).float()
        self._sum.copy_(y.sum())
        gain = 255 / (self._high - self._low)
        return y.mul(gain).add_(0.5 - self._low * gain).clamp_(0, 255).to(torch.uint8)[0].permute(1, 2, 0).contiguous()

    def write(self, name: str, value: float) -> None:
        with torch.cuda.stream(self._stream):
            super().write(name, value)

    def close(self) -> None:
        super().close()
        torch.cuda.empty_cache()


class DeviceExecutor(Executor):
    """On another accelerator, such as the GPU of a Mac: only bytes travel."""

    def infer(self, image: np.ndarray) -> np.ndarray:
        np.copyto(self._image.numpy(), image)
        with exclusive_access(self.device):
            there = self._image.to(self.device).permute(2, 0, 1)[None]
            self._values.copy_(there).mul_(self._gain).add_(self._offset)
            if self._input is not self._values:
                self._input.copy_(self._values)
            gain = 255 / (self._high - self._low)
            y = self.run(self._input).float()
            check_numbers(y.sum())
            y = y.mul(gain).add_(0.5 - self._low * gain).clamp_(0, 255)
            return y.to(torch.uint8)[0].permute(1, 2, 0).contiguous().cpu().numpy()

    def raw(self, x: Tensor) -> Tensor:
        with exclusive_access(self.device):
            return super().raw(x)


def check_numbers(total: Tensor) -> None:
    """total: the sum of an output. Raises ValueError when there is something in it that is no number."""
    if not math.isfinite(float(total)):
        raise ValueError("the network gives values that are no numbers (NaN or infinite)")
