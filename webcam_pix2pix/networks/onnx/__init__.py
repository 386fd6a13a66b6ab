"""Networks from ONNX files as torch modules: the same precisions, graphs and GPUs as for our own.

network.py is the module; plan.py turns the steps of a file into torch steps for one size; operators are in arithmetic.py, shaping.py,
sampling.py; layers.py makes those that the graph of the predictor knows (convolutions, norms, activations); runtime.py is for files with
operators that are not there.
May import: preprocessing, specs, msa.
To add an operator: one function in the module of its kind, under its ONNX name in that module's table. Compare with ONNX Runtime in
tests/test_onnx_operators.py.
"""

from .network import OnnxNetwork, Unsupported
from .plan import Plan, Scalar

__all__ = ["OnnxNetwork", "Plan", "Scalar", "Unsupported"]
