"""A model on a device: image in, image out, as fast as the machine allows with a picture that is right."""

from .benchmark import BenchmarkRow, benchmark
from .device.devices import choose_device, device_message
from .predictor import PyTorchPredictor, predictor_for

__all__ = ["BenchmarkRow", "PyTorchPredictor", "benchmark", "choose_device", "device_message", "predictor_for"]
