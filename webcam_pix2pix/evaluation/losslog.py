"""loss_log.txt of pytorch-CycleGAN-and-pix2pix, both formats: read and plotted."""

import re
from pathlib import Path
from typing import Any

# old:  (epoch: 1, iters: 100, time: 0.1, data: 0.2) G_GAN: 1.0 G_L1: 9.9 D_real: 0.5 D_fake: 0.5
# 2025: [Rank 0] (epoch: 1, iters: 100, time: 0.100, data: 0.200) , G_GAN: 1.000, G_L1: 9.900, ...
LINE = re.compile(r"\(epoch: (\d+), iters: (\d+), time: [^,)]*, data: [^)]*\)[\s,]*(.*)")
LOSS = re.compile(r"([A-Za-z]\w*): (-?[\d.]+(?:e[+-]?\d+)?|nan|-?inf)")
LIMIT = 256 * 2**20  # bytes


def read_loss_log(path: Path) -> list[dict[str, Any]]:
    """Lines of losses in order: {"epoch", "iters", "samples", name: value...}; samples count on over epochs and resumed runs.

    Raises OSError or ValueError naming the file.
    """
    if path.stat().st_size > LIMIT:
        raise ValueError(f"{path}: {path.stat().st_size} bytes, expected a loss log of at most {LIMIT}")
    lines: list[dict[str, Any]] = []
    done, last_epoch, last_iters = 0, 0, 0
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if (match := LINE.search(text)) is None:
            continue
        epoch, iters = int(match[1]), int(match[2])
        if lines and (epoch != last_epoch or iters <= last_iters):
            done += last_iters
        last_epoch, last_iters = epoch, iters
        losses = {name: float(value) for name, value in LOSS.findall(match[3])}
        lines.append({"epoch": epoch, "iters": iters, "samples": done + iters, **losses})
    if not lines:
        raise ValueError(f"{path}: no losses in it, expected lines such as (epoch: 1, iters: 100, time: 0.1, data: 0.2) G_GAN: 1.0")
    return lines
