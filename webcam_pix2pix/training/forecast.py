"""Forecast: how long a training will take on this machine, before it is started: roughly at once, then as measured.

It measures and counts in a process of its own, which can be given up at any time. Importing this module does not import torch.
"""

import json
import math
import os
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msa.content import listed_as
from webcam_pix2pix.dataset.pairs.files import list_files
from webcam_pix2pix.dataset.prepare import SPLIT

from .runs.runfolder import lower_priority
from .setup.options import Options
from .setup.plan import frames_per_film

CORE_MS = 6000.0  # that one core of a usual CPU takes for one unit of work; 2600 to 5200 for two, measured with all presets
BACKBONE = 2000  # about as much work as a discriminator of 45 filters


def measuring(options: Options) -> list[str]:
    """Arguments for Python: print the milliseconds of a step, or end with one line on stderr."""
    return ["-m", "webcam_pix2pix.training.forecast", "--step", json.dumps(options.to_json())]


def counting(footage: Sequence[str]) -> list[str]:
    """Arguments for Python: print `expected_pairs`."""
    return ["-m", "webcam_pix2pix.training.forecast", "--pairs", *footage]


def expected_pairs(footage: Sequence[str]) -> int:
    """About how many pairs the network will learn from; footage: films, images, folders of them."""
    files = [str(path) for top in map(Path, footage) for path in ([top / f for f in list_files(top)] if top.is_dir() else [top])]
    films = [path for path in files if listed_as(Path(path)) == "film"]
    frames = sum(min(frames_per_film(len(films)), _frames(path)) for path in films)
    return max(1, round(SPLIT[0] * (len(files) - len(films) + frames)))


def pairs_in(dataset: Path) -> int:
    """Pairs that a dataset has to learn from. Raises OSError."""
    return max(1, sum(1 for path in (dataset / "train").iterdir() if not path.name.startswith(".")))


def rough_step_ms(options: Options, measured: Mapping[Options, float]) -> float | None:
    """Milliseconds of a step, within a factor of two or so, by what steps with other options took; None where nothing can be said yet."""
    if measured:
        return _work(options) * statistics.median(step_ms / _work(known) for known, step_ms in measured.items())
    if sys.platform == "darwin" or shutil.which("nvidia-smi") is not None:  # a GPU may be many times as fast
        return None
    return _work(options) * CORE_MS / (os.cpu_count() or 1)


def _work(options: Options) -> float:
    """Of a step, in a unit of its own: generator (twice where each image is seen twice), discriminator and trained network."""
    height, width = options.crop
    filters = options.ngf**2 * (2 if options.lambda_stable else 1)
    filters += options.ndf**2 if options.lambda_gan or options.lambda_feat else 0
    filters += BACKBONE if options.needs_backbone else 0
    return options.batch_size * height * width * filters / 1e9


def seconds(options: Options, pairs: int, step_ms: float) -> float:
    """Of the whole training."""
    return options.epochs * math.ceil(pairs / options.batch_size) * step_ms / 1000


def spoken(seconds: float) -> str:
    """For people, no finer than can be known: "about 40 minutes", "about 3 hours"."""
    minutes, hours = seconds / 60, seconds / 3600
    if minutes < 1.5:
        return "about a minute"
    if minutes < 75:
        step = 1 if minutes < 10 else 5
        return f"about {step * round(minutes / step)} minutes"
    if hours < 10:
        return f"about {round(2 * hours) / 2:g} hours"
    return f"about {round(hours)} hours" if hours < 40 else f"about {round(hours / 24)} days"


def _frames(film: str) -> int:
    import av

    try:
        with av.open(film) as container:
            stream = container.streams.video[0]
            own = stream.duration and stream.time_base and float(stream.duration * stream.time_base)
            length_s = own or (container.duration or 0) / 1e6
            return stream.frames or round(length_s * float(stream.average_rate or 25))
    except (av.error.FFmpegError, OSError, IndexError):  # what cannot be read is left out later
        return 0


def _step_ms(options: Options) -> float:
    from webcam_pix2pix.predictor import choose_device

    from .estimate import estimate
    from .setup.specs import generator_spec

    return estimate(options, generator_spec(options), choose_device(options.device), options.crop, 1).step_ms


def main(what: str, *words: str) -> None:
    """Run what `measuring` or `counting` ask for."""
    lower_priority()
    try:
        result = expected_pairs(words) if what == "--pairs" else _step_ms(Options.from_json(json.loads(words[0]), "options"))
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    sys.stdout.write(f"{result}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
