"""The page of a run: samples by epoch, loss curves, metrics, options. One file beside the samples, readable from disk."""

import json
import time
from collections import defaultdict
from html import escape
from typing import Any

from msa.files import write_atomic
from webcam_pix2pix.evaluation.charts import line_chart
from webcam_pix2pix.evaluation.page import page

from ..setup.options import Options
from .runfolder import RunFolder, read_stats

CHARTS = {"Generator": ("G_GAN", "G_feat", "G_projected"), "L1 (weighted)": ("G_L1",), "Discriminator": ("D_real", "D_fake", "D_gp"),
          "Discriminator through a trained network": ("C_real", "C_fake"), "Validation L1": ("val_L1",),
          "Validation PSNR, dB": ("val_PSNR",), "Validation SSIM": ("val_SSIM",), "Validation flicker": ("val_flicker",)}
REFRESH_S = 30

SCRIPT = """
const slider = document.getElementById('epoch'), image = document.getElementById('sample'), label = document.getElementById('label');
function show() { const [epoch, file] = SAMPLES[slider.value]; image.src = file; image.alt = 'samples of epoch ' + epoch;
  label.textContent = 'epoch ' + epoch; }
if (slider) { const kept = parseInt(location.hash.slice(1));
  slider.value = isNaN(kept) || kept >= SAMPLES.length ? SAMPLES.length - 1 : kept;
  slider.oninput = () => { show(); location.hash = slider.value == SAMPLES.length - 1 ? '' : slider.value; }; show(); }
"""
STALE_SCRIPT = """
const standing = document.getElementById('state');
if (Date.now() > DUE) standing.textContent = standing.dataset.late;
"""


def write_page(run: RunFolder, options: Options, state: str, next_in_s: float = 0.0) -> None:
    """Write index.html of the run.

    state: for people, such as "in training". next_in_s: while the run goes on, seconds until the page is written again at the latest.
    The page renews itself then, and when the next one is overdue it says that the run was stopped: one that was killed cannot.
    """
    stats = read_stats(run.stats_file)
    now = time.time()
    last: dict[str, Any] = next((line for line in reversed(stats) if "images_per_s" in line), {})
    clock = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    late = f"not in training: nothing new since {clock}, so it was stopped or killed. The same command goes on from the last save"
    body = [f'<p class="quiet"><span id="state" data-late="{late}">{escape(state)} at {clock}</span>{_standing(last)}</p>']
    samples = [(int(p.stem.partition("_")[2]), f"samples/{p.name}") for p in sorted(run.samples.glob("epoch_*.png"))]
    if samples:
        body.append(f'<h2>Samples: input, {_columns(options)}</h2><label for="epoch" id="label"></label>'
                    f'<input type="range" id="epoch" min="0" max="{len(samples) - 1}">'
                    f'<img id="sample" src="{samples[-1][1]}" alt="samples">')
    body += ["<h2>Curves</h2>", charts(stats), "<h2>Validation</h2>", _table([line for line in stats if "val_L1" in line])]
    body.append(f"<h2>Options</h2><pre>{escape(json.dumps(options.to_json(), indent=1))}</pre>")
    script = f"const SAMPLES = {json.dumps(samples)};{SCRIPT}"
    if next_in_s:
        script += f"const DUE = {round(1000 * (now + next_in_s))};{STALE_SCRIPT}setTimeout(() => location.reload(), {1000 * REFRESH_S});"
    write_atomic(run.page, page(run.path.name, "\n".join(filter(None, body)), script))


def charts(stats: list[dict[str, Any]]) -> str:
    """The curves of whatever losses and metrics the lines hold."""
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in stats:
        for name, value in line.items():
            if name.startswith(("G_", "D_", "val_")) and isinstance(value, int | float):
                curves[name].append((line.get("samples", 0), value))
    known = [name for names in CHARTS.values() for name in names]
    groups = CHARTS | {name: (name,) for name in curves if name not in known}
    return "".join(line_chart(title, {name: curves[name] for name in names if name in curves}) for title, names in groups.items())


def _columns(options: Options) -> str:
    return f"student, teacher ({escape(options.teacher)})" if options.teacher else "output, target"


def _standing(last: dict[str, Any]) -> str:
    if not last:
        return ""
    return f": epoch {last.get('epoch')} of {last.get('epochs')}, {last.get('samples')} pairs, {last.get('images_per_s')} pairs/s"


def _table(lines: list[dict[str, Any]]) -> str:
    if not lines:
        return '<p class="quiet">none yet</p>'
    names = [name for name in lines[0] if name.startswith("val_")]
    heads = "".join(f"<th>{escape(name.removeprefix('val_'))}</th>" for name in names)
    rows = ["<tr><td>" + "</td><td>".join([f"{line['epoch']}", *(f"{line.get(name, 0):.4f}" for name in names)]) + "</td></tr>"
            for line in lines[-50:]]
    return f"<table><tr><th>epoch</th>{heads}</tr>{''.join(rows)}</table>"
