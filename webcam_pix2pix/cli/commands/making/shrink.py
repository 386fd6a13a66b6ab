"""Make a small, fast model that paints as a large one does: a student learns from any model that opens, on any images, paired or not.

Stopped or killed, the same command goes on. At the end both are compared on images that were held out, and their speed is measured.
Recipe and shape come along."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from webcam_pix2pix.model import ModelInfo, read_model, resolve_model
from webcam_pix2pix.training.runs.runfolder import RunFolder
from webcam_pix2pix.training.setup.options import Options, add_options, parse_shape
from webcam_pix2pix.training.setup.presets import preset

from ...errors import PARTIAL, UsageError
from ...output import note, result, say
from ..train import tell_model, train_run
from .common import add_places, checked_models_folder, chosen_options, made_dataset, run_for

EXAMPLES = """examples:
  webcam-pix2pix shrink oil_color oil_small --on film.mp4
  webcam-pix2pix shrink big.pth small --on photos/ --ngf 16 --n_epochs 20 --n_epochs_decay 20
  webcam-pix2pix shrink cactus cactus_small --on datasets/cactus
"""
FRAMES, MIN_CHANGE = 800, 0.5  # of all films together; grey levels: what the camera sees, calm or not, is what the model will meet
NETWORKS = {256: "unet_256", 128: "unet_128", 64: "unet_64", 4: "resnet_6blocks"}  # by what both sides must be multiples of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("model", metavar="MODEL", help="the teacher: name of a model, descriptor, checkpoint")
    parser.add_argument("name", metavar="OUT", help="name of the new model")
    parser.add_argument("--on", nargs="+", required=True, metavar="FOLDER|FILM|DATASET", help="images to learn on: films, folders of "
                        "images, or a dataset; what the model will meet on stage is best")
    parser.add_argument("--size", metavar="N|WxH", help="pixels of the new model (default: as the teacher)")
    add_places(parser)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    models = checked_models_folder(args, args.name, args.on)
    from webcam_pix2pix.training.objectives.teacher import size_of
    info, check = _teacher(args.model)
    try:
        size = parse_shape(args.size, "--size") if args.size else size_of(info)
        check(size)
    except ValueError as error:
        raise UsageError(str(error)) from None
    dataset, pairs, whole = _dataset(args, info, size)
    options = chosen_options(args, pairs, "student", max(size), _own(info, size, args.netG))
    folder = run_for(args, args.name, dataset, options, "student")
    large = (info.network or {}).get("ngf", 0)
    if 0 < large <= options.ngf:
        note("shrink", f"{info.name} has {large} filters, the student {options.ngf}: it will hardly be "
                       f"faster; try --ngf {max(4, large // 2)}")
    if folder.finished_epochs() < options.epochs and not train_run(dataset, folder, options):
        return 130
    tell_model(folder, models, args.name)
    _compare(info, folder, dataset, options)
    return 0 if whole else PARTIAL


def _teacher(name: str) -> tuple[ModelInfo, Callable[[tuple[int, int]], None]]:
    """The model, complete, once it is known to open, and what refuses sizes that it cannot take. Raises OSError or ValueError."""
    import torch

    from webcam_pix2pix.training.objectives.teacher import load_teacher
    teacher = load_teacher(str(resolve_model(name).path), torch.device("cpu"))
    return teacher.info, teacher.check


def _dataset(args: argparse.Namespace, info: ModelInfo, size: tuple[int, int]) -> tuple[Path, Mapping[str, int], bool]:
    """The dataset, its number of pairs by phase, and whether all that was given could be used."""
    from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
    from webcam_pix2pix.preprocessing import EdgeDetection, Processing
    from webcam_pix2pix.recipe import Recipe
    given = Path(args.on[0])
    if len(args.on) == 1 and (given / "train").is_dir():
        return given, {phase: len(PairDataset(given, phase)) for phase in ("train", "val", "test") if (given / phase).is_dir()}, True
    recipe = info.recipe or Recipe(Processing(flip_h=False), EdgeDetection(method="none"))
    dataset = args.data / args.name
    return dataset, *made_dataset(args.on, recipe, dataset, size, FRAMES, args.workers, MIN_CHANGE)


def _own(info: ModelInfo, size: tuple[int, int], network: str | None) -> dict[str, object]:
    """What the teacher decides of the student."""
    height, width = size
    multiple = next((m for m in NETWORKS if height % m == width % m == 0), 0)
    if not multiple:
        raise UsageError(f"--size {width}x{height}: expected multiples of 4, and of 256 for the fastest network")
    network = network or NETWORKS[multiple]
    large = (info.network or {}).get("ngf", 0)
    text = f"{width}" if height == width else f"{width}x{height}"
    own: dict[str, object] = {"teacher": str(info.path.resolve()), "netG": network, "crop_size": text}
    own["load_size"] = "x".join(str(round(int(side) * 286 / 256)) for side in text.split("x"))
    if 0 < large < 2 * preset("student").ngf:
        own["ngf"] = max(4, large * 2 // 3)  # of a teacher that is not large itself
    if network.startswith("resnet"):
        own |= {"upsample": "transposed"}
    if info.input is not None and info.output is not None:
        own |= {"input_nc": info.input.shape[2], "output_nc": info.output.shape[2]}
    return own


def _compare(teacher: ModelInfo, folder: RunFolder, dataset: Path, options: Options) -> None:
    """Student beside teacher on the images held out, as the show runs them, and the speed of both."""
    from webcam_pix2pix.training.objectives.comparison import compare
    student = read_model(folder.path)
    found = compare(student, teacher, dataset, options, folder.path / "compared")
    say(f"{found.page}: {', '.join(f'{name} {value:.4f}' for name, value in found.means.items())}")
    say(f"{folder.name}: {found.line()}")
    result({"page": found.page, "mean": found.means, "teacher_ms": found.teacher_ms, "student_ms": found.student_ms,
            "times": found.teacher_ms / found.student_ms})
