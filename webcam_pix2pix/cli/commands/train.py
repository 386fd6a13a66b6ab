"""Train a model on a dataset of pairs. The same command resumes an unfinished run; with more --n_epochs it continues a finished one.

The result: runs/00007-NAME/ with checkpoints, samples, curves (index.html) and latest_net_G.pth, and at the end a model in the
models folder, ready for the show with the recipe of its dataset.
"""

import argparse
import math
import os
import shlex
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msa.files import check_writable, format_error
from msa.words import counted, duration
from webcam_pix2pix.model import user_models_folder
from webcam_pix2pix.training.runs.runfolder import RunFolder, Steps, differences, find_run, lower_priority, new_run
from webcam_pix2pix.training.setup.options import Options, add_options, given_options
from webcam_pix2pix.training.setup.presets import PRESETS, preset

from .. import classic
from ..errors import UsageError
from ..output import again, program, result, say

EXAMPLES = """examples:
  webcam-pix2pix train datasets/cactus --name cactus --preset live
  webcam-pix2pix train datasets/cactus --name cactus --n_epochs 200      more epochs for a finished run
  webcam-pix2pix train --resume runs/00003-cactus                        go on with a run by its folder
  webcam-pix2pix train datasets/own --name own --init_from oil_color     fine-tune a model
  webcam-pix2pix train datasets/wide --name wide --crop_size 512x256     a model that is wider than high
  webcam-pix2pix train --dataroot datasets/facades --name facades --model pix2pix --direction BtoA
  torchrun --nproc_per_node=2 webcam-pix2pix.py train datasets/cactus --name cactus
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("dataset", nargs="?", type=Path, metavar="DATASET", help="folder with train/ and, better, val/")
    parser.add_argument("--name", help="name of the run and of the model (default: that of the dataset's folder)")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="where run folders are made (default: runs)")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="resume this run folder")
    parser.add_argument("--new", action="store_true", help="start a new run even if one of this name exists")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where the finished model goes (default: your models folder)")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="classic: exactly pytorch-CycleGAN-and-pix2pix. live: small and steady. "
                        "quality: the best image. painter: for any camera, from paintings or photographs")
    add_options(parser)
    classic.add_train(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    _understand(args)
    models = args.models or user_models_folder()
    if _first_process():
        check_models_folder(models)
    dataset, folder, options = _prepared(args)
    finished_before = folder.finished_epochs()
    if finished_before >= options.epochs and not args.average:
        _say(f"{folder.path}: finished after {counted(finished_before, 'epoch')}; raise --n_epochs to continue, or use --new")
    elif not train_run(dataset, folder, options, f"{program()} train --resume {shlex.quote(str(folder.path))}" if args.new else None):
        return 130
    if _first_process():
        tell_model(folder, models)
    return 0


def tell_model(folder: RunFolder, models: Path, name: str | None = None) -> None:
    """Put the model of a finished run into the models folder, and say where it is. Raises OSError that says what is left to do."""
    from webcam_pix2pix.training.publish import publish
    try:
        descriptor = publish(folder, models, name)
    except OSError as error:
        raise OSError(f"{format_error(error)}; the training is done, its weights are in {folder.generator}; the same command with --models "
                      "DIR saves the model in another folder") from None
    _say(f"model: {descriptor}")
    result({"model": descriptor, "run": folder.path, "epochs": folder.finished_epochs()})


def check_models_folder(models: Path) -> None:
    """Find out before hours of training whether the model can be put into `models`. Raises OSError with advice."""
    try:
        check_writable(models)
    except OSError as error:
        raise OSError(f"{error}: the finished model cannot be saved there; choose another folder with --models DIR") from None


def train_run(dataset: Path, folder: RunFolder, options: Options, command: str | None = None) -> bool:
    """Train with the terminal watching; Ctrl-C stops after the step. False when it was stopped, then it has said how to go on.

    command: what goes on with the run, if not the same command again.
    """
    from webcam_pix2pix.training.loop import train
    if options.nice:
        lower_priority()
    with _asked_to_stop() as asked:
        finished = train(dataset, folder, options, Terminal(), lambda: bool(asked))
    if not finished:
        _say(f"stopped and saved. To go on: {command or again()}")
    return finished


def _understand(args: argparse.Namespace) -> None:
    """The options of pytorch-CycleGAN-and-pix2pix, as the ones that they stand for here. Raises UsageError."""
    classic.check(args, "train")
    if args.dataroot is not None:
        if args.dataset is not None and args.dataset.resolve() != args.dataroot.resolve():
            raise UsageError(f"--dataroot {args.dataroot}: there is a second dataset, {args.dataset}; give only one of the two")
        args.dataset = args.dataroot
    args.runs = args.runs or args.checkpoints_dir or Path("runs")
    args.device = args.device or classic.device(args)
    if args.continue_train:
        name = args.name or (args.dataset.resolve().name if args.dataset else "")
        if args.new:
            raise UsageError("--continue_train --new: these two exclude each other; use only one of them")
        if args.resume is None and find_run(args.runs, name) is None:
            raise UsageError(f"--continue_train: there is no run {name} in {args.runs}; to start from other weights, use --init_from FILE")


def _prepared(args: argparse.Namespace) -> tuple[Path, RunFolder, Options]:
    """Dataset, run folder and options as the arguments and an earlier run of that name say."""
    given = given_options(args)
    folder: RunFolder | None = None
    if args.resume is not None:
        folder = RunFolder(args.resume)
    else:
        if args.dataset is None:
            raise UsageError("DATASET: missing; give a folder with train/ in it, or --resume RUN")
        if not args.dataset.is_dir():
            raise FileNotFoundError(f"{args.dataset}: no such dataset folder")
        folder = None if args.new else find_run(args.runs, args.name or args.dataset.resolve().name)
    try:
        if folder is not None:
            return _continued(args, folder, given)
        options = (preset(args.preset) if args.preset else Options()).with_values(given)
        folder = new_run(args.runs, args.name or args.dataset.resolve().name)
    except ValueError as error:
        raise UsageError(str(error)) from None
    from webcam_pix2pix.evaluation.backbone import load_backbone
    from webcam_pix2pix.predictor import choose_device
    from webcam_pix2pix.training.data import check_sizes, training_pairs, validation_pairs
    from webcam_pix2pix.training.objectives.style import read_style
    from webcam_pix2pix.training.objectives.teacher import load_teacher
    from webcam_pix2pix.training.publish import start_weights
    from webcam_pix2pix.training.setup.specs import generator_spec
    choose_device(options.device)
    spec = start_weights(options)[0] if options.init_from else generator_spec(options)  # what cannot be trained leaves no run folder behind
    check_sizes(spec, training_pairs(args.dataset, options), validation_pairs(args.dataset, options), options)
    if options.needs_backbone or options.style:
        load_backbone(options.perceptual_weights, options.download_weights)
    if options.style:
        read_style(options.style, options.crop)
    if options.teacher:
        load_teacher(options.teacher, choose_device(options.device)).check(options.crop)
    if _first_process():
        folder.create(args.dataset, options, args.preset)
    return args.dataset, folder, options


def _continued(args: argparse.Namespace, folder: RunFolder, given: Mapping[str, Any]) -> tuple[Path, RunFolder, Options]:
    dataset, before, used_preset = folder.read_options()
    if args.preset and args.preset != used_preset:
        raise UsageError(f"--preset {args.preset}: {folder.path} was started with {used_preset or 'none'}; use another --name or --new")
    if args.dataset is not None and not dataset.is_dir():  # it has moved
        dataset = args.dataset.resolve()
    if args.dataset is not None and args.dataset.resolve() != dataset:
        raise UsageError(f"{args.dataset}: {folder.path} was started with {dataset}; use another --name or --new")
    options = before.with_values(dict(given))
    if other := differences(before, options):
        was = getattr(before, other[0])
        raise UsageError(f"--{other[0]} {getattr(options, other[0])}: {folder.path} was started with {'none' if was == '' else was}; "
                         "use another --name or --new")
    if options != before and _first_process():
        with folder.taken():
            folder.write_options(dataset, options, used_preset)
    return dataset, folder, options


@contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """A list that is no longer empty once Ctrl-C or a termination was asked for; a second Ctrl-C stops at once."""
    asked: list[int] = []

    def ask(number: int, _frame) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)

    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM) if main}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Terminal:
    """Follows a run on the terminal."""

    QUIET_S = 30.0  # no longer than that without a word on a slow machine

    def __init__(self) -> None:
        self._said = -math.inf  # when

    def starts(self, run: RunFolder, estimate, remaining_steps: int) -> None:
        _say(f"run: {run.path}, {'nothing' if remaining_steps == 0 else counted(remaining_steps, 'step')} to do")
        for line in estimate.lines():
            _say(f"  {line}")
        _say(f"  watch: {run.page}")

    def note(self, text: str) -> None:
        _say(text)

    def moved(self, steps: Steps) -> None:
        if 0 < steps.done < steps.all and time.monotonic() - self._said > self.QUIET_S:
            self._said = time.monotonic()
            _say(f"{steps}, {duration(steps.left_s)} left")

    def line(self, stats: Mapping[str, Any], remaining_s: float) -> None:
        self._said = time.monotonic()
        losses = " ".join(f"{name} {value:.3f}" for name, value in stats.items() if name.startswith(("G_", "D_", "C_")))
        _say(f"epoch {stats['epoch']}/{stats['epochs']} {stats['position']}/{stats['steps_per_epoch']}  {losses}  "
             f"{stats['images_per_s']:.2f} images/s  {duration(remaining_s)} left")


def _say(text: str) -> None:
    if _first_process():
        say(text)


def _first_process() -> bool:
    return os.environ.get("RANK", "0") == "0"
