"""A model on the held-out pairs of a dataset, or on single images: a folder with the pictures, a page to sort and filter, CSV and JSON.

Also plots the loss_log.txt of pytorch-CycleGAN-and-pix2pix, old and new format."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from .errors import UsageError

EXAMPLES = """examples:
  webcam-pix2pix test cactus datasets/cactus                       every pair in test/ (else val/)
  webcam-pix2pix test runs/00003-cactus datasets/cactus --phase val --norm-mode batch
  webcam-pix2pix test latest_net_G.pth photos --single             images without targets, through the model's recipe
  webcam-pix2pix test --loss-log checkpoints/cactus/loss_log.txt   curves of an old training
"""
FORMATS = ("png", "jpg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", help="name of a model, descriptor, checkpoint, or run folder")
    parser.add_argument("data", nargs="?", type=Path, metavar="DATASET|IMAGES", help="dataset with test/ or val/; with --single, images")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the results go (default: results/MODEL/PHASE)")
    parser.add_argument("--phase", help="folder of the dataset (default: test, else val)")
    parser.add_argument("--single", action="store_true", help="single inputs without targets")
    parser.add_argument("--raw", action="store_true", help="with --single: images are the network's inputs already")
    parser.add_argument("--norm-mode", choices=("eval", "batch", "paper"), help="statistics of the norms (default: as the model ran live)")
    parser.add_argument("--direction", choices=("auto", "AtoB", "BtoA"), default="auto", help="auto: as the manifest says, else AtoB")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N images (default: all)")
    parser.add_argument("--image-format", choices=FORMATS, default="png")
    parser.add_argument("--device", default="auto", choices=("auto", "cuda", "mps", "cpu"))
    parser.add_argument("--precision", default="fp32", choices=("auto", "fp32", "bf16", "fp16", "int8"))
    parser.add_argument("--loss-log", type=Path, metavar="FILE", help="plot this loss_log.txt")


def run(args: argparse.Namespace) -> int:
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit: {args.limit}, expected 1 or more")
    if args.loss_log is not None:
        _plot(args)
        if args.model is None:
            return 0
    if args.model is None or args.data is None:
        raise UsageError("MODEL DATASET: missing, expected a model and a dataset, or --loss-log FILE")
    if not args.data.exists():
        raise FileNotFoundError(f"{args.data}: no such dataset or image")
    from webcam_pix2pix.evaluation.results import held_out, single, write_results
    from webcam_pix2pix.model import resolve_model
    from webcam_pix2pix.predictor import PyTorchPredictor

    run_model = Path(args.model) / "model.json"
    info = resolve_model(run_model if run_model.is_file() else args.model)
    predictor = PyTorchPredictor(info, device=args.device, precision=args.precision, norm_mode=args.norm_mode)
    try:
        info = predictor.info
        if args.single:
            phase, items = "single", single(args.data, predictor.input_size, _chain(info, predictor.input_size, args.raw))
        else:
            phase = args.phase or ("test" if (args.data / "test").is_dir() else "val")
            if predictor.input_size[0] != predictor.input_size[1]:
                raise ValueError(f"{info.name}: runs at {predictor.input_size[1]}x{predictor.input_size[0]}, pairs are square")
            items = held_out(args.data, phase, predictor.input_size[0], args.direction)
        folder = args.output or Path("results") / info.name / phase
        facts = {"model": info.name, "data": str(args.data), "phase": phase, "norm mode": info.norm_mode, "runs on": predictor.label}
        def refuse(line: str) -> None:
            refused.append(line)
            tqdm.write(f"webcam-pix2pix test: {line}", file=sys.stderr)
        refused: list[str] = []
        progress = tqdm(items[:args.limit], unit="image", disable=None)
        means = write_results(progress, predictor, folder, f"{info.name}: {phase}", facts, args.image_format, refuse)
    finally:
        predictor.close()
    left_out = f", {len(refused)} left out" if refused else ""
    compared = "" if "L1" in means else "no targets to compare with, "
    print(f"{folder / 'index.html'}: {compared}{', '.join(f'{k} {v:.4f}' for k, v in means.items())}{left_out}")
    return 1 if refused else 0


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
    print(f"{folder / 'loss_log.html'}: {plot_loss_log(args.loss_log, folder)} lines")
