"""Adam as fast as each device allows."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


class Adam(torch.optim.Adam):
    """torch's Adam. Its fused form on the CPU copies every tensor that is not contiguous: it is given the same memory as one that is."""

    def _init_group(self, group: dict[str, Any], params: list[Tensor], grads: list[Tensor], *lists: list[Tensor]) -> Any:
        result = super()._init_group(group, params, grads, *lists)
        if group["fused"]:
            for index, param in enumerate(params):
                tensors = (params, grads, *lists[:2])
                if param.device.type == "cpu" and param.dim() == 4 and all(x[index].stride() == param.stride() for x in tensors):
                    for x in tensors:
                        x[index] = dense(x[index])
        return result


def dense(x: Tensor) -> Tensor:
    """The memory of a tensor [NCHW], which may be laid out as NHWC, in the order in which it lies there."""
    return x.permute(0, 2, 3, 1) if x.is_contiguous(memory_format=torch.channels_last) else x


def adam(parameters: Iterable[nn.Parameter], lr: float, beta1: float, device: torch.device, exact: bool, recorded: bool) -> Adam:
    """exact: the arithmetic of the original program to the last bit on the CPU, which the fused form rounds otherwise.
    recorded: steps are replayed from a CUDA graph, so that the learning rate lies on the device."""
    fused = device.type == "cuda" or (device.type == "cpu" and not exact)
    rate = torch.tensor(lr, device=device) if recorded else lr
    return Adam(parameters, lr=rate, betas=(beta1, 0.999), fused=fused, capturable=recorded)


def set_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate of all groups."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr


def stored(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The state dict, the same wherever the optimiser ran."""
    state = optimizer.state_dict()
    return state | {"param_groups": [group | {"lr": float(group["lr"])} for group in state["param_groups"]]}


def restore(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Go on from what stored() gave, in the way of this optimiser: the device may be another one. Raises as load_state_dict."""
    own = {key: optimizer.param_groups[0][key] for key in ("lr", "fused", "foreach", "capturable")}
    optimizer.load_state_dict({**state, "param_groups": [group | own for group in state["param_groups"]]})
