"""Distances between two sets of images: FID (Heusel et al. 2017) and KID (Binkowski et al. 2018).

Their usual figures need the weights of Inception that FID was defined with (pip install torch-fidelity). Features of any other network
that was trained on photographs give figures too, which can be compared with one another only.
"""

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .backbone import Backbone, lite0_weights, load_backbone
from .image_metrics import embedded, kernel_distance

LEAST = 10  # images: of fewer they say nothing
SUBSETS, SUBSET = 20, 100  # of KID
OWN_INCEPTION = "weights-inception-2015-12-05-6726825d.pth"  # as torch-fidelity names it
INCEPTION_SIDE = 299  # px


class Embedding(nn.Module):
    """A backbone as Inception is called: Nx3xHxW uint8 -> NxC."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, x: Tensor) -> Tensor:
        x = x.float() / 255
        if getattr(self.backbone, "name", "") == "inception_v3":
            x = F.interpolate(x, (INCEPTION_SIDE, INCEPTION_SIDE), mode="bilinear", antialias=True, align_corners=False)
        return self.backbone.pooled(2 * x - 1)


def feature_network(weights: Path) -> tuple[nn.Module, str]:
    """What FID and KID look through, and its name for people. Raises OSError or ValueError with one line."""
    if weights.name == OWN_INCEPTION:
        if find_spec("torch_fidelity") is None:
            raise FileNotFoundError(f"{weights}: these weights need a package that is not installed: pip install torch-fidelity, or name a "
                                    "weights file of torchvision")
        from torchmetrics.image.fid import NoTrainInceptionV3
        return NoTrainInceptionV3("inception-v3-compat", ["2048"], str(weights)), "Inception of FID"
    backbone = load_backbone(str(weights))
    return Embedding(backbone), f"features of {getattr(backbone, 'name', weights.name)}"


def cached_inception() -> Path | None:
    """The weights that FID was defined with, where they are on this disk and can be used."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / OWN_INCEPTION
    return path if path.is_file() and find_spec("torch_fidelity") is not None else None


@torch.inference_mode()
def set_distances(outputs: Sequence[np.ndarray], targets: Sequence[np.ndarray], network: nn.Module | None) -> dict[str, float]:
    """FID and KID between two sets of HxWx3 uint8 images, as far as there are enough of them.

    network: of feature_network(); without one KID by EfficientNet-Lite0, where the optional packages are installed.
    """
    if min(len(outputs), len(targets)) < LEAST:
        return {}
    if network is None:
        if lite0_weights() is None:
            return {}
        backbone = load_backbone()
        return {"KID": kernel_distance(*(embedded(images, backbone) for images in (outputs, targets)))}
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import KernelInceptionDistance
    sets = [_vectors(images, network) for images in (targets, outputs)]
    given = nn.Identity()  # each image goes through the network once, for both
    given.num_features = sets[0].shape[1]  # type: ignore[assignment]
    size = min(SUBSET, len(outputs), len(targets))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it keeps all vectors
        kid = KernelInceptionDistance(feature=given, subset_size=size, subsets=SUBSETS if size == SUBSET else 1)
    fid = FrechetInceptionDistance(feature=given)
    for vectors, real in zip(sets, (True, False), strict=True):
        fid.update(vectors, real=real)
        kid.update(vectors, real=real)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # KID draws its subsets
        return {"FID": float(fid.compute()), "KID": float(kid.compute()[0])}


def _vectors(images: Sequence[np.ndarray], network: nn.Module) -> Tensor:
    batches = (torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].expand(-1, 3, -1, -1) for image in images)
    return torch.cat([network(batch).float() for batch in batches])
