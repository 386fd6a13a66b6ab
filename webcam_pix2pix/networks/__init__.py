"""Generators and discriminators, built from frozen specs, and the modes their norms can run in.

Weights are named as in pytorch-CycleGAN-and-pix2pix: state dicts of latest_net_G.pth and latest_net_D.pth load as they are.
"""

import torch
from torch import nn

from webcam_pix2pix.specs import (
    NORM_MODES,
    NORMS,
    AnimeGAN,
    PatchDiscriminator,
    PixelDiscriminator,
    ResNet,
    ResNetVariant,
    Spec,
    StyleNet,
    UNet,
    from_json,
    to_json,
)

from .discriminators import PatchGAN, PixelGAN
from .families import AnimeGenerator, StyleGenerator, VariantGenerator
from .init import init_weights
from .layers import set_norm_mode
from .resnet import ResNetGenerator
from .unet import UNetGenerator

__all__ = ["NORMS", "NORM_MODES", "PatchDiscriminator", "PatchGAN", "PixelDiscriminator", "PixelGAN", "ResNet", "ResNetGenerator", "Spec",
           "UNet", "UNetGenerator", "blueprint", "build", "from_json", "init_weights", "set_norm_mode", "to_json"]

CLASSES = {UNet: UNetGenerator, ResNet: ResNetGenerator, StyleNet: StyleGenerator, AnimeGAN: AnimeGenerator,
           ResNetVariant: VariantGenerator, PatchDiscriminator: PatchGAN, PixelDiscriminator: PixelGAN}


def build(spec: Spec) -> nn.Module:
    """The network of `spec`, in training mode, with torch's default initial weights (see init_weights). NCHW, values -1..1."""
    return CLASSES[type(spec)](spec)


def blueprint(spec: Spec) -> nn.Module:
    """The network of `spec` without memory for its weights (torch's meta device): for shapes, or load_state_dict(assign=True)."""
    with torch.device("meta"):
        return build(spec)
