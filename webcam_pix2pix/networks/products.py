"""The convolutions of a U-Net, which a CPU learns faster as matrix products where a map has few places.

There the time goes into the weights, not into the map: oneDNN 3.12 takes two to four times as long for the same sums, forward and backward,
in fp32 and bf16, for 4x4 kernels at stride 2.
"""

import torch.nn.functional as F
from torch import Tensor, nn

FEW = 256  # places of the smaller map, over a whole batch
WINDOW = {"kernel_size": 4, "padding": 1, "stride": 2}


class Down(nn.Conv2d):
    """4x4 at stride 2: halves the image."""

    one_step = True  # for the tracer: not to be looked into
    multiplied = False

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 4, stride=2, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        height, width = height // 2, width // 2
        if not (self.multiplied and self.training and n * height * width <= FEW):
            return super().forward(x)
        windows = F.unfold(x, **WINDOW).permute(1, 0, 2).flatten(1)  # [C*16, N*H*W]
        y = _shifted(self.weight.to(x.dtype).flatten(1) @ windows, self.bias)
        return y.view(-1, n, height, width).transpose(0, 1)


class Up(nn.ConvTranspose2d):
    """4x4 transposed at stride 2: doubles the image."""

    one_step = True
    multiplied = False

    def __init__(self, in_channels: int, out_channels: int, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 4, stride=2, padding=1, bias=bias)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        n, _, height, width = x.shape
        if not (self.multiplied and self.training and n * height * width <= FEW):
            return super().forward(x, output_size)
        windows = self.weight.to(x.dtype).flatten(1).t() @ x.transpose(0, 1).flatten(1)  # [C*16, N*H*W]
        y = F.fold(windows.view(-1, n, height * width).transpose(0, 1), (2 * height, 2 * width), **WINDOW)
        return y if self.bias is None else y + self.bias.to(y.dtype)[:, None, None]


def multiply(net: nn.Module) -> None:
    """Let the U-Net `net` learn through matrix products where they are faster."""
    for module in net.modules():
        if isinstance(module, Down | Up):
            module.multiplied = True
            for weight in module.parameters():
                weight.data = weight.data.contiguous()  # the order of the products


def _shifted(rows: Tensor, bias: Tensor | None) -> Tensor:
    return rows if bias is None else rows + bias.to(rows.dtype)[:, None]
