"""The convolutions of a U-Net, which a CPU learns faster as matrix products where a map has few places.

There the time goes into the weights, not into the map: oneDNN 3.12 takes two to four times as long for the same sums, forward and backward,
in fp32 and bf16, for 4x4 kernels at stride 2.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FEW = 256  # places of the smaller map, over a whole batch
WINDOW = {"kernel_size": 4, "padding": 1, "stride": 2}


class Down(nn.Conv2d):
    """4x4 at stride 2: halves the image."""

    one_step = True  # for the tracer: not to be looked into
    products: torch.memory_format | None = None  # that maps are to have which are learned by products; None: none is

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 4, stride=2, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        height, width = height // 2, width // 2
        if self.products is None or not self.training or n * height * width > FEW:
            return super().forward(x)
        windows = F.unfold(x, **WINDOW).permute(1, 0, 2).flatten(1)  # [C*16, N*H*W]
        y = (self.weight.to(x.dtype).flatten(1) @ windows).view(-1, n, height, width).transpose(0, 1)
        return _shifted(y, self.bias).contiguous(memory_format=self.products)


class Up(nn.ConvTranspose2d):
    """4x4 transposed at stride 2: doubles the image."""

    one_step = True
    products: torch.memory_format | None = None

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 4, stride=2, padding=1, bias=bias)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        n, _, height, width = x.shape
        if self.products is None or not self.training or n * height * width > FEW:
            return super().forward(x, output_size)
        windows = self.weight.to(x.dtype).flatten(1).t() @ x.transpose(0, 1).flatten(1)  # [C*16, N*H*W]
        y = F.fold(windows.view(-1, n, height * width).transpose(0, 1), (2 * height, 2 * width), **WINDOW)
        return _shifted(y, self.bias).contiguous(memory_format=self.products)


def multiply(net: nn.Module, layout: torch.memory_format) -> None:
    """Let the U-Net `net` learn by matrix products where they are faster, with maps in `layout`."""
    for module in net.modules():
        if isinstance(module, Down | Up):
            module.products = layout
            for weight in module.parameters():
                weight.data = weight.data.contiguous()  # the order of the products


def _shifted(y: Tensor, bias: Tensor | None) -> Tensor:
    return y if bias is None else y + bias.to(y.dtype)[:, None, None]
