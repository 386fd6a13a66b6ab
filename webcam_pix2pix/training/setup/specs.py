"""Options -> what the networks look like."""

from typing import Any

from webcam_pix2pix.specs import Discriminator, Generator, PatchDiscriminator, PixelDiscriminator, ResNet, UNet

from .options import Options


def generator_spec(options: Options) -> Generator:
    """The generator as it is saved and shown: resize-convolutions are trained as such and saved as the transposed ones they equal."""
    norm = "batch" if options.norm == "syncbatch" else options.norm
    common: dict[str, Any] = {"ngf": options.ngf, "in_channels": options.input_nc, "out_channels": options.output_nc, "norm": norm,
              "dropout": not options.no_dropout}
    kind, _, size = options.netG.partition("_")
    if kind == "resnet":
        return ResNet(blocks=int(size.removesuffix("blocks")), **common)
    return UNet(depth=int(size).bit_length() - 1, **common)


def discriminator_spec(options: Options) -> Discriminator:
    """The discriminator: it sees input and output image together."""
    norm = "spectral" if options.spectral_norm else "batch" if options.norm == "syncbatch" else options.norm
    channels = options.input_nc + options.output_nc
    if options.netD == "pixel":
        return PixelDiscriminator(in_channels=channels, ndf=options.ndf, norm=norm)
    layers = options.n_layers_D if options.netD == "n_layers" else 3
    return PatchDiscriminator(in_channels=channels, ndf=options.ndf, norm=norm, n_layers=layers)


def check_size(spec: Generator, size: tuple[int, int], options: Options) -> None:
    """Raises ValueError when the generator cannot take images of `size` (height, width), as --preprocess gives them."""
    height, width = size
    layers = 0 if options.netD == "pixel" else options.n_layers_D if options.netD == "n_layers" else 3
    if min(size) >> layers < 3:
        raise ValueError(f"--n_layers_D {layers}: too deep for images of {width}x{height}, use fewer layers or larger images")
    if height % spec.multiple == 0 and width % spec.multiple == 0:
        return
    if (height, width) == options.crop:
        legal = [max(1, round(side / spec.multiple)) * spec.multiple for side in (width, height)]
        example = legal[0] if height == width else f"{legal[0]}x{legal[1]}"
        network = f"--init_from {options.init_from}" if options.init_from else f"--netG {options.netG}"
        raise ValueError(f"--crop_size {options.crop_size}: {network} needs a multiple of {spec.multiple}, such as {example}")
    raise ValueError(f"--preprocess {options.preprocess}: gives images of {width}x{height}, --netG {options.netG} needs multiples of "
                     f"{spec.multiple}")
