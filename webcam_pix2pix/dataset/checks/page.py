"""The findings of lint as one HTML page with images inside, to be opened in any browser and passed on."""

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from msa.files import write_atomic
from msa.images import encode_jpeg, read_image, shrunk
from msa.listing import list_images
from webcam_pix2pix.preprocessing import preprocess
from webcam_pix2pix.recipe import Recipe

from ..manifest import read_manifest, recipe_of
from ..pairs.split import PHASES
from .lint import Finding, Lint

SHOWN = 12  # images for each finding
FIRST = 6  # pairs, shown with what each half is
HEIGHT = 128  # pixels of a thumbnail
SYMBOLS = {"error": "✖ error", "warning": "▲ warning", "note": "● note"}
STYLE = """
:root { color-scheme: light dark; --back: light-dark(#f4f4f2, #1d1e20); --card: light-dark(#fff, #27292c);
  --text: light-dark(#222, #ddd); --quiet: light-dark(#666, #999); --accent: light-dark(#b4581c, #e8935a); }
body { margin: 0 auto; max-width: 1100px; padding: 24px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin: 0 0 8px; } .quiet { color: var(--quiet); }
section { background: var(--card); border-radius: 8px; padding: 16px; margin: 12px 0; }
.pictures { display: flex; flex-wrap: wrap; gap: 8px; } figure { margin: 0; } img { display: block; border-radius: 4px; }
figcaption { font: 11px/1.4 ui-monospace, monospace; color: var(--quiet); max-width: 256px; overflow-wrap: anywhere; }
.error h2, .warning h2 { color: var(--accent); }
rect { fill: var(--accent); } svg text { fill: var(--quiet); font: 11px ui-monospace, monospace; }
code { font: 13px ui-monospace, monospace; } details > p { font: 12px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
"""


def write_page(result: Lint, folder: Path) -> tuple[Path, Path]:
    """check.html and check.json in `folder`; returns their paths."""
    page, data = folder / "check.html", folder / "check.json"
    write_atomic(page, _page(result, Path(result.folder)))
    write_atomic(data, json.dumps(result.to_json(), indent=1, ensure_ascii=False) + "\n")
    return page, data


def _page(result: Lint, dataset: Path) -> str:
    total = sum(result.pairs.values())
    parts = ", ".join(f"{phase} {count}" for phase, count in result.pairs.items())
    body = [f"<h1>{escape(dataset.resolve().name)}</h1><p class=quiet>{total} pairs: {parts}</p>"]
    if result.comparison is not None:
        body.append(f"<section><h2>Comparison</h2><p>{escape(result.comparison['text'])}</p></section>")
    body.append(_first_pairs(dataset))
    body += [_finding(finding, dataset) for finding in result.findings] or ["<section><h2>Nothing found</h2></section>"]
    if result.density is not None:
        body.append(_histogram(result.density))
    return (f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>Check of {escape(dataset.resolve().name)}</title><style>{STYLE}</style>{''.join(body)}</html>\n")


def _first_pairs(dataset: Path) -> str:
    """The first pairs with what each half is to the network, so that a swapped dataset is seen before it is trained on."""
    manifest = read_manifest(dataset) or {}
    folders = [dataset / phase for phase in PHASES if (dataset / phase).is_dir()]
    figures = []
    for file in [file for folder in folders for file in list_images(folder, recursive=True)][:FIRST]:
        try:
            halves = _input_and_target(read_image(file), manifest)
        except (OSError, ValueError):
            continue
        figures += [_image(image, file.relative_to(dataset).as_posix(), label)
                    for label, image in zip(("input", "target"), halves, strict=True)]
    return f"<section><h2>First pairs</h2><div class=pictures>{''.join(figures)}</div></section>" if figures else ""


def _input_and_target(image: np.ndarray, manifest: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    if manifest.get("stores") == "photos":
        recipe = recipe_of(manifest) or Recipe()
        return preprocess(image, recipe.processing, recipe.edges), image
    half = image.shape[1] // 2
    left, right = image[:, :half], image[:, half:2 * half]
    return (left, right) if manifest.get("direction", "AtoB") == "AtoB" else (right, left)


def _finding(finding: Finding, dataset: Path) -> str:
    images = "".join(_figure(dataset, file) for file in finding.files[:SHOWN])
    rest = finding.files[SHOWN:]
    more = f"<details><summary>{len(rest)} more</summary><p>{'<br>'.join(map(escape, rest[:2000]))}</p></details>" if rest else ""
    return (f"<section class={finding.level}><h2>{SYMBOLS[finding.level]} · {escape(finding.kind)}</h2><p>{escape(finding.text)}</p>"
            f"<div class=pictures>{images}</div>{more}</section>")


def _figure(dataset: Path, file: str) -> str:
    try:
        image = read_image(dataset / file)
    except OSError:
        return f"<figure><figcaption>{escape(file)}</figcaption></figure>"
    return _image(image, file, file)


def _image(image: np.ndarray, file: str, label: str) -> str:
    data = base64.b64encode(encode_jpeg(shrunk(image, 4 * HEIGHT, HEIGHT), 80)).decode("ascii")
    return (f"<figure><img src='data:image/jpeg;base64,{data}' alt='{escape(file, quote=True)}' height={HEIGHT}>"
            f"<figcaption>{escape(label)}</figcaption></figure>")


def _histogram(density: dict[str, Any]) -> str:
    counts, edges = density["counts"], density["edges"]
    top = max(max(counts), 1)
    bars = "".join(f"<rect x={10 + 30 * i} y={110 - 100 * n / top:.1f} width=26 height={100 * n / top:.1f}><title>"
                   f"{100 * edges[i]:.1f} to {100 * edges[i + 1]:.1f} %: {n}</title></rect>" for i, n in enumerate(counts))
    ticks = "".join(f"<text x={10 + 30 * i} y=126>{100 * edges[i]:.0f} %</text>" for i in range(0, len(counts) + 1, 5))
    low, high = density["quartiles"]
    return (f"<section><h2>Edge density</h2><p>Median {100 * density['median']:.1f} % of the pixels, half of the pairs between "
            f"{100 * low:.1f} and {100 * high:.1f} %.</p><svg viewBox='0 0 650 132' role=img aria-label='Histogram of edge density'>"
            f"{bars}{ticks}</svg></section>")
