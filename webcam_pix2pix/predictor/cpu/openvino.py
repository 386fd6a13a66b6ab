"""A graph run by OpenVINO (optional: pip install "webcam-pix2pix[openvino]"), in fp32, bf16 or int8."""

import contextlib
import io
import sys
import tempfile
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from ..graph.eager import EagerRunner

KEPT = 8  # networks on disk, some 50 MB each


def check_installed() -> None:
    """Raises ValueError with one line when OpenVINO is not there."""
    if find_spec("openvino") is None:
        raise ValueError('backend: openvino is not installed, expected after pip install "webcam-pix2pix[openvino]"')


def converted(runner: EagerRunner, shape: tuple[int, int, int, int], precision: str, images: Sequence[Tensor], threads: int,
              kept: Path | None = None):
    """1xCxHxW float32 -> 1xCxHxW float32. int8 is chosen by nncf on the images, and takes some seconds; `kept` is the begin of the
    names of the files that save them at the next start.

    Raises RuntimeError when OpenVINO cannot convert it.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # what people do here is reported to nobody
    import openvino

    if precision not in ("fp32", "bf16", "int8"):
        raise RuntimeError(f"{precision} is not available in openvino")
    file = None if kept is None else kept.with_name(f"{kept.name}.{precision}.xml")
    if file is not None and file.is_file():
        model = openvino.Core().read_model(file)
    else:
        model = _converted(runner, shape, images if precision == "int8" else ())
        if file is not None and precision == "int8":
            _keep(model, file)
    hint = openvino.Type.bf16 if precision == "bf16" else openvino.Type.f32
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": hint}
    request = openvino.Core().compile_model(model, "CPU", options).create_infer_request()

    def run(x: Tensor) -> Tensor:
        return torch.from_numpy(request.infer([x.contiguous().numpy()], share_inputs=True, share_outputs=True)[0])
    return run


def _converted(runner: EagerRunner, shape: tuple[int, int, int, int], images: Sequence[Tensor]):
    import openvino
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it traces in a way that torch calls old
        model = openvino.convert_model(_Module(runner), example_input=torch.zeros(shape), input=[(list(shape), openvino.Type.f32)])
    if not images:
        return model
    if find_spec("nncf") is None:
        raise ValueError('precision: int8 with openvino needs nncf, expected after pip install "webcam-pix2pix[openvino]"')
    import nncf
    data = nncf.Dataset([p.contiguous().numpy() for p in images])
    with contextlib.redirect_stdout(io.StringIO()):  # it draws progress bars
        return nncf.quantize(model, data, preset=nncf.QuantizationPreset.MIXED, subset_size=len(images))


def _keep(model, file: Path) -> None:
    """Two files, the small one that makes them valid last; a folder that cannot be written to is no reason to stop. Of all networks
    the last KEPT stay: each checkpoint of a training is another one."""
    import openvino
    with contextlib.suppress(OSError, RuntimeError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            openvino.save_model(model, Path(folder, file.name), compress_to_fp16=False)
            for suffix in (".bin", ".xml"):
                Path(folder, file.name).with_suffix(suffix).replace(file.with_suffix(suffix))
        for old in sorted(file.parent.glob("*.int8.xml"), key=lambda p: p.stat().st_mtime_ns)[:-KEPT]:
            old.unlink()
            old.with_suffix(".bin").unlink(missing_ok=True)


class _Module(nn.Module):
    """What the converter of OpenVINO takes."""

    def __init__(self, run: EagerRunner) -> None:
        super().__init__()
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x)
