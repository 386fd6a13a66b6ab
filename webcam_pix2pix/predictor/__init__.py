"""A model on a device: image in, image out, as fast as the machine allows with a picture that is right."""

from .devices import choose_device, device_message
from .predictor import PyTorchPredictor, predictor_for

__all__ = ["PyTorchPredictor", "choose_device", "device_message", "predictor_for"]
