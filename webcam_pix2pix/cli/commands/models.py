"""List, inspect and import models.

A model is a descriptor (.json), or a checkpoint as another program left it: a PyTorch .pth, the folder or prefix of a TensorFlow
checkpoint, a .pict, a MindSpore .ckpt, a Keras .h5, a .safetensors. The format is found by content, not by name.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from webcam_pix2pix.model import DEFAULT_MODEL, ModelInfo, find_models, model_folders, resolve_model, user_models_folder

from ..output import add_flags, result, say

if TYPE_CHECKING:
    from webcam_pix2pix.specs import Generator

EXAMPLES = """examples:
  webcam-pix2pix models list
  webcam-pix2pix models info checkpoints/facades/latest_net_G.pth
  webcam-pix2pix models import ~/old/pix2pix-tensorflow/gart_canny_256 --name "oil portraits" """

MODES = {"eval": "running statistics, no dropout", "batch": "statistics of each image, no dropout",
         "paper": "statistics of each image, and dropout"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    actions = parser.add_subparsers(dest="action", metavar="list|info|import", required=True)
    actions.add_parser("list", help="the models in the models folders", description="List the models in the models folders.")
    info = actions.add_parser("info", help="what a model or checkpoint is", description="Tell what a model or checkpoint is.")
    info.add_argument("model", metavar="PATH", help="descriptor, checkpoint file, folder or prefix, or the name of a model")
    imported = actions.add_parser("import", help="copy a checkpoint into the models folder",
                                  description="Copy a checkpoint into the user's models folder, as safetensors with a descriptor.")
    imported.add_argument("model", metavar="PATH", help="descriptor, checkpoint file, folder or prefix")
    imported.add_argument("--then", action="append", default=[], metavar="NAME|FILE", help="what follows the model: the name of a "
                          "model, or an .onnx or .cube file, which is copied too; may be given several times")
    imported.add_argument("--name", help="name of the new model (default: that of the file)")
    for action in actions.choices.values():
        add_flags(action)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    if args.action == "list":
        return _list()
    if args.action == "info":
        lines = describe(resolve_model(args.model))
        say("\n".join(lines))
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        result(fields | {"notes": _values(lines, "note")})
        return 0
    from webcam_pix2pix.checkpoints import load
    from webcam_pix2pix.checkpoints.install import install
    info = resolve_model(args.model)
    taken = {model.path.stem for model in find_models(model_folders(), [])}
    info = replace(info, then=tuple(args.then) or info.then)
    made = install(info, load(info), args.name or info.name, user_models_folder(), taken)
    say(f'imported as "{made.name}": {made.path}')
    result({"name": made.name, "model": made.path})
    return 0


def describe(info: ModelInfo) -> list[str]:
    """What a person needs to know of a model, line by line. Reads the description of the weights, not their values."""
    from webcam_pix2pix import checkpoints, specs
    from webcam_pix2pix.checkpoints.weights import count
    checkpoint = checkpoints.load(info)
    spec, full = checkpoint.spec, checkpoints.complete(info, checkpoint)
    lines = {"name": info.name, "file": f"{info.weights} ({_megabytes(size_on_disk(info.weights))})"}
    if info.path != info.weights:
        lines["descriptor"] = str(info.path)
    lines |= {"format": checkpoint.format, "network": f"{specs.describe(spec)}; {count(spec) / 1e6:.3g} million weights"}
    for key, port in zip(("input", "output"), checkpoints.ports(info, checkpoint), strict=True):
        height, width, channels = port.shape
        colours = {1: "grey", 2: "a and b of Lab", 3: "RGB", 4: "RGBA"}.get(channels, f"{channels} channels")
        lines[key] = f"{width}x{height} {colours}, {port.range[0]:g} to {port.range[1]:g}" + _reading(spec, key)
    if full.direction is not None:
        lines["direction"] = f"{full.direction}: the {'left' if full.direction == 'AtoB' else 'right'} half of its pairs was the input"
    fixed = isinstance(spec, specs.OnnxSpec) and spec.fixed
    lines["sizes"] = "this one only" if fixed else f"width and height that are multiples of {spec.multiple}"
    if isinstance(spec, specs.OnnxSpec) and spec.parameters:
        lines["inputs"] = ", ".join(f"{name} ({low:g} to {high:g}, at first {start:g})" for name, low, high, start in spec.parameters)
    mode = checkpoint.norm_mode
    lines["norm mode"] = f"{mode}: {MODES[mode]}"
    if not spec.running_stats and mode != "eval":
        lines["norm mode"] += "; there are no running statistics, eval is the same as batch"
    if info.then:
        lines["then"] = ", ".join(info.then)
    lines["recipe"] = _recipe(full)
    if full.about:
        lines["about"] = full.about
    return [f"{key + ':':<12}{value}" for key, value in lines.items()] + [f"{'note:':<12}{note}" for note in checkpoint.notes]


def _reading(spec: "Generator", key: str) -> str:
    """How the image lies in an ONNX file, and which mean and deviation are taken off it."""
    from webcam_pix2pix.specs import OnnxSpec
    if not isinstance(spec, OnnxSpec):
        return ""
    layout, order, mean, std = (spec.layout, spec.order, spec.mean, spec.std) if key == "input" else (
        spec.output_layout, spec.output_order, spec.output_mean, spec.output_std)
    numbers = [f"{name} {' '.join(f'{v:g}' for v in values)}" for name, values in (("mean", mean), ("std", std)) if values]
    return ", ".join(["", layout, *([order] if order != "RGB" else []), *numbers])


def size_on_disk(weights: Path) -> int:
    """Bytes of a checkpoint; of all its files when it is a folder or a prefix."""
    if weights.is_file():
        return weights.stat().st_size
    files = weights.iterdir() if weights.is_dir() else weights.parent.glob(f"{weights.name}.*")
    return sum(f.stat().st_size for f in files if f.is_file())


def _list() -> int:
    problems: list[str] = []
    models = find_models(model_folders(), problems)
    rows = [("name", "format", "size", "recipe", "where")]
    rows += [(info.name + (" (default)" if info.path.stem == DEFAULT_MODEL else ""), info.format, _megabytes(size_on_disk(info.weights)),
              "yes" if info.recipe else "-", str(info.path)) for info in models]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        say("  ".join([*(text.ljust(width) for text, width in zip(row[:4], widths, strict=True)), row[4]]))
    for problem in problems:
        say(f"not listed: {problem}")
    say(f"\nyour own models go to {user_models_folder()}")
    result({"models": [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], "not_listed": problems, "own": user_models_folder()})
    return 0


def _recipe(info: ModelInfo) -> str:
    if info.recipe is None:
        return "none: the model does not say how its inputs were made; edges at two scales are used"
    from webcam_pix2pix.recipe import Recipe
    defaults = Recipe().values()
    changed = [f"{name.rpartition('.')[2]} {value}" for name, value in info.recipe.values().items() if value != defaults[name]]
    return f"{info.recipe.edges.method}" + (f" with {', '.join(changed)}" if changed else "")


def _values(lines: list[str], key: str) -> list[str]:
    return [line.partition(":")[2].strip() for line in lines if line.startswith(f"{key}:")]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
