"""python -m tests.chaos [NAME ...] [--rounds N] [--seed N] [--cases N] [--first N]

Without names, everything once. Each round has a seed of its own; a line says what held, and the exit code is 1 when something did not.
"""

import argparse
import inspect
import logging
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos import display, fuzz, kills, live, peers

SHOWS = (live.camera, live.stream, live.sinks, live.network, live.storm, live.clock, live.model_file, live.full_disk, display.display,
         peers.peers)
LIVE = {f.__name__: f for f in SHOWS}
KILLS = {f"kill_{f.__name__}": f for f in (kills.presets, kills.recording, kills.dataset, kills.training)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Break the program on purpose.")
    names = [*LIVE, *KILLS, *(f"fuzz_{name}" for name in fuzz.READERS)]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    parser.add_argument("--cases", type=int, default=1000, help="of each fuzz")
    parser.add_argument("--first", type=int, default=0, help="case of each fuzz to begin with")
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in names]:
        parser.error(f"{unknown[0]}: not one of {', '.join(names)}")
    logging.disable(logging.CRITICAL)
    bad = 0
    for seed in range(args.seed, args.seed + args.rounds):
        for name in args.names or names:
            start = time.monotonic()
            try:
                with tempfile.TemporaryDirectory() as folder:
                    text = run(name, seed, args.cases, args.first, Path(folder))
            except Exception as error:  # whatever it is, it did not hold
                text, bad = f"FAILED: {type(error).__name__}: {error}", bad + 1
            sys.stdout.write(f"{name:16} seed {seed}: {text} ({time.monotonic() - start:.0f} s)\n")
            sys.stdout.flush()
    return 1 if bad else 0


def run(name: str, seed: int, cases: int, first: int, folder: Path) -> str:
    if name.startswith("fuzz_"):
        return fuzz.fuzz(name.removeprefix("fuzz_"), cases, seed, first)
    scenario = (LIVE | KILLS)[name]
    return scenario(seed, folder) if "folder" in inspect.signature(scenario).parameters else scenario(seed)


if __name__ == "__main__":
    sys.exit(main())
