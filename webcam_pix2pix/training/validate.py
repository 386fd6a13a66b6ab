"""Validation during a run: metrics on held-out pairs, and a grid of samples."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from msa.files import format_error, write_atomic
from msa.images import encode_image
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset, to_images
from webcam_pix2pix.evaluation.metrics import measure
from webcam_pix2pix.evaluation.stability import flicker

from . import parallel
from .setup.options import Options

METRICS = ("L1", "PSNR", "SSIM", "flicker")
MOST_SHOTS = 32  # pairs, spread over all, of which a second shot is judged


@torch.no_grad()
def validate(net: nn.Module, pairs: PairDataset, device: torch.device, leave_out: Callable[[str], None],
             count: int | None = None) -> dict[str, float]:
    """Mean metrics of `net` over all of `pairs` that can be read; NaN where none can. leave_out: told of the others, in one line each.
    count: only the first so many."""
    def predicted(x: Tensor) -> np.ndarray:
        return to_images(net(x[None].to(device)))[0]

    rows: list[dict[str, float]] = []
    often = -(-len(pairs) // MOST_SHOTS)
    for item in _readable(pairs, range(len(pairs))[:count], leave_out):
        output = predicted(item["A"])
        row = measure(output, to_images(item["B"][None])[0])
        if "A2" in item and len(rows) % often == 0:
            row["flicker"] = flicker(output, predicted(item["A2"]), tuple(item["shift"].tolist()))
        rows.append(row)
    if not rows:
        return dict.fromkeys(METRICS, float("nan"))
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in rows[0]}


@torch.no_grad()
def sample_grid(net: nn.Module, pairs: PairDataset, count: int, device: torch.device, path: Path,
                leave_out: Callable[[str], None]) -> None:
    """Write rows of input | output | target for `count` pairs spread over `pairs`, as PNG. leave_out: as validate()."""
    rows = []
    for item in _readable(pairs, np.linspace(0, len(pairs) - 1, min(count, len(pairs))).astype(int).tolist(), leave_out):
        a = item["A"][None]
        images = [to_images(x)[0] for x in (a, net(a.to(device)), item["B"][None])]
        rows.append(np.hstack([np.repeat(p, 3, 2) if p.shape[2] == 1 else p[..., :3] for p in images]))
    if rows:
        write_png(_stacked(rows), path)


def norm_mode(options: Options) -> str:
    """How the generator is shown: running averages of batches of one are noise, then each image brings its own statistics."""
    return "batch" if options.batch_size * parallel.world() == 1 and options.norm in ("batch", "syncbatch") else "eval"


def write_png(image: np.ndarray, path: Path) -> None:
    """HxWx3 RGB uint8 -> file, whole or not at all."""
    write_atomic(path, encode_image(image))


def _readable(pairs: PairDataset, indices: Iterable[int], leave_out: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    for index in indices:
        try:
            item = pairs[index]
        except (OSError, ValueError) as error:
            leave_out(format_error(error))
            continue
        yield item


def _stacked(rows: Sequence[np.ndarray]) -> np.ndarray:
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows])
