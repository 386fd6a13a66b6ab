"""A model on a device: image in, image out, as fast as the machine allows with a picture that is right."""

from .devices import choose_device, device_message
from .predictor import PyTorchPredictor, predictor_for
from .survey import Row, survey

__all__ = ["PyTorchPredictor", "Row", "choose_device", "device_message", "predictor_for", "survey"]
