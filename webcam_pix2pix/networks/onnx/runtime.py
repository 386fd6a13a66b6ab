"""RuntimeNetwork: a file with operators that this program does not know, run by a library that knows them."""

import numpy as np
import torch
from torch import Tensor, nn

from msa.onnxfile import OnnxFile
from webcam_pix2pix.preprocessing.runtimes import Run, runtimes
from webcam_pix2pix.specs import OnnxSpec

from .network import Direct, entered, left

KINDS = {1: np.float32, 2: np.uint8, 10: np.float16, 11: np.float64}


class RuntimeNetwork(nn.Module):
    """As OnnxNetwork: 1xCxHxW -> 1xCxHxW, on the CPU, in fp32. Raises ValueError with what to install when nothing runs it.

    Attributes: runtime, what it is called.
    """

    def __init__(self, file: OnnxFile, spec: OnnxSpec) -> None:
        super().__init__()
        self.spec, self._file = spec, file
        self._kind = next(KINDS.get(port.kind, np.float32) for port in file.inputs if port.name == spec.input_name)
        self._place = next(i for i, port in enumerate(file.outputs) if port.name == spec.output_name)
        self._run, self.runtime = _opened(file, spec)
        self.register_buffer("length", torch.tensor(float(file.count)))

    def forward(self, x: Tensor) -> Tensor:
        y = self._raw(entered(Direct(), self.spec, x))
        return left(Direct(), self.spec, torch.from_numpy(np.asarray(y, np.float32))).to(x.device)

    def raw_shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """The shape of the output as the file gives it, for an image of `size` (height, width)."""
        return self._raw(entered(Direct(), self.spec, torch.zeros(1, self.spec.in_channels, *size))).shape

    def _raw(self, x: Tensor) -> np.ndarray:
        values = np.ascontiguousarray(x.detach().float().cpu().numpy())
        values = np.rint(values) if self._kind == np.uint8 else values
        try:
            return self._run(values.astype(self._kind))[self._place]
        except Exception as error:  # each library has errors of its own
            raise ValueError(f"{self.runtime} cannot run it ({' '.join(str(error).split())[:160]})") from None


def _opened(file: OnnxFile, spec: OnnxSpec) -> tuple[Run, str]:
    if len(file.inputs) > 1:
        raise ValueError("with more than an image going in, no other program is asked to run it")
    problem = ""
    for name, opened in runtimes(file.path, spec.input_name):
        if name == "OpenCV":  # it knows fewer operators than this program
            continue
        try:
            return opened(), name
        except Exception as error:
            problem = f"{name}: {' '.join(str(error).split())[:120]}"
    raise ValueError(problem or 'ONNX Runtime may know it: pip install "webcam-pix2pix[onnx]"')
