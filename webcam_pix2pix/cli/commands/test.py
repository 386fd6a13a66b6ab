"""Test a model on the held-out pairs of a dataset, or on single images: writes the images, a page to sort and filter, CSV and JSON.

Which half of the pairs is the input is what the model was trained with. Also plots the loss_log.txt of pytorch-CycleGAN-and-pix2pix.
Exit code 0: every image was used; 3: done, but some could not be read; 1: nothing could."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from webcam_pix2pix.model import DIRECTIONS, ModelInfo, read_model, resolve_model

from .. import classic
from ..errors import PARTIAL, UsageError
from ..output import no_progress, note, result, say

EXAMPLES = """examples:
  webcam-pix2pix test cactus datasets/cactus                       every pair in test/ (else val/)
  webcam-pix2pix test runs/00003-cactus datasets/cactus --phase val --norm-mode batch
  webcam-pix2pix test latest_net_G.pth photos --single             images without targets, through the model's recipe
  webcam-pix2pix test --dataroot datasets/facades --name facades --model pix2pix --direction BtoA
  webcam-pix2pix test --loss-log checkpoints/cactus/loss_log.txt   curves of an old training
"""
FORMATS = ("png", "jpg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("given", nargs="*", metavar="MODEL DATASET|IMAGES", help="name of a model, descriptor, checkpoint, or run folder; "
                        "then a dataset with test/ or val/, or with --single, images")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the results go (default: results/MODEL/PHASE)")
    parser.add_argument("--phase", help="folder of the dataset (default: test, else val)")
    parser.add_argument("--single", action="store_true", help="single inputs without targets")
    parser.add_argument("--raw", action="store_true", help="with --single: images are the network's inputs already")
    parser.add_argument("--norm-mode", choices=("eval", "batch", "paper"), help="statistics of the norms (default: as the model ran live)")
    parser.add_argument("--direction", choices=("auto", *DIRECTIONS), default="auto", help="AtoB: the left half of a pair is the input. "
                        "auto: as the model was trained, else as the manifest says, else AtoB")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N images (default: all)")
    parser.add_argument("--image-format", choices=FORMATS, default="png")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), help="default: auto")
    parser.add_argument("--precision", default="fp32", choices=("auto", "fp32", "bf16", "fp16", "int8"))
    parser.add_argument("--loss-log", type=Path, metavar="FILE", help="plot this loss_log.txt")
    parser.add_argument("--perceptual-weights", "--perceptual_weights", metavar="FILE|NAME", help="for LPIPS: torchvision's weights of "
                        "alexnet, vgg16 or squeezenet1_1 (default: alexnet, where it is in torch's cache)")
    parser.add_argument("--fid-weights", "--fid_weights", metavar="FILE|NAME", help="for FID and KID: those of torch-fidelity, or "
                        "torchvision's weights of inception_v3 or another network; then the figures can be compared with one another only")
    parser.add_argument("--download-weights", "--download_weights", action="store_true", help="fetch the weights of a NAME that are not on "
                        "this disk")
    classic.add_test(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    classic.check(args, "test")
    limit = args.limit if args.limit is not None else args.num_test
    if limit is not None and limit < 1:
        raise UsageError(f"--limit: {limit}, expected 1 or more")
    if args.loss_log is not None:
        _plot(args)
        if not args.given and args.name is None and args.model is None:
            return 0
    info, data = _model_and_data(args)
    from webcam_pix2pix.evaluation.weights import find_weights
    lpips, fid = (find_weights(text, args.download_weights) if text else None for text in (args.perceptual_weights, args.fid_weights))
    from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
    from webcam_pix2pix.evaluation.results import direction_for, held_out, single, write_results
    from webcam_pix2pix.predictor import PyTorchPredictor

    mode = args.norm_mode or ("eval" if args.eval else None)
    predictor = PyTorchPredictor(info, device=args.device or classic.device(args) or "auto", precision=args.precision, norm_mode=mode)
    refused: list[str] = []

    def refuse(line: str) -> None:
        refused.append(line)
        tqdm.write(f"webcam-pix2pix test: {line}", file=sys.stderr)

    try:
        info = predictor.info
        facts = {"model": info.name, "data": str(data), "norm mode": info.norm_mode, "runs on": predictor.label}
        if args.single or args.model == "test" or args.dataset_mode == "single":
            phase, items = "single", single(data, predictor.input_size, _chain(info, predictor.input_size, args.raw))
        else:
            phase = args.phase or ("test" if (data / "test").is_dir() else "val")
            if remark := PairDataset(data, phase).remark():
                note("test", remark)
            direction, why = direction_for(data, args.direction, info.direction, info.recipe is not None)
            say(f"direction {direction}: {why}")
            if info.direction not in (None, direction) and args.direction != "auto":
                say(f"  but {info.name} was trained with {info.direction}: the figures will be worse than it deserves")
            items = held_out(data, phase, predictor.input_size, direction)
            facts["direction"] = direction
        folder = args.output or (args.results_dir or Path("results")) / info.name / phase
        progress = tqdm(items[:limit], unit="image", disable=no_progress())
        means = write_results(progress, predictor, folder, f"{info.name}: {phase}", facts | {"phase": phase}, args.image_format, refuse,
                              lpips, fid)
    finally:
        predictor.close()
    left_out = f", {len(refused)} left out" if refused else ""
    compared = "" if "L1" in means else "no targets to compare with, "
    say(f"{folder / 'index.html'}: {compared}{', '.join(f'{k} {v:.4f}' for k, v in means.items())}{left_out}")
    result({"page": folder / "index.html", "mean": means, "left_out": refused, **facts, "phase": phase})
    return PARTIAL if refused else 0


def _model_and_data(args: argparse.Namespace) -> tuple[ModelInfo, Path]:
    """What MODEL and DATASET, or --name, --model and --dataroot, point to. Raises UsageError or OSError."""
    given = list(args.given)
    model = args.model if args.model not in (None, "pix2pix", "test") else None
    if args.name is None and model is None and given:
        model = given.pop(0)
    data = args.dataroot or (Path(given.pop(0)) if given else None)
    if given:
        raise UsageError(f"{given[0]}: not expected; give only a model and a dataset")
    if data is None or (model is None and args.name is None):
        raise UsageError("MODEL DATASET: missing; give a model and a dataset, or --loss-log FILE")
    if not data.exists():
        raise FileNotFoundError(f"{data}: no such dataset or image")
    return (_of_run(args, args.name) if model is None else _resolved(model)), data


def _resolved(model: str) -> ModelInfo:
    run_model = Path(model) / "model.json"
    return resolve_model(run_model if run_model.is_file() else model)


def _of_run(args: argparse.Namespace, name: str) -> ModelInfo:
    """The newest run called `name`, a folder of the original program, or a model of that name."""
    from webcam_pix2pix.training.runs.runfolder import find_run
    found = find_run(args.runs or Path("runs"), name)
    if found is not None:
        if args.epoch != "latest":
            raise UsageError(f"--epoch {args.epoch}: this program can test only the latest weights of {found.path}; use --epoch latest")
        return read_model(found.path)
    folder = (args.runs or Path("checkpoints")) / name
    if folder.is_dir():
        weights = folder / f"{args.epoch}_net_G.pth"
        return resolve_model(weights if weights.is_file() else folder)
    try:
        return resolve_model(name)
    except FileNotFoundError:
        runs = args.runs or "runs"
        raise FileNotFoundError(f"--name {name}: no run of that name in {runs}, no folder {folder}, and no such model") from None


def _chain(info, size: tuple[int, int], raw: bool):
    from webcam_pix2pix.preprocessing import fit, preprocess, resized
    if raw or info.recipe is None:
        return lambda image: resized(image, size)
    recipe = info.recipe
    return lambda image: preprocess(fit(image, size, recipe.processing), recipe.processing, recipe.edges)


def _plot(args: argparse.Namespace) -> None:
    from webcam_pix2pix.evaluation.results import plot_loss_log
    if not args.loss_log.is_file():
        raise FileNotFoundError(f"{args.loss_log}: no such file")
    folder = args.output or args.loss_log.parent
    lines = plot_loss_log(args.loss_log, folder)
    say(f"{folder / 'loss_log.html'}: {lines} lines")
    result({"page": folder / "loss_log.html", "lines": lines})
