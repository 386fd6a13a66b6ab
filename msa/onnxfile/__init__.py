"""ONNX files read as data, without any library: reader.py the graph, tensors.py the values of its weights.

Everything that a file claims is compared with the bytes that are there before memory is taken; nothing in a file can run.
"""

from .reader import Node, OnnxFile, Port, read
from .tensors import BYTES, DOUBLE, FLOAT, HALF, KINDS, Stored

__all__ = ["BYTES", "DOUBLE", "FLOAT", "HALF", "KINDS", "Node", "OnnxFile", "Port", "Stored", "read"]
