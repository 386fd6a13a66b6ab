"""A model on a device: image in, image out, as fast as this machine can be with an accurate image.

making.py is what others call, following.py what comes after a model; benchmark.py measures all candidates. Rooms: graph (the network as
nodes), cpu (fast runners), device (devices and executors), selection (which backend and precision), bend (gains and noise inside the
network).
May import: bend, channels, checkpoints, grade, model, networks, preprocessing, recipe, settings, sizes, specs, msa. No Qt.
"""

from .benchmark import BenchmarkRow, benchmark
from .device.devices import choose_device, device_message
from .making import predictor_for
from .predictor import PyTorchPredictor

__all__ = ["BenchmarkRow", "PyTorchPredictor", "benchmark", "choose_device", "device_message", "predictor_for"]
