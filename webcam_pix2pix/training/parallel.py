"""Several processes or machines as one: started by torchrun, they give what one process with the whole batch would give.

Every process holds the same weights and the same random state. Random numbers are drawn for the whole batch, each process uses its
part; batch statistics and gradients are averaged. Works with gloo on CPUs, where torch's own SyncBatchNorm does not.
"""

import importlib
import os

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional as F

from webcam_pix2pix.networks.layers import BatchNorm, Dropout


def join() -> None:
    """Join the other processes when torchrun started this one."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not distributed.is_initialized():
        # Ten of its functions have the group of the moment as a default: loaded later, as torch does for the first optimiser, they
        # would hold the group to the end of the process, and its threads would run into the interpreter that goes away: SIGABRT.
        importlib.import_module("torch.distributed.nn.functional")
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))


def leave() -> None:
    """Leave the other processes, with no thread left; the first may still have files to write, nobody waits for it but torchrun."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def world() -> int:
    """The number of processes."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def local_world() -> int:
    """The number of processes on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if distributed.is_initialized() else 1


def part(batch: list) -> list:
    """This process's part of a whole batch."""
    size = len(batch) // world()
    return batch[rank() * size:(rank() + 1) * size]


def draw(n: int, *shape: int) -> Tensor:
    """Uniform 0..1 for this process's n images, drawn for the whole batch: nx..., on the CPU."""
    return torch.rand(n * world(), *shape)[rank() * n:(rank() + 1) * n]


def agree(*flags: bool) -> list[bool]:
    """Each flag true in all processes when it is true in any."""
    if world() == 1:
        return list(flags)
    value = torch.tensor(flags, dtype=torch.float32, device=_device())
    distributed.all_reduce(value)
    return [bool(v) for v in value.tolist()]


def first_says(values: list) -> list:
    """`values` of the first process, in all."""
    if world() > 1:
        distributed.broadcast_object_list(values, device=_device())
    return values


@torch.no_grad()
def average(values: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of each number over the processes."""
    values = {name: value.detach() for name, value in values.items()}
    if world() == 1:
        return values
    means = torch.stack([value.float() for value in values.values()]) / world()
    distributed.all_reduce(means)
    return dict(zip(values, means.unbind(), strict=True))


def average_gradients(parameters: list[nn.Parameter]) -> None:
    """Replace each gradient by its mean over the processes, all in one message."""
    if world() == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients]) / world()
    distributed.all_reduce(flat)
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def synchronised(net: nn.Module) -> nn.Module:
    """`net` with batch norm and dropout that act on the whole batch; keys of its state dict stay."""
    if world() == 1:
        return net
    for module in net.modules():
        if isinstance(module, BatchNorm):
            module.__class__ = WholeBatchNorm
        elif isinstance(module, Dropout):
            module.__class__ = WholeDropout
    return net


class _Sum(torch.autograd.Function):
    """The sum over the processes; so is its gradient."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        x = x.clone()
        distributed.all_reduce(x)
        return x

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return _Sum.apply(gradient)


class WholeBatchNorm(BatchNorm):
    """Batch norm over the batch of all processes."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        dims, wide = (0, 2, 3), x.float()
        count = wide.numel() // wide.shape[1] * world()
        mean = _Sum.apply(wide.sum(dims)) / count
        var = _Sum.apply((wide - mean.view(1, -1, 1, 1)).square().sum(dims)) / count
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None and self.momentum
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * count / max(count - 1, 1), self.momentum)
        scale = self.weight * torch.rsqrt(var + self.eps)
        return (wide * scale.view(1, -1, 1, 1) + (self.bias - mean * scale).view(1, -1, 1, 1)).to(x.dtype)


class WholeDropout(Dropout):
    """Dropout whose mask is this process's part of the mask of the whole batch."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        n = x.shape[0]
        layout = torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
        ones = torch.ones(n * world(), *x.shape[1:], dtype=x.dtype, device=x.device).contiguous(memory_format=layout)
        return x * F.dropout(ones, self.p)[rank() * n:(rank() + 1) * n]


def _device() -> torch.device:
    return torch.device("cuda" if distributed.get_backend() == "nccl" else "cpu")
