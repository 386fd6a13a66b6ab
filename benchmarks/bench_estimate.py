"""What a training run says before its first step that it will take, beside what it took: time, memory, disk.

    python benchmarks/bench_estimate.py PHOTOS [--pairs DIR] [--only NAME ...]

PHOTOS: a dataset as `prepare --store photos` makes it. --pairs: one of ready pairs. Each run has a process of its own. Time is that of the
processors, all threads together, in what is told and in what came, so that a busy machine matters less; pairs are loaded by the process
that trains. The last line is JSON.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import last_line

from webcam_pix2pix.training import estimate, feeding
from webcam_pix2pix.training.loop import train
from webcam_pix2pix.training.runs.runfolder import new_run
from webcam_pix2pix.training.setup.presets import preset

SMALL = {"netG": "unet_128", "load_size": 143, "crop_size": 128}
RUNS = {
    "classic, ngf 16": ("classic", SMALL | {"ngf": 16, "ndf": 16, "n_epochs": 1, "n_epochs_decay": 1}),
    "classic, ngf 64, 256 px": ("classic", {"max_dataset_size": 12, "n_epochs": 1, "n_epochs_decay": 0}),
    "live, batch 1": ("live", SMALL | {"batch_size": 1, "n_epochs": 1, "n_epochs_decay": 1}),
    "live, batch 4": ("live", SMALL | {"n_epochs": 2, "n_epochs_decay": 2}),
    "painter": ("painter", SMALL | {"n_epochs": 2, "n_epochs_decay": 1}),
    "live, ready pairs": ("live", SMALL | {"n_epochs": 2, "n_epochs_decay": 2}),
    "live, average of 3": ("live", SMALL | {"n_epochs": 3, "n_epochs_decay": 1, "average": 3}),
    "live, all of it often": ("live", SMALL | {"n_epochs": 4, "n_epochs_decay": 1, "save_epoch_freq": 1, "sample_freq": 1, "val_freq": 1,
                                               "save_latest_freq": 24}),
}


class Listener:
    """Notes what is told before the first step, and when."""

    def starts(self, run, told, remaining_steps) -> None:
        self.told, self.run, self.start = told, run, time.process_time()

    def note(self, text: str) -> None: ...
    def moved(self, steps) -> None: ...
    def line(self, stats, remaining_s: float) -> None: ...


def trained(name: str, dataset: Path) -> None:
    """One run; prints what was told and what came, as [seconds, bytes of memory, bytes on disk]."""
    base, values = RUNS[name]
    options = preset(base).with_values(values | {"num_threads": "0"})
    for module in (estimate, feeding):
        module.time = argparse.Namespace(perf_counter=time.process_time)
    with tempfile.TemporaryDirectory() as folder:
        run, listener = new_run(Path(folder), "run"), Listener()
        run.create(dataset, options, base)
        train(dataset, run, options, listener)
        seconds = time.process_time() - listener.start
        files = {(s.st_dev, s.st_ino): s.st_size for s in (p.stat() for p in run.path.rglob("*") if p.is_file())}
        came = seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, sum(files.values()) + run.generator.stat().st_size
    print(json.dumps([[listener.told.seconds, listener.told.memory, listener.told.disk], came]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--only", nargs="*", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--one", choices=list(RUNS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        trained(args.one, args.photos)
        return
    rows = {}
    for name in args.only:
        dataset = args.pairs if "ready pairs" in name else args.photos
        if dataset is None:
            continue
        out = subprocess.run([sys.executable, __file__, str(dataset), "--one", name], capture_output=True, text=True, check=True).stdout
        told, came = rows[name] = json.loads(out.splitlines()[-1])
        parts = [f"{what} {a / unit:7.1f} {b / unit:7.1f} {100 * (a / b - 1):+4.0f} %"
                 for what, unit, a, b in zip(("s", "memory MB", "disk MB"), (1, 1e6, 1e6), told, came, strict=True)]
        print(f"  {name:26s} {'   '.join(parts)}", flush=True)
    last_line(bench="estimate", rows=rows)


if __name__ == "__main__":
    main()
