"""A model on held-out pairs or single inputs -> a folder with the images, a page, CSV and JSON."""

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import format_error, write_atomic
from msa.images import encode_image, read_image
from msa.listing import list_images
from webcam_pix2pix.dataset.footage.shots import Shots
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset, to_images
from webcam_pix2pix.dataset.manifest import read_manifest

from .charts import line_chart
from .image_metrics import colourfulness, contrast
from .losslog import read_loss_log
from .lpips import load_lpips
from .metrics import BETTER_HIGH, cached_lpips, measure
from .page import page
from .set_metrics import cached_inception, feature_network, set_distances
from .stability import flicker

Predict = Callable[[np.ndarray], np.ndarray]  # HxWx3 RGB uint8 in and out
NO_GRADE = ("colourfulness", "contrast")  # neither more nor less is better

SCRIPT = """
const table = document.querySelector('table'), body = table.tBodies[0], worst = document.getElementById('worst');
let column = 0, up = true;
function value(row) { const cell = row.cells[column], number = parseFloat(cell.dataset.value);
  return isNaN(number) ? cell.textContent : number; }
function arrange() { const rows = [...body.rows].sort((a, b) => { const x = value(a), y = value(b);
    return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1); });
  rows.forEach(row => body.append(row)); limit(); }
function limit() { const n = parseInt(worst.value) || Infinity; [...body.rows].forEach((row, i) => row.hidden = i >= n); }
table.tHead.querySelectorAll('button').forEach(button => button.onclick = () => { const index = button.parentElement.cellIndex;
  up = index == column ? !up : button.dataset.worst != 'high'; column = index; arrange(); });
worst.oninput = () => { const metric = table.tHead.querySelector('button[data-worst]');
  if (metric && column == 0) { column = metric.parentElement.cellIndex; up = metric.dataset.worst == 'low'; } arrange(); };
"""


@dataclass(frozen=True)
class Item:
    """One thing to test: images HxWx3 RGB uint8."""

    name: str
    input: np.ndarray
    target: np.ndarray | None
    again: np.ndarray | None = None  # the input of a second shot of the same thing
    shift: tuple[float, float] = (0.0, 0.0)  # by which what it shows has moved: down, right, pixels


Load = Callable[[], Item]  # raises OSError or ValueError naming the file


def direction_for(root: Path, asked: str, model: str | None, has_recipe: bool) -> tuple[str, str]:
    """(AtoB or BtoA, why): which half of the pairs in `root` the model takes as its input.

    asked: the user's word, or auto. model: the direction it was trained in. has_recipe: its inputs were made by a recipe; then the
    manifest of a dataset knows where such inputs are, whichever half they were in when the model was trained.
    """
    manifest = read_manifest(root) or {}
    if asked != "auto":
        return asked, "as asked for"
    if has_recipe and manifest.get("recipe") and "direction" in manifest:
        return manifest["direction"], "the dataset's manifest says where the inputs are"
    if model is not None:
        return model, "as the model was trained"
    if "direction" in manifest:
        return manifest["direction"], "as the dataset's manifest says"
    return "AtoB", "neither model nor dataset says otherwise"


def held_out(root: Path, phase: str, size: tuple[int, int], direction: str) -> list[Load]:
    """Pairs of a phase, not augmented, at `size` (height, width). Raises OSError or ValueError with one line."""
    pairs = PairDataset(root, phase, direction=direction, load_size=size, crop_size=size, flip=False, recipe_jitter=False,
                        shots=Shots(twice=True))

    def load(index: int, name: str) -> Item:
        item = pairs[index]
        down, right = item["shift"].tolist()
        return Item(name, _image(item["A"]), _image(item["B"]), _image(item["A2"]), (down, right))
    return [partial(load, index, name) for index, name in enumerate(_names(pairs.paths, root / phase))]


def single(inputs: Path, size: tuple[int, int], make_input: Callable[[np.ndarray], np.ndarray]) -> list[Load]:
    """Images without targets, brought to `size` (height, width) and through `make_input`."""
    paths = list_images(inputs, recursive=True) if inputs.is_dir() else [inputs]
    if not paths:
        raise ValueError(f"{inputs}: no image in it")

    def load(path: Path, name: str) -> Item:
        return Item(name, make_input(read_image(path)), None)
    return [partial(load, *pair) for pair in zip(paths, _names(paths, inputs if inputs.is_dir() else inputs.parent), strict=True)]


