"""From weights to models and back: what training starts from, and what it gives to the show and to other programs."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

import torch
from torch import Tensor

from msa.images import read_image, shrunk
from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints.formats import safetensors
from webcam_pix2pix.checkpoints.formats.junyanz import portable
from webcam_pix2pix.model import ModelInfo, Port, read_model, resolve_model, write_descriptor
from webcam_pix2pix.networks.resizing import ResizeKernel
from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.specs import Generator, OnnxSpec, UNet, to_json

from .losses import DIVERGED
from .runs import state
from .runs.runfolder import RunFolder
from .setup.options import Options
from .trainer import Trainer
from .validate import write_png

THUMBNAIL = 192  # px, side of the square


def start_weights(options: Options) -> tuple[Generator, Mapping[str, Tensor]]:
    """Spec and weights of the generator to fine-tune. Raises OSError or ValueError naming the checkpoint."""
    info = resolve_model(options.init_from)
    checkpoint = checkpoints.load(info)
    spec = checkpoint.spec
    for port in checkpoints.ports(info, checkpoint):
        if port.range != (-1.0, 1.0):
            raise ValueError(f"--init_from {options.init_from}: the model works in {port.range[0]:g}..{port.range[1]:g}, expected -1..1; "
                             "--teacher can learn from it")
    if (spec.in_channels, spec.out_channels) != (options.input_nc, options.output_nc):
        raise ValueError(f"--init_from {options.init_from}: the model has {spec.in_channels} channels in and {spec.out_channels} out, "
                         f"the run has {options.input_nc} and {options.output_nc}; "
                         f"add --input_nc {spec.in_channels} --output_nc {spec.out_channels}")
    if isinstance(spec, UNet):
        spec = replace(spec, dropout=not options.no_dropout, norm="batch" if spec.norm == "sync" else spec.norm)
    return spec, checkpoint.state


def write_weights(run: RunFolder, trainer: Trainer, norm_mode: str, size: tuple[int, int], direction: str, recipe: Recipe | None,
                  about: str, unfinished: str) -> None:
    """latest_net_G.pth (and _D) as pytorch-CycleGAN-and-pix2pix names and lays them out, and model.json, which opens it in the show.

    A generator that the other program cannot build, such as one fine-tuned from pix2pix-tensorflow, becomes latest_net_G.safetensors.
    size: (height, width) it is trained at. unfinished: how far it is; "" at the end.
    """
    weights = trainer.generator_weights()
    wrong = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if wrong:
        raise ValueError(f"weight {wrong[0]} is no longer a number: {DIVERGED}")
    spec = trainer.spec
    generator, other = (run.generator, run.own_generator) if portable(spec) else (run.own_generator, run.generator)
    info = ModelInfo(run.name, run.model, generator, Port((*size, spec.in_channels)), Port((*size, spec.out_channels)), to_json(spec),
                     norm_mode, recipe, about=about, direction=direction, unfinished=unfinished)
    if generator == run.generator:
        state.write(weights, generator)
    else:
        safetensors.write(generator, spec, weights, safetensors.metadata(info))
    if trainer.options.spectral_norm:
        run.discriminator.unlink(missing_ok=True)  # has no form that the other program knows
    else:
        state.write({name: value.cpu() for name, value in trainer.D.state_dict().items()}, run.discriminator)
    write_descriptor(info, run.model)
    other.unlink(missing_ok=True)


def read_back(run: RunFolder, trainer: Trainer) -> None:
    """Open the model that was just written as the show will open it. Raises ValueError when it is not the one in training."""
    found = checkpoints.load(read_model(run.model))
    if found.spec != trainer.spec or not safetensors.same(found.state, trainer.generator_weights()):
        raise ValueError(f"{run.model}: the saved model does not read back as it was written, so training did not start; check the disk")


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
    metadata = safetensors.metadata(info) | {"run": run.path.name, "run_id": run.identity()}
    target = folder / "weights.safetensors"
    safetensors.write(target, loaded.spec, weights, metadata)
    thumbnail = _thumbnail(run, info, folder / "thumbnail.png")
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
        descriptor = safetensors.read_metadata(weights) or {}
        return (descriptor.get("run"), descriptor.get("run_id", "")) == (run.path.name, run.identity())
    except (OSError, ValueError):
        return False


def _thumbnail(run: RunFolder, info: ModelInfo, path: Path) -> Path | None:
    """The middle column, first row of the newest sample grid: the square in its middle."""
    grids = sorted(run.samples.glob("epoch_*.png"))
    try:
        image = read_image(grids[-1])
    except (OSError, IndexError):
        return None
    width = image.shape[1] // 3
    height = min(info.input.shape[0], image.shape[0]) if info.input else width
    side, middle = min(height, width), width + width // 2
    top, left = (height - side) // 2, middle - side // 2
    write_png(shrunk(image[top:top + side, left:left + side], THUMBNAIL, THUMBNAIL), path)
    return path


def about_run(run: RunFolder, options: Options, spec: Generator, size: tuple[int, int], samples: int, epoch: int,
              best: Mapping[str, float]) -> str:
    """One paragraph for the descriptor."""
    scores = f"; best validation {', '.join(f'{k} {v:.4g}' for k, v in best.items() if k != 'epoch')}" if best else ""
    assert not isinstance(spec, OnnxSpec)  # it has no weights to train
    network = f"fine-tuned from {Path(options.init_from).name}" if options.init_from else options.netG
    return (f"Trained by webcam-pix2pix in run {run.path.name}: {samples} pairs seen in {epoch} epoch{'s' * (epoch != 1)}, "
            f"{network} with {spec.ngf} filters at {size[1]}x{size[0]} pixels{scores}.")
