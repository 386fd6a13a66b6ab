"""Networks described by frozen values: what a generator or discriminator looks like, without torch.

A spec is all that is needed to build a network (networks.build) and to read or write its weights; it travels as JSON in
descriptors and checkpoints.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from .checking import NORMS
from .discriminators import PatchDiscriminator, PixelDiscriminator
from .families import AnimeGAN, ResNetVariant, StyleNet
from .generators import ResNet, UNet
from .onnx import OnnxSpec

__all__ = [
    "NORMS", "NORM_MODES", "TYPES", "AnimeGAN", "Discriminator", "Generator", "OnnxSpec", "PatchDiscriminator",
    "PixelDiscriminator", "ResNet", "ResNetVariant", "Spec", "StyleNet", "UNet", "describe", "from_json",
    "to_json",
]

NORM_MODES = ("eval", "batch", "paper")

Generator = UNet | ResNet | StyleNet | AnimeGAN | ResNetVariant | OnnxSpec
Discriminator = PatchDiscriminator | PixelDiscriminator
Spec = Generator | Discriminator
TYPES: dict[str, type] = {spec.type: spec for spec in (UNet, ResNet, StyleNet, AnimeGAN, ResNetVariant, OnnxSpec, PatchDiscriminator,
                                                       PixelDiscriminator)}


def describe(spec: Spec) -> str:
    """What the network is, in one line for people: "U-Net, 8 levels, 64 filters, batch norm, dropout"."""
    if isinstance(spec, UNet):
        parts = [f"U-Net, {spec.depth} levels, {spec.ngf} filters", "separable convolutions" if spec.separable else "",
                 "resize-convolutions" if spec.upsample == "resize_conv" else ""]
    elif isinstance(spec, ResNet):
        parts = [f"ResNet, {spec.blocks} blocks, {spec.ngf} filters",
                 f"{spec.halvings} halvings" if spec.halvings != 2 else ""]
    elif isinstance(spec, StyleNet):
        parts = [f"fast neural style, {spec.blocks} blocks, {spec.ngf} filters"]
    elif isinstance(spec, AnimeGAN):
        parts = [f"AnimeGANv2, {spec.ngf} filters"]
    elif isinstance(spec, ResNetVariant):
        parts = [f"ResNet, {spec.blocks} blocks, {spec.ngf} filters", "separable convolutions" if spec.separable else "",
                 "blurred halvings" if spec.blur_down else "", "blurred doublings" if spec.blur_up else ""]
    elif isinstance(spec, OnnxSpec):
        return f"ONNX graph of {spec.steps} steps"
    else:
        return f"{spec.type} discriminator, {spec.ndf} filters, {spec.norm} norm"
    parts += [f"{spec.norm} norm" if spec.norm != "none" else "no norm", "" if spec.running_stats else "statistics of the image only",
              "dropout" if spec.dropout else "no dropout"]
    return ", ".join(part for part in parts if part)


def to_json(spec: Spec) -> dict[str, Any]:
    """The form stored in descriptors and checkpoints: {"type": "unet", "depth": 8, ...}."""
    return {"type": spec.type} | {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(spec).items()}


def from_json(data: Any, where: str = "network") -> Spec:
    """Read and check the stored form; fields left out keep their defaults.

    Raises ValueError naming `where`, the key, its value and what was expected.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: {data!r:.60} is not an object")
    kind: Any = TYPES.get(str(data.get("type")))
    if kind is None:
        raise ValueError(f"{where}: type: {data.get('type')!r:.60} is not one of {', '.join(TYPES)}")
    known = {f.name for f in fields(kind)}
    for key in data:
        if key != "type" and key not in known:
            raise ValueError(f"{where}: {key!r:.60}: a {kind.type} has no such property")
    try:
        return kind(**{k: v for k, v in data.items() if k != "type"})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None