def write_results(items: Iterable[Load], predict: Predict, folder: Path, title: str, facts: dict[str, Any], image_format: str = "png",
                  refused: Callable[[str], None] | None = None, lpips_weights: Path | None = None,
                  fid_weights: Path | None = None) -> dict[str, float]:
    """Run every item, write images/, index.html, metrics.csv and metrics.json; gives the mean metrics.

    Metrics are of the 8-bit images: L1 on the scale of -1..1, PSNR in dB, SSIM; flicker, the change when only noise, light and less than
    a pixel change; LPIPS by the weights given, else where those of AlexNet are in torch's cache; FID and KID to the targets by the
    weights given, else as far as what they need is installed, and when there are enough images; colourfulness and contrast of what was
    painted, and of the targets (their means alone) to compare with.
    refused: told, in one line, of each item that cannot be loaded; without it the first one is raised.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    kept: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    lpips = cached_lpips() if lpips_weights is None else load_lpips(lpips_weights)
    fid_weights = fid_weights or cached_inception()
    network, name = (None, "") if fid_weights is None else feature_network(fid_weights)
    facts = facts | ({"FID and KID by": name} if name else {})
    wanted: list[tuple[float, float]] = []
    for load in items:
        try:
            item = load()
        except (OSError, ValueError) as error:
            if refused is None:
                raise
            refused(format_error(error))
            continue
        output = predict(item.input)
        row: dict[str, Any] = {"name": item.name}
        for label, image in (("input", item.input), ("output", output), ("target", item.target)):
            if image is not None:
                row[label] = f"images/{item.name}_{label}.{image_format}"
                _write(image, folder / row[label])
        if item.target is not None:
            row |= measure(output, item.target, lpips=lpips)
            if item.again is not None:
                row["flicker"] = flicker(output, predict(item.again), item.shift)
            wanted.append((colourfulness(item.target), contrast(item.target)))
            kept[0].append(output)
            kept[1].append(item.target)
        rows.append(row | {"colourfulness": colourfulness(output), "contrast": contrast(output)})
    if not rows:
        raise ValueError(f"{title}: nothing that could be tested")
    names = [name for name in rows[0] if isinstance(rows[0][name], float)]
    means = {name: float(np.mean([row[name] for row in rows])) for name in names}
    if wanted:
        means |= {f"{name} of the targets": float(value) for name, value in zip(NO_GRADE, np.mean(wanted, 0), strict=True)}
    means |= set_distances(*kept, network)
    write_atomic(folder / "metrics.json", json.dumps({**facts, "images": len(rows), "mean": means, "rows": rows}, indent=1) + "\n")
    write_atomic(folder / "metrics.csv", _csv(["name", *names], rows))
    write_atomic(folder / "index.html", _page(title, facts, rows, names, means))
    return means


def plot_loss_log(path: Path, folder: Path) -> int:
    """The curves of a loss_log.txt as a page with a CSV beside it; gives the number of lines read."""
    lines = read_loss_log(path)
    names = list(dict.fromkeys(name for line in lines for name in line if name not in ("epoch", "iters", "samples")))
    curves = "".join(line_chart(name, {name: [(line["samples"], line[name]) for line in lines if name in line]}) for name in names)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "loss_log.html", page(path.name, f'<p class="quiet">{escape(str(path))}: {len(lines)} lines</p>{curves}'))
    write_atomic(folder / "loss_log.csv", _csv(["epoch", "iters", "samples", *names], lines))
    return len(lines)


def _page(title: str, facts: dict[str, Any], rows: list[dict[str, Any]], names: list[str], means: dict[str, float]) -> str:
    about = " · ".join(f"{escape(str(key))}: {escape(str(value))}" for key, value in facts.items())
    summary = " · ".join(f"{name} {value:.4f}" for name, value in means.items())
    labels = [label for label in ("input", "output", "target") if label in rows[0]]
    heads = ['<th><button>name</button></th>']
    worst = {name: f' data-worst="{"low" if name in BETTER_HIGH else "high"}"' for name in names if name not in NO_GRADE}
    heads += [f'<th><button{worst.get(name, "")}>{name}</button></th>' for name in names]
    heads += [f"<th>{label}</th>" for label in labels]
    lines = []
    for row in rows:
        cells = [f'<td>{escape(row["name"])}</td>', *(f'<td data-value="{row[name]}">{row[name]:.4f}</td>' for name in names)]
        cells += [f'<td><a href="{escape(row[x])}"><img loading="lazy" src="{escape(row[x])}" alt="{x}"></a></td>' for x in labels]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = (f'<p class="quiet">{about}</p><p>{len(rows)} images{": mean " + summary if summary else ""}</p>'
            f'<p><label>show only the worst <input id="worst" type="number" min="1" max="{len(rows)}" placeholder="all"></label>'
            f' <small>a click on a heading sorts</small></p><table><thead><tr>{"".join(heads)}</tr></thead>'
            f'<tbody>{"".join(lines)}</tbody></table>')
    return page(title, body, SCRIPT)


def _csv(names: list[str], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _names(paths: Sequence[Path], root: Path) -> list[str]:
    """For each file its name without the ending, folders in front of it made part of it; with the ending where two would be alike."""
    short = ["_".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    often = Counter(short)
    return [name if often[name] == 1 else str(path.relative_to(root)).replace("_", "__").replace(os.sep, "_")
            for name, path in zip(short, paths, strict=True)]


def _image(x) -> np.ndarray:
    """CxHxW -1..1 -> HxWx3 uint8"""
    image = to_images(x[None])[0]
    return np.repeat(image, 3, 2) if image.shape[2] == 1 else np.ascontiguousarray(image)


def _write(image: np.ndarray, path: Path) -> None:
    write_atomic(path, encode_image(image, path.suffix))
