"""Weights as signed bytes: how large they may be on this CPU, and how they are rounded."""

from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=1)
def largest_weight() -> int:
    """127; or 64 on a CPU that adds pairs of products in 16 bits, where 255 * 127 + 255 * 127 would overflow (x86 without VNNI).

    Found out with a small convolution: the name of a CPU does not say what oneDNN does on it. Raises RuntimeError without int8.
    """
    x = torch.full((1, 16, 1, 1), 255, dtype=torch.uint8)
    weight, unit = torch.full((16, 16, 1, 1), 127, dtype=torch.int8), torch.ones(16)
    packed_weight = torch.ops.onednn.qconv_prepack(weight, unit, 1.0, 0, (1, 1), (0, 0), (1, 1), 1, list(x.shape))
    sums = torch.ops.onednn.qconv2d_pointwise.default(x, 1.0, 0, packed_weight, unit, torch.zeros(16, dtype=torch.int32), torch.zeros(16),
                                                      (1, 1), (0, 0), (1, 1), 1, 1.0, 0, torch.float32, "none", [], "")
    return 127 if bool((sums == 16 * 255 * 127).all()) else 64


def in_bytes(weight: Tensor, in_parts: bool = False) -> tuple[Tensor, Tensor]:
    """Weights [OIHW] as int8 [OIHW] and the step of each output channel [O].

    in_parts: what rounding takes away becomes O more channels with a finer step: both sums added are nearly exact, for twice the work.
    """
    units = weight.abs().amax((1, 2, 3)).clamp_min(1e-12) / largest_weight()
    exact = weight / units.view(-1, 1, 1, 1)
    whole = rounded(exact)
    if in_parts:
        whole, units = torch.cat([whole, rounded((exact - whole) * largest_weight())]), torch.cat([units, units / largest_weight()])
    return whole.to(torch.int8), units


def rounded(weight: Tensor) -> Tensor:
    """Weights [OIHW] in units of their step, as whole numbers whose sum over each kernel is as near as it can be.

    Neighbouring pixels are alike, so errors that cancel within a kernel hardly show: seven bits come out as good as eight.
    """
    result = weight.round()
    left = (weight - result).flatten(2)  # [O, I, taps]: what rounding has taken away
    missing = left.sum(2).round()
    while bool(missing.any()):  # a few times: give it back to the tap that lost the most
        direction = missing.sign()
        tap = (left * direction[..., None]).argmax(2, keepdim=True)
        left.scatter_add_(2, tap, -direction[..., None])
        missing -= direction
    return (weight - left.view_as(weight)).round_()
