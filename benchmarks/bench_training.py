"""One training step: this program's loop beside the eager fp32 loop of pytorch-CycleGAN-and-pix2pix, interleaved in one run.

python benchmarks/bench_training.py [--ngf 64] [--batch_size 1] [--size 256] [--rounds 5] [--device auto]

Prints images per second of each and their ratio; the last line is JSON.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from webcam_pix2pix import networks
from webcam_pix2pix.predictor import choose_device, device_message
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.training.setup.specs import discriminator_spec, generator_spec
from webcam_pix2pix.training.trainer import Trainer, resolve_precision

STEPS = 2  # per round and loop


def classic_loop(options, device: torch.device) -> Callable:
    """The optimisation of its pix2pix model in plain torch: eager, fp32, contiguous, Adam as it comes."""
    G = networks.init_weights(networks.build(generator_spec(options))).to(device)
    D = networks.init_weights(networks.build(discriminator_spec(options))).to(device)
    criterion, l1 = torch.nn.BCEWithLogitsLoss(), torch.nn.L1Loss()
    adam_G, adam_D = (torch.optim.Adam(net.parameters(), lr=options.lr, betas=(options.beta1, 0.999)) for net in (G, D))

    def step(a, b):
        fake = G(a)
        D.requires_grad_(True)
        adam_D.zero_grad()
        on_fake, on_real = D(torch.cat((a, fake), 1).detach()), D(torch.cat((a, b), 1))
        ((criterion(on_fake, torch.zeros_like(on_fake)) + criterion(on_real, torch.ones_like(on_real))) * 0.5).backward()
        adam_D.step()
        D.requires_grad_(False)
        adam_G.zero_grad()
        on_fake = D(torch.cat((a, fake), 1))
        (criterion(on_fake, torch.ones_like(on_fake)) + l1(fake, b) * options.lambda_L1).backward()
        adam_G.step()

    return step


def measured(step: Callable, a: torch.Tensor, b: torch.Tensor, device: torch.device) -> float:
    """Seconds per step."""
    start = time.perf_counter()
    for _ in range(STEPS):
        step(a, b)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("ngf", 64), ("ndf", 64), ("batch_size", 1), ("size", 256), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    device = choose_device(args.device)
    classic = preset("classic").with_values({"ngf": args.ngf, "ndf": args.ndf, "batch_size": args.batch_size, "load_size": args.size,
                                             "crop_size": args.size})
    fast = classic.with_values({"precision": "auto"})
    a, b = (torch.rand(args.batch_size, 3, args.size, args.size, device=device) * 2 - 1 for _ in range(2))
    loops = {"classic loop, eager fp32": classic_loop(classic, device),
             "this program, --precision fp32": Trainer(classic, generator_spec(classic), device).step,
             f"this program, --precision auto ({resolve_precision('auto', device)})": Trainer(fast, generator_spec(fast), device).step}
    print(f"{device_message(device)}; ngf {args.ngf}, batch {args.batch_size}, {args.size}x{args.size}")
    times: dict[str, list[float]] = {name: [] for name in loops}
    for step in loops.values():
        measured(step, a, b, device)  # the first steps prepare kernels and memory
    for _ in range(args.rounds):
        for name, step in loops.items():
            times[name].append(measured(step, a, b, device))
    base = statistics.median(times["classic loop, eager fp32"])
    rows = []
    for name, seconds in times.items():
        median = statistics.median(seconds)
        ratio = statistics.median(c / s for c, s in zip(times["classic loop, eager fp32"], seconds, strict=True))
        rows.append({"loop": name, "ms_per_step": round(1000 * median, 1), "images_per_s": round(args.batch_size / median, 3),
                     "ratio": round(ratio, 3)})
        print(f"{name:45s} {1000 * median:8.1f} ms  {args.batch_size / median:7.2f} images/s  {ratio:5.2f}x")
    print(json.dumps({"bench": "training", "device": device.type, "ngf": args.ngf, "batch_size": args.batch_size, "size": args.size,
                      "classic_ms": round(1000 * base, 1), "rows": rows}))


if __name__ == "__main__":
    main()
