"""From weights to models and back: what training starts from, and what it gives to the show and to other programs."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..checkpoints import safetensors
from ..model import ModelInfo, Port, read_model, resolve_model, write_descriptor
from ..recipe import Recipe
from ..specs import Generator, UNet, to_json
from . import state
from .losses import DIVERGED
from .options import Options
from .runfolder import RunFolder
from .trainer import ResizeKernel, Trainer
from .validate import write_png


def start_weights(options: Options) -> tuple[Generator, Mapping[str, Tensor]]:
    """Spec and weights of the generator to fine-tune. Raises OSError or ValueError naming the checkpoint."""
    checkpoint = checkpoints.load(resolve_model(options.init_from))
    spec = checkpoint.spec
    if (spec.in_channels, spec.out_channels) != (options.input_nc, options.output_nc):
        raise ValueError(f"--init_from {options.init_from}: {spec.in_channels} channels in and {spec.out_channels} out, expected "
                         f"{options.input_nc} and {options.output_nc} as --input_nc and --output_nc say")
    if isinstance(spec, UNet):
        spec = replace(spec, dropout=not options.no_dropout, norm="batch" if spec.norm == "sync" else spec.norm)
    return spec, checkpoint.state


def write_weights(run: RunFolder, trainer: Trainer, norm_mode: str, recipe: Recipe | None, about: str) -> None:
    """latest_net_G.pth (and _D) as pytorch-CycleGAN-and-pix2pix names and lays them out, and model.json, which opens it in the show."""
    weights = trainer.generator_weights()
    wrong = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if wrong:
        raise ValueError(f"weight {wrong[0]} is no longer a number: {DIVERGED}")
    state.write(weights, run.generator)
    if trainer.options.spectral_norm:
        run.discriminator.unlink(missing_ok=True)  # has no form that the other program knows
    else:
        state.write({name: value.cpu() for name, value in trainer.D.state_dict().items()}, run.discriminator)
    info = described(run.name, run.model, run.generator, trainer.spec, trainer.options, norm_mode, recipe, about)
    write_descriptor(info, run.model)


def described(name: str, path: Path, weights: Path, spec: Generator, options: Options, norm_mode: str, recipe: Recipe | None,
              about: str) -> ModelInfo:
    """A model as its descriptor will say."""
    size = options.crop_size
    return ModelInfo(name, path, weights, Port((size, size, spec.in_channels)), Port((size, size, spec.out_channels)), to_json(spec),
                     norm_mode, recipe, about=about)


def publish(run: RunFolder, models: Path, name: str | None = None, checkpoint: Path | None = None) -> Path:
    """Put the run's generator (latest, or as it was in `checkpoint`) into the folder `models`; gives the descriptor.

    A model of that name from another run is left alone: the new one gets the run's number added.
    Raises OSError or ValueError with one line.
    """
    info = read_model(run.model)
    loaded = checkpoints.load(info)
    weights = dict(loaded.state) if checkpoint is None else weights_in(checkpoint, loaded.spec)
    name = name or run.name
    slug = re.sub(r"[^\w.+-]+", "_", name)
    numbers = chain([""], [run.number], (f"{run.number}-{i}" for i in count(2)))  # two folders of runs both begin at 0
    number = next(n for n in numbers if _free(models, f"{slug}-{n}" if n else slug, run))
    if number:
        name, slug = f"{name} {number}", f"{slug}-{number}"
    folder = models / slug
    folder.mkdir(parents=True, exist_ok=True)
    metadata: dict[str, Any] = {"norm_mode": info.norm_mode, "about": info.about, "run": run.path.name, "run_id": run.identity()}
    if info.input is not None:
        metadata["size"] = list(info.input.shape[:2])
    if info.recipe is not None:
        metadata["recipe"] = info.recipe.to_json()
    target = folder / "weights.safetensors"
    safetensors.write(target, loaded.spec, weights, metadata)
    thumbnail = _thumbnail(run, folder / "thumbnail.png")
    descriptor = models / f"{slug}.json"
    write_descriptor(replace(info, name=name, path=descriptor, weights=target, thumbnail=thumbnail), descriptor)
    return descriptor


def weights_in(checkpoint: Path, spec: Generator) -> dict[str, Tensor]:
    """The generator to look at in a checkpoint of a run: the averaged one where there is one."""
    stored = state.load(checkpoint)["networks"]
    if stored["shown"] is not None:
        return checkpoints.checked_state(spec, stored["shown"], checkpoint)
    return checkpoints.checked_state(spec, folded(stored["generator"]), checkpoint)


def folded(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict in training with its resize-convolutions written as the transposed ones they equal."""
    mark = ".parametrizations.weight.original"
    return {key.replace(mark, ".weight"): ResizeKernel()(value) if mark in key else value for key, value in weights.items()}


def _free(models: Path, slug: str, run: RunFolder) -> bool:
    if not (models / f"{slug}.json").exists() and not (models / slug).exists():
        return True
    weights = models / slug / "weights.safetensors"
    try:
        told = safetensors.read_metadata(weights) or {}
        return (told.get("run"), told.get("run_id", "")) == (run.path.name, run.identity())
    except (OSError, ValueError):
        return False


def _thumbnail(run: RunFolder, path: Path) -> Path | None:
    """The middle column, first row of the newest sample grid."""
    grids = sorted(run.samples.glob("epoch_*.png"))
    image = cv2.imdecode(np.frombuffer(grids[-1].read_bytes(), np.uint8), cv2.IMREAD_COLOR) if grids else None
    if image is None:
        return None
    side = image.shape[1] // 3
    small = cv2.resize(image[:side, side:2 * side], (192, 192), interpolation=cv2.INTER_AREA)
    write_png(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), path)
    return path


def about_run(run: RunFolder, options: Options, samples: int, epoch: int, best: Mapping[str, float]) -> str:
    """One paragraph for the descriptor."""
    scores = f"; best validation {', '.join(f'{k} {v:.4g}' for k, v in best.items() if k != 'epoch')}" if best else ""
    return (f"Trained by webcam-pix2pix in run {run.path.name}: {samples} pairs seen in {epoch} epochs, {options.netG} with "
            f"{options.ngf} filters at {options.crop_size} pixels{scores}.")
