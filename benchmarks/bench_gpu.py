"""Training on a GPU in one go, at batch 1 and 16: the classic eager loop, this program step by step, and this program replaying its steps
from a CUDA graph, in turns; then end to end, with pairs made from photographs (recipe, jitter) by as many processes as the steps need.

    python benchmarks/bench_gpu.py [--ngf 64] [--rounds 5] [--batch_sizes 1,16] [--device auto]

About two minutes on a card. On a CPU it runs too, without anything to replay; the last line is JSON.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from bench_dataset import make_photos
from bench_training import classic_loop
from common import last_line

from webcam_pix2pix.cli import main as command
from webcam_pix2pix.predictor import choose_device, device_message
from webcam_pix2pix.training import feeding
from webcam_pix2pix.training.data import Batches, training_pairs
from webcam_pix2pix.training.setup.options import Options
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.training.setup.specs import generator_spec
from webcam_pix2pix.training.trainer import Trainer

BLOCK = 8  # steps of one turn


def seconds(step: Callable[[], object], device: torch.device, count: int = BLOCK) -> float:
    """Seconds of a step."""
    start = time.perf_counter()
    for _ in range(count):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / count


def steps_alone(options: Options, device: torch.device, rounds: int, size: int) -> dict[str, float]:
    """Median milliseconds of a step, all ways in turns."""
    loops = {"classic loop, eager fp32": classic_loop(options, device)}
    for precision in ("fp32", "auto"):
        for graphs in ("off", "auto"):
            own = options.with_values({"precision": precision, "cuda_graphs": graphs})
            name = f"ours {precision}{', replayed' if graphs == 'auto' else ''}"
            loops[name] = Trainer(own, generator_spec(own), device, note=print).step
    a, b = (torch.rand(options.batch_size, 3, size, size, device=device) * 2 - 1 for _ in range(2))
    times: dict[str, list[float]] = {name: [] for name in loops}
    for round_ in range(rounds + 1):
        for name, step in loops.items():
            found = seconds(partial(step, a, b), device)
            if round_:  # the first prepares kernels and records
                times[name].append(1000 * found)
    return {name: statistics.median(values) for name, values in times.items()}


def end_to_end(dataset: Path, options: Options, device: torch.device, step_ms: float, count: int) -> tuple[float, int]:
    """Milliseconds of a step with its data, and the processes that load."""
    pairs = training_pairs(dataset, options, feeding.room("auto"))
    batches = Batches(pairs, options)
    batches.workers = feeding.workers(options, feeding.pair_ms(pairs), step_ms)
    trainer = Trainer(options, generator_spec(options), device, note=print)

    def run() -> int:
        done = 0
        for epoch in range(1, 1000):
            for batch in batches.epoch(epoch):
                trainer.step(batch.a, batch.b, batch.shifts)
                done += 1
                if done == count:
                    return done
        return done

    try:
        run()  # images come into memory, the step is recorded
        return 1000 * seconds(run, device, 1) / count, batches.workers
    finally:
        batches.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("ngf", 64), ("size", 256), ("rounds", 5), ("photos", 200), ("steps", 300)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--netG", default="unet_256")
    parser.add_argument("--batch_sizes", default="1,16")
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    device = choose_device(args.device)
    print(device_message(device))
    results = []
    with tempfile.TemporaryDirectory() as name:
        photos, dataset = Path(name) / "photos", Path(name) / "set"
        make_photos(photos, args.photos)
        command(["-q", "prepare", str(photos), str(dataset), "--recipe", "color-soft", "--store", "photos", "--jitter",
                 "--size", str(args.size)])
        for batch_size in map(int, args.batch_sizes.split(",")):
            options = preset("classic").with_values({
                "netG": args.netG, "ngf": args.ngf, "ndf": args.ngf, "batch_size": batch_size, "crop_size": args.size,
                "load_size": round(args.size * 286 / 256), "color_jitter": 0.5, "geometry_jitter": 0.5})
            ms = steps_alone(options, device, args.rounds, args.size)
            classic, best = ms["classic loop, eager fp32"], ms["ours auto, replayed"]
            for kind, value in ms.items():
                print(f"  batch {batch_size:2d}  {kind:28s}{value:9.2f} ms {classic / value:6.2f}x")
            whole, workers = end_to_end(dataset, options.with_values({"precision": "auto"}), device, best, args.steps)
            print(f"  batch {batch_size:2d}  with its data             {whole:9.2f} ms, {100 * best / whole:.0f} % of the step alone, "
                  f"{1000 * batch_size / whole:.0f} pairs/s, {workers} processes load")
            results.append({"batch_size": batch_size, "ms": ms, "end_to_end_ms": whole, "workers": workers})
    last_line(bench="gpu", device=device.type, ngf=args.ngf, results=results)


if __name__ == "__main__":
    main()
