"""What runs an ONNX file: OpenVINO, ONNX Runtime or OpenCV, whichever is installed and takes it."""

import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

log = logging.getLogger(__name__)

Run = Callable[[np.ndarray], list[np.ndarray]]  # the input -> all outputs, in the order of the file


def runtimes(path: Path, name: str) -> "list[tuple[str, Callable[[], Run]]]":
    """What can be tried for the file at `path` with the input `name`, the fastest first: what it is called, and what opens the file."""
    tried: list[tuple[str, Callable[[], Run]]] = []
    if importlib.util.find_spec("openvino"):
        tried.append(("OpenVINO", lambda: _openvino(path)))
    if importlib.util.find_spec("onnxruntime"):
        tried.append(("ONNX Runtime", lambda: _onnxruntime(path, name)))
    return [*tried, ("OpenCV", lambda: _opencv(path))]


def _openvino(path: Path) -> Run:
    import openvino

    compiled = openvino.Core().compile_model(str(path), "CPU", {"PERFORMANCE_HINT": "LATENCY",
                                                                     "INFERENCE_PRECISION_HINT": "f32"})  # the lines of the others
    return lambda x: list(compiled([x]).values())


def _onnxruntime(path: Path, name: str) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {name: x})


def _opencv(path: Path) -> Run:
    net = cv2.dnn.readNetFromONNX(str(path))
    names = net.getUnconnectedOutLayersNames()

    def run(x: np.ndarray) -> list[np.ndarray]:
        net.setInput(x)
        return list(net.forward(names))

    return run
