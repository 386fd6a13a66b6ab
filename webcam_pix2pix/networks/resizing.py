"""A decoder that grows by resize-convolutions, and is an ordinary one for everybody else."""

import itertools

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class ResizeKernel(nn.Module):
    """The 4x4 stride-2 transposed kernel that equals nearest x2 followed by a 3x3 convolution: the 3x3 kernel spread over 2x2.

    Same image, no checkerboards, less than half the work, and the result is an ordinary U-Net for every other program.
    """

    spread: Tensor  # [9, 16]

    def __init__(self) -> None:
        super().__init__()
        line = torch.eye(4)[:3] + torch.eye(4)[1:]  # what each tap of three gives to four
        self.register_buffer("spread", torch.kron(line, line), persistent=False)

    def forward(self, kernel: Tensor) -> Tensor:  # [IO33] -> [IO44]
        with torch.autocast(kernel.device.type, enabled=False):  # one product: padding and adding takes ten times as long to train
            return (kernel.reshape(-1, 9) @ self.spread).view(*kernel.shape[:2], 4, 4)

    def right_inverse(self, kernel: Tensor) -> Tensor:  # [IO44] -> [IO33], nearest in the sense of least squares
        return (kernel.reshape(-1, 16) @ torch.linalg.pinv(self.spread)).view(*kernel.shape[:2], 3, 3)


def grow_by_resizing(net: nn.Module, keep: bool) -> None:
    """Let the decoder of a U-Net grow by resize-convolutions; `keep` its weights as nearly as these can."""
    for module in net.modules():
        if isinstance(module, nn.ConvTranspose2d):
            if module.kernel_size != (4, 4):
                raise ValueError("--upsample resize: a U-Net is needed, expected --netG unet_256 or another unet")
            if not keep:
                module.weight.data.zero_()
            parametrize.register_parametrization(module, "weight", ResizeKernel(), unsafe=True)


def unparametrized_weights(net: nn.Module) -> dict[str, Tensor]:
    """The state dict that the network would have without parametrizations."""
    weights = {}
    for prefix, module in net.named_modules():
        for name, value in itertools.chain(module.named_parameters(recurse=False), module.named_buffers(recurse=False)):
            if name != "original" and ".parametrizations." not in f".{prefix}.":
                weights[f"{prefix}.{name}"] = value
        if parametrize.is_parametrized(module):
            for name in module.parametrizations:
                weights[f"{prefix}.{name}"] = getattr(module, name)
    return {name: value.detach() for name, value in weights.items()}
