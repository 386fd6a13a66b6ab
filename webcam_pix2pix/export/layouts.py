"""The same network as another program would build it, and its weights in that program's layout."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from webcam_pix2pix.checkpoints import Checkpoint
from webcam_pix2pix.checkpoints.formats import junyanz
from webcam_pix2pix.networks import blueprint, set_norm_mode
from webcam_pix2pix.specs import Generator, ResNet, UNet, describe

PICT_LEVELS = 8  # what the programs that read .pict expect


def as_junyanz(checkpoint: Checkpoint) -> tuple[UNet | ResNet, dict[str, Tensor]]:
    """The same network as pytorch-CycleGAN-and-pix2pix would build it, and its weights. Raises ValueError when there is none."""
    spec, state = checkpoint.spec, {key: tensor.contiguous() for key, tensor in checkpoint.state.items()}
    if isinstance(spec, UNet | ResNet) and junyanz.portable(spec):
        return spec, {key: state[key] for key in blueprint(spec).state_dict()}
    if not isinstance(spec, UNet):
        raise ValueError(f"{describe(spec)}: has no form in pytorch-CycleGAN-and-pix2pix")
    standard = replace(UNet(spec.depth, spec.ngf, spec.in_channels, spec.out_channels, spec.norm), dropout=spec.dropout)
    if replace(spec, order=standard.order, last_bias=True, upsample=standard.upsample) != standard:
        raise ValueError(f"{describe(spec)}: has no form in pytorch-CycleGAN-and-pix2pix (order of layers, biases or bottleneck differ)")
    for level, names in enumerate(spec.names()):
        key = f"{names['up']}.weight"
        if spec.upsample == "resize_conv":
            state[key] = as_transposed(state[key])
        if spec.order == "up_first" and level < spec.depth - 1:
            state[key] = torch.cat(state[key].chunk(2)[::-1]).contiguous()
    if not spec.last_bias:
        state[f"{spec.names()[0]['up']}.bias"] = torch.zeros(spec.out_channels)
    return standard, {key: state[key] for key in blueprint(standard).state_dict()}


def as_transposed(weight: Tensor) -> Tensor:
    """Nearest x2 and a 3x3 convolution (out,in,3,3) as the transposed 4x4 convolution of stride 2 that it equals: (in,out,4,4)."""
    kernels = weight.flip(2, 3).reshape(-1, 1, 3, 3)
    spread = F.conv2d(F.pad(kernels, (1, 1, 1, 1)), kernels.new_ones(1, 1, 2, 2))
    return spread.reshape(*weight.shape[:2], 4, 4).transpose(0, 1).contiguous()


# ------------------------------------------------------------------------------------------------------------------------------ .pict

def as_pict(checkpoint: Checkpoint, images: Sequence[Tensor]) -> tuple[UNet, dict[str, Tensor], list[str]]:
    """The network as readers of .pict build it, its weights, and what a person should know of the differences.

    Those readers take the statistics of each image in every norm, also in the innermost one. Where the map there is 1x1, that gives a
    constant; a U-Net without that norm gets the constant that it has on average over `images` (1xCxHxW).
    Raises ValueError naming every property that .pict cannot hold.
    """
    spec = checkpoint.spec
    if obstacles := pict_obstacles(spec):
        raise ValueError(f"{describe(spec)}: has no form in .pict: {', '.join(obstacles)}")
    assert isinstance(spec, UNet)
    norm = "none" if spec.norm == "none" else "batch"
    standard = UNet(spec.depth, spec.ngf, spec.in_channels, spec.out_channels, norm, widest=spec.widest, order="up_first",
                 bottleneck_norm=norm == "batch", running_stats=False, bias=True)
    notes, state = [], {}
    for level, (ours, theirs) in enumerate(zip(spec.names(), standard.names(), strict=True)):
        for role in ("down", "up"):
            weight, bias = checkpoint.state[f"{ours[role]}.weight"], checkpoint.state.get(f"{ours[role]}.bias")
            if role == "up":
                weight = as_transposed(weight) if spec.upsample == "resize_conv" else weight
                if spec.order == "skip_first" and level < spec.depth - 1:
                    weight = torch.cat(weight.chunk(2)[::-1])
            channels = weight.shape[0 if role == "down" else 1]
            state[f"{theirs[role]}.weight"] = weight.contiguous()
            state[f"{theirs[role]}.bias"] = torch.zeros(channels) if bias is None else bias
            if norm != "none" and f"{role}_norm" in theirs:
                name = f"{theirs[f'{role}_norm']}"
                state[f"{name}.weight"], state[f"{name}.bias"] = _affine(checkpoint, ours.get(f"{role}_norm"), channels)
    if norm == "none":
        notes.append("without norms only this program can read it: the browser demo and keijiro/Pix2Pix always normalise")
    elif not spec.bottleneck_norm:
        name = standard.names()[-1]["down_norm"]
        state[f"{name}.weight"], state[f"{name}.bias"] = torch.zeros(spec.channels(spec.depth - 1)), _innermost(checkpoint, images)
        notes.append("the innermost map, which .pict always normalises, is fixed at its average")
    if norm == "batch" and spec.norm == "batch" and spec.running_stats and checkpoint.norm_mode == "eval":
        notes.append("the model runs with running statistics (norm mode eval), readers of .pict with those of each image")
    if spec.depth != PICT_LEVELS:
        notes.append(f"{spec.depth} levels: the browser demo and keijiro/Pix2Pix expect {PICT_LEVELS}")
    return standard, state, notes


def pict_obstacles(spec: Generator) -> list[str]:
    """What keeps a network from being written as .pict, in words; nothing where it can be."""
    if not isinstance(spec, UNet):
        return ["it is a ResNet, .pict holds U-Nets"]
    found = {"its convolutions are separable": spec.separable,
             "its skips carry activated values": spec.activation != "before",
             f"the slope of its leaky ReLU is {spec.slope:g}, not 0.2": spec.slope != 0.2,
             f"the epsilon of its norms is {spec.norm_eps:g}, not 1e-05": spec.norm_eps != 1e-5 and spec.norm != "none",
             "its last layer is a convolution after enlarging": spec.last_resize}
    return [text for text, true in found.items() if true]


def layout_b(spec: UNet, state: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """The weights of a network that pict_form() gave as variables of pix2pix-tensorflow since 2017-12-28."""
    arrays = {}
    for level, names in enumerate(spec.names()):
        for side, role, conv in (("encoder", "down", "conv2d"), ("decoder", "up", "conv2d_transpose")):
            root = f"generator/{side}_{level + 1}"
            arrays[f"{root}/{conv}/kernel"] = state[f"{names[role]}.weight"].permute(2, 3, 1, 0).contiguous().numpy()
            arrays[f"{root}/{conv}/bias"] = state[f"{names[role]}.bias"].numpy()
            if f"{role}_norm" in names and spec.norm != "none":
                arrays[f"{root}/batch_normalization/gamma"] = state[f"{names[f'{role}_norm']}.weight"].numpy()
                arrays[f"{root}/batch_normalization/beta"] = state[f"{names[f'{role}_norm']}.bias"].numpy()
    return arrays


def _affine(checkpoint: Checkpoint, name: str | None, channels: int) -> tuple[Tensor, Tensor]:
    """Scale and shift of a norm; an instance norm has none, which is 1 and 0."""
    if name is None or f"{name}.weight" not in checkpoint.state:
        return torch.ones(channels), torch.zeros(channels)
    return checkpoint.state[f"{name}.weight"], checkpoint.state[f"{name}.bias"]


@torch.inference_mode()
def _innermost(checkpoint: Checkpoint, images: Sequence[Tensor]) -> Tensor:
    """What comes up from the innermost map on average, channel by channel: after the ReLU, as the next convolution sees it."""
    assert isinstance(checkpoint.spec, UNet)
    seen: list[Tensor] = []
    net = set_norm_mode(checkpoint.build(), "eval" if checkpoint.norm_mode == "eval" else "batch")
    layer = net.get_submodule(checkpoint.spec.names()[-1]["down"])
    hook = layer.register_forward_hook(lambda module, inputs, output: seen.append(output.clamp(min=0).mean((0, 2, 3))))
    for image in images:
        net(image)
    hook.remove()
    return torch.stack(seen).mean(0).clone()
