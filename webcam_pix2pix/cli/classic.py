"""The command line of pytorch-CycleGAN-and-pix2pix: its options of train and test that mean something here, or what stands for them."""

import argparse
from pathlib import Path
from typing import Any

from .errors import UsageError
from .output import note

MODELS = ("pix2pix", "test", "cycle_gan", "colorization", "template")
NETWORK = "not needed: a model knows its own network"
NO_VISDOM = "there is no visdom here; index.html in the run folder shows samples and curves, and TensorBoard reads the same folder"
PAGE = "index.html in the run folder renews itself"
SIZE = "not needed: pairs are brought to the size of the model"

# Options without an effect here: how many values follow, and what to say.
IGNORED: dict[str, dict[str, tuple[int, str]]] = {
    "train": {
        **dict.fromkeys(("display_id", "display_port", "display_server", "display_env", "display_ncols"), (1, NO_VISDOM)),
        **dict.fromkeys(("display_freq", "update_html_freq", "display_winsize"), (1, f"{PAGE}; --sample_freq says how often samples come")),
        "no_html": (0, "index.html in the run folder is always written"),
        "use_wandb": (0, "not supported; TensorBoard reads the run folder"),
        "wandb_project_name": (1, "not supported; TensorBoard reads the run folder"),
        "epoch_count": (1, "not needed: a run knows its epoch"),
        "pool_size": (1, "pix2pix uses no pool of images"),
        "load_iter": (1, "not needed: a run goes on from its last step"),
    },
    "test": {
        **dict.fromkeys(("netG", "netD", "norm", "ngf", "ndf", "n_layers_D", "input_nc", "output_nc", "init_type", "init_gain",
                         "model_suffix"), (1, NETWORK)),
        "no_dropout": (0, f"{NETWORK}; --norm-mode paper draws dropout"),
        **dict.fromkeys(("preprocess", "load_size", "crop_size"), (1, SIZE)),
        **dict.fromkeys(("batch_size", "num_threads", "aspect_ratio", "display_winsize", "load_iter", "suffix", "max_dataset_size"),
                        (1, "has no effect here")),
        **dict.fromkeys(("serial_batches", "no_flip"), (0, "always so in a test")),
        "display_id": (1, NO_VISDOM),
    },
}

# Options of older versions and of other programs: what to type instead.
STANDS_FOR = {f"--{old}": f"is called --{new} here" for old, new in {
    "batchSize": "batch_size", "nThreads": "num_threads", "loadSize": "load_size", "fineSize": "crop_size", "resize_or_crop": "preprocess",
    "niter": "n_epochs", "niter_decay": "n_epochs_decay", "which_direction": "direction", "which_model_netG": "netG",
    "which_model_netD": "netD", "max_epochs": "n_epochs", "l1_weight": "lambda_L1", "gan_weight": "lambda_gan", "scale_size": "load_size",
    "checkpoint": "init_from", "pretrained": "init_from", "which_epoch": "epoch"}.items()} | {
    "--no_lsgan": "is --gan_mode vanilla here", "--use_dropout": "is --dropout here", "--input_dir": "is the argument DATASET here",
    "--output_dir": "is --runs DIR for train and --output DIR for test here", "--resume": "not needed: the same command again goes on"}


def add_train(parser: argparse.ArgumentParser) -> None:
    """The options of their train.py."""
    group = _group(parser)
    group.add_argument("--dataroot", type=Path, metavar="DIR", help="the same as DATASET")
    group.add_argument("--model", choices=MODELS, help="only pix2pix")
    group.add_argument("--checkpoints_dir", type=Path, metavar="DIR", help="the same as --runs")
    group.add_argument("--continue_train", action="store_true", help="go on with a run; the same command again does so anyway")
    _add_shared(group, "train")


def add_test(parser: argparse.ArgumentParser) -> None:
    """The options of their test.py."""
    group = _group(parser)
    group.add_argument("--dataroot", type=Path, metavar="DIR", help="the same as DATASET")
    group.add_argument("--name", help="the newest run of this name, else a model of this name")
    group.add_argument("--model", help="pix2pix; test: single images without targets; or a model by name or path")
    group.add_argument("--runs", "--checkpoints_dir", type=Path, metavar="DIR", help="where --name is looked for (default: runs, then "
                       "checkpoints, as the original program leaves it)")
    group.add_argument("--results_dir", type=Path, metavar="DIR", help="results go to DIR/NAME/PHASE")
    group.add_argument("--num_test", type=int, metavar="N", help="the same as --limit")
    group.add_argument("--eval", action="store_true", help="the same as --norm-mode eval")
    group.add_argument("--epoch", default="latest", metavar="EPOCH", help="latest; of a folder of the original program also a number")
    _add_shared(group, "test")


def check(args: argparse.Namespace, command: str) -> None:
    """Refuse what pix2pix is not, and say what the options without an effect stand for. Raises UsageError."""
    if args.model in MODELS and args.model not in ("pix2pix", "test"):
        raise UsageError(f"--model {args.model}: this program trains and tests only pix2pix; use --model pix2pix")
    if command == "train" and args.model == "test":
        raise UsageError("--model test: works only with the command test; use --model pix2pix")
    aligned = {"aligned"} | ({"single"} if command == "test" else set())
    if args.dataset_mode is not None and args.dataset_mode not in aligned:
        raise UsageError(f"--dataset_mode {args.dataset_mode}: this program reads only aligned pairs; make them with prepare")
    if command == "train" and getattr(args, "phase", None) not in (None, "train"):
        raise UsageError(f"--phase {args.phase}: training reads only the folder train; leave this option out")
    for name, (_, text) in IGNORED[command].items():
        if getattr(args, f"ignored_{name}", None) not in (None, False):
            note(command, f"--{name}: {text}")


def device(args: argparse.Namespace) -> str | None:
    """The device that --gpu_ids means; None where it was not given. Raises UsageError for several."""
    ids = args.gpu_ids
    if ids is None:
        return None
    if ids == "-1":
        return "cpu"
    if ids == "0":
        return "auto"
    if ids.isdigit():
        raise UsageError(f"--gpu_ids {ids}: use 0 for the GPU or -1 for the CPU; to choose a GPU, set CUDA_VISIBLE_DEVICES={ids}")
    count = len(ids.split(","))
    raise UsageError(f"--gpu_ids {ids}: for several GPUs, start torchrun --nproc_per_node={count} webcam-pix2pix.py train ...; else use "
                     "0 for the GPU or -1 for the CPU")


def _group(parser: argparse.ArgumentParser) -> Any:
    return parser.add_argument_group("as in pytorch-CycleGAN-and-pix2pix")


def _add_shared(group: Any, command: str) -> None:
    group.add_argument("--gpu_ids", metavar="IDS", help="0: the GPU if there is one; -1: the CPU")
    group.add_argument("--dataset_mode", metavar="MODE", help="only aligned")
    if command == "train":
        group.add_argument("--phase", help=argparse.SUPPRESS)
    for name, (values, _) in IGNORED[command].items():
        options: dict[str, Any] = {"nargs": None} if values else {"action": "store_true"}
        group.add_argument(f"--{name}", dest=f"ignored_{name}", default=None, help=argparse.SUPPRESS, **options)
