"""LPIPS (Zhang et al. 2018) from weights of torchvision on this disk; the weights of its last layers come with torchmetrics."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from .weights import load_weights, network_of, unfit

# of torchvision; as LPIPS calls them
NETWORKS: dict[str, Literal["alex", "vgg", "squeeze"]] = {"alexnet": "alex", "vgg16": "vgg", "squeezenet1_1": "squeeze"}
Distance = Callable[[Tensor, Tensor], Tensor]  # of two batches, Nx3xHxW, -1..1


def load_lpips(path: Path) -> Distance:
    """The distance by the weights in `path`, such as alexnet-owt-7be5be79.pth. Raises ValueError with one line."""
    from torchmetrics.functional.image.lpips import _LPIPS
    network = network_of(path)
    if network not in NETWORKS:
        raise ValueError(f"{path}: LPIPS is not defined for {network}, expected weights of {', '.join(NETWORKS)}")
    state = load_weights(path, network)
    with torch.random.fork_rng(devices=[]):  # it draws first weights
        net = _LPIPS(net=NETWORKS[network], pnet_rand=True)
    slices = getattr(net.net, "slices", net.net.children())
    wanted = {f"features.{name}": value for part in slices for name, value in part.state_dict(keep_vars=True).items()}
    try:
        for name, value in wanted.items():
            value.data.copy_(state[name])
    except (KeyError, RuntimeError) as error:
        raise unfit(path, network, error) from None
    return torch.inference_mode()(lambda a, b: net(a, b).mean())
